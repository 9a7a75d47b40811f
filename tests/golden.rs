//! The poems of the model inside against a golden file, with every instruction set that the processor has.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use poetgan::corpus::Form;
use poetgan::nn::{simd, threads};
use poetgan::write::{GeneratedPoem, Model, PoemRequest, SelectBy, compose_with};
use std::fs;
use std::path::Path;

const GOLDEN: &str = "tests/golden/poems.txt";
const SEEDS: [u64; 5] = [1, 2, 3, 42, 1 << 40];
const FORMS: [(usize, usize); 4] = [(5, 4), (7, 4), (5, 8), (7, 8)];

/// Five poems of each form, without and with selection, and with all scores.
fn poems(arch: simd::Arch) -> Vec<(usize, GeneratedPoem)> {
    let model = Model::open(Path::new("models/tang.safetensors")).unwrap();
    let mut poems = Vec::new();
    for (width, lines) in FORMS {
        for drafts in [1, 2] {
            let form = Some(Form::Fixed { width, lines });
            let wanted = PoemRequest {
                form,
                temperature: None,
                top_p: 1.0,
                select: drafts,
                by: SelectBy::Best,
                with_scores: true,
            };
            let written = compose_with(arch, &model, wanted, &SEEDS).unwrap();
            poems.extend(written.into_iter().map(|poem| (drafts, poem)));
        }
    }
    poems
}

/// The poems as the golden file holds them, the bits of the scores included.
fn text(poems: &[(usize, GeneratedPoem)]) -> String {
    let poem = |(drafts, poem): &(usize, GeneratedPoem)| {
        let scores = poem.score.iter().chain(&poem.line_scores).map(|score| format!("{:08x}", score.to_bits()));
        let scores = scores.collect::<Vec<_>>().join(" ");
        format!("{} seed {} drafts {drafts} scores {scores}\n{}\n", poem.form, poem.seed, poem.text)
    };
    poems.iter().map(poem).collect::<Vec<_>>().join("\n")
}

/// Fails also when the model, the random streams or the arithmetic of sampling change. If that was meant, write the file
/// anew: `cargo test --release --test golden -- --ignored`
#[test]
fn poems_are_the_same_with_every_instruction_set() {
    threads::prepare();
    let golden = fs::read_to_string(GOLDEN).unwrap().replace("\r\n", "\n");
    assert_eq!(golden.matches(" drafts 2 ").count(), SEEDS.len() * FORMS.len());
    for (name, arch) in simd::instruction_sets() {
        let found = text(&poems(arch));
        let pairs = golden.split("\n\n").zip(found.split("\n\n"));
        pairs.for_each(|(golden, found)| assert_eq!(golden, found, "{name}"));
        assert_eq!(golden, found, "{name}");
    }
}

#[test]
#[ignore = "writes the golden file anew"]
fn write_the_golden_file() {
    threads::prepare();
    fs::write(GOLDEN, text(&poems(simd::Arch::new()))).unwrap();
}
