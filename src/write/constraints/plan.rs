//! All wishes of a poem of one form: checked before any work, and then applied to the logits of each token.

use anyhow::Result;

use super::given::{Given, Place};
use super::tones::{OpenRhyme, TonesAndRhyme};
use super::vocabulary::WishVocabulary;
use super::{RhymeWish, Wishes};
use crate::config::TokenizerKind;
use crate::corpus::Form;
use crate::error::UserError;
use crate::generator::{Prefix, SpecialTokens};
use crate::prosody::{GroupSet, level_set};
use crate::random;
use crate::tokenizer::Tokenizer;

/// The wishes for the poems of a form.
#[derive(Clone)]
pub struct Plan {
    form: Form,
    special: SpecialTokens,
    given: Given,
    /// Words whose places each draft chooses.
    contain: Vec<Vec<u32>>,
    avoid: Vec<Vec<u32>>,
    no_repeat: bool,
    prosody: Option<TonesAndRhyme>,
    strict_tones: bool,
}

impl Plan {
    /// # Errors
    /// Wishes that no poem of the form can meet, or that the model does not know.
    pub fn new(wishes: &Wishes, form: Form, tokenizer: &Tokenizer) -> Result<Plan, UserError> {
        let vocabulary = WishVocabulary::new(tokenizer);
        let given = Given::new(wishes, form, &vocabulary)?;
        let words = |option: &str, words: &[String]| -> Result<Vec<Vec<u32>>, UserError> {
            words.iter().map(|word| vocabulary.tokens(option, word)).collect()
        };
        if tokenizer.kind() == TokenizerKind::Bpe && !(wishes.avoid.is_empty() && wishes.contain.is_empty()) {
            let why = "this model's tokens are parts of words; train one with --tokenizer word";
            return Err(UserError(format!("--contain and --avoid: {why}")));
        }
        if !wishes.contain.is_empty() && form.width().is_none() {
            return Err(UserError(format!("--contain: needs a form with lines of a fixed length, and {form} is none")));
        }
        let mut contain = words("--contain", &wishes.contain)?;
        contain.retain(|word| !given.holds(word));
        let plan = Plan {
            form,
            special: vocabulary.special,
            contain,
            avoid: words("--avoid", &wishes.avoid)?,
            no_repeat: wishes.no_repeat,
            prosody: prosody(wishes, form, &vocabulary)?,
            strict_tones: wishes.strict_tones,
            given,
        };
        plan.check(&vocabulary)?;
        Ok(plan)
    }

    /// Refuses what is impossible.
    fn check(&self, vocabulary: &WishVocabulary) -> Result<(), UserError> {
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
        let prosody = if self.strict_tones { prosody.clone().with_patterns(given) } else { prosody.clone() };
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

/// Tones and rhyme, if any are asked for.
fn prosody(wishes: &Wishes, form: Form, vocabulary: &WishVocabulary) -> Result<Option<TonesAndRhyme>, UserError> {
    if wishes.rhyme.is_none() && !wishes.strict_tones {
        return Ok(None);
    }
    let Form::Fixed { width: width @ (5 | 7), lines } = form else {
        return Err(UserError(format!(
            "--tones, --rhyme: need Chinese lines of five or seven characters, and {form} has others"
        )));
    };
    if !vocabulary.is_of_characters() || lines < 4 || lines % 2 != 0 {
        return Err(UserError(format!(
            "--tones, --rhyme: need Chinese verse of an even number of lines, at least four; {form} is none"
        )));
    }
    let groups: Option<GroupSet> = match &wishes.rhyme {
        None => None,
        Some(RhymeWish::Auto) => Some(GroupSet::MAX),
        Some(RhymeWish::Of(text)) => Some(text.chars().fold(GroupSet::MAX, |left, c| left & level_set(c))),
    };
    // Repeated characters would use up a small group.
    let needed = lines / 2 + 1 + if wishes.no_repeat { width * lines } else { 0 };
    let prosody = TonesAndRhyme::new(vocabulary, width, lines, groups).with_rich_rhymes(needed);
    if let Some(RhymeWish::Of(text)) = &wishes.rhyme
        && !prosody.has_rhyme_left(&Given::default())
    {
        let why = format!("no level group of the rhyme book has it and {needed} characters that the model knows");
        return Err(UserError(format!("--rhyme {text}: {why}")));
    }
    Ok(Some(prosody))
}

/// The plan of one draft.
pub struct DraftPlan<'a> {
    plan: &'a Plan,
    given: Given,
    prosody: Option<TonesAndRhyme>,
}

/// What decides about the next token.
struct Next<'a> {
    place: Place,
    /// All tokens of the poem.
    tokens: &'a [u32],
    /// Tone marks that are left; `None` without tones.
    marks: Option<Vec<u8>>,
    rhyme: Option<OpenRhyme>,
    /// Tokens that would complete a word to avoid.
    avoided: Vec<u32>,
}

impl DraftPlan<'_> {
    /// Sets the logits ([vocab]) of tokens that break a wish to negative infinity.
    pub fn apply(&self, prefix: &Prefix, logits: &mut [f32]) {
        let special = self.plan.special;
        let lines: Vec<&[u32]> = prefix.tokens[1..].split(|&token| special.ends_line(token)).collect();
        let place = (prefix.position.line, prefix.position.token);
        self.apply_to_ends(place, logits);
        let line = lines.last().copied().unwrap_or(&[]);
        let next = Next {
            place,
            tokens: &prefix.tokens[1..],
            marks: self.prosody.as_ref().and_then(|prosody| prosody.marks(&lines)),
            rhyme: self.prosody.as_ref().and_then(|prosody| prosody.open_rhyme(&self.given, &lines)),
            avoided: self.avoided(place, line),
        };
        for (token, logit) in logits.iter_mut().enumerate().skip(special.first_content) {
            if *logit > f32::NEG_INFINITY && !self.allows(token, &next) {
                *logit = f32::NEG_INFINITY;
            }
        }
    }

    /// A given line ends with its last token, and a poem not before its last wish.
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
    }

    fn allows(&self, token: usize, next: &Next) -> bool {
        if !self.given.allows(next.place, token) {
            return false;
        }
        if self.given.tokens.contains_key(&next.place) {
            return true;
        }
        let id = token as u32;
        let is_repeated = || next.tokens.contains(&id) || self.given.tokens.values().any(|&given| given == id);
        if next.avoided.contains(&id) || (self.plan.no_repeat && is_repeated()) {
            return false;
        }
        let Some(prosody) = &self.prosody else { return true };
        let rhymes = next.rhyme.as_ref().is_none_or(|open| prosody.rhymes(next.place, token, open));
        prosody.follows(token, next.marks.as_deref()) && rhymes
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
