//! The language of all commands; colours and glyphs of the dashboard.

use clap::{Args, ValueEnum};

use crate::ui::{Depth, Glyphs, Lang, Theme, ThemeOverrides};

#[derive(Args)]
pub struct ScreenArgs {
    /// Colours [default: as the terminal supports; never with NO_COLOR]
    #[arg(long, value_enum, value_name = "COLOURS", help_heading = "Dashboard")]
    color: Option<Colours>,
    /// Characters for plots and frames; narrow avoids those that some terminals draw two columns wide [default: unicode]
    #[arg(long, value_enum, help_heading = "Dashboard")]
    glyphs: Option<Tier>,
}

/// A value of `--lang`.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub enum ScreenLanguage {
    En,
    Zh,
}

impl From<ScreenLanguage> for Lang {
    fn from(language: ScreenLanguage) -> Lang {
        match language {
            ScreenLanguage::En => Lang::En,
            ScreenLanguage::Zh => Lang::Zh,
        }
    }
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Colours {
    Never,
    #[value(name = "16")]
    Sixteen,
    #[value(name = "256")]
    Indexed,
    True,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Tier {
    Unicode,
    Narrow,
    Ascii,
}

impl ScreenArgs {
    /// The theme in this language, with defaults from the environment.
    pub fn theme(&self, lang: Lang) -> Theme {
        Theme::from_environment(ThemeOverrides {
            lang: Some(lang),
            depth: self.color.map(|colours| match colours {
                Colours::Never => Depth::None,
                Colours::Sixteen => Depth::Sixteen,
                Colours::Indexed => Depth::Indexed,
                Colours::True => Depth::True,
            }),
            glyphs: self.glyphs.map(|tier| match tier {
                Tier::Unicode => Glyphs::Unicode,
                Tier::Narrow => Glyphs::Narrow,
                Tier::Ascii => Glyphs::Ascii,
            }),
        })
    }
}
