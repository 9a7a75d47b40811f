//! The tour: a replay of a recorded run with captions. Which chapter is shown depends on the step of the replay alone, so the
//! keys of the replay work in it.

use crate::ui::model::chapters::{CHAPTERS, Chapter};
use crate::ui::model::playback::Playback;
use crate::ui::model::screens::Screen;

/// Where the tour is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tour {
    /// Index in [`CHAPTERS`].
    pub index: usize,
}

impl Tour {
    /// The replay that a tour begins with.
    pub fn playback() -> Playback {
        Playback::new(last_step(), Some(speed(0)))
    }

    pub fn chapter(self) -> &'static Chapter {
        &CHAPTERS[self.index.min(CHAPTERS.len() - 1)]
    }

    pub fn is_at_end(self) -> bool {
        self.index + 1 >= CHAPTERS.len()
    }

    /// Follows the replay. Returns the screen of the chapter if another one has begun.
    pub fn follow(&mut self, playback: &mut Playback) -> Option<Screen> {
        let begun = CHAPTERS.iter().rposition(|chapter| chapter.from <= playback.step).unwrap_or(0);
        if begun == self.index {
            return None;
        }
        // A speed that the user has changed stays in proportion.
        playback.speed *= speed(begun) / speed(self.index);
        self.index = begun;
        Some(self.chapter().screen)
    }

    /// Goes to the beginning of the next or the previous chapter.
    pub fn turn(self, forward: bool, playback: &mut Playback) {
        let index = if forward { self.index + 1 } else { self.index.saturating_sub(1) };
        let Some(chapter) = CHAPTERS.get(index) else { return };
        // At the end the replay has stopped by itself.
        playback.playing |= playback.step >= playback.last;
        playback.wanted = Some(chapter.from);
    }
}

fn last_step() -> u64 {
    CHAPTERS[CHAPTERS.len() - 1].from
}

/// Steps a second of a chapter.
fn speed(index: usize) -> f32 {
    let end = CHAPTERS.get(index + 1).map_or(last_step(), |next| next.from);
    // The last chapter has no steps of its own.
    ((end - CHAPTERS[index].from) as f32 / CHAPTERS[index].seconds).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_tour_takes_as_long_as_its_chapters() {
        let (mut tour, mut playback, mut carried) = (Tour::default(), Tour::playback(), 0.0);
        let (mut seconds, mut screens) = (0.0, vec![tour.chapter().screen]);
        while playback.playing {
            playback.advance(0.05, &mut carried);
            screens.extend(tour.follow(&mut playback));
            seconds += 0.05;
        }
        let expected: f32 = CHAPTERS[..CHAPTERS.len() - 1].iter().map(|chapter| chapter.seconds).sum();
        assert!((seconds - expected).abs() < 1.5, "{seconds} seconds, not {expected}");
        assert!(tour.is_at_end());
        assert_eq!(screens, CHAPTERS.iter().map(|chapter| chapter.screen).collect::<Vec<_>>());
    }

    #[test]
    fn chapters_are_turned_and_a_changed_speed_stays() {
        let (mut tour, mut playback, mut carried) = (Tour::default(), Tour::playback(), 0.0);
        playback.speed *= 2.0;
        tour.turn(true, &mut playback);
        assert_eq!(playback.advance(1.0, &mut carried), CHAPTERS[1].from);
        assert_eq!(tour.follow(&mut playback), Some(CHAPTERS[1].screen));
        assert!((playback.speed / speed(1) - 2.0).abs() < 1e-3);
        tour.turn(false, &mut playback);
        assert_eq!(playback.advance(1.0, &mut carried), 0);
        tour.follow(&mut playback);
        tour.turn(false, &mut playback);
        assert_eq!((playback.advance(1.0, &mut carried), tour.index), (0, 0), "there is none before the first");
    }

    #[test]
    fn from_the_end_one_can_go_back_and_it_plays_on() {
        let (mut tour, mut playback, mut carried) = (Tour::default(), Tour::playback(), 0.0);
        playback.advance(1e6, &mut carried);
        tour.follow(&mut playback);
        assert!(tour.is_at_end() && !playback.playing);
        tour.turn(true, &mut playback);
        assert_eq!(playback.wanted, None, "there is none after the last");
        tour.turn(false, &mut playback);
        assert!(playback.playing);
        assert_eq!(playback.advance(0.1, &mut carried), CHAPTERS[CHAPTERS.len() - 2].from);
    }
}
