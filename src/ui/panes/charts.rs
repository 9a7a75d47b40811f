//! The charts of the first screen.

use ratatui::{buffer::Buffer, layout::Rect};

use super::chart::{LineChart, Series};
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;

/// Losses of the generator and the discriminator in the adversarial phase.
pub fn losses(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (g, d) = (&state.shown().curves.generator, &state.shown().curves.discriminator);
    let series = vec![
        Series { curve: g, letter: 'G', name: "generator", style: theme.generator(), smooth: true },
        Series { curve: d, letter: 'D', name: "discriminator", style: theme.discriminator(), smooth: true },
    ];
    LineChart {
        title: "losses",
        series,
        probability: false,
        empty: "adversarial training has not started",
        ..LineChart::default()
    }
    .draw(area, buffer, theme);
}

/// The likelihood loss of the minibatches and of the held-out poems, nats per token.
pub fn likelihood(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (minibatch, held_out) = (&state.shown().curves.likelihood, &state.shown().curves.held_out);
    let series = vec![
        Series { curve: minibatch, letter: 'L', name: "minibatch", style: theme.likelihood(), smooth: true },
        Series { curve: held_out, letter: 'H', name: "held-out", style: theme.held_out(), smooth: false },
    ];
    LineChart { title: "likelihood", series, probability: false, empty: "no step yet", ..LineChart::default() }
        .draw(area, buffer, theme);
}

/// The generator's gradient norm before clipping.
pub fn gradient(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let curve = &state.shown().curves.generator_gradient;
    let series = vec![Series { curve, letter: 'N', name: "norm", style: theme.gradient(), smooth: true }];
    LineChart { title: "gradient", series, probability: false, empty: "no step yet", ..LineChart::default() }
        .draw(area, buffer, theme);
}
