//! `poetgan revise`: marked parts of a poem are written anew, with what stands before and behind them fixed.
//!
//! Of many drafts one is drawn in proportion to the probability that the generator gives to the fixed text behind the
//! marked parts, and to the odds of the discriminator's score.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use super::constraints::{Constraints, OPEN, PoemShape, is_open};
use super::spelling::Spelling;
use super::{
    GeneratedPoem, Model, ModelChoice, PoemRequest, SelectBy, Steering, Told, batches, compose_steered, seeds_text,
};
use crate::config::TokenizerKind;
use crate::corpus::{self, Poem};
use crate::error::UserError;
use crate::input;
use crate::printable::{self, tell};

/// Drafts of a poem, unless the user says otherwise.
pub const DRAFTS: usize = 64;

/// The options of `revise`.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviseOptions {
    /// `None` reads the standard input.
    pub file: Option<PathBuf>,
    /// Numbers of lines, from 1.
    pub lines: Vec<usize>,
    /// Texts of which the part in brackets is marked.
    pub marks: Vec<String>,
    pub count: u64,
    pub seed: u64,
    pub temperature: f32,
    pub top_p: f32,
    pub select: usize,
    pub model: ModelChoice,
    pub json: bool,
    pub told: Told,
}

/// A revised poem as a JSON object.
#[derive(Serialize)]
struct Json<'a> {
    seed: u64,
    form: String,
    lines: &'a [String],
    /// The numbers of the lines that were rewritten, from 1.
    rewritten: &'a [usize],
    text: &'a str,
    score: Option<f32>,
}

/// Rewrites the marked parts of the poem in a file and writes the poems to `out`.
///
/// # Errors
/// A file without exactly one poem, marks that it does not have, or a model that lacks its form or its words.
pub fn run(options: &ReviseOptions, out: &mut impl Write) -> Result<()> {
    crate::nn::threads::prepare();
    let poem = read(options.file.as_deref())?;
    let model = options.model.open(options.told.lang)?;
    let Revision { request, steering, rewritten } = revision(&model, &poem, options)?;
    let is_newest = options.model.path.is_none();
    for (number, seeds) in batches(options.seed, options.count).enumerate() {
        let poems = compose_steered(&model, request, &steering, &seeds)?;
        for (index, revised) in poems.iter().enumerate() {
            let blank = if number + index > 0 && !options.json { "\n" } else { "" };
            writeln!(out, "{blank}{}", text(revised, &rewritten, options.json)?).context("cannot write the poems")?;
        }
        out.flush().context("cannot write the poems")?;
        if number == 0 {
            options.told.model(&model, &seeds_text(options.seed, options.count), is_newest);
        }
    }
    Ok(())
}

/// What a model is asked for.
struct Revision {
    request: PoemRequest,
    steering: Steering,
    /// Numbers of lines, from 1.
    rewritten: Vec<usize>,
}

fn revision(model: &Model, poem: &Poem, options: &ReviseOptions) -> Result<Revision> {
    let lines = poem.text();
    let spelling = Spelling::of(model, lines.iter().map(String::as_str))?;
    let lines: Vec<String> = lines.iter().map(|line| spelling.text(line)).collect();
    let marked = marked(&lines, options)?;
    if model.tokenizer.kind() != TokenizerKind::Char && marked.iter().any(MarkedLine::is_partly) {
        let why = "this model's tokens are words or parts of words; rewrite whole lines with --line";
        return Err(UserError(format!("--mark: {why}")).into());
    }
    let form = model.form_of_poem(poem.form)?;
    let rewritten = (1..).zip(&marked).filter(|(_, line)| line.is_open()).map(|(number, _)| number).collect();
    let known: Vec<String> =
        marked.iter().map(|line| line.constraint().unwrap_or_default().replace(OPEN, "")).collect();
    let theme = model.theme_of(form, &known)?;
    let constraints = constraints(poem, &marked);
    let steering = Steering { theme, ..Steering::default() }.with_constraints(model, &constraints, Some(form));
    let steering = steering.map_err(|error| match error.downcast_ref::<UserError>() {
        Some(UserError(why)) => UserError(without_options(why)).into(),
        None => error,
    })?;
    let request = PoemRequest {
        form: Some(form),
        temperature: Some(options.temperature),
        top_p: options.top_p,
        select: options.select,
        by: SelectBy::Draw,
        with_scores: options.json && model.discriminator.is_some(),
    };
    Ok(Revision { request, steering, rewritten })
}

/// A message about constraints that the user did not give as options, and cannot give.
fn without_options(why: &str) -> String {
    let why = why.split("; possible with --form ").next().unwrap_or(why);
    why.replacen("--line ", "line ", 1)
}

fn text(poem: &GeneratedPoem, rewritten: &[usize], as_json: bool) -> Result<String> {
    let GeneratedPoem { seed, form, lines, text, score, .. } = poem;
    let json = Json { seed: *seed, form: form.to_string(), lines, rewritten, text, score: *score };
    if as_json { Ok(printable::json(&json)?) } else { Ok(text.clone()) }
}

/// The only poem of a file.
fn read(file: Option<&Path>) -> Result<Poem> {
    let (path, bytes) = match file {
        Some(file) => (file, corpus::read_bytes(file)?),
        None => {
            if io::stdin().is_terminal() {
                tell("type the poem, and end it with Ctrl-D");
            }
            (Path::new("standard input"), input::read_standard_input()?)
        }
    };
    let mut poems = corpus::poems(path, &bytes)?;
    match (poems.len(), poems.pop()) {
        (1, Some(poem)) => Ok(poem),
        (n, _) => {
            Err(UserError(format!("{}: holds {n} poems, and revise takes one; give a file with one", path.display()))
                .into())
        }
    }
}

/// A line of the poem with its marks.
enum MarkedLine {
    /// The whole line is rewritten.
    Open,
    /// Characters or words, and whether each is rewritten.
    Partly(Vec<(String, bool)>),
    Fixed(String),
}

impl MarkedLine {
    fn is_partly(&self) -> bool {
        matches!(self, MarkedLine::Partly(_))
    }

    fn is_open(&self) -> bool {
        !matches!(self, MarkedLine::Fixed(_))
    }

    /// The line as a constraint, with [`OPEN`] at the marked places; `None` if all of it is open.
    fn constraint(&self) -> Option<String> {
        match self {
            MarkedLine::Open => None,
            MarkedLine::Fixed(line) => Some(line.clone()),
            MarkedLine::Partly(characters) => Some(
                characters.iter().map(|(text, open)| if *open { OPEN.to_string() } else { text.clone() }).collect(),
            ),
        }
    }
}

/// Applies the marks to the lines of a poem.
fn marked(lines: &[String], options: &ReviseOptions) -> Result<Vec<MarkedLine>, UserError> {
    if options.lines.is_empty() && options.marks.is_empty() {
        return Err(UserError(
            "nothing is marked; use --line N or --mark 'text with [the part] to rewrite'".to_string(),
        ));
    }
    let whole: BTreeSet<usize> = options.lines.iter().copied().collect();
    if let Some(number) = whole.iter().find(|&&number| number == 0 || number > lines.len()) {
        return Err(UserError(format!("--line {number}: the poem has {} lines", lines.len())));
    }
    let mut open: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); lines.len()];
    for mark in &options.marks {
        let (line, places) = find(lines, mark)?;
        open[line].extend(places);
    }
    let line = |((number, text), open): ((usize, &String), BTreeSet<usize>)| match (whole.contains(&number), open) {
        (true, _) => MarkedLine::Open,
        (false, open) if open.is_empty() => MarkedLine::Fixed(text.clone()),
        (false, open) => {
            let characters = text.chars().enumerate();
            MarkedLine::Partly(characters.map(|(place, c)| (c.to_string(), open.contains(&place))).collect())
        }
    };
    Ok((1..).zip(lines).zip(open).map(line).collect())
}

/// The line and the characters that a mark means: the only place of the poem where the text around the brackets stands.
fn find(lines: &[String], mark: &str) -> Result<(usize, Vec<usize>), UserError> {
    let parts = mark.split_once(['[', '［', '【']);
    let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once([']', '］', '】'])?)));
    let Some((before, (inside, behind))) = parts.filter(|(_, (inside, _))| !inside.is_empty()) else {
        return Err(UserError(format!("--mark {mark}: put the part to rewrite into brackets, as in 春[??]花")));
    };
    let wanted: Vec<char> = [before, inside, behind].concat().chars().collect();
    let start = before.chars().count();
    let is_inside = |place: usize| (start..start + inside.chars().count()).contains(&place);
    let fits = |text: &[char]| {
        let same = |(place, (a, b)): (usize, (&char, &char))| a == b || (is_inside(place) && is_open(*b));
        text.iter().zip(&wanted).enumerate().all(same)
    };
    let in_line = |(number, line): (usize, &String)| {
        let characters: Vec<char> = line.chars().collect();
        let places: Vec<usize> = (0..(characters.len() + 1).saturating_sub(wanted.len()))
            .filter(|&from| fits(&characters[from..from + wanted.len()]))
            .collect();
        places.into_iter().map(move |from| (number, from)).collect::<Vec<_>>()
    };
    let found: Vec<(usize, usize)> = lines.iter().enumerate().flat_map(in_line).collect();
    match found.as_slice() {
        [(line, from)] => Ok((*line, (0..wanted.len()).filter(|&i| is_inside(i)).map(|i| from + i).collect())),
        [] => Err(UserError(format!("--mark {mark}: the poem does not have this text"))),
        _ => Err(UserError(format!("--mark {mark}: stands in the poem {} times; give more of the line", found.len()))),
    }
}

/// What stays as it is.
fn constraints(poem: &Poem, marked: &[MarkedLine]) -> Constraints {
    let lines = (1..).zip(marked).filter_map(|(number, line)| Some((number, line.constraint()?))).collect();
    let shape = Some(PoemShape { n_lines: marked.len(), stanzas: poem.stanzas.clone() });
    Constraints { lines, shape, ..Constraints::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(lines: &[&str], mark: &str) -> Result<(usize, Vec<usize>), String> {
        find(&lines.iter().map(|line| line.to_string()).collect::<Vec<_>>(), mark).map_err(|error| error.0)
    }

    #[test]
    fn a_mark_is_found_by_the_text_around_it() {
        let poem = ["春眠不觉晓", "处处闻啼鸟", "夜来风雨声", "花落知多少"];
        assert_eq!(find_in(&poem, "春[??]觉"), Ok((0, vec![1, 2])));
        assert_eq!(find_in(&poem, "[处处]闻"), Ok((1, vec![0, 1])));
        assert_eq!(find_in(&poem, "花落知[??]"), Ok((3, vec![3, 4])));
        let refused = |mark| find_in(&poem, mark).unwrap_err();
        assert_eq!(refused("春[?]觉"), "--mark 春[?]觉: the poem does not have this text");
        assert_eq!(refused("处[?]"), "--mark 处[?]: stands in the poem 2 times; give more of the line");
        assert!(refused("春眠").contains("brackets") && refused("春[]眠").contains("brackets"));
    }
}
