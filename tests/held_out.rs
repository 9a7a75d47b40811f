//! Which poems are held out: those that the vocabulary of the others can write, also in a small corpus.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::collections::BTreeSet;
use std::path::Path;

use poetgan::config::{Config, TokenizerConfig, TokenizerKind};
use poetgan::corpus::{self, Corpus, HeldOutRule, LeftOut, Poem};
use poetgan::eval::TokenizedCorpus;
use poetgan::random;
use poetgan::tokenizer::{Tokenizer, select_held_out};
use poetgan::write::Model;
use proptest::prelude::*;

fn settings(kind: TokenizerKind) -> TokenizerConfig {
    TokenizerConfig { kind, ..Config::preset("base").unwrap().tokenizer }
}

/// The corpus of these poems, as read from a file and as it is trained on.
fn read(poems: &[String], config: &TokenizerConfig) -> (Corpus, Corpus, LeftOut) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poems.txt");
    std::fs::write(&path, poems.join("\n\n")).unwrap();
    let by_hash = corpus::read(&path, &Default::default()).unwrap();
    let mut selected = by_hash.clone();
    let lost = select_held_out(&mut selected, config);
    (by_hash, selected, lost)
}

fn texts(poems: &[Poem]) -> BTreeSet<Vec<String>> {
    poems.iter().map(|poem| poem.text()).collect()
}

/// Poems of four lines. A share of them has a character, or a word, that no other poem has.
fn poems(n: usize, rare: f32, is_spaced: bool, seed: u64) -> Vec<String> {
    let mut rng = random::stream(seed, "small corpus", n as u64);
    let character = |i: usize| char::from_u32(if is_spaced { 0x61 + i as u32 } else { 0x4e00 + 7 * i as u32 }).unwrap();
    let words: Vec<String> =
        (0..60).map(|i| [i % 26, i * 5 % 26, i * i % 26].map(character).into_iter().collect()).collect();
    let mut poem = |i: usize| {
        let mut lines: Vec<String> = Vec::new();
        for _ in 0..4 {
            lines.push(if is_spaced {
                (0..4).map(|_| words[random::below(&mut rng, 60)].as_str()).collect::<Vec<_>>().join(" ")
            } else {
                (0..5).map(|_| character(random::below(&mut rng, 26))).collect()
            });
        }
        if random::uniform(&mut rng) < rare {
            // Hangul in the spaced language, so that it stays one.
            let own = char::from_u32(if is_spaced { 0xac00 + i as u32 } else { 0x7000 + i as u32 }).unwrap();
            lines[2] = lines[2].chars().skip(1).chain([own]).collect();
        }
        lines.join("\n")
    };
    (0..n).map(&mut poem).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn about_one_poem_in_twenty_is_held_out_and_can_be_written(
        n in 20usize..400, rare in 0.0f32..0.7, is_spaced: bool, by_words: bool, seed: u64,
    ) {
        let config = settings(if by_words && is_spaced { TokenizerKind::Word } else { TokenizerKind::Auto });
        let mut poems = poems(n, rare, is_spaced, seed);
        let (by_hash, corpus, lost) = read(&poems, &config);
        prop_assert_eq!(corpus.info.held_out_rule, HeldOutRule::Writable);
        prop_assert_eq!(corpus.training.len() + corpus.held_out.len(), by_hash.info.poems);
        prop_assert_eq!((corpus.info.training, corpus.info.held_out), (corpus.training.len(), corpus.held_out.len()));

        let tokenizer = Tokenizer::train(&config, &corpus.training).unwrap();
        let writable = |poems: &[Poem]| poems.iter().filter(|poem| tokenizer.encode(poem).is_some()).count();
        let (training, held_out) = (writable(&corpus.training), writable(&corpus.held_out));
        prop_assert_eq!(lost.training, corpus.training.len() - training);
        prop_assert_eq!(lost.held_out, corpus.held_out.len() - held_out);
        let share = held_out as f64 / (training + held_out) as f64;
        prop_assert!(held_out == 1 && training < 34 || (0.03..=0.08).contains(&share), "{} of {}", held_out, training);
        if texts(&corpus.held_out) != texts(&by_hash.held_out) {
            prop_assert_eq!(lost.held_out, 0, "what is selected anew can be written");
        }

        random::shuffle(&mut random::stream(seed, "order", 0), &mut poems);
        prop_assert_eq!(texts(&read(&poems, &config).1.held_out), texts(&corpus.held_out));
    }
}

/// Of 200 poems, one in ten has no character of its own; a hash alone would hold out one of those.
#[test]
fn two_hundred_tang_poems_hold_out_ten() {
    let text = std::fs::read_to_string("corpora/tang.txt").unwrap();
    let poems: Vec<String> = text.split("\n\n").step_by(17).take(200).map(String::from).collect();
    let (by_hash, corpus, _) = read(&poems, &settings(TokenizerKind::Auto));
    let usable = |corpus: &Corpus| {
        let tokenizer = Tokenizer::train(&settings(TokenizerKind::Auto), &corpus.training).unwrap();
        corpus.held_out.iter().filter(|poem| tokenizer.encode(poem).is_some()).count()
    };
    assert!(usable(&by_hash) <= 4, "{}", usable(&by_hash));
    assert_eq!((usable(&corpus), corpus.held_out.len()), (10, 10));
}

/// Near-duplicates stay together: each poem has a variant with one other line.
#[test]
fn variants_are_held_out_together() {
    let variants = |poem: &String| {
        let lines: Vec<&str> = poem.lines().collect();
        [poem.clone(), [lines[1], lines[0], lines[2], lines[0]].join("\n")]
    };
    let poems: Vec<String> = poems(60, 0.6, false, 5).iter().flat_map(variants).collect();
    let (_, corpus, _) = read(&poems, &settings(TokenizerKind::Auto));
    let held_out: BTreeSet<String> = corpus.held_out.iter().flat_map(|poem| poem.text()).collect();
    assert!(!held_out.is_empty() && corpus.held_out.len() % 2 == 0, "{}", corpus.held_out.len());
    assert!(corpus.training.iter().flat_map(|poem| &poem.lines).all(|line| !held_out.contains(line.as_str())));
}

#[test]
fn large_corpora_are_split_as_before() {
    let tang = corpus::read(Path::new("corpora/tang.txt"), &Default::default()).unwrap();
    for preset in ["base", "tiny"] {
        let mut selected = tang.clone();
        select_held_out(&mut selected, &Config::preset(preset).unwrap().tokenizer);
        assert!(selected.training == tang.training && selected.held_out == tang.held_out, "{preset}");
    }
}

/// The model inside was trained with a vocabulary that lacks characters of some held-out poems.
#[test]
fn all_columns_of_an_evaluation_have_the_same_held_out_poems() {
    let model = Model::builtin().unwrap();
    let tang = corpus::read(Path::new("corpora/tang.txt"), &Default::default()).unwrap();
    let all = tang.held_out.len();
    let data = TokenizedCorpus::new(tang, &model);
    assert!(data.left_out.values().sum::<usize>() > 0);
    assert_eq!(data.corpus.held_out.len() + data.left_out.values().sum::<usize>(), all);
    for bucket in &data.dataset.buckets {
        let of_form: Vec<&Poem> = data.corpus.held_out.iter().filter(|poem| poem.form == bucket.form).collect();
        assert_eq!(bucket.held_out.len(), of_form.len(), "{}", bucket.form);
        for (tokens, poem) in bucket.held_out.iter().zip(of_form) {
            assert_eq!(model.tokenizer.decode(tokens), poem.lines);
        }
    }
}
