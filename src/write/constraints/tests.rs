//! Plans against random logits, checked by rules that the plans do not use: `prosody::score` and plain text.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::corpus::Form;
use crate::generator::{Prefix, Rules, TokenPosition};
use crate::prosody;
use crate::random;
use crate::write::Model;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::builtin().unwrap());

/// The poem of a plan under random logits; `None` if a place was left without a token.
fn poem(plan: &Plan, form: Form, seed: u64) -> Option<Vec<String>> {
    let tokenizer = &MODEL.tokenizer;
    let special = crate::gan::data::special_tokens(tokenizer);
    let (rules, draft) = (Rules::new(form, &MODEL.config.model), plan.of_draft(seed));
    let (mut tokens, mut position) = (vec![tokenizer.form_token(form).unwrap()], TokenPosition::default());
    while tokens.last() != Some(&special.end) {
        let mut logits =
            random::normal(&mut random::stream(seed, "logits", tokens.len() as u64), tokenizer.vocab_size());
        let allowed = rules.allowed(position, tokens.len());
        let ends: Vec<u32> = rules.special(allowed, special).collect();
        let first = rules.first_content(special);
        for (token, logit) in logits.iter_mut().enumerate() {
            let is_content = allowed.content && token >= first;
            *logit = if is_content || ends.contains(&(token as u32)) { *logit } else { f32::NEG_INFINITY };
        }
        draft.apply(&Prefix { index: 0, tokens: &tokens, position, redrawn: 0 }, &mut logits);
        let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
        if logits[best] == f32::NEG_INFINITY {
            return None;
        }
        tokens.push(best as u32);
        position = position.after(best as u32, special);
    }
    Some(tokenizer.decode(&tokens))
}

fn plan(constraints: &Constraints, form: Form) -> Result<Plan, String> {
    let rhymes = |form: Form| MODEL.learned_rhymes(form);
    Plan::new(constraints, form, PlanModel { tokenizer: &MODEL.tokenizer, rhymes: &rhymes }).map_err(|error| error.0)
}

fn quatrain() -> Form {
    Form::Fixed { width: 7, lines: 4 }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_string())
}

#[test]
fn all_constraints_hold_together() {
    let constraints = Constraints {
        start: some("明月"),
        lines: vec![(3, "春花秋叶何时了".to_string())],
        acrostic_end: some("寒山"),
        contain: vec!["江南".to_string(), "酒".to_string()],
        avoid: vec!["不".to_string(), "人间".to_string()],
        no_repeat: true,
        ..Constraints::default()
    };
    let plan = plan(&constraints, quatrain()).unwrap();
    let poems: Vec<Vec<String>> = (0..40).map(|seed| poem(&plan, quatrain(), seed).unwrap()).collect();
    for lines in &poems {
        let text = lines.concat();
        assert!(text.starts_with("明月") && lines[2] == "春花秋叶何时了", "{lines:?}");
        assert!(lines[0].ends_with('寒') && lines[1].ends_with('山'), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("江南")) && text.contains('酒'), "{lines:?}");
        assert!(!text.contains('不') && lines.iter().all(|line| !line.contains("人间")), "{lines:?}");
        assert!(text.chars().all(|c| text.matches(c).count() == 1), "{lines:?}");
    }
    let places: std::collections::BTreeSet<usize> =
        poems.iter().filter_map(|lines| lines.concat().find("江南")).collect();
    assert!(places.len() > 3, "each draft chooses the place of a word");
}

#[test]
fn words_with_blanks_between_them_are_several_and_one_may_be_in_another() {
    let contain = vec!["江南，明月".to_string(), "月".to_string()];
    let constraints =
        Constraints { contain, avoid: vec!["风 龘".to_string()], no_repeat: true, ..Constraints::default() };
    let words = plan(&constraints, quatrain()).unwrap();
    for seed in 0..20 {
        let text = poem(&words, quatrain(), seed).unwrap().concat();
        assert!(text.contains("江南") && text.contains("明月") && !text.contains('风'), "{text}");
        assert_eq!(text.matches('月').count(), 1);
    }
    let acrostic = plan(&Constraints { acrostic: some("春?秋？"), ..Constraints::default() }, quatrain()).unwrap();
    let lines = poem(&acrostic, quatrain(), 1).unwrap();
    assert!(lines[0].starts_with('春') && lines[2].starts_with('秋') && lines.len() == 4, "{lines:?}");
}

#[test]
fn a_final_in_pinyin_stands_for_its_groups() {
    let rhyme =
        |text: &str| Constraints { rhyme: Some(RhymeConstraint::With(text.to_string())), ..Constraints::default() };
    let plan_of_ang = plan(&rhyme("ang"), quatrain()).unwrap();
    for seed in 0..20 {
        let lines = poem(&plan_of_ang, quatrain(), seed).unwrap();
        let ends = [1, 3].map(|line: usize| prosody::level_set(lines[line].chars().last().unwrap()));
        assert!(ends[0] & ends[1] & prosody::of_final("ang").unwrap() != 0, "{lines:?}");
    }
    let refused = plan(&rhyme("xyz"), quatrain()).err().unwrap();
    assert_eq!(refused, "--rhyme xyz: neither one character nor a final in pinyin, such as ang");
}

#[test]
fn small_rhyme_groups_do_without_repeats() {
    let form = Form::Fixed { width: 7, lines: 8 };
    for character in ["微", "文", "侵", "覃"] {
        let rhyme = Some(RhymeConstraint::With(character.to_string()));
        let plan = plan(&Constraints { rhyme, no_repeat: true, ..Constraints::default() }, form).unwrap();
        assert!(poem(&plan, form, 5).is_some(), "{character}");
    }
}

#[test]
fn an_acrostic_can_run_down_the_diagonal() {
    let constraints = Constraints { acrostic_diagonal: some("春夏秋冬"), ..Constraints::default() };
    let plan = plan(&constraints, quatrain()).unwrap();
    let lines = poem(&plan, quatrain(), 3).unwrap();
    let diagonal: String = lines.iter().enumerate().filter_map(|(i, line)| line.chars().nth(i)).collect();
    assert_eq!(diagonal, "春夏秋冬");
    let five = Form::Fixed { width: 5, lines: 8 };
    let constraints = Constraints { acrostic_diagonal: some("春夏秋冬风花"), ..Constraints::default() };
    let refused = super::tests::plan(&constraints, five).err().unwrap();
    assert_eq!(refused, "--acrostic-diagonal 春夏秋冬风花: line 6 of 5x8 has only 5 characters");
}

#[test]
fn an_avoided_word_is_not_completed_by_a_given_character() {
    let constraints =
        Constraints { acrostic_end: some("月"), avoid: vec!["明月".to_string()], ..Constraints::default() };
    let plan = plan(&constraints, quatrain()).unwrap();
    for seed in 0..40 {
        let lines = poem(&plan, quatrain(), seed).unwrap();
        assert!(lines[0].ends_with('月') && !lines[0].contains("明月"), "{lines:?}");
    }
}

#[test]
fn a_given_word_needs_no_other_place() {
    let contain = vec!["月".to_string()];
    let constraints = Constraints { start: some("明月"), contain, no_repeat: true, ..Constraints::default() };
    let lines = poem(&plan(&constraints, quatrain()).unwrap(), quatrain(), 1).unwrap();
    assert!(lines[0].starts_with("明月") && lines.concat().matches('月').count() == 1, "{lines:?}");
}

#[test]
fn impossible_constraints_are_refused() {
    let refused = |constraints: Constraints| plan(&constraints, quatrain()).err().unwrap();
    let with = |change: fn(&mut Constraints)| {
        let mut constraints = Constraints::default();
        change(&mut constraints);
        refused(constraints)
    };
    assert_eq!(
        with(|constraints| constraints.acrostic = some("春夏秋冬年")),
        "--acrostic: needs 5 lines, and 7x4 has 4"
    );
    assert_eq!(
        with(|constraints| constraints.lines = vec![(2, "白日依山尽".to_string())]),
        "--line 2=白日依山尽: a line of 7x4 has 7 characters, not 5"
    );
    assert_eq!(with(|constraints| constraints.start = some("春𠮷")), "--start 春𠮷: the model does not know '𠮷'");
    assert_eq!(
        with(|constraints| (constraints.start, constraints.acrostic) = (some("春风"), some("秋"))),
        "--acrostic: contradicts --start in line 1"
    );
    assert_eq!(
        with(|constraints| (constraints.start, constraints.no_repeat) = (some("春春"), true)),
        "--no-repeat: '春' is asked for twice"
    );
    assert_eq!(
        with(|constraints| (constraints.start, constraints.avoid) = (some("春风"), vec!["春风".to_string()])),
        "--avoid: a word to avoid is asked for by another option"
    );
    assert!(
        with(|constraints| constraints.rhyme = Some(RhymeConstraint::With("月".to_string())))
            .starts_with("--rhyme 月: it is oblique")
    );
    // 平平平平平平平 is no line of regulated verse.
    assert!(
        with(|constraints| (constraints.lines, constraints.tones) =
            (vec![(1, "天天天天天天天".to_string())], ToneRule::Strict))
        .starts_with("--tones, --rhyme: in 7x4 no tone pattern")
    );
    assert!(
        with(|constraints| constraints.contain = vec!["一二三四五六七八".to_string()])
            .starts_with("--contain: 7x4 has no place")
    );
}

fn common_characters() -> impl Strategy<Value = String> {
    let pick = prop::sample::select("春夏秋冬风花雪月山水天地人心长安明清平云飞鸟江南".chars().collect::<Vec<char>>());
    prop::collection::vec(pick, 1..=4).prop_map(String::from_iter)
}

/// By the rule itself: the second, fourth and sixth characters alternate, differ between the lines of a couplet, and the second
/// line of a couplet ends level, the first (but that of the poem) oblique.
fn is_lenient(lines: &[Vec<char>]) -> bool {
    let can = |c: char, level: bool| prosody::tones(c).can_be(level);
    let alternates = |line: &[char], level: bool| {
        line.iter().skip(1).step_by(2).take(line.len() / 2).enumerate().all(|(i, &c)| can(c, level ^ (i % 2 == 1)))
    };
    let ends = |line: &[char], level: bool| can(line[line.len() - 1], level);
    lines.chunks(2).enumerate().all(|(number, two)| {
        let couplet = [true, false].iter().any(|&level| alternates(&two[0], level) && alternates(&two[1], !level));
        couplet && ends(&two[1], true) && (number == 0 || ends(&two[0], false))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Acrostic, rhyme, strict tones and no repeat together: refused before any work, or met by every poem.
    #[test]
    fn regulated_acrostics_are_regulated(
        acrostic in common_characters(),
        width in prop::sample::select(vec![5usize, 7]),
        lines in prop::sample::select(vec![4usize, 8]),
        no_repeat: bool,
        tones in prop::sample::select(vec![ToneRule::Strict, ToneRule::Lenient, ToneRule::Off]),
        seed in 0u64..1_000_000,
    ) {
        let form = Form::Fixed { width, lines };
        let rhyme = Some(RhymeConstraint::Auto);
        let constraints = Constraints { acrostic: Some(acrostic.clone()), rhyme, tones, no_repeat, ..Constraints::default() };
        let Ok(plan) = plan(&constraints, form) else { return Ok(()) };
        let poem = poem(&plan, form, seed);
        prop_assert!(poem.is_some(), "no token was left");
        let poem = poem.unwrap_or_default();
        let characters: Vec<Vec<char>> = poem.iter().map(|line| line.chars().collect()).collect();
        let score = prosody::score(&characters);
        for (line, first) in characters.iter().zip(acrostic.chars()) {
            prop_assert_eq!(line[0], first);
        }
        prop_assert!(score.rhyme, "{:?}", poem);
        let ends: Vec<char> = characters.iter().skip(1).step_by(2).map(|line| line[width - 1]).collect();
        prop_assert!(ends.iter().enumerate().all(|(i, end)| !ends[..i].contains(end)), "{:?}", poem);
        prop_assert!(tones != ToneRule::Strict || score.tone_poem == Some(true), "{:?}", poem);
        prop_assert!(tones != ToneRule::Lenient || is_lenient(&characters), "{:?}", poem);
        let all: String = poem.concat();
        prop_assert!(!no_repeat || all.chars().all(|c| all.matches(c).count() == 1), "{:?}", poem);
    }
}
