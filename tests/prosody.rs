//! The rules of verse over all poems of the corpus, against the figures of an independent scorer.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use poetgan::corpus::{self, Form};
use poetgan::prosody::{self, Score};
use poetgan::random;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

type Lines = Vec<Vec<char>>;

/// All poems of the corpus by form, training and held-out.
fn corpus_by_form() -> BTreeMap<String, Vec<Lines>> {
    by_form(Path::new("corpora/tang.txt"))
}

fn by_form(path: &Path) -> BTreeMap<String, Vec<Lines>> {
    let corpus = corpus::read(path, &Default::default()).unwrap();
    let mut by_form = BTreeMap::<String, Vec<Lines>>::new();
    for poem in corpus.training.iter().chain(&corpus.held_out).filter(|poem| poem.form != Form::Free) {
        let lines = poem.lines.iter().map(|line| line.chars().collect()).collect();
        by_form.entry(poem.form.to_string()).or_default().push(lines);
    }
    by_form
}

/// Percentages, in the order of [`NAMES`].
type Figures = [f64; 9];

const NAMES: [&str; 9] = [
    "rhyme",
    "rhyme_any",
    "first_line_rhyme",
    "tone_line",
    "tone_alternation",
    "dui_nian",
    "tone_poem",
    "repeated_char",
    "repeated_char (poems)",
];

fn figures(poems: &[Lines]) -> Figures {
    let scores: Vec<Score> = poems.iter().map(|lines| prosody::score(lines)).collect();
    let share = |keeps: &dyn Fn(&Score) -> bool| {
        100.0 * scores.iter().filter(|score| keeps(score)).count() as f64 / scores.len() as f64
    };
    let lines = |of: &dyn Fn(&Score) -> &Vec<bool>| {
        let all: Vec<bool> = scores.iter().flat_map(|score| of(score).clone()).collect();
        100.0 * all.iter().filter(|keeps| **keeps).count() as f64 / all.len() as f64
    };
    [
        share(&|score| score.rhyme),
        share(&|score| score.rhyme_any),
        share(&|score| score.first_line_rhyme),
        lines(&|score| &score.tone_line),
        lines(&|score| &score.tone_alternation),
        share(&|score| score.dui_nian),
        share(&|score| score.tone_poem == Some(true)),
        lines(&|score| &score.repeated_char),
        share(&|score| score.repeated_char.contains(&true)),
    ]
}

/// Every figure that is expected (a `NaN` is not) within so many points.
fn assert_near(what: &str, found: Figures, expected: [f64; 8], points: f64) {
    println!("{what}: {}", NAMES.iter().zip(found).map(|(name, x)| format!("{name} {x:.1}  ")).collect::<String>());
    for ((name, found), expected) in NAMES.iter().zip(found).zip(expected) {
        let far = (found - expected).abs() > points;
        assert!(!far, "{what}: {name} is {found:.2}, not {expected}");
    }
}

const UNKNOWN: f64 = f64::NAN;

/// Rhyme, alternation and 对粘 as an independent scorer has them for the simplified text; the others as it has them for
/// the traditional one.
#[test]
fn real_poems_score_as_they_should() {
    let expected = [
        ("5x4", [73.9, 87.5, 9.6, 86.4, 88.6, 73.7, 47.2, 5.4]),
        ("7x4", [91.4, 95.0, 68.6, 96.0, 94.6, 90.6, 82.3, 10.2]),
        ("5x8", [86.1, 91.5, 17.2, 92.6, 93.2, 86.1, 62.4, 3.5]),
        ("7x8", [88.7, 91.4, 71.1, 96.9, 96.1, 91.3, 81.6, 6.6]),
    ];
    let poems = corpus_by_form();
    for (form, expected) in expected {
        assert_near(form, figures(&poems[form]), expected, 1.5);
    }
}

/// Lines of a form in any order.
fn shuffled(poems: &[Lines]) -> Vec<Lines> {
    let mut lines: Vec<Vec<char>> = poems.concat();
    let mut rng = random::stream(5, "shuffled lines of a test", 0);
    random::shuffle(&mut rng, &mut lines);
    lines.chunks(poems[0].len()).map(<[Vec<char>]>::to_vec).collect()
}

/// As many poems of characters drawn as often as they occur.
fn drawn(poems: &[Lines]) -> Vec<Lines> {
    let all: Vec<char> = poems.iter().flatten().flatten().copied().collect();
    let mut rng = random::stream(5, "random characters of a test", 0);
    let mut line = |line: &Vec<char>| line.iter().map(|_| all[random::below(&mut rng, all.len())]).collect();
    poems.iter().map(|lines| lines.iter().map(&mut line).collect()).collect()
}

#[test]
fn controls_score_as_they_should() {
    let poems = corpus_by_form();
    let expected = [
        ("5x4", [1.2, 2.5, UNKNOWN, 87.0, 88.0, 27.0, 1.3, 5.2], [1.2, 2.5, 0.0, 53.0, 63.0, 27.0, 0.1, 2.2]),
        ("7x4", [3.3, 3.8, UNKNOWN, 96.0, 95.0, 26.0, 2.3, 10.4], [1.6, 2.8, 0.0, 33.0, 38.0, 30.0, 0.0, 4.8]),
    ];
    for (form, lines, characters) in expected {
        assert_near(&format!("{form}, lines shuffled"), figures(&shuffled(&poems[form])), lines, 1.5);
        // The figures are those of traditional text (see below); a simplified character has the tones of all that fall
        // together in it.
        assert_near(&format!("{form}, random characters"), figures(&drawn(&poems[form])), characters, 2.5);
    }
}

#[derive(Deserialize)]
struct Case {
    lines: Vec<String>,
    rhyme: bool,
    rhyme_any: bool,
    first_line_rhyme: bool,
    tone_line: Vec<bool>,
    tone_alternation: Vec<bool>,
    repeated_char: Vec<bool>,
    dui_nian: bool,
    tone_poem: bool,
}

/// Traditional and simplified poems of every form, and their characters in any order.
#[test]
fn poems_score_as_an_independent_scorer_has_them() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("golden/prosody.json")).unwrap();
    assert_eq!(cases.len(), 192);
    for case in cases {
        let lines: Lines = case.lines.iter().map(|line| line.chars().collect()).collect();
        let expected = Score {
            rhyme: case.rhyme,
            rhyme_any: case.rhyme_any,
            first_line_rhyme: case.first_line_rhyme,
            tone_line: case.tone_line,
            tone_alternation: case.tone_alternation,
            repeated_char: case.repeated_char,
            dui_nian: case.dui_nian,
            tone_poem: Some(case.tone_poem),
        };
        assert_eq!(prosody::score(&lines), expected, "{:?}", case.lines);
    }
}

/// The figures for random characters are those of the traditional edition.
#[test]
#[ignore = "needs the traditional edition of corpora/tang.txt in POETGAN_TRADITIONAL, see tests/golden/README.md"]
fn traditional_poems_and_characters_score_as_they_should() {
    let path = std::env::var("POETGAN_TRADITIONAL").expect("POETGAN_TRADITIONAL names the file");
    let poems = by_form(Path::new(&path));
    let expected = [
        ("5x4", [74.0, 87.5, 9.6, 86.4, 88.0, 72.1, 47.2, 5.4], [1.2, 2.5, UNKNOWN, 53.0, 63.0, 27.0, 0.1, 2.2]),
        ("7x4", [92.3, 95.0, 68.6, 96.0, 94.8, 90.5, 82.3, 10.2], [1.6, 2.8, UNKNOWN, 33.0, 38.0, 30.0, 0.0, 4.8]),
    ];
    for (form, real, characters) in expected {
        assert_near(&format!("{form}, traditional"), figures(&poems[form]), real, 1.5);
        assert_near(&format!("{form}, random traditional"), figures(&drawn(&poems[form])), characters, 1.5);
    }
}

#[test]
fn the_rhyme_book_has_nearly_all_characters() {
    let poems = corpus_by_form();
    let all: Vec<char> = poems.values().flatten().flatten().flatten().copied().collect();
    let known = all.iter().filter(|&&c| !prosody::groups(c).is_empty()).count();
    let both = all.iter().map(|&c| prosody::tones(c)).filter(|tones| tones.level && tones.oblique).count();
    let percent = |n: usize| 100.0 * n as f64 / all.len() as f64;
    println!("known {:.2} %, in both tones {:.2} %", percent(known), percent(both));
    assert!(percent(known) > 98.5, "{}", percent(known));
    assert!(percent(both) < 17.0, "{}", percent(both));
}
