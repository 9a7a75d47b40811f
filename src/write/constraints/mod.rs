//! What a poem is asked to hold: given characters, a rhyme, tones, words that it has or has not. Tokens that break a wish are
//! never drawn, so every poem meets all of them.

mod given;
mod plan;
mod tones;
mod vocabulary;

pub use given::n_units;
pub use plan::{DraftPlan, Plan};

/// Which rhyme to keep.
#[derive(Clone, Debug, PartialEq)]
pub enum RhymeWish {
    /// Any level group, the same in all rhyming lines.
    Auto,
    /// The level group of this character.
    Of(String),
}

/// The wishes as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    /// The poem begins so.
    pub start: Option<String>,
    /// Whole lines, with their numbers from 1.
    pub lines: Vec<(usize, String)>,
    /// First characters of the lines; in languages with spaces first letters, or words.
    pub acrostic: Option<String>,
    /// Last characters of the lines.
    pub acrostic_end: Option<String>,
    /// Words that the poem has.
    pub contain: Vec<String>,
    /// Words that the poem has not.
    pub avoid: Vec<String>,
    pub rhyme: Option<RhymeWish>,
    /// All lines follow the tone patterns of regulated verse.
    pub strict_tones: bool,
    /// No character occurs twice.
    pub no_repeat: bool,
}

impl Wishes {
    pub fn is_empty(&self) -> bool {
        *self == Wishes::default()
    }
}

#[cfg(test)]
mod tests;
