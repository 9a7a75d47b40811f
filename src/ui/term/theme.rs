//! The theme: colours by meaning, the language, and the tier of glyphs.
//!
//! All colours are of middle brightness, so that they can be read on light and on dark backgrounds, and only the
//! foreground is set: a coloured background would leave the right half of wide characters unpainted in some terminals.
//! Whatever a colour says is also said by a number, a letter or a word.

use ratatui::{
    style::{Color, Modifier, Style},
    text::Line,
};

use crate::ui::term::glyphs::Glyphs;
use crate::ui::text;
use crate::ui::text::words::{self, Lang};

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    None,
    Sixteen,
    Indexed,
    True,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub depth: Depth,
    pub glyphs: Glyphs,
    pub lang: Lang,
}

/// What the user sets; the rest is derived from the environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThemeOverrides {
    pub depth: Option<Depth>,
    pub glyphs: Option<Glyphs>,
    pub lang: Option<Lang>,
}

/// A colour by its name among 16 and its index among 256.
#[derive(Clone, Copy)]
struct Shade(Color, u8);

const BLUE: Shade = Shade(Color::Blue, 32);
const ORANGE: Shade = Shade(Color::Red, 166);
const PINK: Shade = Shade(Color::Magenta, 169);
const VIOLET: Shade = Shade(Color::Magenta, 97);
const TEAL: Shade = Shade(Color::Cyan, 30);
const GREEN: Shade = Shade(Color::Green, 29);
const RED: Shade = Shade(Color::Red, 167);
const LIME: Shade = Shade(Color::Green, 70);
const AMBER: Shade = Shade(Color::Yellow, 136);
const GREY: Shade = Shade(Color::DarkGray, 245);

/// The ends of the colour scale of scores, for true colour.
const FAKE: [f32; 3] = [205.0, 80.0, 70.0];
const REAL: [f32; 3] = [20.0, 150.0, 110.0];

impl Theme {
    /// English, all glyphs, no colours.
    pub const COLOURLESS: Theme = Theme { depth: Depth::None, glyphs: Glyphs::Unicode, lang: Lang::En };

    /// Colours unless `NO_COLOR` is set and not empty (<https://no-color.org>) or the terminal is one without any, as many as
    /// `COLORTERM` and `TERM` announce; language and characters of the locale. `overrides` take precedence.
    pub fn from_environment(overrides: ThemeOverrides) -> Theme {
        Theme::of(overrides, |name| std::env::var(name).unwrap_or_default())
    }

    fn of(overrides: ThemeOverrides, variable: impl Fn(&str) -> String) -> Theme {
        let (term, colorterm) = (variable("TERM"), variable("COLORTERM"));
        let has_none = term == "dumb" || term.starts_with("vt1") || term.starts_with("vt2");
        let depth = if !variable("NO_COLOR").is_empty() || has_none {
            Depth::None
        } else if ["truecolor", "24bit"].contains(&colorterm.as_str()) {
            Depth::True
        } else if term == "linux" || term == "ansi" || term.ends_with("-16color") {
            Depth::Sixteen
        } else {
            Depth::Indexed
        };
        let lang = Lang::of_locale(["LC_ALL", "LC_MESSAGES", "LANG"].map(&variable));
        // A locale without UTF-8 has no lines and blocks; without a locale UTF-8 is assumed.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(&variable).into_iter().find(|locale| !locale.is_empty());
        let is_utf8 = locale.is_none_or(|locale| locale.to_lowercase().replace('-', "").contains("utf8"));
        let glyphs = if is_utf8 { Glyphs::Unicode } else { Glyphs::Ascii };
        Theme {
            depth: overrides.depth.unwrap_or(depth),
            glyphs: overrides.glyphs.unwrap_or(glyphs),
            lang: overrides.lang.unwrap_or(lang),
        }
    }

    pub fn has_colour(self) -> bool {
        self.depth != Depth::None
    }

    /// A label in the user's language.
    pub fn translate(self, english: &str) -> &str {
        words::translate(self.lang, english)
    }

    /// A label between two spaces, for titles.
    pub fn padded(self, english: &str) -> String {
        format!(" {} ", self.translate(english))
    }

    /// The title of a pane.
    pub fn title(self, english: &str) -> Line<'static> {
        Line::styled(self.padded(english), self.strong())
    }

    /// A label on the border of a pane.
    pub fn caption(self, english: &str) -> Line<'static> {
        Line::styled(self.padded(english), self.faint())
    }

    /// The text of a pane that has nothing to show.
    pub fn remark(self, english: &str, width: u16) -> Line<'static> {
        Line::styled(text::fit(&self.padded(english), width.into()), self.faint())
    }

    pub fn plain(self) -> Style {
        Style::new()
    }

    /// For what matters most.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// For labels, borders and raw values behind a smoothed line.
    pub fn faint(self) -> Style {
        if self.has_colour() { self.foreground(GREY) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// For states that need attention: paused, stopping, failed.
    pub fn alert(self) -> Style {
        self.foreground(ORANGE).add_modifier(Modifier::BOLD)
    }

    pub fn generator(self) -> Style {
        self.foreground(BLUE)
    }

    pub fn discriminator(self) -> Style {
        self.foreground(ORANGE)
    }

    pub fn likelihood(self) -> Style {
        self.foreground(BLUE)
    }

    pub fn held_out(self) -> Style {
        self.foreground(PINK)
    }

    pub fn gradient(self) -> Style {
        self.foreground(VIOLET)
    }

    pub fn real(self) -> Style {
        self.foreground(TEAL)
    }

    pub fn fake(self) -> Style {
        self.foreground(PINK)
    }

    /// For the curve of a run among several.
    pub fn run(self, index: usize) -> Style {
        self.foreground([BLUE, ORANGE, TEAL, PINK, AMBER, LIME][index % 6])
    }

    /// For the name of what is shown.
    pub fn chosen(self) -> Style {
        self.strong().add_modifier(Modifier::REVERSED)
    }

    /// The colour of a score: from warm (generated) over the terminal's own colour (undecided) to cool (real).
    pub fn score(self, probability: f32) -> Style {
        if self.depth == Depth::True && probability.is_finite() && (probability - 0.5).abs() > 0.05 {
            let share = probability.clamp(0.0, 1.0);
            let [red, green, blue] = [0, 1, 2].map(|c| (FAKE[c] + share * (REAL[c] - FAKE[c])) as u8);
            return Style::new().fg(Color::Rgb(red, green, blue));
        }
        match probability {
            p if p < 0.25 => self.foreground(RED),
            p if p < 0.45 => self.foreground(AMBER),
            p if p > 0.75 => self.foreground(GREEN),
            p if p > 0.55 => self.foreground(TEAL),
            _ => self.plain(),
        }
    }

    /// The colour of an attribution, from -2 (lowers the score) to 2 (raises it).
    pub fn attribution(self, strength: i8) -> Style {
        self.score([0.1, 0.35, 0.5, 0.65, 0.9][usize::from((strength.clamp(-2, 2) + 2) as u8)])
    }

    fn foreground(self, Shade(name, index): Shade) -> Style {
        match self.depth {
            Depth::None => Style::new(),
            Depth::Sixteen => Style::new().fg(name),
            Depth::Indexed | Depth::True => Style::new().fg(Color::Indexed(index)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_no_style_holds_one() {
        let theme = Theme::COLOURLESS;
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
            theme.attribution(2),
        ];
        let scores = [0.0, 0.3, 0.5, 0.6, 1.0, f32::NAN].map(|score| theme.score(score));
        assert!(named.iter().chain(&scores).all(|style| style.fg.is_none() && style.bg.is_none()));
    }

    #[test]
    fn the_environment_decides_the_theme() {
        let theme = |set: &[(&str, &str)], overrides: ThemeOverrides| {
            let value = |name: &str| set.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value);
            Theme::of(overrides, |name| value(name).to_owned())
        };
        for (set, depth, glyphs) in [
            (&[("TERM", "xterm-256color")][..], Depth::Indexed, Glyphs::Unicode),
            (&[("TERM", "xterm"), ("COLORTERM", "truecolor")], Depth::True, Glyphs::Unicode),
            (&[("TERM", "linux"), ("LANG", "de_DE.UTF-8")], Depth::Sixteen, Glyphs::Unicode),
            (&[("TERM", "xterm-16color")], Depth::Sixteen, Glyphs::Unicode),
            (&[("TERM", "vt100"), ("LC_ALL", "C")], Depth::None, Glyphs::Ascii),
            (&[("TERM", "xterm"), ("NO_COLOR", "1"), ("LANG", "C.utf8")], Depth::None, Glyphs::Unicode),
            (
                &[("TERM", "xterm"), ("NO_COLOR", ""), ("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")],
                Depth::Indexed,
                Glyphs::Ascii,
            ),
        ] {
            let found = theme(set, ThemeOverrides::default());
            assert_eq!((found.depth, found.glyphs), (depth, glyphs), "{set:?}");
            let overrides =
                ThemeOverrides { depth: Some(Depth::True), glyphs: Some(Glyphs::Narrow), lang: Some(Lang::Zh) };
            assert_eq!(theme(set, overrides), Theme { depth: Depth::True, glyphs: Glyphs::Narrow, lang: Lang::Zh });
        }
    }

    #[test]
    fn runs_differ_by_colour() {
        for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = Theme { depth, ..Theme::COLOURLESS };
            let colours: Vec<_> = (0..6).map(|index| theme.run(index).fg).collect();
            for (index, colour) in colours.iter().enumerate() {
                assert!(!colours[..index].contains(colour), "{colours:?}");
            }
        }
    }

    #[test]
    fn scores_differ_by_colour() {
        for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = Theme { depth, ..Theme::COLOURLESS };
            let colours = [0.1, 0.3, 0.5, 0.6, 0.9].map(|score| theme.score(score).fg);
            for (index, colour) in colours.iter().enumerate() {
                assert!(!colours[..index].contains(colour), "{colours:?}");
            }
        }
    }
}
