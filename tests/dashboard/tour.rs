//! The tour: captions, their keys, and the screens that they are about.

use crossterm::event::KeyCode;
use poetgan::ui::model::chapters::{CHAPTERS, NEXT_COMMANDS};
use poetgan::ui::model::screens::Screen;
use poetgan::ui::{Connection, DashboardState, Lang};

use crate::events::{chinese, run_until};
use crate::screen::{letter, press, render, render_in};
use crate::snapshots::check;

fn tour() -> DashboardState {
    let mut state = DashboardState::new(Connection::Tour, Some("tang".into()));
    run_until(2_600, chinese).into_iter().for_each(|event| state.apply(event));
    state
}

/// Lets the replay come to the step that it is to show.
fn arrive(state: &mut DashboardState) {
    if let Some(playback) = &mut state.playback {
        playback.advance(0.0, &mut 0.0);
    }
    state.follow_tour();
}

/// The text of a screen without blanks and borders, so that breaks of lines do not count.
fn joined(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '│').collect()
}

#[test]
fn captions_are_whole_in_every_size_and_language() {
    let mut state = tour();
    for (number, chapter) in (1..).zip(&CHAPTERS) {
        state.playback.as_mut().unwrap().wanted = Some(chapter.from);
        arrive(&mut state);
        assert_eq!(state.screen, chapter.screen);
        for (lang, words) in [(Lang::En, chapter.english), (Lang::Zh, chapter.chinese)] {
            for (width, height) in [(80, 24), (120, 30), (200, 50)] {
                let screen = render_in(&mut state, width, height, lang);
                assert!(joined(&screen).contains(&joined(words)), "{width}x{height}\n{screen}");
                assert!(screen.contains(&format!(" {number}/{}", CHAPTERS.len())), "{screen}");
            }
        }
    }
    for (command, _) in NEXT_COMMANDS {
        assert!(render(&mut state, 80, 24).contains(command));
    }
}

#[test]
fn the_first_and_the_last_chapter() {
    let mut state = tour();
    check("tour", &mut state);
    (0..CHAPTERS.len()).for_each(|_| {
        press(&mut state, KeyCode::Right);
        arrive(&mut state);
    });
    check("tour_end", &mut state);
}

#[test]
fn keys_of_the_tour_and_of_the_dashboard_work() {
    let mut state = tour();
    for (key, index) in [(KeyCode::Right, 1), (KeyCode::Char(' '), 2), (KeyCode::Enter, 3), (KeyCode::Left, 2)] {
        press(&mut state, key);
        arrive(&mut state);
        assert_eq!(state.tour.map(|tour| tour.index), Some(index), "{key:?}");
    }
    letter(&mut state, '6');
    assert_eq!(state.screen, Screen::Log, "a screen can be chosen until the next chapter");
    letter(&mut state, 'p');
    assert!(state.playback.is_some_and(|playback| !playback.playing));
    // Escape closes what is open before it leaves.
    letter(&mut state, '?');
    press(&mut state, KeyCode::Esc);
    assert!(!state.help && !state.abandoned);
    letter(&mut state, 'f');
    press(&mut state, KeyCode::Esc);
    assert!(!state.is_frozen() && !state.abandoned);
    press(&mut state, KeyCode::Esc);
    assert!(state.abandoned);
    let mut state = tour();
    letter(&mut state, 'q');
    assert!(state.abandoned);
}
