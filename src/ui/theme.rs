//! Colours by meaning. All are of middle brightness, so that they can be read on light and on dark backgrounds, and
//! only the foreground is set: a coloured background would leave the right half of wide characters unpainted in some
//! terminals. No colour carries anything that is not also a number, a letter or a word.

use ratatui::style::{Color, Modifier, Style};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub colour: bool,
}

impl Theme {
    /// Colours unless `NO_COLOR` is set and not empty (<https://no-color.org>) or the terminal says that it is dumb.
    pub fn from_environment() -> Theme {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Theme { colour: !refused && !dumb }
    }

    pub fn plain(self) -> Style {
        Style::new()
    }

    /// For what the eye should find first.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// For labels, borders and raw values behind a smoothed line.
    pub fn faint(self) -> Style {
        if self.colour { self.foreground(245) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// For what asks for attention: paused, stopping, failed.
    pub fn alert(self) -> Style {
        self.foreground(166).add_modifier(Modifier::BOLD)
    }

    pub fn generator(self) -> Style {
        self.foreground(32)
    }

    pub fn discriminator(self) -> Style {
        self.foreground(166)
    }

    pub fn likelihood(self) -> Style {
        self.foreground(32)
    }

    pub fn held_out(self) -> Style {
        self.foreground(169)
    }

    pub fn gradient(self) -> Style {
        self.foreground(97)
    }

    pub fn real(self) -> Style {
        self.foreground(30)
    }

    pub fn fake(self) -> Style {
        self.foreground(169)
    }

    /// From warm (taken for generated) over the terminal's own colour (undecided) to cool (taken for real).
    pub fn score(self, probability: f32) -> Style {
        match probability {
            p if p < 0.25 => self.foreground(167),
            p if p < 0.45 => self.foreground(136),
            p if p > 0.75 => self.foreground(29),
            p if p > 0.55 => self.foreground(30),
            _ => self.plain(),
        }
    }

    /// For the name of what is shown.
    pub fn chosen(self) -> Style {
        self.strong().add_modifier(Modifier::REVERSED)
    }

    /// From -2 (a character gives its poem away) to 2 (it makes it look real).
    pub fn mark(self, strength: i8) -> Style {
        match strength {
            ..=-2 => self.foreground(167),
            -1 => self.foreground(136),
            0 => self.plain(),
            1 => self.foreground(30),
            2.. => self.foreground(29),
        }
    }

    fn foreground(self, index: u8) -> Style {
        if self.colour { Style::new().fg(Color::Indexed(index)) } else { Style::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_no_style_holds_one() {
        let theme = Theme { colour: false };
        let named = [
            theme.plain(),
            theme.strong(),
            theme.faint(),
            theme.alert(),
            theme.generator(),
            theme.discriminator(),
            theme.likelihood(),
            theme.held_out(),
            theme.gradient(),
            theme.real(),
            theme.fake(),
            theme.chosen(),
            theme.mark(2),
        ];
        let scores = [0.0, 0.3, 0.5, 0.6, 1.0, f32::NAN].map(|score| theme.score(score));
        assert!(named.iter().chain(&scores).all(|style| style.fg.is_none() && style.bg.is_none()));
    }

    #[test]
    fn scores_differ_by_colour() {
        let theme = Theme { colour: true };
        let colours = [0.1, 0.3, 0.5, 0.6, 0.9].map(|score| theme.score(score).fg);
        for (index, colour) in colours.iter().enumerate() {
            assert!(!colours[..index].contains(colour), "{colours:?}");
        }
    }
}
