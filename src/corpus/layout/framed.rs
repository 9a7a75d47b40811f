//! Poems between an opening and a closing line: `BEGIN POEM` and `END POEM`, `=== BEGIN ===` and `=== END ===`, `[poem]` and
//! `[/poem]`, `<poem>` and `</poem>`, `#+BEGIN_VERSE` and `#+END_VERSE`. Blank lines within are stanza breaks; the line above
//! an opening one, or its own text, is the title.

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::super::title::by_line;
use super::builder::{Builder, Mark, Piece};
use super::markdown::plain;
use super::sample::{TextSample, is_separator};
use super::{Evidence, Layout, LayoutProblem};

pub struct Framed;

/// Words that begin an opening and a closing line, and what may follow them, in lower case.
const OPENINGS: [&str; 3] = ["begin", "start", "开始"];
const CLOSINGS: [&str; 4] = ["end", "stop", "结束", "結束"];
const NOUNS: [&str; 11] =
    ["poem", "poems", "poetry", "verse", "verses", "text", "lyrics", "song", "sonnet", "haiku", "诗"];
/// Signs around such words.
const SIGNS: &str = "=-*#+_~<>[]{}()|%:.—【】 ";
/// Longest such line, in bytes, and longest title, in characters.
const MAX_LENGTH: usize = 100;
const MAX_TITLE: usize = 80;
/// Most lines outside of the frames for each, and most lines of a title.
const MOST_OUTSIDE: usize = 3;
const TITLE_LINES: usize = 2;

/// A line at the edge of a poem.
#[derive(Clone, Debug, PartialEq)]
enum Edge {
    /// With the title in it.
    Opening(Option<String>),
    Closing,
}

impl Layout for Framed {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let n = frames(sample)?;
        let first = sample.full_lines().find(|line| edge(line).is_some()).unwrap_or_default().trim();
        let why = format!("{n} poems between an opening and a closing line such as `{first}`");
        Some(Evidence { score: 0.95, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut builder = Builder::new(true, visit);
        let mut is_inside = false;
        // The last lines above a frame, up to a blank one.
        let mut above: Vec<&str> = Vec::new();
        for (number, line) in numbered_lines(text) {
            match edge(line) {
                Some(Edge::Opening(own)) => {
                    builder.mark(Mark::Separator);
                    let title = own.or_else(|| title(&above)).unwrap_or_default();
                    builder.titled(number, &title);
                    is_inside = true;
                }
                Some(Edge::Closing) => {
                    builder.mark(Mark::Separator);
                    builder.finish();
                    above.clear();
                    is_inside = false;
                }
                None if is_inside && is_separator(line) => {
                    builder.mark(Mark::Separator);
                    builder.verse(number, "");
                }
                None if is_inside => builder.verse(number, line),
                None if is_blank(line) => above.clear(),
                None => {
                    builder.mark(Mark::Other);
                    above.push(line);
                }
            }
        }
        builder.finish();
        Ok(())
    }
}

/// Number of frames, where the lines of the text stand in frames, and no tags are within.
pub fn frames(sample: &TextSample) -> Option<usize> {
    let (mut n, mut is_inside, mut inside, mut outside, mut tagged) = (0, false, 0, 0, 0);
    for line in sample.full_lines() {
        match edge(line) {
            Some(Edge::Opening(_)) if !is_inside => (n, is_inside) = (n + 1, true),
            Some(Edge::Closing) if is_inside => is_inside = false,
            Some(_) => return None,
            None if is_inside => inside += 1,
            None => outside += 1,
        }
        tagged += usize::from(is_inside && edge(line).is_none() && line.contains('<') && line.contains('>'));
    }
    let is_framed = sample.full_lines().next().is_some_and(|line| edge(line).is_some()) && !is_inside && outside == 0;
    let fits = n >= 2 && outside <= MOST_OUTSIDE * n || n == 1 && is_framed;
    (fits && inside > n && tagged * 10 <= inside).then_some(n)
}

fn edge(line: &str) -> Option<Edge> {
    if line.len() > MAX_LENGTH || is_blank(line) {
        return None;
    }
    let line = clean(line);
    tag(&line).or_else(|| words(&line))
}

/// The edge of a line `[poem]`, `[poem title="..."]`, `<poem>` or `[/poem]`.
fn tag(line: &str) -> Option<Edge> {
    let inner = [('[', ']'), ('<', '>'), ('{', '}')]
        .iter()
        .find_map(|(open, close)| line.strip_prefix(*open)?.strip_suffix(*close))?;
    let name = inner.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_alphabetic()).unwrap_or(name.len());
    if !NOUNS.contains(&name[..end].to_lowercase().as_str()) {
        return None;
    }
    if inner.starts_with('/') {
        return (end == name.len()).then_some(Edge::Closing);
    }
    let attributes = name[end..].trim();
    let title = match attributes.split_once("title=") {
        Some((_, title)) => title,
        None => attributes.strip_prefix(['=', ':']).unwrap_or_default(),
    };
    let title = title.trim_matches(['"', '\'', ' ']);
    Some(Edge::Opening((!title.is_empty()).then(|| title.to_string())))
}

/// The edge of a line `BEGIN POEM`, `=== BEGIN ===`, `-----END POEM 3-----` or `BEGIN POEM: title`.
fn words(line: &str) -> Option<Edge> {
    let bare = line.trim_matches(|c| SIGNS.contains(c));
    let (head, title) = bare.split_once(':').map_or((bare, ""), |(head, title)| (head, title.trim()));
    let lower = head.to_lowercase();
    let mut words = lower.split([' ', '_', '-']).filter(|word| !matches!(*word, "" | "of" | "the"));
    let first = words.next()?;
    let opens = OPENINGS.contains(&first);
    if !opens && !CLOSINGS.contains(&first) {
        return None;
    }
    let rest: Vec<&str> = words.collect();
    let is_number = |word: &str| word.trim_start_matches('#').bytes().all(|byte| byte.is_ascii_digit());
    let (noun, number) = match rest[..] {
        [] => (false, true),
        [word] if NOUNS.contains(&word) => (true, true),
        [noun, number] => (NOUNS.contains(&noun), is_number(number)),
        [number] => (false, is_number(number)),
        _ => return None,
    };
    // Alone, the word may be a verse.
    let is_marked = bare.len() < line.len() || !bare.contains(char::is_lowercase);
    let fits = number && (noun || is_marked) && (noun || rest.len() < 2);
    fits.then(|| if opens { Edge::Opening((!title.is_empty()).then(|| title.into())) } else { Edge::Closing })
}

/// The title in the lines above a frame.
fn title(above: &[&str]) -> Option<String> {
    let lines: Vec<String> = above
        .iter()
        .map(|line| plain(line.trim().trim_start_matches(['*', '#']).trim_matches('=')))
        .filter(|line| !line.starts_with([':', '+']) && !line.is_empty())
        .collect();
    let fits = (1..=TITLE_LINES).contains(&lines.len()) && lines.iter().all(|line| line.chars().count() <= MAX_TITLE);
    fits.then(|| lines.iter().map(|line| by_line(line).unwrap_or(line)).collect::<Vec<_>>().join(" | "))
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn lines_around_poems_are_no_verses() {
        for (open, close) in [
            ("BEGIN POEM", "END POEM"),
            ("Begin poem", "End poem"),
            ("=== BEGIN ===", "=== END ==="),
            ("--- START ---", "--- END ---"),
            ("-----BEGIN POEM 7-----", "-----END POEM 7-----"),
            ("[poem]", "[/poem]"),
            ("<poem>", "</poem>"),
            ("#+BEGIN_VERSE", "#+END_VERSE"),
        ] {
            for n in [1, 2, 9] {
                let (format, found) = blocks(&format!("{open}\na\nb\n\nc\n{close}\n\n").repeat(n));
                assert_eq!((format, found.len()), (Format::Framed, n), "{open}");
                assert_eq!(found[n - 1].1, ["a", "b", "c"], "{open}");
            }
        }
    }

    #[test]
    fn titles_stand_in_the_opening_line_or_above() {
        for text in [
            "[poem title=\"A Title\"]\na\nb\n[/poem]\n",
            "[poem=A Title]\na\nb\n[/poem]\n",
            "BEGIN POEM: A Title\na\nb\nEND POEM\n",
            "* A Title\n#+BEGIN_VERSE\na\nb\n#+END_VERSE\n\n",
            "A Title\n[poem]\na\nb\n[/poem]\n\n",
            "== A Title ==\n<poem>\na\nb\n</poem>\n\n",
        ] {
            let (format, found) = blocks(&format!("#+TITLE: Book\n\n{}", text.repeat(9)));
            assert_eq!((format, found.len()), (Format::Framed, 9), "{text}");
            assert_eq!((found[8].0.as_deref(), found[8].1.len()), (Some("A Title"), 2), "{text}");
        }
    }

    #[test]
    fn such_words_in_verse_are_verses() {
        for text in ["begin the day\nend of it\n\n", "Begin\nEnd\n\n", "END\nBEGIN\na\n\n", "[Verse]\na\n\n"] {
            assert_eq!(blocks(&text.repeat(9)).0, Format::BlankLines, "{text}");
        }
    }
}
