//! The controls of a replay: play and pause, speed, position.

use crate::ui::model::action::Action;

const SLOWEST: f32 = 0.1;
const FASTEST: f32 = 1e6;
/// A jump skips this fraction of the run.
const JUMP: u64 = 20;

/// How a journal is played back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playback {
    pub playing: bool,
    /// Steps a second.
    pub speed: f32,
    /// The step that is shown, and the last one of the journal.
    pub step: u64,
    pub last: u64,
    /// The step that the user wants to see.
    pub wanted: Option<u64>,
}

impl Playback {
    /// A replay of `last` steps; without a `speed` it takes a minute.
    pub fn new(last: u64, speed: Option<f32>) -> Playback {
        let speed = speed.unwrap_or(last as f32 / 60.0).clamp(SLOWEST, FASTEST);
        Playback { playing: true, speed, step: 0, last, wanted: None }
    }

    /// Handles an action. Returns whether it means anything for a replay.
    pub(in crate::ui) fn on_action(&mut self, action: Action) -> bool {
        let jump = (self.last / JUMP).max(1);
        let from = self.wanted.unwrap_or(self.step);
        match action {
            Action::PauseOrResume => {
                // At the end it restarts.
                if !self.playing && self.step >= self.last {
                    self.wanted = Some(0);
                }
                self.playing = !self.playing;
            }
            Action::Warmer => self.speed = (self.speed * 2.0).min(FASTEST),
            Action::Cooler => self.speed = (self.speed / 2.0).max(SLOWEST),
            Action::Earlier => self.wanted = Some(from.saturating_sub(jump)),
            Action::Later => self.wanted = Some((from + jump).min(self.last)),
            Action::Turn => {
                self.playing = false;
                self.wanted = Some((from + 1).min(self.last));
            }
            _ => return false,
        }
        true
    }

    /// Lets `seconds` pass and returns the step to show; `carried` is the part of a step that is left over.
    pub fn advance(&mut self, seconds: f32, carried: &mut f32) -> u64 {
        if let Some(wanted) = self.wanted.take() {
            (self.step, *carried) = (wanted, 0.0);
        } else if self.playing {
            let steps = self.speed * seconds + *carried;
            *carried = steps.fract();
            self.step = self.step.saturating_add(steps as u64).min(self.last);
            self.playing = self.step < self.last;
        }
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_plays_at_its_speed_to_the_end_and_restarts() {
        let mut playback = Playback::new(600, None);
        let mut carried = 0.0;
        assert_eq!(playback.speed, 10.0);
        for _ in 0..100 {
            playback.advance(0.05, &mut carried);
        }
        assert!((49..=51).contains(&playback.step), "{}", playback.step);
        playback.on_action(Action::Warmer);
        assert_eq!(playback.advance(1000.0, &mut carried), 600);
        assert!(!playback.playing);
        playback.on_action(Action::PauseOrResume);
        assert_eq!(playback.advance(0.0, &mut carried), 0);
    }

    #[test]
    fn jumps_stay_within_the_run() {
        let mut playback = Playback::new(1000, Some(1.0));
        playback.playing = false;
        let mut carried = 0.0;
        assert!(playback.on_action(Action::Later) && playback.on_action(Action::Later));
        assert_eq!(playback.advance(1.0, &mut carried), 100);
        playback.on_action(Action::Turn);
        assert_eq!(playback.advance(1.0, &mut carried), 101);
        (0..5).for_each(|_| assert!(playback.on_action(Action::Earlier)));
        assert_eq!(playback.advance(1.0, &mut carried), 0);
        (0..50).for_each(|_| assert!(playback.on_action(Action::Later)));
        assert_eq!(playback.advance(1.0, &mut carried), 1000);
        assert!(!playback.on_action(Action::Help));
    }
}
