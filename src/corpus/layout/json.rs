//! JSON and JSON lines: objects with a field of verses (`paragraphs` of chinese-poetry, `lines`, `text`, `content`, ...), arrays
//! of verses, and arrays or objects that hold such poems at any depth; answers of chats. JSON5 is read as well.

use super::builder::{Builder, Piece};
use super::columns::{AUTHORS, TEXTS, TITLES};
use super::json_value::{JsonObject, JsonValue, TOO_DEEP};
use super::relaxed_json;
use super::sample::TextSample;
use super::{Evidence, Layout, LayoutProblem};

pub struct Json;

/// Deeper arrays are read as a whole.
const MAX_DEPTH: usize = 4;

/// Those who speak in a chat, and those of them who ask for poems.
const SPEAKERS: [&str; 8] = ["user", "human", "system", "assistant", "gpt", "model", "bot", "chatgpt"];
const ASKING: [&str; 3] = ["user", "human", "system"];

impl Layout for Json {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let text = relaxed_json::begin(sample.text);
        let rest = relaxed_json::begin(text.strip_prefix(['[', '{'])?);
        let why = match (text.as_bytes().first()?, rest.bytes().next()?) {
            (b'{', b'"' | b'\'') => "it begins with an object such as {\"title\": ...}",
            (b'{', _) if begins_with_key(rest) => "it begins with an object such as {title: ...}",
            (b'[', b'{') => "it begins with an array of objects",
            (b'[', b'"' | b'\'' | b'[') => "it begins with an array",
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
    /// The next byte that is neither blank nor a comma nor in a comment.
    fn peek(&mut self) -> Option<u8> {
        self.at += relaxed_json::blanks(&self.text.as_bytes()[self.at..]);
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
        let is_array = self.peek() == Some(b'[');
        let inner = self.text[self.at..].get(1..).map_or("", relaxed_json::begin);
        let nested = inner.starts_with(['[', '{']);
        if is_array && depth < MAX_DEPTH && (nested || (depth == 0 && inner.starts_with(['"', '\'']))) {
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
        let mut stream = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter::<JsonValue>();
        let (value, length) = match stream.next() {
            Some(Ok(value)) => (value, stream.byte_offset()),
            Some(Err(error)) => match relaxed_json::value(&self.text[self.at..]) {
                Ok(relaxed) => relaxed,
                Err(relaxed) => return Err(damaged(line, &error, &relaxed)),
            },
            None => return Ok(()),
        };
        self.at += length;
        add(&mut self.builder, line, &value, depth == 0);
        Ok(())
    }
}

/// Whether a text begins with a key without quotation marks and a value.
fn begins_with_key(text: &str) -> bool {
    let key = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(0);
    let value = text[key..].trim_start().strip_prefix(':').map_or("", str::trim_start);
    key > 0 && value.starts_with(['"', '\'', '[', '{'])
}

/// A value from line `line` on that is not JSON, and no JSON5 either for the reason `relaxed`.
fn damaged(line: usize, error: &serde_json::Error, relaxed: &str) -> LayoutProblem {
    let message = error.to_string();
    if message.starts_with(TOO_DEEP) || relaxed.contains(TOO_DEEP) {
        return LayoutProblem { line, message: TOO_DEEP.into() };
    }
    // The library counts from the beginning of the value.
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    problem(line + error.line().saturating_sub(1), message)
}

fn problem(line: usize, message: &str) -> LayoutProblem {
    LayoutProblem { line, message: format!("this looks like JSON, but it is damaged: {message}") }
}

/// Adds the poems of a value. `is_whole` is whether it is not part of another one.
fn add(builder: &mut Builder, line: usize, value: &JsonValue, is_whole: bool) {
    match value {
        JsonValue::Object(object) => match message(object) {
            Some((speaker, _)) if ASKING.contains(&speaker) => {}
            Some((_, text)) => add(builder, line, text, false),
            None => add_object(builder, line, object, is_whole),
        },
        JsonValue::Array(values) if values.iter().any(is_poem) => {
            values.iter().for_each(|value| add(builder, line, value, false));
        }
        JsonValue::Array(_) | JsonValue::Text(_) => {
            add_verses(builder, line, value);
            builder.finish();
        }
        _ => {
            builder.titled(line, "");
            builder.finish();
        }
    }
}

fn add_object(builder: &mut Builder, line: usize, object: &JsonObject, is_whole: bool) {
    let names = [&TITLES[..], &AUTHORS].map(|names| object.field(names).and_then(JsonValue::as_str).map(str::trim));
    let title = names[0].or_else(|| object.get("chapter").and_then(JsonValue::as_str));
    let names: Vec<&str> = [title, names[1]].into_iter().flatten().filter(|name| !name.is_empty()).collect();
    let text = object.field(&TEXTS).filter(|value| value.is_text() || value.is_array());
    match text {
        Some(JsonValue::Array(values)) if object.field(&TITLES).is_some_and(JsonValue::is_array) => {
            // A table by columns.
            values.iter().for_each(|value| add(builder, line, value, false));
        }
        Some(JsonValue::Array(values)) if values.iter().any(is_poem) => {
            values.iter().for_each(|value| add(builder, line, value, false));
        }
        Some(value) => {
            builder.titled(line, &names.join(" | "));
            add_verses(builder, line, value);
            builder.finish();
        }
        None if object.values().any(JsonValue::is_nested) && names.is_empty() => {
            for (title, value) in object.0.iter().filter(|(_, value)| value.is_nested()) {
                // An array of verses has its name for a title.
                if is_verses(value) {
                    builder.titled(line, title);
                }
                add(builder, line, value, false);
            }
        }
        None if is_whole && names.is_empty() && object.values().all(JsonValue::is_text) && object.0.len() > 1 => {
            for (title, value) in &object.0 {
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

/// Whether an element of an array is a poem of its own: an object with verses or with further poems.
fn is_poem(value: &JsonValue) -> bool {
    let JsonValue::Object(object) = value else { return false };
    let has_title = object.field(&TITLES).is_some() || object.field(&AUTHORS).is_some();
    let text = object.field(&TEXTS);
    let has_lines = text.and_then(JsonValue::as_str).is_some_and(|text| text.trim().contains('\n'));
    let is_message = message(object).is_some();
    has_title
        || has_lines
        || is_message
        || text.is_some_and(JsonValue::is_array)
        || object.values().any(JsonValue::is_nested)
}

/// Who says a message of a chat, and what.
fn message(object: &JsonObject) -> Option<(&str, &JsonValue)> {
    let speaker = object.get("role").or_else(|| object.get("from")).and_then(JsonValue::as_str)?;
    let text = object.get("content").or_else(|| object.get("value")).filter(|text| text.is_text())?;
    SPEAKERS.contains(&speaker).then_some((speaker, text))
}

fn is_verses(value: &JsonValue) -> bool {
    matches!(value, JsonValue::Array(values) if values.iter().all(JsonValue::is_text))
}

/// Adds verses: of a text, of an array of texts, or of an array of stanzas.
fn add_verses(builder: &mut Builder, line: usize, value: &JsonValue) {
    match value {
        JsonValue::Text(text) => builder.text(line, text),
        JsonValue::Array(values) => {
            for value in values {
                let is_stanza = |text: &str| text.trim().is_empty() || text.trim().contains('\n');
                add_verses(builder, line, value);
                if value.is_array() || value.as_str().is_some_and(is_stanza) {
                    builder.verse(line, "");
                }
            }
        }
        JsonValue::Object(object) => {
            if let Some(text) = object.field(&TEXTS).or_else(|| object.get("line")) {
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
        let error = layout(Format::Json, None).read("[\n{\"a\":\n]", &mut |_| ()).unwrap_err();
        assert!(error.message.ends_with("damaged: expected value") && error.line == 3, "{error:?}");
        assert_eq!(blocks("[Verse 1]\na\nb\n\n[Chorus]\nc\n").0, Format::BlankLines);
    }

    /// The stack of a test would not do for all levels.
    #[test]
    fn deep_nesting_is_refused() {
        let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(99_999), close.repeat(99_999));
        for text in [
            nested("[", "]"),
            nested("{\"a\":", "}"),
            nested("{a:", "}"),
            nested("[// one\n", "]"),
            nested("[{\"lines\":[", "]}]"),
            "[".repeat(99_999),
        ] {
            let error = layout(Format::Json, None).read(&text, &mut |_| ()).unwrap_err();
            assert!(error.message.ends_with("nested more than 100 levels deep"), "{error:?}");
        }
        let deepest = format!("[{{\"text\": \"a\"}}, {{\"x\": {}}}]", "[".repeat(99) + &"]".repeat(99));
        assert_eq!(poems(&deepest, Format::Json).len(), 1);
    }

    #[test]
    fn poems_come_in_the_order_of_the_file() {
        for text in [r#"{"b": ["x", "y"], "a": ["z"]}"#, r#"{"b": "x\ny", "a": "z"}"#] {
            let titles: Vec<_> = poems(text, Format::Json).into_iter().map(|(title, ..)| title.unwrap()).collect();
            assert_eq!(titles, ["b", "a"], "{text}");
        }
        let found = poems(r#"{"z": {"lines": ["first"]}, "a": {"lines": ["second"]}}"#, Format::Json);
        assert_eq!((&found[0].1[0], &found[1].1[0]), (&"first".to_string(), &"second".to_string()));
    }

    #[test]
    fn json5_is_read_with_its_lines() {
        let strict = "{\"title\": \"it's\", \"lines\": [\"a\", \"b\"]}";
        for poem in [
            "{\"title\": \"it's\", \"lines\": [\"a\", \"b\",],}",
            "{title: 'it\\'s', lines: ['a', 'b']}",
            "{\"title\": \"it's\", /* why */ \"lines\": [\"a\", \"b\"]}",
        ] {
            for text in
                [format!("// poems\n[\n{strict},\n// next\n{poem},\n]\n"), format!("// poems\n\n{strict}\n\n{poem}\n")]
            {
                let (format, found) = blocks(&text);
                let expected = (Some("it's".to_string()), vec!["a".to_string(), "b".to_string()], 5);
                assert_eq!((format, found.len(), &found[1]), (Format::Json, 2, &expected), "{text}");
            }
        }
        assert_eq!(blocks("{title: 'x', lines: ['a', 'b']}\n").0, Format::Json);
        assert_eq!(blocks("['a b', 'c d',]").1.len(), 2);
        assert_eq!(blocks("{title: a song}\na\nb\n\nc\nd\n").0, Format::BlankLines);
    }

    #[test]
    fn of_a_chat_the_answers_are_poems() {
        let (_, found) =
            blocks(r#"{"messages": [{"role": "user", "content": "a\nb"}, {"role": "assistant", "content": "c\nd"}]}"#);
        assert_eq!((found.len(), &found[0].1[..]), (1, &["c".to_string(), "d".to_string()][..]));
        let (_, found) =
            blocks(r#"[{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "c / d"}]}]"#);
        assert_eq!((found.len(), &found[0].1[..]), (1, &["c".to_string(), "d".to_string()][..]));
    }
}
