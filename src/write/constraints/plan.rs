//! All constraints of a poem of one form: checked before any work, and then applied to the logits of each token.

use anyhow::Result;
use candle_core::Tensor;

use super::given::{Given, Place};
use super::line_ends::{LineEnds, RhymeTarget};
use super::tones::TonesAndRhyme;
use super::vocabulary::ConstraintVocabulary;
use super::{Constraints, PoemShape, RhymeConstraint, ToneRule};
use crate::config::TokenizerKind;
use crate::corpus::Form;
use crate::error::UserError;
use crate::generator::{Prefix, SpecialTokens};
use crate::prosody::{GroupSet, groups, level_set, of_final};
use crate::random;
use crate::tokenizer::Tokenizer;

/// The constraints for the poems of a form.
#[derive(Clone)]
pub struct Plan {
    form: Form,
    special: SpecialTokens,
    given: Given,
    /// Words whose places each draft chooses.
    contain: Vec<Vec<u32>>,
    avoid: Vec<Vec<u32>>,
    no_repeat: bool,
    shape: Option<PoemShape>,
    prosody: Option<TonesAndRhyme>,
    /// Rhyme outside regulated verse.
    ends: Option<LineEnds>,
    tones: ToneRule,
}

/// What a model has learned of the rhyme of a form.
pub struct LearnedRhymes {
    /// Pairs of lines that rhyme, from 0.
    pub pairs: Vec<(usize, usize)>,
    /// The rhyme embedding of every token, [vocab, columns].
    pub table: Tensor,
}

/// What a plan is made for.
#[derive(Clone, Copy)]
pub struct PlanModel<'a> {
    pub tokenizer: &'a Tokenizer,
    /// For a form; an error is why the model does not know.
    pub rhymes: &'a dyn Fn(Form) -> Result<LearnedRhymes, UserError>,
}

impl Plan {
    /// # Errors
    /// Constraints that no poem of the form can meet, or that the model does not know.
    pub fn new(constraints: &Constraints, form: Form, model: PlanModel) -> Result<Plan, UserError> {
        let tokenizer = model.tokenizer;
        let vocabulary = ConstraintVocabulary::new(tokenizer);
        let given = Given::new(constraints, form, &vocabulary)?;
        let parted = |words: &[String]| -> Vec<String> { words.iter().flat_map(|text| parts(text)).collect() };
        // What the model does not know, it does not write.
        let is_known = |word: &String| tokenizer.encode_line(word).is_some();
        let avoid: Vec<String> = parted(&constraints.avoid).into_iter().filter(is_known).collect();
        let words = |option: &str, words: &[String]| -> Result<Vec<Vec<u32>>, UserError> {
            words.iter().map(|word| vocabulary.tokens(option, word)).collect()
        };
        if tokenizer.kind() == TokenizerKind::Bpe && !(constraints.avoid.is_empty() && constraints.contain.is_empty()) {
            let why = "this model's tokens are parts of words; train one with --tokenizer word";
            return Err(UserError(format!("--contain and --avoid: {why}")));
        }
        if !constraints.contain.is_empty() && form.width().is_none() {
            return Err(UserError(format!("--contain: needs a form with lines of a fixed length, and {form} is none")));
        }
        let mut contain = longest(words("--contain", &parted(&constraints.contain))?);
        contain.retain(|word| !given.holds(word));
        let is_regulated =
            is_regulated(form, &vocabulary) && (constraints.rhyme.is_some() || constraints.tones != ToneRule::Off);
        let plan = Plan {
            form,
            special: vocabulary.special,
            contain,
            avoid: words("--avoid", &avoid)?,
            no_repeat: constraints.no_repeat,
            shape: constraints.shape.clone(),
            prosody: if is_regulated { prosody(constraints, form, &vocabulary)? } else { None },
            ends: if is_regulated { None } else { line_ends(constraints, form, model, &vocabulary)? },
            tones: constraints.tones,
            given,
        };
        plan.check(&vocabulary)?;
        Ok(plan)
    }

    /// Refuses what is impossible.
    fn check(&self, vocabulary: &ConstraintVocabulary) -> Result<(), UserError> {
        if self.no_repeat {
            let mut seen = Vec::new();
            for token in self.given.tokens.values().chain(self.contain.iter().flatten()) {
                if seen.contains(&token) {
                    let text = vocabulary.tokenizer.token_text(*token).unwrap_or_default();
                    return Err(UserError(format!("--no-repeat: '{text}' is asked for twice")));
                }
                seen.push(token);
            }
        }
        if self.has_avoided(&self.given) {
            return Err(UserError("--avoid: a word to avoid is asked for by another option".to_string()));
        }
        if self.prosody_of(&self.given).is_none() {
            let why = "no tone pattern or rhyme fits the given characters; poetgan check shows their tones and rhymes";
            return Err(UserError(format!("--tones, --rhyme: in {} {why}", self.form)));
        }
        if let Some(why) = self.ends.as_ref().and_then(|ends| ends.contradiction(&self.given)) {
            return Err(UserError(format!("--rhyme: {why}")));
        }
        if self.placed(&self.given, &self.contain, &mut |n| (0..n).collect()).is_none() {
            return Err(UserError(format!("--contain: {} has no place for it beside the other options", self.form)));
        }
        Ok(())
    }

    /// Whether what is given holds a word to avoid.
    fn has_avoided(&self, given: &Given) -> bool {
        self.avoid.iter().any(|word| given.holds(word))
    }

    /// The restrictions of tones and rhyme beside what is given; `None` if they contradict each other.
    fn prosody_of(&self, given: &Given) -> Option<Option<TonesAndRhyme>> {
        let Some(prosody) = &self.prosody else { return Some(None) };
        if !prosody.has_rhyme_left(given) {
            return None;
        }
        let prosody = prosody.clone().with_patterns(self.tones, given);
        prosody.has_patterns().then_some(Some(prosody))
    }

    /// What is given with `words` at free places; `order` shuffles the numbers below its argument. `None` if there is no room.
    fn placed(&self, given: &Given, words: &[Vec<u32>], order: &mut dyn FnMut(usize) -> Vec<usize>) -> Option<Given> {
        let Some((word, rest)) = words.split_first() else {
            return (self.prosody_of(given).is_some() && !self.has_avoided(given)).then(|| given.clone());
        };
        let (width, lines) = (self.form.width()?, self.form.lines()?);
        let starts = (width + 1).checked_sub(word.len()).filter(|&starts| starts > 0)?;
        order(lines * starts).into_iter().find_map(|number| {
            let (line, start) = (number / starts, number % starts);
            let places = || (start..).map(|place| (line, place)).zip(word);
            let is_free = |(place, &token): (Place, &u32)| {
                given.allows(place, token as usize) && !given.tokens.contains_key(&place)
            };
            if !places().all(is_free) {
                return None;
            }
            let mut with_word = given.clone();
            with_word.tokens.extend(places().map(|(place, &token)| (place, token)));
            self.prosody_of(&with_word)?;
            self.placed(&with_word, rest, order)
        })
    }

    /// The tokens that every poem holds, each as a word.
    pub fn given_words(&self) -> Vec<Vec<u32>> {
        self.given.tokens.values().chain(self.contain.iter().flatten()).map(|&token| vec![token]).collect()
    }

    /// Whether lines are to rhyme whose ends are only known when they are drawn.
    pub fn rhymes_at_line_ends(&self) -> bool {
        self.ends.is_some()
    }

    /// The plan of one draft: its words have their places.
    pub fn of_draft(&self, seed: u64) -> DraftPlan<'_> {
        let mut rng = random::stream(seed, "places", 0);
        let mut order = |n: usize| {
            let mut numbers: Vec<usize> = (0..n).collect();
            random::shuffle(&mut rng, &mut numbers);
            numbers
        };
        let given = self.placed(&self.given, &self.contain, &mut order).unwrap_or_else(|| self.given.clone());
        let prosody = self.prosody_of(&given).flatten();
        DraftPlan { plan: self, given, prosody }
    }
}

/// Whether the rhyme and tones of a form are those of regulated verse: Chinese lines of five or seven characters, an even number
/// of them, at least four.
fn is_regulated(form: Form, vocabulary: &ConstraintVocabulary) -> bool {
    let Form::Fixed { width: 5 | 7, lines } = form else { return false };
    vocabulary.is_of_characters() && lines >= 4 && lines % 2 == 0
}

/// Tones and rhyme of regulated verse, if any are asked for.
fn prosody(
    constraints: &Constraints,
    form: Form,
    vocabulary: &ConstraintVocabulary,
) -> Result<Option<TonesAndRhyme>, UserError> {
    let Form::Fixed { width, lines } = form else { return Ok(None) };
    let groups: Option<GroupSet> = match &constraints.rhyme {
        None => None,
        Some(RhymeConstraint::Auto) => Some(GroupSet::MAX),
        Some(RhymeConstraint::With(text)) => Some(wanted_groups(text)?),
    };
    // Other places may use up some of a small group.
    let needed = if constraints.no_repeat { lines + 1 } else { lines / 2 + 1 };
    let prosody = TonesAndRhyme::new(vocabulary, width, lines, groups).with_rich_rhymes(needed);
    if let Some(RhymeConstraint::With(text)) = &constraints.rhyme
        && !prosody.has_rhyme_left(&Given::default())
    {
        return Err(UserError(format!("--rhyme {text}: {}", why_not(text, needed))));
    }
    Ok(Some(prosody))
}

/// The groups that a character or a final in pinyin rhymes in.
fn wanted_groups(text: &str) -> Result<GroupSet, UserError> {
    let mut characters = text.chars();
    match (of_final(text), characters.next(), characters.next()) {
        (Some(groups), ..) => Ok(groups),
        (None, Some(character), None) => Ok(level_set(character)),
        _ => Err(UserError(format!("--rhyme {text}: neither one character nor a final in pinyin, such as ang"))),
    }
}

/// The rhyme of other verse, as learned from line ends.
fn line_ends(
    constraints: &Constraints,
    form: Form,
    model: PlanModel,
    vocabulary: &ConstraintVocabulary,
) -> Result<Option<LineEnds>, UserError> {
    if constraints.tones != ToneRule::Off {
        return Err(UserError(format!(
            "--tones: needs Chinese verse of an even number of lines of five or seven characters, at least four; {form} is none"
        )));
    }
    let Some(constraint) = &constraints.rhyme else { return Ok(None) };
    let LearnedRhymes { pairs, table } = (model.rhymes)(form)?;
    let ends = LineEnds::new(&pairs, &table, form.width(), vocabulary);
    let ends = ends.map_err(|why| UserError(format!("--rhyme: the rhymes of this model are damaged: {why}")))?;
    Ok(Some(match constraint {
        RhymeConstraint::Auto => ends,
        RhymeConstraint::With(text) => ends.with_target(rhyme_target(text, form, vocabulary)?),
    }))
}

/// A word that the model knows, or an ending.
fn rhyme_target(text: &str, form: Form, vocabulary: &ConstraintVocabulary) -> Result<RhymeTarget, UserError> {
    if vocabulary.is_of_characters() && text.chars().count() > 1 {
        return Err(UserError(format!("--rhyme {text}: {form} takes one character, or auto")));
    }
    let letters = text.trim_matches(|c: char| !c.is_alphanumeric());
    if letters.is_empty() {
        return Err(UserError(format!("--rhyme {text}: no word")));
    }
    match vocabulary.tokens("--rhyme", letters) {
        Ok(tokens) if tokens.len() == 1 && !text.starts_with('-') => Ok(RhymeTarget::Word(tokens[0])),
        Err(why) if vocabulary.is_of_characters() => Err(why),
        _ => Ok(RhymeTarget::Ending(letters.to_lowercase())),
    }
}

/// Why lines cannot rhyme with a character.
fn why_not(text: &str, needed: usize) -> String {
    let is_in_book = text.chars().all(|c| !groups(c).is_empty());
    let is_level = text.chars().all(|c| level_set(c) != 0);
    match (is_in_book, is_level) {
        (false, _) => "the rhyme book does not have it".to_string(),
        (true, false) => "it is oblique, and regulated verse rhymes with level characters".to_string(),
        (true, true) => format!("the model knows fewer than {needed} characters of its rhyme group"),
    }
}

/// The words of a text with blanks or commas between them.
fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| c.is_whitespace() || ",，、;；".contains(c)).filter(|part| !part.is_empty()).map(String::from)
}

/// The words that are in no longer one of them.
fn longest(mut words: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut kept: Vec<Vec<u32>> = Vec::new();
    for word in words {
        if !kept.iter().any(|long| long.windows(word.len()).any(|part| part == word)) {
            kept.push(word);
        }
    }
    kept
}

/// The plan of one draft.
pub struct DraftPlan<'a> {
    plan: &'a Plan,
    given: Given,
    prosody: Option<TonesAndRhyme>,
}

impl DraftPlan<'_> {
    /// Sets the logits ([vocab]) of tokens that break a constraint to negative infinity.
    pub fn apply(&self, prefix: &Prefix, logits: &mut [f32]) {
        let (special, tokens) = (self.plan.special, &prefix.tokens[1..]);
        let place = (prefix.position.line, prefix.position.token);
        self.apply_to_ends(place, logits);
        self.plan.ends.iter().for_each(|ends| ends.apply(prefix, &self.given, logits));
        if let Some(&given) = self.given.tokens.get(&place) {
            let others = (special.first_content..logits.len()).filter(|&token| token != given as usize);
            others.for_each(|token| logits[token] = f32::NEG_INFINITY);
            return;
        }
        let lines: Vec<&[u32]> = tokens.split(|&token| special.ends_line(token)).collect();
        let mut forbidden = self.avoided(place, lines.last().copied().unwrap_or(&[]));
        if self.plan.no_repeat {
            let content = tokens.iter().filter(|&&token| token as usize >= special.first_content);
            forbidden.extend(content.chain(self.given.tokens.values()));
        }
        forbidden.iter().for_each(|&token| logits[token as usize] = f32::NEG_INFINITY);
        let content = || special.first_content..;
        if let Some(set) = self.given.sets.get(&place) {
            content().zip(set[special.first_content..].iter()).filter(|(_, is_in)| !**is_in).for_each(|(token, _)| {
                logits[token] = f32::NEG_INFINITY;
            });
        }
        if let Some(prosody) = &self.prosody {
            prosody.apply(&self.given, place, &lines, &mut logits[special.first_content..], special.first_content);
        }
    }

    /// The number of tokens after which the poem is drawn again, if `token` ends a line that has to rhyme and does not.
    pub fn redo(&self, prefix: &Prefix, token: u32) -> Option<usize> {
        self.plan.ends.as_ref().and_then(|ends| ends.redo(prefix, token, &self.given))
    }

    /// Whether a token would leave too few rhymes for later lines.
    pub fn is_poor_rhyme(&self, prefix: &Prefix, token: u32) -> bool {
        self.plan.ends.as_ref().is_some_and(|ends| ends.is_poor(prefix, token, &self.given))
    }

    /// Whether the lines of a poem rhyme where masks alone cannot see to it.
    pub fn rhymes(&self, poem: &[u32]) -> bool {
        self.plan.ends.as_ref().is_none_or(|ends| ends.hold(poem))
    }

    /// Whether the token of a place is given.
    pub fn is_given(&self, place: Place) -> bool {
        self.given.tokens.contains_key(&place)
    }

    /// The given tokens that follow a place without a gap.
    pub fn following(&self, place: Place) -> Vec<u32> {
        self.given.following(place).collect()
    }

    /// A given line ends with its last token, and a poem not before its last constraint.
    fn apply_to_ends(&self, (line, place): Place, logits: &mut [f32]) {
        let special = self.plan.special;
        let length = self.given.lengths.get(&line);
        let has_more = line + 1 < self.given.n_lines();
        for (token, logit) in logits.iter_mut().enumerate().take(special.first_content) {
            let ends_poem = token as u32 == special.end;
            let is_early =
                length.is_some_and(|&length| place < length) || self.given.tokens.contains_key(&(line, place));
            if is_early || (ends_poem && has_more) {
                *logit = f32::NEG_INFINITY;
            }
        }
        if length.is_some_and(|&length| place >= length) {
            logits[special.first_content..].fill(f32::NEG_INFINITY);
        }
        if let Some(PoemShape { n_lines, stanzas }) = &self.plan.shape {
            let (is_last, begins) = (line + 1 >= *n_lines, stanzas.contains(&(line + 1)) && special.stanza.is_some());
            let wrong = |token: u32| match token {
                token if token == special.end => !is_last,
                token if token == special.line => is_last || begins,
                token if Some(token) == special.stanza => is_last || !begins,
                _ => false,
            };
            let ends = logits.iter_mut().enumerate().take(special.first_content);
            ends.filter(|(token, _)| wrong(*token as u32)).for_each(|(_, logit)| *logit = f32::NEG_INFINITY);
        }
    }

    /// Tokens that would complete a word to avoid, with the tokens before them and the given ones behind them.
    fn avoided(&self, (line, place): Place, before: &[u32]) -> Vec<u32> {
        let follows = |rest: &[u32]| {
            (place + 1..).zip(rest).all(|(place, token)| self.given.tokens.get(&(line, place)) == Some(token))
        };
        let completing = |word: &Vec<u32>| -> Vec<u32> {
            let at = |index: &usize| before.ends_with(&word[..*index]) && follows(&word[index + 1..]);
            (0..word.len()).filter(at).map(|index| word[index]).collect()
        };
        self.plan.avoid.iter().flat_map(completing).collect()
    }
}
