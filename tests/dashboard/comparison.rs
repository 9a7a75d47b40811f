//! Several runs on one chart.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use poetgan::run::event::Event;
use poetgan::ui::{Depth, Lang, RunComparison, Theme, draw_comparison};
use ratatui::{Terminal, backend::TestBackend};

use crate::events::{chinese, run_until};
use crate::screen::text;
use crate::snapshots::check_with;

fn comparison(names: &[&str]) -> RunComparison {
    let mut comparison = RunComparison::new(names.iter().map(|name| name.to_string()));
    for (run, end) in comparison.runs.iter_mut().zip([8_600, 2_600, 8_200, 0]) {
        let events = if end == 0 { Vec::new() } else { run_until(end, chinese) };
        for event in events {
            run.apply(match event {
                // Runs of different speed and quality.
                Event::Step(mut record) => {
                    record.elapsed_s = record.step as f32 * end as f32 / 10_000.0;
                    record.likelihood_loss = record.likelihood_loss.map(|loss| loss + 2_000.0 / end as f32);
                    Event::Step(record)
                }
                event => event,
            });
        }
    }
    comparison
}

fn render(comparison: &mut RunComparison, width: u16, height: u16, lang: Lang) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut hidden = 0;
    let theme = Theme { depth: Depth::Indexed, lang, ..Theme::COLOURLESS };
    terminal.draw(|frame| hidden = draw_comparison(frame, comparison, theme)).unwrap();
    comparison.help_hidden = hidden;
    text(terminal.backend().buffer())
}

fn press(comparison: &mut RunComparison, keys: &[KeyCode]) {
    keys.iter().for_each(|code| comparison.on_key(KeyEvent::new(*code, KeyModifiers::NONE)));
}

fn check(name: &str, comparison: RunComparison) {
    let comparison = std::cell::RefCell::new(comparison);
    check_with(name, &mut Default::default(), |_, width, height| {
        render(&mut comparison.borrow_mut(), width, height, Lang::En)
    });
}

#[test]
fn runs_over_steps_and_over_time() {
    check("comparison", comparison(&["tang", "quick", "/data/runs/春\u{1b}[31m", "new"]));
    let mut closer = comparison(&["tang", "quick", "other", "new"]);
    let keys = ['t', 'z'].map(KeyCode::Char);
    press(&mut closer, &[KeyCode::Down, KeyCode::Down, keys[0], KeyCode::Left, KeyCode::Left, keys[1]]);
    check("comparison_time", closer);
}

#[test]
fn every_number_of_the_runs_can_be_chosen() {
    let mut runs = comparison(&["tang", "quick"]);
    let names: Vec<String> = runs.names().into_iter().map(str::to_owned).collect();
    for name in ["likelihood loss", "held-out loss", "G loss", "D loss", "D(real)", "D(fake)", "rhyme"] {
        assert!(names.iter().any(|other| other == name), "{name} of {names:?}");
    }
    for name in names {
        let screen = render(&mut runs, 120, 30, Lang::En);
        assert!(screen.contains(&format!("> {name}")) && screen.contains(&format!("╭ {name} ")), "{name}\n{screen}");
        press(&mut runs, &[KeyCode::Down]);
    }
}

#[test]
fn the_help_has_every_key_and_no_size_is_too_small() {
    let mut runs = comparison(&["a", "b", "c", "d", "e", "f"]);
    press(&mut runs, &[KeyCode::Char('?')]);
    let screen = render(&mut runs, 80, 24, Lang::En);
    assert!(screen.contains("steps or training time on the axis") && screen.contains("zoom in and out"), "{screen}");
    for (width, height) in [(1, 1), (5, 3), (20, 6), (40, 12), (80, 24), (200, 50)] {
        render(&mut runs, width, height, Lang::Zh);
        press(&mut runs, &[KeyCode::Char('?')]);
        render(&mut runs, width, height, Lang::En);
        press(&mut runs, &[KeyCode::Char('?')]);
    }
    press(&mut runs, &[KeyCode::Char('?'), KeyCode::Char('q')]);
    assert!(runs.has_quit);
}
