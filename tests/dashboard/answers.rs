//! Replies of the dashboard: to requests that can and cannot be met, on every screen, and before work is lost.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use poetgan::run::event::{Command, Event, QualityFigure, Turn};
use poetgan::run::notice::{Notice, Rollback};
use poetgan::run::runtime_setting::RuntimeSetting;
use poetgan::ui::{Connection, DashboardState, Playback, model::run_model::Status};

use crate::{
    events::{self, chinese, english, run_until},
    screen::{letter, press, render, state_after, types},
};

#[cfg(unix)]
fn control(letter: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
}

#[test]
fn a_changed_setting_is_confirmed_on_every_screen_and_at_every_size() {
    for screen in '1'..='6' {
        for (width, height) in [(40, 12), (80, 24), (200, 50)] {
            let mut state = state_after(run_until(8_100, chinese));
            letter(&mut state, screen);
            letter(&mut state, ':');
            assert_eq!(types(&mut state, "set beta 2.5"), Some(Command::Set(RuntimeSetting::Beta, 2.5)));
            assert!(render(&mut state, width, height).contains("requested: beta = 2.5"));
            state.apply(Event::Changed { step: 8_101, setting: RuntimeSetting::Beta, from: 1.0, to: 2.5 });
            assert!(render(&mut state, width, height).contains("beta: 1 -> 2.5"));
            let notice = |notice| Event::Notice { step: 8_102, notice };
            for (event, words) in [
                (notice(Notice::SettingRefused { reason: "beta: too high".into() }), "not changed: beta: too high"),
                (
                    notice(Notice::RollbackRequested { rollback: Rollback::NoBestCheckpoint }),
                    "as requested: there is no best",
                ),
                (Event::Note { step: 8_102, note: "here".into() }, "note: here"),
            ] {
                state.apply(event);
                assert!(render(&mut state, width, height).contains(words));
            }
            letter(&mut state, '+');
            assert!(render(&mut state, width, height).contains("requested: temperature = 1.1"));
        }
    }
}

#[test]
fn the_palette_shows_what_a_setting_is_now() {
    let mut state = state_after(run_until(8_100, chinese));
    state.apply(Event::Changed { step: 8_101, setting: RuntimeSetting::Beta, from: 1.0, to: 2.5 });
    letter(&mut state, ':');
    "set b".chars().for_each(|character| drop(letter(&mut state, character)));
    assert!(render(&mut state, 80, 24).contains("2.5; 0.01 to 100"));
    press(&mut state, KeyCode::Tab);
    "3".chars().for_each(|character| drop(letter(&mut state, character)));
    for (width, height) in [(40, 12), (80, 24)] {
        let screen = render(&mut state, width, height);
        assert!(screen.contains("2.5; 0.01 to 100"), "also while the value is typed: {screen}");
    }
}

#[test]
fn a_frozen_display_asks_about_the_live_run() {
    let mut state = state_after(run_until(8_100, chinese));
    letter(&mut state, 'f');
    state.apply(Event::Checkpoint { step: 8_200, path: "there".into(), room: None, best: Some(8_200) });
    letter(&mut state, 'b');
    assert!(render(&mut state, 80, 24).contains("roll back to step 8,200"));
}

#[test]
fn temperatures_are_shown_as_they_are_and_keys_do_not_jump_to_their_bounds() {
    for (set, shown, key, expected) in [("0.75", "0.75", '+', 0.9), ("0.05", "0.05", '-', 0.05), ("5", "5.0", '+', 5.0)]
    {
        let mut state = state_after(vec![english(10)]);
        letter(&mut state, ':');
        types(&mut state, &format!("set temperature {set}"));
        let screen = render(&mut state, 80, 24);
        let header = screen.lines().nth(2).unwrap();
        assert!(header.ends_with(&format!("temperature {shown}")), "{screen}");
        assert_eq!(letter(&mut state, key), Some(Command::Set(RuntimeSetting::Temperature, expected)), "from {set}");
    }
}

/// The row of replies.
fn last_row(state: &mut DashboardState) -> String {
    render(state, 80, 24).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_training_that_ends_takes_no_requests() {
    let mut state = state_after(run_until(600, chinese));
    assert_eq!(letter(&mut state, 'q'), Some(Command::Stop));
    for key in "pstcb+-n".chars() {
        assert_eq!(letter(&mut state, key), None, "{key}");
        assert!(last_row(&mut state).contains("takes no more requests"), "{key}");
    }
    for line in ["set beta 2", "note here", "checkpoint"] {
        letter(&mut state, ':');
        assert_eq!(types(&mut state, line), None, "{line}");
        assert!(last_row(&mut state).contains("takes no more requests"), "{line}");
    }
    assert_eq!(state.live().status, Status::Stopping);
    // A signal may come while a question is open.
    let mut state = state_after(run_until(600, chinese));
    letter(&mut state, 'b');
    assert_eq!(state.request_stop(), Some(Command::Stop));
    assert_eq!(letter(&mut state, 'y'), None);
    assert!(last_row(&mut state).contains("takes no more requests"));
}

#[test]
fn a_request_amid_a_step_is_done_after_it() {
    let mut state = state_after(run_until(600, chinese));
    let turn = |turn| Event::Turn { step: 601, turn };
    state.apply(turn(Turn::Discriminator { number: 1, loss: 1.0, real: 0.6, fake: 0.4 }));
    assert_eq!(letter(&mut state, 'c'), Some(Command::CheckpointNow));
    assert!(last_row(&mut state).contains("after this step"));
    state.apply(turn(Turn::Generator { loss: 1.0 }));
    letter(&mut state, 'c');
    assert!(last_row(&mut state).contains("checkpoint requested"));
}

#[test]
fn a_step_beyond_the_end_is_the_last_one() {
    let mut state = state_after(run_until(600, chinese));
    letter(&mut state, ':');
    types(&mut state, "goto 99,999");
    assert_eq!(state.curves_view.window.cursor, Some(600));
}

#[test]
fn freezing_sends_a_command_and_in_a_journal_does_not() {
    let mut state = state_after(run_until(600, chinese));
    assert_eq!(letter(&mut state, 'f'), Some(Command::Freeze(true)));
    assert_eq!(press(&mut state, KeyCode::Esc), Some(Command::Freeze(false)));
    let mut watching = DashboardState::new(Connection::Journal, Some("half".into()));
    run_until(600, chinese).into_iter().for_each(|event| watching.apply(event));
    assert_eq!(letter(&mut watching, 'f'), None);
    assert!(watching.is_frozen());
    assert!(render(&mut watching, 80, 24).contains(" poetgan  half "), "the name that was asked for");
}

#[test]
fn questions_are_whole_at_every_size() {
    for (width, height) in [(40, 12), (80, 24), (200, 50)] {
        let mut state = state_after(run_until(8_100, chinese));
        letter(&mut state, 'b');
        let screen = render(&mut state, width, height);
        // The box is 62 columns wide at most.
        let rows = screen.lines().map(|row| row.chars().take(62).collect::<String>().replace('│', " "));
        let words = rows.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        let question = "roll back to step 8,000, the best checkpoint? What both models learned after it is lost.";
        assert!(words.contains(question) && words.contains("y: yes other keys: no"), "{screen}");
    }
}

#[test]
#[cfg(unix)]
fn control_z_suspends_whatever_is_open_and_leaves_it_open() {
    let opened: [&dyn Fn(&mut DashboardState); 4] = [
        &|state| drop(letter(state, '?')),
        &|state| drop(letter(state, 'b')),
        &|state| "nhere".chars().for_each(|key| drop(letter(state, key))),
        &|state| state.playback = Some(Playback::new(600, None)),
    ];
    for open in opened {
        let mut state = state_after(run_until(600, chinese));
        open(&mut state);
        let before = render(&mut state, 80, 24);
        assert_eq!(state.on_key(control('z')), None);
        assert!(std::mem::take(&mut state.suspend));
        assert_eq!(render(&mut state, 80, 24), before);
    }
}

#[test]
fn a_new_run_shows_a_hint_until_a_key_is_pressed() {
    let hint = "? lists the keys";
    let mut state = state_after(vec![events::started()]);
    let news = Event::Notice { step: 0, notice: Notice::RhymeLearned { accuracy: Some(0.95), lines: Vec::new() } };
    state.apply(news.clone());
    for (width, height) in [(80, 24), (200, 50)] {
        assert!(render(&mut state, width, height).contains(hint), "{width}x{height}");
    }
    letter(&mut state, '2');
    letter(&mut state, '1');
    assert!(!render(&mut state, 80, 24).contains(hint));
    let mut state = state_after(vec![events::started(), news]);
    state.tick(61.0);
    assert!(!render(&mut state, 80, 24).contains(hint));
    let mut resumed = state_after(run_until(600, chinese));
    assert!(!render(&mut resumed, 80, 24).contains(hint));
}

#[test]
fn alarms_are_whole_in_a_small_terminal_and_name_a_value() {
    let mut state = state_after(run_until(8_600, chinese));
    let mut started = events::started();
    if let Event::Started { runtime_settings, .. } = &mut started {
        runtime_settings.push((RuntimeSetting::LikelihoodWeight, 1.0));
    }
    state.apply(started);
    state.apply(Event::HeldOut { step: 8_600, loss: 9.0, forms: Vec::new() });
    for (width, height) in [(40, 12), (80, 24), (200, 50)] {
        let screen = render(&mut state, width, height);
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        let alarm = "! the held-out loss is rising: try :set likelihood_weight 2";
        assert!(words.contains(alarm), "{screen}");
    }
    let figures = vec![QualityFigure { name: QualityFigure::COPIES.into(), model: 0.3, real: 0.01 }];
    state.apply(Event::Quality { step: 8_600, form: "7x4".into(), figures });
    assert!(render(&mut state, 80, 24).contains("or on more poems  (+1)"));
    assert!(render(&mut state, 120, 40).contains("or on more poems  (+1, see screen 6)"));
    letter(&mut state, '6');
    let screen = render(&mut state, 40, 12);
    let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(":set likelihood_weight 2 ") && words.contains("or on more poems"), "{screen}");
}
