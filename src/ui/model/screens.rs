//! The screens of the dashboard.

/// A screen; the number keys choose it, from 1, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    #[default]
    Adversarial,
    Samples,
    Curves,
    Quality,
    Latent,
    Log,
}

impl Screen {
    pub const ALL: [Screen; 6] =
        [Screen::Adversarial, Screen::Samples, Screen::Curves, Screen::Quality, Screen::Latent, Screen::Log];

    pub fn name(self) -> &'static str {
        match self {
            Screen::Adversarial => "Adversarial",
            Screen::Samples => "Samples",
            Screen::Curves => "Curves",
            Screen::Quality => "Quality",
            Screen::Latent => "Latent",
            Screen::Log => "Log",
        }
    }

    pub fn next(self) -> Screen {
        Screen::ALL[(self as usize + 1) % Screen::ALL.len()]
    }

    pub fn previous(self) -> Screen {
        Screen::ALL[(self as usize + Screen::ALL.len() - 1) % Screen::ALL.len()]
    }
}
