//! What a poem is asked to hold: given characters, a rhyme, tones, words that it has or has not. Tokens that break a constraint are
//! never drawn, so every poem meets all of them.

mod given;
mod line_ends;
mod plan;
mod rhyme_table;
mod tones;
mod vocabulary;

use std::fmt;

use serde::Deserialize;

pub use given::n_units;
pub use plan::{DraftPlan, LearnedRhymes, Plan, PlanModel};

/// Which rhyme to keep.
#[derive(Clone, Debug, PartialEq)]
pub enum RhymeConstraint {
    /// Any; in regulated verse a level group, the same in all rhyming lines.
    Auto,
    /// With this word or ending; in regulated verse the level group of this character, or those of a final in pinyin.
    With(String),
}

/// Which tones lines of five or seven characters have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToneRule {
    #[default]
    Off,
    /// Only the second, fourth, sixth and last characters of a line, and the lines of a couplet, follow the patterns.
    Lenient,
    /// All lines follow the tone patterns of regulated verse.
    Strict,
}

impl ToneRule {
    /// The names of the rules.
    pub const OPTIONS: [&'static str; 3] = ["strict", "lenient", "off"];
}

impl fmt::Display for ToneRule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            ToneRule::Off => "off",
            ToneRule::Lenient => "lenient",
            ToneRule::Strict => "strict",
        })
    }
}

/// The constraints as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    /// The poem begins so.
    pub start: Option<String>,
    /// Whole lines, with their numbers from 1; [`OPEN`] stands for a character or word that is not given.
    pub lines: Vec<(usize, String)>,
    /// How the poem is divided, where the form leaves it open.
    pub shape: Option<PoemShape>,
    /// First characters of the lines; in languages with spaces first letters, or words.
    pub acrostic: Option<String>,
    /// Last characters of the lines.
    pub acrostic_end: Option<String>,
    /// The first character of the first line, the second of the second, and so on.
    pub acrostic_diagonal: Option<String>,
    /// Words that the poem has.
    pub contain: Vec<String>,
    /// Words that the poem has not.
    pub avoid: Vec<String>,
    pub rhyme: Option<RhymeConstraint>,
    pub tones: ToneRule,
    /// No character occurs twice.
    pub no_repeat: bool,
}

/// Stands for a character or word that is not given.
pub const OPEN: char = '?';

/// Whether a character is [`OPEN`], or what a Chinese keyboard has for it.
pub fn is_open(c: char) -> bool {
    c == OPEN || c == '？'
}

/// The number of lines of a poem, and those, from 0, that begin a stanza, without the first.
#[derive(Clone, Debug, PartialEq)]
pub struct PoemShape {
    pub n_lines: usize,
    pub stanzas: Vec<usize>,
}

impl Constraints {
    pub fn is_empty(&self) -> bool {
        *self == Constraints::default()
    }
}

#[cfg(test)]
mod tests;
