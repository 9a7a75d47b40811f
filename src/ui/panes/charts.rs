//! The curves of the dashboard: what is in each, and what it is called.

use ratatui::{buffer::Buffer, layout::Rect};

use super::chart::{Chart, Series};
use crate::ui::model::state::State;
use crate::ui::term::theme::Theme;

/// Losses of the generator and the discriminator in the adversarial phase.
pub fn losses(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (g, d) = (&state.curves.generator, &state.curves.discriminator);
    let series = vec![
        Series { curve: g, letter: 'G', name: "generator", style: theme.generator(), smooth: true },
        Series { curve: d, letter: 'D', name: "discriminator", style: theme.discriminator(), smooth: true },
    ];
    Chart {
        title: "losses",
        series,
        probability: false,
        empty: "adversarial training has not started",
        ..Chart::default()
    }
    .draw(area, buffer, theme);
}

/// The likelihood loss of the minibatches and of the held-out poems, nats per token.
pub fn likelihood(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (minibatch, held_out) = (&state.curves.likelihood, &state.curves.held_out);
    let series = vec![
        Series { curve: minibatch, letter: 'L', name: "minibatch", style: theme.likelihood(), smooth: true },
        Series { curve: held_out, letter: 'H', name: "held-out", style: theme.held_out(), smooth: false },
    ];
    Chart { title: "likelihood", series, probability: false, empty: "no step yet", ..Chart::default() }
        .draw(area, buffer, theme);
}

/// The generator's gradient norm before clipping.
pub fn gradient(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let curve = &state.curves.gradient;
    let series = vec![Series { curve, letter: 'N', name: "norm", style: theme.gradient(), smooth: true }];
    Chart { title: "gradient", series, probability: false, empty: "no step yet", ..Chart::default() }
        .draw(area, buffer, theme);
}
