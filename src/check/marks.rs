//! A poem with its tone marks, rhyme and faults.

use crate::corpus::Poem;
use crate::corpus::script::{is_han, is_letter, is_mostly_han, is_stop};
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
        "{} is not a regulated form (an even number of lines, at least 4, all of 5 or all of 7 characters){}",
        poem.form,
        irregular(poem).map_or(String::new(), |place| format!("; {place}"))
    )
}

/// The first verse that is not as long as most, or has another character than Chinese ones.
fn irregular(poem: &Poem) -> Option<String> {
    let is_end = |c: char| is_stop(c) || c.is_whitespace();
    let is_sign = |c: char| !is_letter(c);
    let verses: Vec<(usize, &str)> = (1..)
        .zip(&poem.lines)
        .flat_map(|(number, line)| line.split(is_end).map(move |verse| (number, verse.trim_matches(is_sign))))
        .filter(|(_, verse)| !verse.is_empty())
        .collect();
    let of_width = |width: usize| verses.iter().filter(|(_, verse)| verse.chars().count() == width).count();
    let width = if of_width(7) > of_width(5) { 7 } else { 5 };
    let at_line = |number: usize| match poem.source_line {
        1 => format!("line {number}: "),
        first => format!("line {number} (line {} of the file): ", first + number - 1),
    };
    verses.iter().find_map(|&(number, verse)| {
        let n_characters = verse.chars().count();
        if let Some(c) = verse.chars().find(|&c| !is_han(c)) {
            return Some(format!("{}'{c}' in {verse} is not a Chinese character", at_line(number)));
        }
        (n_characters != width)
            .then(|| format!("{}{verse} has {n_characters} characters, not {width}", at_line(number)))
    })
}
