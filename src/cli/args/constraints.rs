//! The constraints of `poetgan write`.

use clap::Args;

use crate::cli::values::{choice, given_line, rhyme_constraint};
use crate::write::constraints::{Constraints, RhymeConstraint, ToneRule};

const HEADING: &str = "Constraints, which every poem meets";

/// What a poem has to hold.
#[derive(Args)]
pub struct ConstraintArgs {
    /// The poem begins with this text
    #[arg(long, value_name = "TEXT", help_heading = HEADING)]
    start: Option<String>,
    /// Line N is this text, in which ? stands for any character or word; repeatable
    #[arg(long = "line", value_name = "N=TEXT", value_parser = given_line, help_heading = HEADING)]
    lines: Vec<(usize, String)>,
    /// First character of each line, or first letter; words if there are blanks between them
    #[arg(long, value_name = "TEXT", help_heading = HEADING)]
    acrostic: Option<String>,
    /// Last character of each line
    #[arg(long, value_name = "TEXT", help_heading = HEADING)]
    acrostic_end: Option<String>,
    /// First character of the first line, second of the second, and so on
    #[arg(long, value_name = "TEXT", help_heading = HEADING)]
    acrostic_diagonal: Option<String>,
    /// The poem has this word; repeatable
    #[arg(long, value_name = "WORD", help_heading = HEADING)]
    contain: Vec<String>,
    /// The poem does not have this word; repeatable
    #[arg(long, value_name = "WORD", help_heading = HEADING)]
    avoid: Vec<String>,
    /// Lines rhyme, without the same word twice, with this word or ending, or auto: Chinese verse by the rhyme book, other
    /// verse as in the corpus
    #[arg(long, value_name = "RHYME", value_parser = rhyme_constraint, allow_hyphen_values = true, help_heading = HEADING)]
    rhyme: Option<RhymeConstraint>,
    /// strict: Chinese lines of five or seven characters follow the tone patterns of regulated verse; lenient: only their
    /// second, fourth, sixth and last characters do, and couplets may follow each other in any way
    #[arg(long, value_name = "RULE", default_value_t = ToneRule::Off, value_parser = choice::<ToneRule>(&ToneRule::OPTIONS),
          help_heading = HEADING)]
    tones: ToneRule,
    /// No character or word occurs twice in a poem
    #[arg(long, help_heading = HEADING)]
    no_repeat: bool,
}

impl ConstraintArgs {
    pub fn constraints(self) -> Constraints {
        Constraints {
            start: self.start,
            lines: self.lines,
            shape: None,
            acrostic: self.acrostic,
            acrostic_end: self.acrostic_end,
            acrostic_diagonal: self.acrostic_diagonal,
            contain: self.contain,
            avoid: self.avoid,
            rhyme: self.rhyme,
            tones: self.tones,
            no_repeat: self.no_repeat,
        }
    }
}
