//! Every key does what the table says of it.

use poetgan::{
    train::event::{Command, Event, Knob},
    ui::{State, keys::BINDINGS, state::Status},
};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::{
    events::{self, chinese, english, run_until},
    screen::{press, render, state_after},
};

fn letter(state: &mut State, letter: char) -> Option<Command> {
    press(state, KeyCode::Char(letter))
}

fn letters(state: &mut State, key: char, times: usize) {
    for _ in 0..times {
        letter(state, key);
    }
}

#[test]
fn the_overlay_shows_every_key_with_its_help() {
    let mut state = state_after(vec![events::started()]);
    letter(&mut state, '?');
    for (width, height) in [(80, 24), (200, 50), (40, 12)] {
        let screen = render(&mut state, width, height);
        for binding in BINDINGS {
            assert!(screen.contains(binding.label), "{} in {width}x{height}", binding.label);
            let help: String = binding.help.chars().take(24).collect();
            assert!(screen.contains(&help), "{help} in {width}x{height}\n{screen}");
        }
    }
    for code in [KeyCode::Char('q'), KeyCode::Esc, KeyCode::Char('?')] {
        assert!(state.help);
        assert_eq!(press(&mut state, code), None);
        assert!(!state.help, "{code:?} closes the help");
        letter(&mut state, '?');
    }
}

#[test]
fn pause_and_resume_take_turns_and_wait_for_the_trainer() {
    let mut state = state_after(vec![events::started()]);
    assert_eq!(letter(&mut state, 'p'), Some(Command::Pause));
    assert_eq!(state.status, Status::Pausing);
    state.apply(Event::Paused { step: 1 });
    assert_eq!(state.status, Status::Paused);
    assert_eq!(letter(&mut state, 'p'), Some(Command::Resume));
    state.apply(Event::Resumed { step: 1 });
    assert_eq!(state.status, Status::Running);
    // Two presses before the trainer looks: its first answer is not mistaken for the last.
    letter(&mut state, 'p');
    assert_eq!(letter(&mut state, 'p'), Some(Command::Resume));
    state.apply(Event::Paused { step: 2 });
    assert_eq!(state.status, Status::Resuming);
    state.apply(Event::Resumed { step: 2 });
    assert_eq!(state.status, Status::Running);
}

#[test]
fn a_step_after_a_lost_event_ends_the_pause() {
    let mut state = state_after(vec![events::started(), Event::Paused { step: 1 }]);
    state.apply(Event::Step(events::step(2)));
    assert_eq!(state.status, Status::Running);
}

#[test]
fn sample_and_checkpoint_are_asked_for_and_said() {
    let mut state = state_after(vec![events::started()]);
    assert_eq!(letter(&mut state, 's'), Some(Command::SampleNow));
    assert!(render(&mut state, 80, 24).contains("new verses asked for"));
    assert_eq!(letter(&mut state, 'c'), Some(Command::CheckpointNow));
    assert!(render(&mut state, 80, 24).contains("checkpoint asked for"));
}

#[test]
fn the_temperature_moves_by_tenths_within_its_bounds() {
    let mut state = state_after(vec![english(10)]);
    assert_eq!(letter(&mut state, '+'), Some(Command::Set(Knob::Temperature, 0.9)));
    assert_eq!(letter(&mut state, '-'), Some(Command::Set(Knob::Temperature, 0.8)));
    letters(&mut state, '-', 30);
    assert_eq!(state.temperature(), 0.1);
    letters(&mut state, '+', 30);
    assert_eq!(state.temperature(), 2.0);
    // Verses that were still written at the old temperature do not undo the choice.
    state.apply(english(11));
    assert_eq!(state.temperature(), 2.0);
    assert!(render(&mut state, 80, 24).contains("temperature 2.0"));
}

#[test]
fn stop_asks_once_and_then_gives_up_waiting() {
    for (letter, modifiers) in [('q', KeyModifiers::NONE), ('c', KeyModifiers::CONTROL)] {
        let key = KeyEvent::new(KeyCode::Char(letter), modifiers);
        let mut state = state_after(run_until(10, chinese));
        assert_eq!(state.on_key(key), Some(Command::Stop));
        assert!(state.status == Status::Stopping && !state.abandoned);
        state.apply(Event::Paused { step: 10 });
        assert_eq!(state.status, Status::Stopping, "a late answer does not hide that the run ends");
        assert_eq!(press(&mut state, KeyCode::Char('p')), None);
        assert_eq!(state.on_key(key), None);
        assert!(state.abandoned);
    }
}

#[test]
fn control_c_stops_also_while_the_help_is_open() {
    let mut state = state_after(vec![events::started()]);
    letter(&mut state, '?');
    let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(state.on_key(key), Some(Command::Stop));
}

#[test]
fn verses_scroll_by_lines_and_pages_and_stop_at_both_ends() {
    let mut state = state_after(run_until(1_000, english));
    let top = render(&mut state, 80, 24);
    assert!(top.contains(" 1-10 of 91 "), "{top}");
    press(&mut state, KeyCode::Down);
    assert!(render(&mut state, 80, 24).contains(" 2-11 of 91 "));
    letter(&mut state, ']');
    assert!(render(&mut state, 80, 24).contains(" 12-21 of 91 "));
    letters(&mut state, ']', 20);
    assert!(render(&mut state, 80, 24).contains(" 82-91 of 91 "));
    letter(&mut state, '[');
    press(&mut state, KeyCode::Up);
    assert!(render(&mut state, 80, 24).contains(" 71-80 of 91 "));
    letters(&mut state, '[', 20);
    assert_eq!(render(&mut state, 80, 24), top);
}
