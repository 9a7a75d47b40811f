//! Signs of a list before poems or lines: `- `, `* `, `• `, `| ` of line blocks, `>` of quotations, `:` of indented lines.

use super::super::layout::RawPoem;
use super::{ChangeKind, ChangeLog};

const SIGNS: [char; 12] = ['-', '*', '+', '•', '·', '●', '◦', '‣', '–', '|', '>', ':'];
/// Signs of quotations and of indented lines, which need no blank behind them.
const CLOSE: [char; 2] = ['>', ':'];

/// What begins with the sign of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bullets {
    #[default]
    None,
    /// The first line of nearly every poem, and no other.
    Poems(char),
    /// Nearly every line.
    Lines(char),
}

/// Fewest poems with one.
const FEWEST: usize = 4;

impl Bullets {
    pub fn of(poems: &[RawPoem]) -> Bullets {
        let Some(sign) = poems.first().and_then(|poem| sign(&poem.lines.first()?.text)) else { return Bullets::None };
        let begins = |line: &str| self::sign(line) == Some(sign);
        let first = poems.iter().filter(|poem| poem.lines.first().is_some_and(|line| begins(&line.text))).count();
        let lines = || poems.iter().flat_map(|poem| &poem.lines);
        let (all, n_lines) = (lines().filter(|line| begins(&line.text)).count(), lines().count());
        match () {
            () if first < FEWEST || first * 10 < poems.len() * 9 => Bullets::None,
            () if n_lines > poems.len() && all * 10 >= n_lines * 9 => Bullets::Lines(sign),
            () if all == first => Bullets::Poems(sign),
            () => Bullets::None,
        }
    }

    /// Removes the signs.
    pub fn remove(self, poem: &mut RawPoem, changes: &mut ChangeLog) {
        let (sign, most) = match self {
            Bullets::None => return,
            Bullets::Poems(sign) => (sign, 1),
            Bullets::Lines(sign) => (sign, poem.lines.len()),
        };
        for line in poem.lines.iter_mut().take(most) {
            if self::sign(&line.text) == Some(sign) {
                let rest =
                    line.text[sign.len_utf8()..].trim_start_matches(|c| c == ' ' || (c == sign && CLOSE.contains(&c)));
                let text = rest.to_string();
                // A sign alone stands between stanzas.
                line.begins_stanza |= text.is_empty();
                changes.record(line.number, ChangeKind::Bullets, &line.text, &text);
                line.text = text;
            }
        }
    }
}

fn sign(line: &str) -> Option<char> {
    let mut characters = line.chars();
    let sign = characters.next().filter(|c| SIGNS.contains(c))?;
    let next = characters.next();
    (next == Some(' ') || CLOSE.contains(&sign) && next.is_none_or(|c| c == sign || c.is_alphanumeric()))
        .then_some(sign)
}
