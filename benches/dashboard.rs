#![allow(clippy::unwrap_used)] // A bench that cannot be set up has nothing to measure.
//! What the dashboard costs: a frame of each screen at 200x50, and an event. `cargo bench --bench dashboard`

#[path = "../tests/dashboard/events.rs"]
#[allow(dead_code)]
mod events;

use divan::Bencher;
use poetgan::run::event::Event;
use poetgan::ui::model::screens::Screen;
use poetgan::ui::{DashboardState, Depth, Theme, draw};
use ratatui::{Terminal, backend::TestBackend};

fn main() {
    divan::main();
}

/// A run in its adversarial phase.
fn state() -> DashboardState {
    let mut state = DashboardState::default();
    events::run_until(8_600, events::chinese).into_iter().for_each(|event| state.apply(event));
    state
}

#[divan::bench(args = Screen::ALL.map(Screen::name))]
fn frame(bencher: Bencher, name: &str) {
    let mut state = state();
    state.screen = Screen::ALL.into_iter().find(|screen| screen.name() == name).unwrap();
    let theme = Theme { depth: Depth::Indexed, ..Theme::COLOURLESS };
    let mut terminal = Terminal::new(TestBackend::new(200, 50)).unwrap();
    bencher.bench_local(|| {
        let mut layout = Default::default();
        terminal.draw(|frame| layout = draw(frame, &state, theme)).unwrap();
        layout
    });
}

#[divan::bench]
fn event(bencher: Bencher) {
    let mut state = state();
    let mut step = 8_600;
    bencher.bench_local(|| {
        step += 1;
        state.apply(Event::Step(events::step(8_000 + step % 800)));
    });
}
