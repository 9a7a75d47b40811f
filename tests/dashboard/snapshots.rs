//! Snapshots of the screens. After an intended change: `INSTA_UPDATE=always cargo test --release --test dashboard`, then
//! read the diff.

use crossterm::event::KeyCode;
use poetgan::run::event::Event;
use poetgan::run::notice::Notice;
use poetgan::ui::{DashboardState, Lang};

use crate::{
    events::{self, chinese, english, latent, run_until},
    screen::{press, render, render_in, state_after},
};

const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 40), (200, 50)];

pub fn check(name: &str, state: &mut DashboardState) {
    check_with(name, state, render);
}

pub fn check_with(name: &str, state: &mut DashboardState, render: impl Fn(&mut DashboardState, u16, u16) -> String) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (width, height) in SIZES {
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), render(state, width, height));
        }
    });
}

#[test]
fn before_the_first_step() {
    check("starting", &mut state_after(vec![events::started()]));
}

#[test]
fn pretraining() {
    check("pretraining", &mut state_after(run_until(2_600, chinese)));
}

#[test]
fn adversarial_with_chinese_poems() {
    check("adversarial_chinese", &mut state_after(run_until(8_600, chinese)));
}

#[test]
fn adversarial_with_english_poems() {
    check("adversarial_english", &mut state_after(run_until(8_600, english)));
}

/// A run in its adversarial phase, on another screen.
fn on_screen(key: char) -> DashboardState {
    let mut state = state_after(run_until(8_600, chinese));
    press(&mut state, KeyCode::Char(key));
    state
}

#[test]
fn the_samples_of_the_run() {
    let mut state = on_screen('2');
    check("samples", &mut state);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Left);
    check("samples_pinned", &mut state);
}

#[test]
fn the_curves() {
    let mut state = on_screen('3');
    check("curves", &mut state);
    for key in [KeyCode::Enter, KeyCode::Down, KeyCode::Left, KeyCode::Left, KeyCode::Char('z'), KeyCode::Char('l')] {
        press(&mut state, key);
    }
    check("curves_closer", &mut state);
}

#[test]
fn the_quality() {
    check("quality", &mut on_screen('4'));
}

#[test]
fn the_latent_space() {
    let mut state = on_screen('5');
    state.apply(latent(8_600));
    press(&mut state, KeyCode::Right);
    check("latent", &mut state);
}

#[test]
fn a_model_is_explored() {
    let mut state = DashboardState::exploring("runs/tang, step 8600".to_owned(), 1);
    state.apply(latent(0));
    press(&mut state, KeyCode::Left);
    check("explore", &mut state);
    check_with("explore_chinese", &mut state, |state, width, height| render_in(state, width, height, Lang::Zh));
}

#[test]
fn the_log() {
    check("log", &mut on_screen('6'));
}

#[test]
fn the_palette() {
    let mut state = on_screen('1');
    press(&mut state, KeyCode::Char(':'));
    press(&mut state, KeyCode::Char('s'));
    check("palette", &mut state);
}

/// Windows has no row of Ctrl-Z.
#[cfg(unix)]
#[test]
fn the_help() {
    let mut state = state_after(run_until(8_600, chinese));
    press(&mut state, KeyCode::Char('?'));
    check("help", &mut state);
}

#[test]
fn paused() {
    let mut state = state_after(run_until(8_600, chinese));
    state.apply(Event::Paused { step: 8_600 });
    check("paused", &mut state);
}

#[test]
fn stopping() {
    let mut state = state_after(run_until(600, chinese));
    press(&mut state, KeyCode::Char('q'));
    let screen = render(&mut state, 80, 24);
    assert!(screen.contains("stopping") && screen.contains("finishing the step, writing a checkpoint"), "{screen}");
}

#[test]
fn too_small() {
    let screen = render(&mut state_after(vec![events::started()]), 39, 12);
    assert!(screen.contains("needs 40x12") && screen.contains("this is 39x12"), "{screen}");
}

#[test]
fn the_first_screen_and_the_log_in_chinese() {
    let mut state = state_after(run_until(8_600, chinese));
    state.apply(Event::Notice { step: 8_600, notice: Notice::StepUndone });
    let chinese = |state: &mut DashboardState, width, height| render_in(state, width, height, Lang::Zh);
    check_with("chinese", &mut state, chinese);
    press(&mut state, KeyCode::Char('6'));
    check_with("chinese_log", &mut state, chinese);
}
