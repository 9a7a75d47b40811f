//! Templates of messages: what stands in a message where a template has its placeholders.

use std::cell::Cell;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceholderKind {
    /// `{}`: a name, a path or a number, the same in every language. It may be empty.
    Datum,
    /// `{w}`: a datum without blanks.
    Word,
    /// `{*}`: a phrase with templates of its own.
    Phrase,
}

/// The placeholders as they are written.
const PLACEHOLDERS: [(&str, PlaceholderKind); 3] =
    [("{}", PlaceholderKind::Datum), ("{w}", PlaceholderKind::Word), ("{*}", PlaceholderKind::Phrase)];

/// A part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePart<'a> {
    pub kind: PlaceholderKind,
    pub text: &'a str,
}

/// Bytes that are searched in about the time of a step.
const SEARCHED: usize = 32;

/// Tries `accept` with the parts of `message` at the placeholders of `template`, for every way to divide it, the shortest
/// first parts first; returns what it accepts. Each part that is tried, and each search for its end, takes some of `steps`;
/// without any left there is no way.
pub fn divide<'a, T>(
    template: &str,
    message: &'a str,
    steps: &Cell<usize>,
    accept: &mut dyn FnMut(&[MessagePart<'a>]) -> Option<T>,
) -> Option<T> {
    divided(template, message, &mut Vec::new(), steps, accept)
}

fn divided<'a, T>(
    template: &str,
    message: &'a str,
    parts: &mut Vec<MessagePart<'a>>,
    steps: &Cell<usize>,
    accept: &mut dyn FnMut(&[MessagePart<'a>]) -> Option<T>,
) -> Option<T> {
    let Some((start, mark, kind)) = first_placeholder(template) else {
        return if template == message { accept(parts) } else { None };
    };
    let rest = message.strip_prefix(&template[..start])?;
    steps.set(steps.get().checked_sub(1 + rest.len() / SEARCHED)?);
    let template = &template[start + mark.len()..];
    let literal = first_placeholder(template).map_or(template, |(end, ..)| &template[..end]);
    let ends = rest.char_indices().map(|(end, _)| end).chain([rest.len()]);
    // The last placeholder takes all that is left.
    let is_end = |end: usize| if template.is_empty() { end == rest.len() } else { rest[end..].starts_with(literal) };
    for end in ends.filter(|&end| is_end(end)) {
        steps.set(steps.get().checked_sub(1)?);
        let text = &rest[..end];
        if kind == PlaceholderKind::Word && (text.is_empty() || text.contains(char::is_whitespace)) {
            continue;
        }
        parts.push(MessagePart { kind, text });
        let found = divided(template, &rest[end..], parts, steps, accept);
        parts.pop();
        if found.is_some() {
            return found;
        }
    }
    None
}

fn first_placeholder(template: &str) -> Option<(usize, &'static str, PlaceholderKind)> {
    let found = PLACEHOLDERS.iter().filter_map(|(mark, kind)| Some((template.find(mark)?, *mark, *kind)));
    found.min_by_key(|(start, ..)| *start)
}

/// `template` with `{0}`, `{1}` and so on replaced by these texts.
pub fn filled(template: &str, texts: &[String]) -> String {
    let (mut text, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let number = after.split_once('}').and_then(|(number, after)| Some((number.parse::<usize>().ok()?, after)));
        match number.and_then(|(number, after)| Some((texts.get(number)?, after))) {
            Some((part, after)) => {
                text.push_str(part);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of the first division.
    fn texts<'a>(template: &str, message: &'a str) -> Option<Vec<&'a str>> {
        divide(template, message, &Cell::new(99), &mut |parts| Some(parts.iter().map(|part| part.text).collect()))
    }

    #[test]
    fn parts_are_found_between_the_words() {
        assert_eq!(texts("no words", "no words"), Some(vec![]));
        assert_eq!(texts("no words", "no words more"), None);
        assert_eq!(texts("{}: {} of {*}", "a b: 1 of c"), Some(vec!["a b", "1", "c"]));
        assert_eq!(texts("{}:{w}: {*}", "a: b:3: c"), Some(vec!["a: b", "3", "c"]));
        assert_eq!((texts("{w}: x", "a b: x"), texts("poem{}", "poem")), (None, Some(vec![""])));
    }

    #[test]
    fn every_division_is_tried() {
        let last = |steps: usize| {
            let accept = &mut |parts: &[MessagePart<'static>]| (parts[1].text == "c").then_some(parts[0].text);
            divide("{}, {}", "a, b, c", &Cell::new(steps), accept)
        };
        assert_eq!((last(99), last(4)), (Some("a, b"), None));
    }

    #[test]
    fn texts_fill_their_places() {
        let texts = ["a", "b"].map(String::from);
        assert_eq!(filled("{1}：{0}，{0} {\"x\": {2}}", &texts), "b：a，a {\"x\": {2}}");
    }
}
