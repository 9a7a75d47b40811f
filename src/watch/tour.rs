//! `poetgan tour`: a recorded run in the dashboard, with captions that explain it.
//!
//! The recording is the journal of a real run, thinned out. `recorder` makes it again.

mod recorder;

use std::io::{self, BufRead, BufReader, IsTerminal};

use anyhow::{Context, Result};
use flate2::bufread::GzDecoder;

use super::player::Player;
use crate::run::event::Event;
use crate::ui::{self, Connection, DashboardState, Theme};

/// Events of the recorded run in their order, one JSON object a line, as in a journal.
const RECORDING: &[u8] = include_bytes!("tour/recording.jsonl.gz");
/// The name of the recorded run.
const NAME: &str = "tang";
/// Columns of the captions where there is no terminal.
const WIDTH: usize = 80;

/// Shows the tour and returns what to print after it: the commands to go on with. Without a terminal all captions are
/// returned.
///
/// # Errors
/// When the terminal cannot be used.
pub fn run(theme: Theme) -> Result<String> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Ok(ui::tour_text(theme.lang, WIDTH));
    }
    let mut player = Player::new(recording()?, 0);
    let update = |state: &mut DashboardState| {
        let has_changed = player.update(state);
        state.follow_tour();
        has_changed
    };
    super::show(Connection::Tour, NAME.to_owned(), update, theme)?;
    Ok(ui::next_commands_text(theme.lang))
}

fn recording() -> Result<Vec<Event>> {
    let lines = BufReader::new(GzDecoder::new(RECORDING)).lines();
    let event = |line: io::Result<String>| Ok(serde_json::from_str(&line?)?);
    lines.map(event).collect::<Result<_>>().context("the recording of the tour is damaged")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::run::event::Phase;
    use crate::ui::model::chapters::CHAPTERS;
    use crate::ui::model::screens::Screen;

    #[test]
    fn the_recording_is_small_and_a_journal_of_the_current_format() {
        assert!(RECORDING.len() <= 300_000, "{} bytes", RECORDING.len());
        let mut text = String::new();
        GzDecoder::new(RECORDING).read_to_string(&mut text).unwrap();
        for line in text.lines() {
            let event: Event = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&event).unwrap(), line, "another format: record the run again");
        }
        assert!(!text.contains("/tmp") && !text.contains("/home") && !text.contains("/work"), "a path of a machine");
    }

    /// The state of the dashboard when the replay is at a step.
    fn state_at(events: &[Event], step: u64) -> DashboardState {
        let mut state = DashboardState::new(Connection::Tour, Some(NAME.to_owned()));
        events.iter().filter(|event| event.step() <= step).for_each(|event| state.apply(event.clone()));
        state
    }

    #[test]
    fn every_chapter_has_what_its_screen_shows() {
        let events = recording().unwrap();
        assert!(events.windows(2).all(|pair| pair[0].step() <= pair[1].step()), "not in order");
        assert_eq!(events.iter().map(Event::step).max(), Some(CHAPTERS[CHAPTERS.len() - 1].from));
        for chapter in &CHAPTERS {
            let state = state_at(&events, chapter.from);
            let run = state.shown();
            let has_all = match chapter.screen {
                Screen::Adversarial => !run.samples.is_empty(),
                Screen::Samples => run.samples.front().is_some_and(|set| set.poems.len() > 3),
                Screen::Curves => run.curves.named().len() > 5 && !run.curves.held_out.is_empty(),
                Screen::Quality => run.quality_checks.items().len() > 2,
                Screen::Latent => run.traversal.is_some(),
                Screen::Log => !run.log.is_empty(),
            };
            assert!(has_all, "step {} has nothing for {:?}", chapter.from, chapter.screen);
        }
    }

    #[test]
    fn it_goes_from_noise_through_both_phases_to_verse_that_rhymes() {
        let events = recording().unwrap();
        let phase = |wanted| events.iter().filter(|e| matches!(e, Event::Step(r) if r.phase == wanted)).count();
        assert!(phase(Phase::Pretraining) > 200 && phase(Phase::Adversarial) > 200);
        let (early, late) = (state_at(&events, 200), state_at(&events, u64::MAX));
        let figure = |state: &DashboardState, name: &str| {
            state.shown().quality.iter().find(|figure| figure.name == name).map(|figure| figure.model).unwrap()
        };
        let coherence = [&early, &late].map(|state| figure(state, "coherence"));
        assert!(coherence[0] < 0.56 && coherence[1] > 0.65, "{coherence:?}");
        let rhyme = [&early, &state_at(&events, 5_000), &late].map(|state| figure(state, "rhyme"));
        assert!(rhyme[0] < 0.2 && rhyme[1] < 0.5 && rhyme[2] > 0.6, "the adversarial phase adds rhyme: {rhyme:?}");
        let loss = [&early, &late].map(|state| state.shown().held_out.as_ref().unwrap().loss);
        assert!(loss[1] < loss[0] - 1.0, "{loss:?}");
    }

    #[test]
    fn without_a_terminal_the_captions_are_text() {
        let text = run(Theme::COLOURLESS).unwrap();
        assert!(
            text.starts_with("1.  A GAN is a pair of neural networks.") && text.contains("poetgan explore"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
    }
}
