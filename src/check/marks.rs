//! A poem with its tone marks, rhyme and faults.

use crate::corpus::Poem;
use crate::corpus::script::is_mostly_han;
use crate::prosody::faults::{Fault, faults, rhyme};
use crate::prosody::pattern::{Kind, PatternMatch, nearest};
use crate::prosody::{self, Group, Score, Tones};

/// A checked poem.
pub struct MarkedPoem {
    pub poem: Poem,
    /// The marks, or the reason why the rules do not apply.
    pub marks: Result<RegulatedMarks, String>,
}

/// The marks of a poem of regulated form.
pub struct RegulatedMarks {
    pub lines: Vec<MarkedLine>,
    /// The rhyme group of most even lines.
    pub rhyme: Option<Group>,
    pub faults: Vec<Fault>,
    pub score: Score,
}

/// A line with its tone marks.
pub struct MarkedLine {
    pub characters: Vec<char>,
    pub tones: Vec<Tones>,
    /// The nearest pattern among those allowed at this line.
    pub nearest: PatternMatch,
    /// The rhyme groups of the last character.
    pub rhyme_groups: &'static [Group],
}

impl MarkedPoem {
    pub fn of(poem: Poem) -> MarkedPoem {
        let lines: Vec<Vec<char>> = poem.lines.iter().map(|line| line.chars().collect()).collect();
        let marks = if prosody::applies(&lines) { Ok(regulated(&lines)) } else { Err(other_form(&poem)) };
        MarkedPoem { poem, marks }
    }
}

fn regulated(lines: &[Vec<char>]) -> RegulatedMarks {
    RegulatedMarks {
        lines: lines.iter().enumerate().filter_map(|(number, line)| marked(number, line)).collect(),
        rhyme: rhyme(lines),
        faults: faults(lines),
        score: prosody::score(lines),
    }
}

fn marked(number: usize, line: &[char]) -> Option<MarkedLine> {
    let tones: Vec<Tones> = line.iter().map(|&c| prosody::tones(c)).collect();
    let nearest = nearest(&tones, Kind::of_line(number))?;
    let rhyme_groups = line.last().map_or(&[][..], |&c| prosody::groups(c));
    Some(MarkedLine { characters: line.to_vec(), tones, nearest, rhyme_groups })
}

fn other_form(poem: &Poem) -> String {
    if !is_mostly_han(&poem.lines.concat()) {
        return "not Chinese; only Chinese verse can be checked".to_string();
    }
    format!(
        "{} is not a regulated form (an even number of lines, at least 4, all of 5 or all of 7 characters)",
        poem.form
    )
}
