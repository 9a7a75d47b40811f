//! Every key does what the table says of it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use poetgan::run::event::{Command, Event, LatentRequest, QualityFigure, Turn};
use poetgan::run::notice::{Diagnosis, Notice};
use poetgan::run::runtime_setting::RuntimeSetting;
use poetgan::ui::{
    Connection, DashboardState, Playback,
    control::keys::rows,
    model::{run_model::Status, screens::Screen},
};

use crate::{
    events::{self, chinese, english, run_until},
    screen::{letter, press, render, state_after, types},
};

fn letters(state: &mut DashboardState, key: char, times: usize) {
    for _ in 0..times {
        letter(state, key);
    }
}

#[test]
fn the_help_lists_every_key_of_each_screen() {
    for (screen, key) in Screen::ALL.into_iter().zip('1'..) {
        for (width, height) in [(80, 24), (200, 50), (40, 12)] {
            let mut state = state_after(vec![events::started()]);
            letter(&mut state, key);
            letter(&mut state, '?');
            // A small terminal shows the rest after scrolling.
            let (mut seen, mut unwrapped) = (String::new(), String::new());
            for _ in 0..60 {
                let frame = render(&mut state, width, height);
                unwrapped += &frame.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
                seen += &frame;
                press(&mut state, KeyCode::Down);
            }
            for binding in rows(screen, Connection::Trainer) {
                assert!(seen.contains(binding.label), "{} in {width}x{height}", binding.label);
                let is_whole = seen.contains(binding.help) || unwrapped.contains(binding.help);
                assert!(is_whole, "{} in {width}x{height}\n{seen}", binding.help);
            }
            // Scrolling ends at the end.
            let (last, scroll) = (render(&mut state, width, height), state.help_scroll);
            (0..scroll).for_each(|_| drop(press(&mut state, KeyCode::Up)));
            assert_eq!((state.help_scroll, render(&mut state, width, height) == last), (0, scroll == 0));
        }
    }
}

#[test]
fn q_escape_and_the_same_key_close_the_help() {
    let mut state = state_after(vec![events::started()]);
    for code in [KeyCode::Char('q'), KeyCode::Esc, KeyCode::Char('?')] {
        letter(&mut state, '?');
        assert!(state.help);
        assert_eq!(press(&mut state, code), None);
        assert!(!state.help, "{code:?} closes the help");
    }
}

#[test]
fn pause_and_resume_alternate_and_wait_for_the_trainer() {
    let mut state = state_after(vec![events::started()]);
    assert_eq!(letter(&mut state, 'p'), Some(Command::Pause));
    assert_eq!(state.live().status, Status::Pausing);
    state.apply(Event::Paused { step: 1 });
    assert_eq!(state.live().status, Status::Paused);
    assert_eq!(letter(&mut state, 'p'), Some(Command::Resume));
    state.apply(Event::Resumed { step: 1 });
    assert_eq!(state.live().status, Status::Running);
    // Two presses before the trainer reads the first: its first answer is not taken for the last.
    letter(&mut state, 'p');
    assert_eq!(letter(&mut state, 'p'), Some(Command::Resume));
    state.apply(Event::Paused { step: 2 });
    assert_eq!(state.live().status, Status::Resuming);
    state.apply(Event::Resumed { step: 2 });
    assert_eq!(state.live().status, Status::Running);
}

#[test]
fn a_step_after_a_lost_event_ends_the_pause() {
    let mut state = state_after(vec![events::started(), Event::Paused { step: 1 }]);
    state.apply(Event::Step(events::step(2)));
    assert_eq!(state.live().status, Status::Running);
}

#[test]
fn sample_and_checkpoint_are_requested_and_confirmed() {
    let mut state = state_after(vec![events::started()]);
    assert_eq!(letter(&mut state, 's'), Some(Command::SampleNow));
    assert!(render(&mut state, 80, 24).contains("new samples requested"));
    assert_eq!(letter(&mut state, 'c'), Some(Command::CheckpointNow));
    assert!(render(&mut state, 80, 24).contains("checkpoint requested"));
}

#[test]
fn the_temperature_moves_by_tenths_within_its_bounds() {
    let mut state = state_after(vec![english(10)]);
    assert_eq!(letter(&mut state, '+'), Some(Command::Set(RuntimeSetting::Temperature, 0.9)));
    assert_eq!(letter(&mut state, '-'), Some(Command::Set(RuntimeSetting::Temperature, 0.8)));
    letters(&mut state, '-', 30);
    assert_eq!(state.temperature(), 0.1);
    letters(&mut state, '+', 30);
    assert_eq!(state.temperature(), 2.0);
    // Samples at the old temperature do not undo the choice.
    state.apply(english(11));
    assert_eq!(state.temperature(), 2.0);
    assert!(render(&mut state, 80, 24).contains("temperature 2.0"));
}

#[test]
fn the_second_stop_does_not_wait() {
    for (letter, modifiers) in [('q', KeyModifiers::NONE), ('c', KeyModifiers::CONTROL)] {
        let key = KeyEvent::new(KeyCode::Char(letter), modifiers);
        let mut state = state_after(run_until(10, chinese));
        assert_eq!(state.on_key(key), Some(Command::Stop));
        assert!(state.live().status == Status::Stopping && !state.abandoned);
        state.apply(Event::Paused { step: 10 });
        assert_eq!(state.live().status, Status::Stopping, "a late pause does not hide that the run ends");
        assert_eq!(press(&mut state, KeyCode::Char('p')), None);
        assert_eq!(state.on_key(key), None);
        // Ctrl-C does not ask; q does.
        assert_eq!(state.abandoned, letter == 'c');
        press(&mut state, KeyCode::Char('y'));
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
fn samples_scroll_by_lines_and_pages_and_stop_at_both_ends() {
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

#[test]
fn number_keys_and_tab_choose_the_screen() {
    let mut state = state_after(run_until(600, chinese));
    for (screen, key) in Screen::ALL.into_iter().zip('1'..) {
        letter(&mut state, key);
        assert_eq!(state.screen, screen);
    }
    press(&mut state, KeyCode::Tab);
    assert_eq!(state.screen, Screen::Adversarial);
    press(&mut state, KeyCode::BackTab);
    assert_eq!(state.screen, Screen::Log);
}

#[test]
fn a_turn_is_taken_when_the_training_is_paused() {
    let mut state = state_after(run_until(8_100, chinese));
    assert_eq!(letter(&mut state, 't'), Some(Command::Pause));
    state.apply(Event::Paused { step: 8_100 });
    assert_eq!(letter(&mut state, 't'), Some(Command::Turn));
    let turn = Turn::Discriminator { number: 1, loss: 1.25, real: 0.75, fake: 0.25 };
    state.apply(Event::Turn { step: 8_101, turn });
    assert!(render(&mut state, 200, 50).contains("8,101 D1: loss 1.25 D(real) 0.75 D(fake) 0.25"));
}

#[test]
fn a_note_is_typed_and_sent() {
    let mut state = state_after(run_until(600, chinese));
    assert_eq!(letter(&mut state, 'n'), None);
    assert!(render(&mut state, 80, 24).contains("note: _"));
    // Letters are not keys while a line is typed.
    assert_eq!(types(&mut state, "春 quiet"), Some(Command::Note("春 quiet".into())));
    letter(&mut state, 'n');
    letter(&mut state, 'x');
    assert_eq!((press(&mut state, KeyCode::Esc), press(&mut state, KeyCode::Enter)), (None, None));
}

#[test]
fn a_rollback_asks_first() {
    let mut state = state_after(run_until(8_100, chinese));
    assert_eq!(letter(&mut state, 'b'), None);
    assert!(render(&mut state, 80, 24).contains("roll back to step 8,000, the best checkpoint?"));
    assert_eq!(letter(&mut state, 'n'), None);
    letter(&mut state, 'b');
    assert_eq!(letter(&mut state, 'y'), Some(Command::BackToBest));
}

#[test]
fn the_palette_completes_and_sets() {
    let mut state = state_after(run_until(8_100, chinese));
    letter(&mut state, ':');
    "set d".chars().for_each(|character| drop(letter(&mut state, character)));
    press(&mut state, KeyCode::Tab);
    assert_eq!(types(&mut state, "0.0005"), Some(Command::Set(RuntimeSetting::DiscriminatorLearningRate, 0.0005)));
    letter(&mut state, ':');
    assert_eq!(types(&mut state, "dance"), None);
    assert!(render(&mut state, 80, 24).contains("unknown command 'dance'; tab completes"));
    letter(&mut state, ':');
    assert_eq!(types(&mut state, "checkpoint"), Some(Command::CheckpointNow));
    letter(&mut state, ':');
    types(&mut state, "goto 4,000");
    assert!(render(&mut state, 80, 24).contains("step 4,000: A "));
}

#[test]
fn a_frozen_display_does_not_change_while_training_continues() {
    let mut state = state_after(run_until(600, chinese));
    letter(&mut state, 'f');
    let before = render(&mut state, 80, 24);
    assert!(before.contains("frozen"));
    state.apply(Event::Step(events::step(700)));
    assert_eq!(render(&mut state, 80, 24), before);
    press(&mut state, KeyCode::Esc);
    assert!(render(&mut state, 80, 24).contains("step   700 of"));
}

#[test]
fn a_filter_shows_the_poems_that_hold_it() {
    let mut state = state_after(run_until(1_000, chinese));
    letter(&mut state, '2');
    assert!(render(&mut state, 80, 24).contains("1 of 12"));
    letter(&mut state, '/');
    types(&mut state, "寒山寺");
    let screen = render(&mut state, 80, 24);
    assert!(screen.contains("with 寒山寺") && screen.contains("1 of 2"), "{screen}");
    press(&mut state, KeyCode::Esc);
    assert!(render(&mut state, 80, 24).contains("1 of 12"));
}

#[test]
fn a_read_only_dashboard_sends_nothing_and_quits_at_once() {
    let mut state = state_after(run_until(600, chinese));
    state.connection = Connection::Journal;
    for key in ['p', 't', 's', 'c', '+', '-', 'n', 'b'] {
        assert_eq!(letter(&mut state, key), None, "{key}");
    }
    letter(&mut state, ':');
    assert_eq!(types(&mut state, "set beta 2"), None);
    assert_eq!(letter(&mut state, 'q'), None);
    assert!(state.abandoned);
}

#[test]
fn a_reply_is_shown_on_every_screen_until_the_next_key_or_for_some_seconds() {
    for screen in '1'..='6' {
        let mut state = state_after(run_until(600, chinese));
        letter(&mut state, screen);
        letter(&mut state, ':');
        types(&mut state, "set beta much");
        let is_shown = |state: &mut DashboardState| {
            render(state, 80, 24).lines().last().is_some_and(|row| row.contains("beta needs a number"))
        };
        state.tick(3.0);
        assert!(is_shown(&mut state), "screen {screen}");
        state.tick(3.0);
        assert!(!is_shown(&mut state));
        letter(&mut state, 's');
        assert!(state.message.is_some());
        letter(&mut state, '1');
        assert!(state.message.is_none());
    }
}

#[test]
fn quitting_at_once_asks_first_since_it_loses_steps() {
    let stopping = || {
        let mut state = state_after(run_until(600, chinese));
        assert_eq!(letter(&mut state, 'q'), Some(Command::Stop));
        assert_eq!(letter(&mut state, 'q'), None);
        assert!(
            render(&mut state, 80, 24).contains("quit now? What both models learned after step 500")
                && !state.abandoned
        );
        state
    };
    let mut state = stopping();
    letter(&mut state, 'n');
    assert!(!state.abandoned && render(&mut state, 80, 24).contains("finishing the step"));
    letter(&mut state, 'q');
    letter(&mut state, 'y');
    assert!(state.abandoned);
    let mut state = stopping();
    state.on_key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert!(state.abandoned, "Ctrl-C does not ask");
}

#[test]
fn pasted_text_is_typed_and_not_taken_for_keys() {
    let mut state = state_after(run_until(600, chinese));
    state.on_paste("qqy");
    assert!(!state.abandoned && !state.live().has_ended());
    assert!(render(&mut state, 80, 24).contains("paste works in a text line only"));
    letter(&mut state, 'n');
    state.on_paste("春眠\r\nqqy\u{1b}");
    state.on_paste(&"x".repeat(1_000));
    let Some(Command::Note(note)) = press(&mut state, KeyCode::Enter) else { panic!("a note is sent") };
    assert!(note.starts_with("春眠 qqyxxx") && note.chars().count() == 200, "{note}");
}

#[test]
fn values_out_of_range_are_refused() {
    let mut state = state_after(run_until(600, chinese));
    for (line, reply) in [("set beta 1e30", "beta must be 0.01 to 100"), ("set n_critic 0", "n_critic must be 1 to 50")]
    {
        letter(&mut state, ':');
        assert_eq!(types(&mut state, line), None);
        assert!(render(&mut state, 80, 24).contains(reply));
    }
    letter(&mut state, ':');
    "set be".chars().for_each(|character| drop(letter(&mut state, character)));
    assert!(render(&mut state, 80, 24).contains("0.01 to 100"), "the range is shown before");
}

#[test]
fn goto_jumps_to_a_step_of_a_replay() {
    let mut state = state_after(run_until(600, chinese));
    state.connection = Connection::Playback;
    state.playback = Some(Playback::new(600, None));
    letter(&mut state, ':');
    types(&mut state, "goto 450");
    assert_eq!(state.playback.map(|playback| playback.wanted), Some(Some(450)));
    assert_eq!(state.screen, Screen::Adversarial);
}

#[test]
fn a_long_poem_scrolls() {
    let mut state = state_after(run_until(600, events::english));
    letter(&mut state, '2');
    let first = render(&mut state, 80, 24);
    assert!(first.contains("pgup pgdn: more"), "{first}");
    let last = events::SONNET[13].chars().take(20).collect::<String>();
    let mut screen = first.clone();
    for _ in 0..60 {
        press(&mut state, KeyCode::PageDown);
        screen = render(&mut state, 80, 24);
    }
    assert!(screen != first && state.poem_scroll < 60, "scrolling ends at the end");
    press(&mut state, KeyCode::PageUp);
    assert_ne!(render(&mut state, 80, 24), screen);
    assert!(screen.matches(&last).count() >= 1 || first.contains(&last), "{screen}");
    press(&mut state, KeyCode::Down);
    assert_eq!(state.poem_scroll, 0, "another poem is shown from its beginning");
}

#[test]
fn the_log_shows_whole_entries_and_every_alarm() {
    let mut state = state_after(run_until(600, chinese));
    let diagnosis = Diagnosis::DiscriminatorAhead { margin: 0.95 };
    let notice = Notice::Diagnosed { diagnosis, rollback: None, d_lr_halved: true };
    state.apply(Event::Notice { step: 600, notice });
    let figures = vec![QualityFigure { name: QualityFigure::COPIES.into(), model: 0.3, real: 0.01 }];
    state.apply(Event::Quality { step: 600, form: "7x4".into(), figures });
    let checkpoint = || Event::Checkpoint { step: 600, path: "there".into(), room: Some(1), best: Some(560) };
    state.apply(checkpoint());
    state.apply(checkpoint());
    let alarm = "! the disk is nearly full: free some space, the next checkpoint may not fit  (+1, see screen 6)";
    assert!(render(&mut state, 120, 40).contains(alarm));
    letter(&mut state, '6');
    let screen = render(&mut state, 80, 24);
    assert!(screen.contains("discriminator learning rate") && screen.contains("halved"), "{screen}");
    assert!(screen.contains("! the disk is nearly full") && screen.contains("! lines are copied"), "{screen}");
    assert_eq!(screen.matches("checkpoint there").count(), 1, "of consecutive checkpoints only the last: {screen}");
}

#[test]
fn directions_of_z_end_at_the_last() {
    let mut state = state_after(run_until(600, chinese));
    let request =
        |seed, direction| Some(Command::Latent(LatentRequest { seed, direction, ..LatentRequest::default() }));
    assert_eq!(letter(&mut state, '5'), request(1, 0));
    state.apply(events::latent(600));
    letters(&mut state, 'j', 100);
    assert_eq!(letter(&mut state, 'j'), request(1, 31));
    assert_eq!(letter(&mut state, 'k'), request(1, 30));
    assert_eq!(letter(&mut state, ']'), request(2, 30));
}
