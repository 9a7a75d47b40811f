//! The loop of the dashboard: drain the events, draw, look for keys.

use std::{
    io,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, TryRecvError},
    },
    time::{Duration, Instant},
};

use ratatui::crossterm::event::{self, KeyEvent, KeyEventKind, MouseEvent};

use super::{
    End,
    state::{Room, State},
    terminal::Screen,
    theme::Theme,
};
use crate::train::event::{Command, Event};

/// At most ten frames a second, except in answer to a key: more would only load the line and the processor.
const FRAME: Duration = Duration::from_millis(100);
/// How often the channel is emptied while no key comes.
const POLL: Duration = Duration::from_millis(50);
/// Events between two looks at the keyboard, should a trainer be faster than this loop.
const MOST_EVENTS: usize = 10_000;
/// Clocks move although no event comes.
const CLOCK: Duration = Duration::from_secs(1);

/// What can come from the terminal.
#[derive(Clone, Copy, Debug)]
enum Input {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Resize,
}

/// Shows the run until the trainer's last event has come or its side of the channel is closed, then gives the terminal
/// back. Runs on the calling thread, and needs a terminal on standard input and output.
///
/// `q`, Ctrl-C, and `stop` (for a signal handler) send [`Command::Stop`] and wait for the trainer; a second one of them
/// returns [`End::Abandoned`] at once. `stop` is set back to false whenever it has been seen, so that a second signal
/// can be told from the first.
///
/// # Errors
/// When the terminal cannot be set up, read or written; it has been given back by then.
pub fn dashboard(events: Receiver<Event>, commands: Sender<Command>, stop: &AtomicBool) -> io::Result<End> {
    let mut screen = Screen::open()?;
    let theme = Theme::from_environment();
    run(&events, &commands, stop, read_input, |state, repaint| screen.draw(state, theme, repaint))
}

fn run(
    events: &Receiver<Event>,
    commands: &Sender<Command>,
    stop: &AtomicBool,
    mut input: impl FnMut(Duration) -> io::Result<Option<Input>>,
    mut draw: impl FnMut(&State, bool) -> io::Result<Room>,
) -> io::Result<End> {
    let mut state = State::default();
    let mut pacer = Pacer::new();
    loop {
        let (n_events, closed) = drain(events, &mut state);
        state.tick(pacer.seconds());
        let ended = closed || state.has_ended();
        if ended || pacer.is_due(n_events > 0) {
            let repaint = state.take_repaint();
            let rows = draw(&state, repaint)?;
            state.laid_out(rows);
            pacer.drawn();
        }
        if ended {
            return Ok(End::Finished);
        }
        let input = input(POLL)?;
        let asked_to_stop = stop.swap(false, Ordering::SeqCst);
        let from_signal = if asked_to_stop { state.ask_to_stop() } else { None };
        let from_key = match input {
            Some(Input::Key(key)) => state.on_key(key),
            Some(Input::Mouse(mouse)) => {
                state.on_mouse(mouse);
                None
            }
            Some(Input::Resize) | None => None,
        };
        for command in from_signal.into_iter().chain(from_key) {
            // A trainer that is gone shows itself by its closed channel.
            commands.send(command).ok();
        }
        if state.abandoned {
            return Ok(End::Abandoned);
        }
        if input.is_some() || asked_to_stop {
            pacer.draw_now();
        }
    }
}

/// Applies the events that wait. Returns how many, and whether there will be no more.
fn drain(events: &Receiver<Event>, state: &mut State) -> (usize, bool) {
    for n_events in 0..MOST_EVENTS {
        match events.try_recv() {
            Ok(event) => state.apply(event),
            Err(TryRecvError::Empty) => return (n_events, false),
            Err(TryRecvError::Disconnected) => return (n_events, true),
        }
    }
    (MOST_EVENTS, false)
}

fn read_input(wait: Duration) -> io::Result<Option<Input>> {
    if !event::poll(wait)? {
        return Ok(None);
    }
    Ok(match event::read()? {
        event::Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key(key)),
        event::Event::Mouse(mouse) => Some(Input::Mouse(mouse)),
        event::Event::Resize(..) => Some(Input::Resize),
        _ => None,
    })
}

/// Decides when a frame is due.
struct Pacer {
    last_frame: Option<Instant>,
    last_tick: Instant,
    /// Something has changed since the last frame.
    stale: bool,
}

impl Pacer {
    fn new() -> Pacer {
        Pacer { last_frame: None, last_tick: Instant::now(), stale: true }
    }

    /// Seconds since the last call.
    fn seconds(&mut self) -> f32 {
        let now = Instant::now();
        (now - std::mem::replace(&mut self.last_tick, now)).as_secs_f32()
    }

    fn is_due(&mut self, has_news: bool) -> bool {
        self.stale |= has_news;
        let Some(age) = self.last_frame.map(|frame| frame.elapsed()) else { return true };
        age >= CLOCK || (self.stale && age >= FRAME)
    }

    fn draw_now(&mut self) {
        self.last_frame = None;
    }

    fn drawn(&mut self) {
        self.last_frame = Some(Instant::now());
        self.stale = false;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use ratatui::crossterm::event::{KeyCode, KeyModifiers};

    use super::*;
    use crate::train::event::Knob;

    /// Runs the loop without a terminal: `keys` come one per look, then the events' sender is dropped.
    fn run_with(keys: &str, stop: &AtomicBool, first: Vec<Event>) -> (End, Vec<Command>, usize) {
        let (sender, events) = channel();
        first.into_iter().for_each(|event| sender.send(event).unwrap());
        let mut sender = Some(sender);
        let (commands, received) = channel();
        let mut keys = keys.chars();
        let mut n_frames = 0;
        let input = |_| {
            let key = keys.next().map(|key| KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE));
            if key.is_none() {
                sender = None;
            }
            Ok(key.map(Input::Key))
        };
        let draw = |_: &State, _| {
            n_frames += 1;
            Ok(Room::default())
        };
        let end = run(&events, &commands, stop, input, draw).unwrap();
        (end, received.try_iter().collect(), n_frames)
    }

    #[test]
    fn ends_when_the_trainer_is_gone_and_shows_a_last_frame() {
        let (end, commands, n_frames) = run_with("", &AtomicBool::new(false), vec![]);
        assert_eq!((end, commands, n_frames), (End::Finished, vec![], 2));
    }

    #[test]
    fn ends_on_the_last_event_although_the_channel_is_open() {
        let failed = Event::Failed { step: 3, message: "no room".into() };
        let (end, commands, n_frames) = run_with("ppp", &AtomicBool::new(false), vec![failed]);
        assert_eq!((end, commands, n_frames), (End::Finished, vec![], 1));
    }

    #[test]
    fn every_key_is_answered_by_a_frame_and_a_command() {
        let (end, commands, n_frames) = run_with("sc+", &AtomicBool::new(false), vec![]);
        let expected = vec![Command::SampleNow, Command::CheckpointNow, Command::Set(Knob::Temperature, 1.1)];
        assert_eq!((end, commands), (End::Finished, expected));
        assert_eq!(n_frames, 5);
    }

    #[test]
    fn a_second_request_to_stop_does_not_wait() {
        let stop = AtomicBool::new(false);
        assert_eq!(run_with("q", &stop, vec![]).0, End::Finished);
        let (end, commands, _) = run_with("qq", &stop, vec![]);
        assert_eq!((end, commands), (End::Abandoned, vec![Command::Stop]));
    }

    #[test]
    fn a_signal_counts_as_a_request_and_is_taken() {
        let stop = AtomicBool::new(true);
        let (end, commands, _) = run_with("", &stop, vec![]);
        assert_eq!((end, commands), (End::Finished, vec![Command::Stop]));
        assert!(!stop.load(Ordering::SeqCst));
        stop.store(true, Ordering::SeqCst);
        assert_eq!(run_with("q", &stop, vec![]).0, End::Abandoned);
    }
}
