//! Poems of random words, of which those with the same last two letters rhyme.

use std::collections::BTreeMap;

use candle_core::Device;

use super::super::Constraints;
use super::*;
use crate::config::{Config, TokenizerKind};
use crate::corpus::{Form, Poem};
use crate::generator::{Rules, TokenPosition};
use crate::nn::gumbel::{self, Key};
use crate::random;
use crate::tokenizer::Tokenizer;

const RIMES: [&str; 6] = ["at", "en", "il", "op", "ug", "ar"];
const FORM: Form = Form::Lines(4);

fn config() -> Config {
    let mut config: Config = toml::from_str(include_str!("../../../../presets/tiny.toml")).unwrap();
    (config.tokenizer.kind, config.tokenizer.min_count) = (TokenizerKind::Word, 1);
    (config.model.max_line, config.model.max_poem) = (8, 64);
    config
}

/// A vocabulary of eight words for each rime, of one without a rhyme, and of commas.
fn tokenizer() -> Tokenizer {
    let word = |i: usize| format!("{}{}", b"bcfhmprs"[i / RIMES.len()] as char, RIMES[i % RIMES.len()]);
    let line = |i: usize| format!("{} {}, orange,", word(i), word((i + 1) % 48)).into();
    let poem = |i: usize| Poem {
        title: None,
        lines: (0..4).map(|line_no| line((4 * i + line_no) % 48)).collect(),
        form: FORM,
        stanzas: Vec::new(),
        source_line: 1,
        source_file: 0,
    };
    Tokenizer::train(&config().tokenizer, &(0..12).map(poem).collect::<Vec<_>>()).unwrap()
}

/// One column for each rime, and one for all else.
fn table(tokenizer: &Tokenizer) -> Tensor {
    let row = |token: usize| {
        let text = tokenizer.token_text(token as u32).unwrap_or_default().to_string();
        let rime = RIMES.iter().position(|rime| text.ends_with(rime)).unwrap_or(RIMES.len());
        (0..=RIMES.len()).map(move |column| if column == rime { 1.0f32 } else { 0.0 })
    };
    let rows: Vec<f32> = (0..tokenizer.vocab_size()).flat_map(row).collect();
    Tensor::from_vec(rows, (tokenizer.vocab_size(), RIMES.len() + 1), &Device::Cpu).unwrap()
}

fn ends(tokenizer: &Tokenizer, target: Option<&str>) -> LineEnds {
    let vocabulary = ConstraintVocabulary::new(tokenizer);
    let target = match target.map(|text| (text, text.strip_prefix('-'))) {
        None => RhymeTarget::Any,
        Some((_, Some(ending))) => RhymeTarget::Ending(ending.to_string()),
        Some((word, None)) => RhymeTarget::Word(vocabulary.tokens("--rhyme", word).unwrap()[0]),
    };
    LineEnds::new(&[(0, 2), (1, 3)], &table(tokenizer), None, &vocabulary).unwrap().with_target(target)
}

/// Leaves only the given token of a place, and none behind a given line.
fn fill_in(given: &Given, place: (usize, usize), logits: &mut [f32], first: usize) {
    if let Some(&wanted) = given.tokens.get(&place) {
        let others = (0u32..).zip(logits).filter(|(token, _)| *token != wanted);
        others.for_each(|(_, logit)| *logit = f32::NEG_INFINITY);
    } else if given.lengths.get(&place.0) == Some(&place.1) {
        logits[first..].fill(f32::NEG_INFINITY);
    }
}

/// A poem under random logits, and how often a word was drawn again.
fn poem(ends: &LineEnds, given: &Given, tokenizer: &Tokenizer, seed: u64) -> (Vec<u32>, usize) {
    let special = ends.table.special;
    let rules = Rules::new(FORM, &config().model);
    let (mut tokens, mut redrawn, mut count) = (vec![tokenizer.form_token(FORM).unwrap()], 0, 0);
    while tokens.last() != Some(&special.end) {
        let position =
            tokens[1..].iter().fold(TokenPosition::default(), |position, &token| position.after(token, special));
        let mut logits =
            random::normal(&mut random::stream(seed, "logits", tokens.len() as u64), tokenizer.vocab_size());
        let allowed = rules.allowed(position, tokens.len());
        let may_end: Vec<u32> = rules.special(allowed, special).collect();
        for (token, logit) in logits.iter_mut().enumerate().filter(|(token, _)| *token < special.first_content) {
            *logit = if may_end.contains(&(token as u32)) { *logit + 1.0 } else { f32::NEG_INFINITY };
        }
        if !allowed.content {
            logits[special.first_content..].fill(f32::NEG_INFINITY);
        }
        let prefix = Prefix { index: 0, tokens: &tokens, position, redrawn };
        ends.apply(&prefix, given, &mut logits);
        fill_in(given, (position.line, position.token), &mut logits, special.first_content);
        let best = |logits: &[f32]| (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
        while ends.is_poor(&prefix, best(&logits) as u32, given) {
            let poor = best(&logits);
            logits[poor] = f32::NEG_INFINITY;
        }
        let token = best(&logits) as u32;
        match ends.redo(&prefix, token, given) {
            Some(kept) => {
                tokens.truncate(kept);
                (redrawn, count) = (kept, count + 1);
            }
            None => tokens.push(token),
        }
    }
    (tokens, count)
}

/// The last words of the lines.
fn last_words(tokenizer: &Tokenizer, poem: &[u32]) -> Vec<String> {
    let lines = tokenizer.decode(poem);
    lines
        .iter()
        .map(|line| line.split(|c: char| !c.is_alphabetic()).rfind(|word| !word.is_empty()).unwrap().to_string())
        .collect()
}

fn rhyme(a: &str, b: &str) -> bool {
    a != b && RIMES.iter().any(|rime| a.ends_with(rime) && b.ends_with(rime))
}

#[test]
fn lines_rhyme_in_pairs_and_with_different_words() {
    let tokenizer = tokenizer();
    let (free, with_cat) = (ends(&tokenizer, None), ends(&tokenizer, Some("cat")));
    let mut redrawn = 0;
    for seed in 0..60 {
        let (tokens, count) = poem(&free, &Given::default(), &tokenizer, seed);
        let words = last_words(&tokenizer, &tokens);
        assert!(rhyme(&words[0], &words[2]) && rhyme(&words[1], &words[3]) && free.hold(&tokens), "{words:?}");
        assert!(words.iter().all(|word| word != "orange"), "nothing rhymes with it");
        redrawn += count;
        let words = last_words(&tokenizer, &poem(&with_cat, &Given::default(), &tokenizer, seed).0);
        assert!(words[0].ends_with("at") && words[2].ends_with("at") && rhyme(&words[1], &words[3]), "{words:?}");
    }
    for seed in 0..20 {
        let words =
            last_words(&tokenizer, &poem(&ends(&tokenizer, Some("-il")), &Given::default(), &tokenizer, seed).0);
        assert!(words[0].ends_with("il") && words[2].ends_with("il") && rhyme(&words[1], &words[3]), "{words:?}");
    }
    assert!((60..=240).contains(&redrawn), "{redrawn}: at most one word of each line");
}

#[test]
fn earlier_lines_rhyme_with_a_given_one() {
    let tokenizer = tokenizer();
    let (vocabulary, ends) = (ConstraintVocabulary::new(&tokenizer), ends(&tokenizer, None));
    let constraints = Constraints { lines: vec![(3, "orange bug".to_string())], ..Constraints::default() };
    let given = Given::new(&constraints, FORM, &vocabulary).unwrap();
    assert_eq!(ends.contradiction(&given), None);
    for seed in 0..30 {
        let words = last_words(&tokenizer, &poem(&ends, &given, &tokenizer, seed).0);
        assert!(words[2] == "bug" && rhyme(&words[0], "bug") && rhyme(&words[1], &words[3]), "{words:?}");
    }
}

#[test]
fn what_cannot_rhyme_is_told() {
    let tokenizer = tokenizer();
    let vocabulary = ConstraintVocabulary::new(&tokenizer);
    let told = |lines: &[(usize, &str)]| {
        let lines = lines.iter().map(|&(number, line)| (number, line.to_string())).collect();
        let given = Given::new(&Constraints { lines, ..Constraints::default() }, FORM, &vocabulary).unwrap();
        ends(&tokenizer, None).contradiction(&given)
    };
    let because = |why: &str| Some(why.to_string());
    assert_eq!(told(&[(1, "cat orange")]), because("the model knows too few words that rhyme with 'orange'"));
    assert_eq!(told(&[(1, "cat"), (3, "bug")]), because("'cat' and 'bug' do not rhyme"));
    assert_eq!(told(&[(2, "cat"), (4, "cat")]), because("two lines end in 'cat'"), "the same word is no rhyme");
    assert_eq!(told(&[(1, "cat"), (3, "hat")]), None);
    let of_target = |target| ends(&tokenizer, Some(target)).contradiction(&Given::default());
    assert_eq!(of_target("-ange"), because("the model knows too few words in -ange"));
    assert_eq!(of_target("-at"), None);
    assert_eq!(of_target("orange"), because("the model knows too few words that rhyme with 'orange'"));
    let constraints = Constraints { lines: vec![(1, "bug".to_string())], ..Constraints::default() };
    let given = Given::new(&constraints, FORM, &vocabulary).unwrap();
    assert_eq!(ends(&tokenizer, Some("cat")).contradiction(&given), because("'cat' and 'bug' do not rhyme"));
}

#[test]
fn lines_that_rhyme_through_others_are_one_group() {
    assert_eq!(groups(&[(0, 2), (1, 3)]), [Some(0), Some(1), Some(0), Some(1)]);
    assert_eq!(groups(&[(0, 1), (2, 3), (1, 4)]), [Some(0), Some(0), Some(2), Some(2), Some(0)]);
    assert_eq!(groups(&[(1, 3), (3, 5)]), [None, Some(1), None, Some(1), None, Some(1)]);
}

/// With the same noise, but only after a token outside the set had won.
#[test]
fn a_word_that_is_drawn_again_has_the_distribution_of_the_set() {
    let logits = [1.5f32, 0.0, 0.7, -0.4, 0.2];
    let set = [1usize, 3, 4];
    let mut counts: BTreeMap<usize, f32> = BTreeMap::new();
    let best = |noisy: &[f32], among: &[usize]| *among.iter().max_by(|&&a, &&b| noisy[a].total_cmp(&noisy[b])).unwrap();
    for seed in 0..40_000 {
        let mut noisy = logits;
        gumbel::add_gumbel(&mut noisy, Key { seed, position: 3 });
        if !set.contains(&best(&noisy, &[0, 1, 2, 3, 4])) {
            *counts.entry(best(&noisy, &set)).or_default() += 1.0;
        }
    }
    let (total, mass) = (counts.values().sum::<f32>(), set.iter().map(|&token| logits[token].exp()).sum::<f32>());
    for token in set {
        let (share, expected) = (counts[&token] / total, logits[token].exp() / mass);
        assert!(
            (share - expected).abs() < 4.0 * (expected * (1.0 - expected) / total).sqrt(),
            "{token}: {share} {expected}"
        );
    }
}
