//! The messages of errors in Chinese. The English ones are written where they arise; a message is recognised by its template,
//! which is the English text with placeholders.

mod command_line;
mod corpus;
mod layouts;
mod libraries;
mod reports;
mod runs;
mod settings;
mod system;
mod verse;
mod wishes;

use super::Lang;
use super::template::{MessagePart, Placeholder, divide, filled};

/// An English template and the Chinese one, in which `{0}` stands for the first placeholder.
type Row = (&'static str, &'static str);

/// The templates of this program's own messages.
const OWN: [&[Row]; 9] = [
    command_line::ROWS,
    corpus::ROWS,
    layouts::ROWS,
    settings::ROWS,
    runs::ROWS,
    system::ROWS,
    verse::ROWS,
    wishes::ROWS,
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

/// A message in this language. One that is not in the catalogue, or has a part that is not, stays English as a whole.
pub fn message(lang: Lang, english: &str) -> String {
    let chinese = if lang == Lang::Zh { chinese(english, DEPTH) } else { None };
    chinese.unwrap_or_else(|| english.to_owned())
}

/// Several messages in one line; all of them in this language, or all in English.
pub fn joined(lang: Lang, english: &[String]) -> String {
    let chinese = || english.iter().map(|message| chinese(message, DEPTH)).collect::<Option<Vec<String>>>();
    let chinese = if lang == Lang::Zh { chinese() } else { None };
    chinese.map_or_else(|| english.join("; "), |chinese| chinese.join("；"))
}

fn chinese(english: &str, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    if english.is_empty() {
        return Some(String::new());
    }
    let mut in_chinese = |parts: &[MessagePart]| -> Option<Vec<String>> {
        let text = |part: &MessagePart| match part.kind {
            Placeholder::Datum | Placeholder::Word => Some(part.text.to_owned()),
            Placeholder::Phrase => chinese(part.text, depth),
        };
        parts.iter().map(text).collect()
    };
    let mut rows = [libraries::ROWS].into_iter().chain(OWN).chain([JOINED]).flatten();
    rows.find_map(|(template, chinese)| Some(filled(chinese, &divide(template, english, &mut in_chinese)?)))
}

#[cfg(test)]
mod tests;
