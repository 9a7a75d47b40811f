//! JSON and JSON lines: objects with a field of verses (`paragraphs` of chinese-poetry, `lines`, `text`, `content`, ...), arrays
//! of verses, and arrays or objects that hold such poems at any depth.

use serde_json::{Map, Value};

use super::builder::{Builder, Piece};
use super::columns::{AUTHORS, TEXTS, TITLES};
use super::sample::TextSample;
use super::{Evidence, Layout, LayoutProblem};

pub struct Json;

/// Deeper arrays are read as a whole.
const MAX_DEPTH: usize = 4;

impl Layout for Json {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let text = sample.text.trim_start();
        let rest = text.strip_prefix(['[', '{'])?.trim_start();
        let why = match (text.as_bytes().first()?, rest.bytes().next()?) {
            (b'{', b'"') => "it begins with an object such as {\"title\": ...}",
            (b'[', b'{') => "it begins with an array of objects",
            (b'[', b'"' | b'[') => "it begins with an array",
            _ => return None,
        };
        Some(Evidence { score: 1.0, why: why.into() })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut walker = Walker { text, at: 0, counted: 0, line: 1, builder: Builder::new(true, visit) };
        while walker.peek().is_some() {
            walker.value(0)?;
        }
        Ok(())
    }
}

/// Reads values one by one, so that a large array is never in memory as a whole.
struct Walker<'a> {
    text: &'a str,
    at: usize,
    /// How far lines are counted, and the line there.
    counted: usize,
    line: usize,
    builder: Builder<'a>,
}

impl Walker<'_> {
    /// The next byte that is neither blank nor a comma.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b',').unwrap_or(rest.len());
        self.text.as_bytes().get(self.at).copied()
    }

    fn line(&mut self) -> usize {
        let passed = &self.text.as_bytes()[self.counted..self.at];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count();
        self.counted = self.at;
        self.line
    }

    /// Reads a value: arrays of poems element by element, everything else as a whole.
    fn value(&mut self, depth: usize) -> Result<(), LayoutProblem> {
        let rest = self.text[self.at..].trim_start_matches('[').trim_start();
        let is_array = self.peek() == Some(b'[');
        let nested = self.text[self.at..].get(1..).is_some_and(|rest| rest.trim_start().starts_with(['[', '{']));
        if is_array && depth < MAX_DEPTH && (nested || (depth == 0 && rest.starts_with('"'))) {
            self.at += 1;
            loop {
                match self.peek() {
                    Some(b']') => break,
                    Some(_) => self.value(depth + 1)?,
                    None => {
                        let line = self.line();
                        return Err(problem(line, "the array does not end"));
                    }
                }
            }
            self.at += 1;
            return Ok(());
        }
        let line = self.line();
        let mut stream = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter::<Value>();
        match stream.next() {
            Some(Ok(value)) => {
                self.at += stream.byte_offset();
                add(&mut self.builder, line, &value, depth == 0);
                Ok(())
            }
            Some(Err(error)) => Err(problem(line + error.line().saturating_sub(1), &error.to_string())),
            None => Ok(()),
        }
    }
}

fn problem(line: usize, message: &str) -> LayoutProblem {
    LayoutProblem { line, message: format!("this looks like JSON, but it is damaged: {message}") }
}

/// Adds the poems of a value. `is_whole` is whether it is not part of another one.
fn add(builder: &mut Builder, line: usize, value: &Value, is_whole: bool) {
    match value {
        Value::Object(object) => add_object(builder, line, object, is_whole),
        Value::Array(values) if values.iter().any(is_poem) => {
            values.iter().for_each(|value| add(builder, line, value, false));
        }
        Value::Array(_) | Value::String(_) => {
            add_verses(builder, line, value);
            builder.finish();
        }
        _ => {
            builder.titled(line, "");
            builder.finish();
        }
    }
}

fn add_object(builder: &mut Builder, line: usize, object: &Map<String, Value>, is_whole: bool) {
    let names = [&TITLES[..], &AUTHORS].map(|names| field(object, names).and_then(Value::as_str).map(str::trim));
    let title = names[0].or_else(|| object.get("chapter").and_then(Value::as_str));
    let names: Vec<&str> = [title, names[1]].into_iter().flatten().filter(|name| !name.is_empty()).collect();
    let text = field(object, &TEXTS).filter(|value| value.is_string() || value.is_array());
    match text {
        Some(Value::Array(values)) if field(object, &TITLES).is_some_and(Value::is_array) => {
            // A table by columns.
            values.iter().for_each(|value| add(builder, line, value, false));
        }
        Some(Value::Array(values)) if values.iter().any(is_poem) => {
            values.iter().for_each(|value| add(builder, line, value, false));
        }
        Some(value) => {
            builder.titled(line, &names.join(" | "));
            add_verses(builder, line, value);
            builder.finish();
        }
        None if object.values().any(|value| value.is_array() || value.is_object()) && names.is_empty() => {
            for (title, value) in object.iter().filter(|(_, value)| value.is_array() || value.is_object()) {
                // An array of verses has its name for a title.
                if is_verses(value) {
                    builder.titled(line, title);
                }
                add(builder, line, value, false);
            }
        }
        None if is_whole && names.is_empty() && object.values().all(Value::is_string) && object.len() > 1 => {
            for (title, value) in object {
                builder.titled(line, title);
                add_verses(builder, line, value);
                builder.finish();
            }
        }
        None => {
            builder.titled(line, "");
            builder.finish();
        }
    }
}

/// The first of these fields that is there, whatever its case.
fn field<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| {
        object
            .get(*name)
            .or_else(|| object.iter().find(|(key, _)| key.to_lowercase() == **name).map(|(_, value)| value))
    })
}

/// Whether an element of an array is a poem of its own: an object with verses or with further poems.
fn is_poem(value: &Value) -> bool {
    value.as_object().is_some_and(|object| {
        let has_title = field(object, &TITLES).is_some() || field(object, &AUTHORS).is_some();
        let holds = |value: &Value| value.is_array() || value.is_object();
        let text = field(object, &TEXTS);
        let has_lines = text.and_then(Value::as_str).is_some_and(|text| text.trim().contains('\n'));
        has_title || has_lines || text.is_some_and(Value::is_array) || object.values().any(holds)
    })
}

fn is_verses(value: &Value) -> bool {
    value.as_array().is_some_and(|values| values.iter().all(Value::is_string))
}

/// Adds verses: of a text, of an array of texts, or of an array of stanzas.
fn add_verses(builder: &mut Builder, line: usize, value: &Value) {
    match value {
        Value::String(text) => builder.text(line, text),
        Value::Array(values) => {
            for value in values {
                let is_stanza = |text: &str| text.trim().is_empty() || text.trim().contains('\n');
                add_verses(builder, line, value);
                if value.is_array() || value.as_str().is_some_and(is_stanza) {
                    builder.verse(line, "");
                }
            }
        }
        Value::Object(object) => {
            if let Some(text) = field(object, &TEXTS).or_else(|| object.get("line")) {
                add_verses(builder, line, text);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{blocks, poems};
    use super::super::{Format, layout};

    #[test]
    fn poems_of_every_shape_are_found() {
        let poem = r#"{"title": "t", "author": "a", "paragraphs": ["x，y。", "z"]}"#;
        let shapes = [
            format!("[{poem},\n{poem}\n]"),
            format!("{poem}\n{poem}\n"),
            format!(r#"{{"poems": [{poem}, {poem}], "n": 2}}"#),
            format!(r#"[{{"type": "x", "content": [{poem}, {poem}]}}]"#),
            format!("[[{poem}], [{poem}]]"),
            [r#"{"Title": "t", "poet": "a", "Text": "x，y。\nz"}"#; 2].join("\n"),
            format!("[{}]", [r#"{"name": "t", "author": "a", "body": [["x，y。"], ["z"]]}"#; 2].join(",")),
            format!("[{}]", [r#"{"name": "t", "author": "a", "stanzas": ["x，y。", "z"]}"#; 2].join(",")),
            format!(r#"{{"data": {{"items": [{{"poem": {poem}}}, {{"poem": {poem}}}]}}}}"#),
            format!("[{}]", [r#"{"title": "t", "author": "a", "content": "<p>x，y。<br />z&nbsp;</p>"}"#; 2].join(",")),
        ];
        for text in shapes {
            let (format, found) = blocks(&text);
            assert_eq!((format, found.len()), (Format::Json, 2), "{text}");
            let lines = ["x，y。".to_string(), "z".to_string()];
            assert_eq!((found[1].0.as_deref(), &found[1].1[..]), (Some("t | a"), &lines[..]), "{text}");
        }
    }

    #[test]
    fn arrays_of_strings_are_poems_or_verses() {
        assert_eq!(blocks(r#"["a / b", "c\nd", "e"]"#).1.len(), 3);
        let nested = poems("[[\"a\", \"b\"],\n [\"c\"]]", Format::Json);
        assert_eq!(nested, [(None, vec!["a".into(), "b".into()], 1), (None, vec!["c".into()], 2)]);
        assert_eq!(blocks(r#"{"japanese": [{"line": "a\nb\n"}, {"line": "c\nd\n"}]}"#).1.len(), 2);
        assert_eq!(blocks(r#"{"title": ["s", "t"], "poem": ["a\nb", "c\nd"]}"#).1.len(), 2);
        let named = poems(r#"{"one": ["a", "b"], "two": ["c"]}"#, Format::Json);
        assert_eq!(named[0], (Some("one".into()), vec!["a".into(), "b".into()], 1));
        assert_eq!(poems(r#"{"one": "a\nb", "two": "c"}"#, Format::Json)[1].0.as_deref(), Some("two"));
    }

    #[test]
    fn damaged_json_is_named_with_its_line() {
        for text in ["[{\"text\": \"a\"},\n{\"text\": \"b}", "[\n{\"text\": \"a\"}\n", "[{\"a\": }\n]"] {
            let error = layout(Format::Json, None).read(text, &mut |_| ()).unwrap_err();
            assert!(error.message.contains("JSON") && error.line <= 3, "{error:?}");
        }
        assert_eq!(blocks("[Verse 1]\na\nb\n\n[Chorus]\nc\n").0, Format::BlankLines);
    }
}
