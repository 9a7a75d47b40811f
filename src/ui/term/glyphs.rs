//! Tiers of glyphs, for terminals that lack some or draw some two columns wide.

use ratatui::buffer::Buffer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    Unicode,
    /// No glyphs of ambiguous width: terminals with East Asian settings draw lines and blocks two columns wide.
    Narrow,
    /// Only ASCII besides the poems themselves.
    Ascii,
}

impl Glyphs {
    /// Replaces what the tier lacks, cell by cell.
    pub fn reduce(self, buffer: &mut Buffer) {
        if self == Glyphs::Unicode {
            return;
        }
        for cell in &mut buffer.content {
            let mut characters = cell.symbol().chars();
            if let (Some(character), None) = (characters.next(), characters.next())
                && let Some(other) = self.instead(character)
            {
                cell.set_char(other);
            }
        }
    }

    fn instead(self, character: char) -> Option<char> {
        Some(match character {
            '─' | '╸' => '-',
            '━' => '=',
            '│' => '|',
            '╭' | '╮' | '╰' | '╯' => '+',
            '●' => 'o',
            '▁' | '▂' => '.',
            '▃' | '▄' | '▀' => ':',
            '▅' | '▆' => '+',
            '▇' | '█' => '#',
            '\u{2800}'..='\u{28ff}' if self == Glyphs::Ascii => match (character as u32 & 0xff).count_ones() {
                0 => ' ',
                1 | 2 => '.',
                3 | 4 => ':',
                _ => '#',
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_replaces_what_it_lacks_and_leaves_poems_alone() {
        let reduced = |glyphs: Glyphs| {
            let mut buffer = Buffer::with_lines(["╭─━╸●▁█⢕│春é"]);
            glyphs.reduce(&mut buffer);
            buffer.content.iter().map(|cell| cell.symbol()).collect::<String>()
        };
        assert_eq!(reduced(Glyphs::Ascii), "+-=-o.#:|春 é");
        assert_eq!(reduced(Glyphs::Narrow), "+-=-o.#⢕|春 é");
        assert_eq!(reduced(Glyphs::Unicode), "╭─━╸●▁█⢕│春 é");
    }
}
