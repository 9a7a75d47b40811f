//! Axes of corpora whose themes are known.

use super::*;
use crate::random;

const TAG: u32 = 3;
/// Tokens 10 to 29 belong to the first topic, 30 to 49 to the second, 50 to 89 to none.
const VOCAB: usize = 90;

/// Poems of two segments; each is about one of two topics, and every second token is about none.
fn corpus(poems: usize, seed: u64) -> Vec<FormSegments> {
    let rng = &mut random::stream(seed, "test", 0);
    let poem = |_| {
        let topic = random::below(rng, 2);
        let mut segment = || -> Vec<u32> {
            let tokens = (0..8).map(|i| match i % 2 {
                0 => 10 + 20 * topic as u32 + random::below(rng, 20) as u32,
                _ => 50 + random::below(rng, 40) as u32,
            });
            tokens.collect()
        };
        vec![segment(), segment()]
    };
    vec![FormSegments { tag: TAG, poems: (0..poems).map(poem).collect() }]
}

fn themes() -> Themes {
    learn(&corpus(3000, 1), VOCAB, ThemeSettings { dims: 4, keep: 0.9 }).unwrap()
}

#[test]
fn the_first_axis_separates_the_topics() {
    let themes = themes();
    let value = |token: u32| themes.table()[token as usize * AXES];
    let sign = value(10).signum();
    assert!((10..30).all(|token| sign * value(token) > 1.0) && (30..50).all(|token| sign * value(token) < -1.0));
    assert!((50..90).all(|token| value(token).abs() < 0.7), "tokens of no topic");
    assert!((0..10).all(|token| !themes.is_known(token)), "tokens that no poem has");
    let AxisEnds { positive, negative } = themes.ends(0, 5);
    let topic = |tokens: &[u32]| tokens.iter().map(|token| (token - 10) / 20).collect::<Vec<_>>();
    let (first, second) = if sign > 0.0 { (0, 1) } else { (1, 0) };
    assert_eq!((topic(&positive), topic(&negative)), (vec![first; 5], vec![second; 5]));
    // Four of eight tokens of each segment tell its topic, beyond doubt.
    assert!(themes.correlations[0] > 0.8 && themes.correlations[1] < 0.2, "{:?}", themes.correlations);
    assert_eq!(themes.keep[0], 0.9);
}

#[test]
fn themes_of_poems_are_whitened() {
    let themes = themes();
    let poems = &corpus(3000, 1)[0].poems;
    for axis in 0..2 {
        let values: Vec<f32> = poems.iter().map(|poem| themes.of_poem(TAG, poem)[axis]).collect();
        let mean = values.iter().sum::<f32>() / 3000.0;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 3000.0;
        assert!(mean.abs() < 1e-3 && (variance - 1.0).abs() < 1e-3, "{axis} {mean} {variance}");
    }
    assert_eq!(themes.of_poem(TAG, &vec![]), [0.0; AXES]);
    assert_eq!(themes.of_poem(99, &poems[0]), [0.0; AXES]);
}

#[test]
fn z_has_unit_variance_and_the_theme_of_a_real_poem() {
    let themes = themes();
    let draws: Vec<[f32; 2]> = (0..4000)
        .map(|seed| {
            let theme = themes.draw(TAG, seed);
            let mut z = random::normal(&mut random::stream(seed, "test z", 0), 4);
            themes.enter(&mut z, &theme);
            [z[0], theme[0]]
        })
        .collect();
    let moment = |f: fn(&[f32; 2]) -> f32| draws.iter().map(f).sum::<f32>() / 4000.0;
    let (mean, variance, shared) = (moment(|d| d[0]), moment(|d| d[0] * d[0]), moment(|d| d[0] * d[1]));
    // Standard errors are below 0.025.
    assert!(
        mean.abs() < 0.08 && (variance - 1.0).abs() < 0.1 && (shared - 0.9).abs() < 0.1,
        "{mean} {variance} {shared}"
    );
    assert_eq!(themes.draw(TAG, 5), themes.draw(TAG, 5));
    assert_eq!(themes.draw(99, 5), [0.0; 4], "a form without poems has no theme");
}

#[test]
fn a_corpus_that_is_too_small_has_no_axes() {
    for poems in [0, 1, 2] {
        let themes = learn(&corpus(poems, 2), VOCAB, ThemeSettings { dims: 4, keep: 0.9 }).unwrap();
        assert_eq!((themes.keep.clone(), themes.ends(0, 3).positive), (vec![0.0; 4], vec![]), "{poems}");
        let mut z = vec![0.5; 4];
        themes.enter(&mut z, &themes.draw(TAG, 1));
        assert_eq!(z, [0.5; 4], "z is noise alone");
    }
}

#[test]
fn stored_themes_are_the_same() {
    let themes = themes();
    let again = Themes::of_weights(&themes.to_weights().unwrap()).unwrap().unwrap();
    assert_eq!((again.table(), &again.keep, again.draw(TAG, 7)), (themes.table(), &themes.keep, themes.draw(TAG, 7)));
    assert_eq!(again.ends(0, 9), themes.ends(0, 9));
    assert!(Themes::of_weights(&Weights::new()).unwrap().is_none());
    let mut cut = themes.to_weights().unwrap();
    cut.remove("theme.keep");
    assert!(Themes::of_weights(&cut).is_err());
}

#[test]
fn refitted_axes_keep_their_meaning() {
    let themes = themes();
    // Token k of the new vocabulary is token 89 - k of the old one, but the first topic's second half is new.
    let old: Vec<Option<u32>> = (0..90).map(|k| Some(89 - k).filter(|old| !(20..30).contains(old))).collect();
    let moved = |token: &u32| 89 - token;
    let mut forms = corpus(500, 3);
    forms[0].poems.iter_mut().flatten().for_each(|segment| segment.iter_mut().for_each(|token| *token = moved(token)));
    let refitted = themes.refitted(&old, &forms);
    assert_eq!(refitted.table()[moved(&10) as usize * AXES], themes.table()[10 * AXES]);
    assert!(!refitted.is_known(moved(&25)));
    // Its form is new, so it has the moments of this corpus.
    let values: Vec<f32> = forms[0].poems.iter().map(|poem| refitted.of_poem(TAG, poem)[0]).collect();
    assert!((values.iter().map(|x| x * x).sum::<f32>() / 500.0 - 1.0).abs() < 1e-2);
    // A known form keeps its moments, whatever this corpus is about; only the prior is new.
    forms[0].tag = moved(&TAG);
    forms[0].poems.truncate(20);
    let refitted = themes.refitted(&old, &forms);
    assert_eq!(refitted.whitening(moved(&TAG)), themes.whitening(TAG));
    assert_eq!(refitted.centres(moved(&TAG)).len(), 20 * 4);
}
