//! The messages of errors in Chinese. The English ones are written where they arise; a message is recognised by its template,
//! which is the English text with placeholders.

mod command_line;
mod constraints;
mod corpus;
mod layouts;
mod libraries;
mod parts;
mod ranks;
mod reports;
mod runs;
mod settings;
mod system;
mod verse;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::Lang;
use super::template::{MessagePart, PlaceholderKind, divide, filled};

/// An English template and the Chinese one, in which `{0}` stands for the first placeholder.
type Row = (&'static str, &'static str);

/// The templates of this program's own messages.
const OWN: [&[Row]; 11] = [
    command_line::ROWS,
    corpus::ROWS,
    layouts::ROWS,
    settings::ROWS,
    runs::ROWS,
    parts::ROWS,
    ranks::ROWS,
    system::ROWS,
    verse::ROWS,
    constraints::ROWS,
    reports::ROWS,
];

/// How messages are joined; these match nearly everything, so they come last.
const JOINED: &[Row] = &[
    ("{}: {*}; {*}", "{0}：{1}；{2}"),
    ("{*}; {*}", "{0}；{1}"),
    ("{*}, {*}", "{0}，{1}"),
    ("{}:{w}: {*}", "{0}:{1}：{2}"),
    ("{w}: {*}", "{0}：{1}"),
    ("{*}: {*}", "{0}：{1}"),
];

/// Phrases within phrases, at most.
const DEPTH: usize = 8;
/// Steps that a translation may take, some tenths of a second. A name of the user's may hold any number of commas and colons, and
/// the ways to divide it are far too many to try them all.
const STEPS: usize = 1 << 21;

/// A message in this language. One that is not in the catalogue, or has a part that is not, stays English as a whole.
pub fn message(lang: Lang, english: &str) -> String {
    let chinese = if lang == Lang::Zh { Translator::new().chinese(english, DEPTH) } else { None };
    chinese.unwrap_or_else(|| english.to_owned())
}

/// Several messages in one line; all of them in this language, or all in English.
pub fn joined(lang: Lang, english: &[String]) -> String {
    let translator = Translator::new();
    let chinese = || english.iter().map(|message| translator.chinese(message, DEPTH)).collect::<Option<Vec<String>>>();
    let chinese = if lang == Lang::Zh { chinese() } else { None };
    chinese.map_or_else(|| english.join("; "), |chinese| chinese.join("；"))
}

struct Translator<'a> {
    /// Those of [`STEPS`] that are left.
    steps: Cell<usize>,
    /// What is known of parts of the message, by text and depth: many divisions have the same parts.
    known: RefCell<BTreeMap<(&'a str, usize), Option<String>>>,
}

impl<'a> Translator<'a> {
    fn new() -> Translator<'a> {
        Translator { steps: Cell::new(STEPS), known: RefCell::default() }
    }

    fn chinese(&self, english: &'a str, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        if english.is_empty() {
            return Some(String::new());
        }
        if let Some(known) = self.known.borrow().get(&(english, depth)) {
            return known.clone();
        }
        let mut in_chinese = |parts: &[MessagePart<'a>]| -> Option<Vec<String>> {
            let text = |part: &MessagePart<'a>| match part.kind {
                PlaceholderKind::Datum | PlaceholderKind::Word => Some(part.text.to_owned()),
                PlaceholderKind::Phrase => self.chinese(part.text, depth),
            };
            parts.iter().map(text).collect()
        };
        let mut rows = [libraries::ROWS].into_iter().chain(OWN).chain([JOINED]).flatten();
        let found = rows.find_map(|(template, chinese)| {
            Some(filled(chinese, &divide(template, english, &self.steps, &mut in_chinese)?))
        });
        self.known.borrow_mut().insert((english, depth), found.clone());
        found
    }
}

#[cfg(test)]
mod tests;
