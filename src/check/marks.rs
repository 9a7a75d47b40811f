//! What there is to say of a poem.

use crate::corpus::Poem;
use crate::corpus::script::is_mostly_han;
use crate::prosody::faults::{Fault, faults, rhyme};
use crate::prosody::pattern::{Kind, Match, nearest};
use crate::prosody::{self, Group, Score, Tones};

/// A poem and its marks.
pub struct Marks {
    pub poem: Poem,
    /// Why it is not judged, or the judgement.
    pub verdict: Result<Regulated, String>,
}

/// The marks of a poem of regulated form.
pub struct Regulated {
    pub lines: Vec<Line>,
    /// The group that most even lines end in.
    pub rhyme: Option<Group>,
    pub faults: Vec<Fault>,
    pub score: Score,
}

/// A marked line.
pub struct Line {
    pub characters: Vec<char>,
    pub tones: Vec<Tones>,
    /// The nearest pattern among those that the line's place in the poem allows.
    pub nearest: Match,
    /// The groups of the last character.
    pub end: &'static [Group],
}

impl Marks {
    pub fn of(poem: Poem) -> Marks {
        let lines: Vec<Vec<char>> = poem.lines.iter().map(|line| line.chars().collect()).collect();
        let verdict = if prosody::applies(&lines) { Ok(regulated(&lines)) } else { Err(other_form(&poem)) };
        Marks { poem, verdict }
    }
}

fn regulated(lines: &[Vec<char>]) -> Regulated {
    Regulated {
        lines: lines.iter().enumerate().filter_map(|(number, line)| marked(number, line)).collect(),
        rhyme: rhyme(lines),
        faults: faults(lines),
        score: prosody::score(lines),
    }
}

fn marked(number: usize, line: &[char]) -> Option<Line> {
    let tones: Vec<Tones> = line.iter().map(|&c| prosody::tones(c)).collect();
    let nearest = nearest(&tones, Kind::of_line(number))?;
    let end = line.last().map_or(&[][..], |&c| prosody::groups(c));
    Some(Line { characters: line.to_vec(), tones, nearest, end })
}

fn other_form(poem: &Poem) -> String {
    if !is_mostly_han(&poem.lines.concat()) {
        return "not Chinese: tones and patterns are those of Chinese verse".to_string();
    }
    format!("{} is not a regulated form, which has four or more lines, an even number, all of 5 or all of 7", poem.form)
}
