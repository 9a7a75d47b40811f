//! Every key does what the table says of it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use poetgan::run::event::{Command, Event, QualityFigure, Turn};
use poetgan::run::runtime_setting::RuntimeSetting;
use poetgan::ui::{
    Playback, State,
    control::keys::rows,
    model::screens::Screen,
    model::state::{Connection, Status},
};

use crate::{
    events::{self, chinese, english, run_until},
    screen::{letter, press, render, state_after, types},
};

fn letters(state: &mut State, key: char, times: usize) {
    for _ in 0..times {
        letter(state, key);
    }
}

#[test]
fn the_overlay_shows_every_key_of_each_screen_with_its_help() {
    for (screen, key) in Screen::ALL.into_iter().zip('1'..) {
        for (width, height) in [(80, 24), (200, 50), (40, 12)] {
            let mut state = state_after(vec![events::started()]);
            letter(&mut state, key);
            letter(&mut state, '?');
            // In a small terminal the rest comes when one scrolls.
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
            // It ends where it ends.
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
    assert!(render(&mut state, 80, 24).contains("a checkpoint is asked for"));
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
        // Ctrl-C twice is meant; q is asked about.
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
    assert!(render(&mut state, 200, 50).contains("8,101 D1: loss 1.25 real 0.75 written 0.25"));
}

#[test]
fn a_note_is_typed_and_sent() {
    let mut state = state_after(run_until(600, chinese));
    assert_eq!(letter(&mut state, 'n'), None);
    assert!(render(&mut state, 80, 24).contains("note: _"));
    // Letters are no keys while a line is typed.
    assert_eq!(types(&mut state, "春 quiet"), Some(Command::Note("春 quiet".into())));
    letter(&mut state, 'n');
    letter(&mut state, 'x');
    assert_eq!((press(&mut state, KeyCode::Esc), press(&mut state, KeyCode::Enter)), (None, None));
}

#[test]
fn going_back_asks_first() {
    let mut state = state_after(run_until(8_100, chinese));
    assert_eq!(letter(&mut state, 'b'), None);
    assert!(render(&mut state, 80, 24).contains("back to step 8,000, the best checkpoint?"));
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
    assert!(render(&mut state, 80, 24).contains("no command 'dance'; tab completes"));
    letter(&mut state, ':');
    assert_eq!(types(&mut state, "checkpoint"), Some(Command::CheckpointNow));
    letter(&mut state, ':');
    types(&mut state, "goto 4,000");
    assert!(render(&mut state, 80, 24).contains("step 4,000: A "));
}

#[test]
fn a_frozen_display_stands_still_and_the_training_goes_on() {
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
fn whoever_only_watches_can_ask_for_nothing_and_leaves_at_once() {
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
fn an_answer_is_seen_on_every_screen_until_the_next_key_or_some_seconds_later() {
    for screen in '1'..='6' {
        let mut state = state_after(run_until(600, chinese));
        letter(&mut state, screen);
        letter(&mut state, ':');
        types(&mut state, "set beta much");
        let is_told = |state: &mut State| {
            render(state, 80, 24).lines().last().is_some_and(|row| row.contains("beta needs a number"))
        };
        state.tick(3.0);
        assert!(is_told(&mut state), "screen {screen}");
        state.tick(3.0);
        assert!(!is_told(&mut state));
        letter(&mut state, 's');
        assert!(state.message.is_some());
        letter(&mut state, '1');
        assert!(state.message.is_none());
    }
}

#[test]
fn leaving_at_once_asks_first_because_it_loses_steps() {
    let stopping = || {
        let mut state = state_after(run_until(600, chinese));
        assert_eq!(letter(&mut state, 'q'), Some(Command::Stop));
        assert_eq!(letter(&mut state, 'q'), None);
        assert!(
            render(&mut state, 80, 24).contains("leave at once? What both models learned after step 500")
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
fn pasted_text_is_typed_and_is_no_series_of_keys() {
    let mut state = state_after(run_until(600, chinese));
    state.on_paste("qqy");
    assert!(!state.abandoned && !state.has_ended());
    assert!(render(&mut state, 80, 24).contains("pasted text goes into a line only"));
    letter(&mut state, 'n');
    state.on_paste("春眠\r\nqqy\u{1b}");
    state.on_paste(&"x".repeat(1_000));
    let Some(Command::Note(note)) = press(&mut state, KeyCode::Enter) else { panic!("a note is sent") };
    assert!(note.starts_with("春眠 qqyxxx") && note.chars().count() == 200, "{note}");
}

#[test]
fn what_would_ruin_the_run_is_refused_in_words() {
    let mut state = state_after(run_until(600, chinese));
    for (line, answer) in [("set beta 1e30", "beta can be 0.01 to 100"), ("set n_critic 0", "n_critic can be 1 to 50")]
    {
        letter(&mut state, ':');
        assert_eq!(types(&mut state, line), None);
        assert!(render(&mut state, 80, 24).contains(answer));
    }
    letter(&mut state, ':');
    "set be".chars().for_each(|character| drop(letter(&mut state, character)));
    assert!(render(&mut state, 80, 24).contains("0.01 to 100"), "the bounds are seen before");
}

#[test]
fn a_step_of_a_replay_can_be_named() {
    let mut state = state_after(run_until(600, chinese));
    state.connection = Connection::Playback;
    state.playback = Some(Playback::new(600, None));
    letter(&mut state, ':');
    types(&mut state, "goto 450");
    assert_eq!(state.playback.map(|playback| playback.wanted), Some(Some(450)));
    assert_eq!(state.screen, Screen::Adversarial);
}

#[test]
fn a_poem_that_is_longer_than_its_pane_scrolls() {
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
    assert!(screen != first && state.poem_scroll < 60, "it ends at its end");
    press(&mut state, KeyCode::PageUp);
    assert_ne!(render(&mut state, 80, 24), screen);
    assert!(screen.matches(&last).count() >= 1 || first.contains(&last), "{screen}");
    press(&mut state, KeyCode::Down);
    assert_eq!(state.poem_scroll, 0, "another poem begins at its beginning");
}

#[test]
fn the_log_shows_whole_sentences_and_every_alarm() {
    let mut state = state_after(run_until(600, chinese));
    let text = "the discriminator saw through everything for two hundred steps, so it learns at half of its rate now";
    state.apply(Event::Notice { step: 600, text: text.into() });
    let figures = vec![QualityFigure { name: QualityFigure::COPIES.into(), model: 0.3, real: 0.01 }];
    state.apply(Event::Quality { step: 600, form: "7x4".into(), figures });
    let checkpoint = || Event::Checkpoint { step: 600, path: "there".into(), room: Some(1), best: Some(560) };
    state.apply(checkpoint());
    state.apply(checkpoint());
    let told = "! the disk is nearly full: make room: the next checkpoint may not fit  (+1, see screen 6)";
    assert!(render(&mut state, 120, 40).contains(told));
    letter(&mut state, '6');
    let screen = render(&mut state, 80, 24);
    assert!(screen.contains("half of its rate now"), "{screen}");
    assert!(screen.contains("! the disk is nearly full") && screen.contains("! lines are copied"), "{screen}");
    assert_eq!(screen.matches("checkpoint there").count(), 1, "of checkpoints in a row the last: {screen}");
}

#[test]
fn directions_of_the_noise_end_where_they_end() {
    let mut state = state_after(run_until(600, chinese));
    assert_eq!(letter(&mut state, '5'), Some(Command::Latent { seed: 1, direction: 0 }));
    state.apply(events::latent(600));
    letters(&mut state, 'j', 100);
    assert_eq!(letter(&mut state, 'j'), Some(Command::Latent { seed: 1, direction: 31 }));
    assert_eq!(letter(&mut state, 'k'), Some(Command::Latent { seed: 1, direction: 30 }));
    assert_eq!(letter(&mut state, ']'), Some(Command::Latent { seed: 2, direction: 30 }));
}
