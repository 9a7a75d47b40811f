//! The classifier two-sample test: it must detect artificial poems and must not separate real ones.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::path::Path;
use std::sync::LazyLock;

use poetgan::corpus;
use poetgan::eval::PoemText;
use poetgan::eval::c2st::{self, Background, C2stReport, RealPoems};
use poetgan::eval::language::Language;
use poetgan::random;

/// Real poems kept out of the background; half of them are the real class of the tests.
const HELD_BACK: usize = 4000;

struct Quatrains {
    real: Vec<PoemText>,
    other: Vec<PoemText>,
    remaining: Vec<PoemText>,
    background: Background,
    language: Language,
}

/// Quatrains of seven characters.
static QUATRAINS: LazyLock<Quatrains> = LazyLock::new(|| {
    poetgan::nn::threads::prepare();
    let corpus = corpus::read(Path::new("corpora/tang.txt"), &Default::default()).unwrap();
    let all = corpus.training.into_iter().chain(corpus.held_out);
    let mut poems: Vec<PoemText> = all.filter(|poem| poem.form.to_string() == "7x4").map(|poem| poem.text()).collect();
    random::shuffle(&mut random::stream(1, "quatrains", 0), &mut poems);
    let remaining = poems.split_off(HELD_BACK);
    let other = poems.split_off(HELD_BACK / 2);
    let background = Background::new(&remaining, 0).unwrap();
    let language = Language::train(&remaining, 300, 0, |_, _| ()).unwrap();
    Quatrains { real: poems, other, remaining, background, language }
});

fn report(generated: &[PoemText]) -> C2stReport {
    poetgan::nn::threads::prepare();
    let quatrains = &*QUATRAINS;
    let (background, language) = (&quatrains.background, Some(&quatrains.language));
    let known = RealPoems { background, language, extra: &|_| Vec::new() };
    let report = c2st::test(&quatrains.real, generated, known, 0).unwrap();
    assert_eq!(report.classifiers.len(), 3);
    for result in &report.classifiers {
        let (low, high) = result.test.interval();
        println!("{}: {:.3} ({low:.3} to {high:.3})", result.name, result.test.share());
    }
    report
}

/// Poems from a bigram chain over characters, given their position in the poem.
fn bigram_chains(poems: &[PoemText], count: usize) -> Vec<PoemText> {
    let mut rng = random::stream(2, "chains", 0);
    let verses: Vec<Vec<char>> = poems.iter().map(|poem| poem.concat().chars().collect()).collect();
    let mut follow = std::collections::BTreeMap::<(usize, Option<char>), Vec<char>>::new();
    for verse in &verses {
        for (place, &c) in verse.iter().enumerate() {
            let before = (place % 7 > 0).then(|| verse[place - 1]);
            follow.entry((place, before)).or_default().push(c);
        }
    }
    let mut chain = || {
        let mut verse: Vec<char> = Vec::new();
        for place in 0..28 {
            let before = (place % 7 > 0).then(|| verse[place - 1]);
            let next = &follow[&(place, before)];
            verse.push(next[random::below(&mut rng, next.len())]);
        }
        verse.chunks(7).map(|line| line.iter().collect()).collect()
    };
    (0..count).map(|_| chain()).collect()
}

/// Lines of different real poems, each at its position.
fn shuffled_lines(poems: &[PoemText]) -> Vec<PoemText> {
    let mut poems = poems.to_vec();
    for line in 0..4 {
        let mut lines: Vec<String> = poems.iter().map(|poem| poem[line].clone()).collect();
        random::shuffle(&mut random::stream(3, "lines", line as u64), &mut lines);
        poems.iter_mut().zip(lines).for_each(|(poem, new)| poem[line] = new);
    }
    poems
}

#[test]
fn real_poems_are_not_separated_from_other_real_ones() {
    let accuracy = report(&QUATRAINS.other).accuracy().unwrap();
    let (low, high) = accuracy.interval();
    assert!(low <= 0.5 && 0.5 <= high && high - low < 0.07, "{accuracy:?}");
}

#[test]
fn bigram_chains_are_detected() {
    let chains = bigram_chains(&QUATRAINS.remaining, HELD_BACK / 2);
    let accuracy = report(&chains).accuracy().unwrap();
    assert!(accuracy.share() > 0.97, "{accuracy:?}");
}

#[test]
fn lines_of_different_poems_are_detected() {
    let accuracy = report(&shuffled_lines(&QUATRAINS.other)).accuracy().unwrap();
    assert!(accuracy.interval().0 > 0.7, "{accuracy:?}");
}
