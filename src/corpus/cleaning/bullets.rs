//! Signs of a list before poems or lines: `- `, `* `, `• `, and `| ` of line blocks.

use super::super::layout::RawPoem;
use super::{ChangeKind, ChangeLog};

const SIGNS: [char; 10] = ['-', '*', '+', '•', '·', '●', '◦', '‣', '–', '|'];

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
            if let Some(text) = line.text.strip_prefix(sign).and_then(|text| text.strip_prefix(' ')) {
                let text = text.to_string();
                changes.record(line.number, ChangeKind::Bullets, &line.text, &text);
                line.text = text;
            }
        }
    }
}

fn sign(line: &str) -> Option<char> {
    let mut characters = line.chars();
    let sign = characters.next().filter(|c| SIGNS.contains(c))?;
    (characters.next() == Some(' ')).then_some(sign)
}
