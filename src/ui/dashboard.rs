//! The loop of the dashboard: drain the events, draw, look for keys.

use std::{
    io,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, TryRecvError},
    },
    time::{Duration, Instant},
};

use crossterm::event::{self, KeyEvent, KeyEventKind, MouseEvent};

use super::End;
use crate::run::event::{Command, Event};
use crate::ui::model::state::{Connection, Room, State};
use crate::ui::term::terminal::Screen;
use crate::ui::term::theme::Theme;
use crate::ui::term::wait::wait_for_input;

/// At most ten frames a second, except in answer to a key: more would only load the line and the processor.
const FRAME: Duration = Duration::from_millis(100);
/// How often the channel is emptied while no key comes.
const POLL: Duration = Duration::from_millis(50);
/// Events between two looks at the keyboard, should a trainer be faster than this loop.
const MOST_EVENTS: usize = 10_000;
/// Clocks move although no event comes.
const CLOCK: Duration = Duration::from_secs(1);

/// What can come from the terminal.
#[derive(Clone, Debug)]
enum Input {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    Resize,
}

/// A terminal, or what stands for one in a test.
trait Console {
    /// What came from the user, waiting for it at most so long.
    fn input(&mut self, wait: Duration) -> io::Result<Option<Input>>;
    /// Draws a frame, all of it when `repaint` is set.
    fn draw(&mut self, state: &State, repaint: bool) -> io::Result<Room>;
    /// Whether somebody outside wants the process to stop for a while.
    fn take_stopped(&mut self) -> bool;
    /// Gives the terminal to the shell until the user comes back.
    fn suspend(&mut self) -> io::Result<()>;
}

struct Terminal {
    screen: Screen,
    theme: Theme,
}

impl Terminal {
    fn open(theme: Theme) -> io::Result<Terminal> {
        Ok(Terminal { screen: Screen::open(theme.depth)?, theme })
    }
}

impl Console for Terminal {
    fn input(&mut self, wait: Duration) -> io::Result<Option<Input>> {
        read_input(wait)
    }

    fn draw(&mut self, state: &State, repaint: bool) -> io::Result<Room> {
        self.screen.draw(state, self.theme, repaint)
    }

    fn take_stopped(&mut self) -> bool {
        self.screen.take_stopped()
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.screen.suspend()
    }
}

/// Shows the run until the trainer's last event has come or its side of the channel is closed, then gives the terminal
/// back. Runs on the calling thread, and needs a terminal on standard input and output.
///
/// `past` is what earlier processes have told of the run.
///
/// `q`, Ctrl-C, and `stop` (for a signal handler) send [`Command::Stop`] and wait for the trainer; a second one of them
/// returns [`End::Abandoned`] at once. `stop` is set back to false whenever it has been seen, so that a second signal
/// can be told from the first.
///
/// # Errors
/// When the terminal cannot be set up, read or written; it has been given back by then.
pub fn dashboard(
    past: Vec<Event>,
    events: Receiver<Event>,
    commands: Sender<Command>,
    stop: &AtomicBool,
    theme: Theme,
) -> io::Result<End> {
    let news = |state: &mut State| {
        let (n_events, closed) = drain(&events, state);
        News { any: n_events > 0, ended: closed || state.has_ended() }
    };
    let mut state = State::default();
    // Those processes have ended, but the run has not.
    let goes_on =
        |event: &Event| !matches!(event, Event::Finished { .. } | Event::Failed { .. } | Event::Paused { .. });
    past.into_iter().filter(goes_on).for_each(|event| state.apply(event));
    // What was answered then was answered to somebody else.
    state.message = None;
    run(state, &commands, stop, &mut Terminal::open(theme)?, news)
}

/// Shows the run `name` that is told of by `news`, which applies to the state what has happened since it was called last
/// and says whether anything did. Ends when the user leaves.
///
/// # Errors
/// As those of [`dashboard`].
pub fn watch(
    connection: Connection,
    name: String,
    mut news: impl FnMut(&mut State) -> bool,
    stop: &AtomicBool,
    theme: Theme,
) -> io::Result<()> {
    let (commands, _) = std::sync::mpsc::channel();
    let news = |state: &mut State| News { any: news(state), ended: false };
    run(State::new(connection, Some(name)), &commands, stop, &mut Terminal::open(theme)?, news).map(|_| ())
}

/// What a look for events found.
struct News {
    any: bool,
    /// There will be no more.
    ended: bool,
}

fn run(
    mut state: State,
    commands: &Sender<Command>,
    stop: &AtomicBool,
    console: &mut impl Console,
    mut news: impl FnMut(&mut State) -> News,
) -> io::Result<End> {
    let mut pacer = Pacer::new();
    loop {
        state.tick(pacer.seconds());
        let News { any, ended } = news(&mut state);
        if ended || pacer.is_due(any) {
            let repaint = state.take_repaint();
            let room = console.draw(&state, repaint)?;
            state.laid_out(room);
            pacer.drawn();
        }
        if ended {
            return Ok(End::Finished);
        }
        let input = console.input(POLL)?;
        let asked_to_stop = stop.swap(false, Ordering::SeqCst);
        let from_signal = if asked_to_stop { state.ask_to_stop() } else { None };
        let is_answered = input.is_some() || asked_to_stop;
        let from_key = input.and_then(|input| obey(&mut state, input));
        for command in from_signal.into_iter().chain(from_key) {
            // A trainer that is gone shows itself by its closed channel.
            commands.send(command).ok();
        }
        if state.abandoned {
            return Ok(End::Abandoned);
        }
        if std::mem::take(&mut state.suspend) | console.take_stopped() {
            console.suspend()?;
            pacer.skip();
        }
        if is_answered {
            pacer.draw_now();
        }
    }
}

fn obey(state: &mut State, input: Input) -> Option<Command> {
    match input {
        Input::Key(key) => state.on_key(key),
        Input::Mouse(mouse) => state.on_mouse(mouse),
        Input::Paste(text) => {
            state.on_paste(&text);
            None
        }
        Input::Resize => None,
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

/// What came from the user. An error where the terminal has gone away: crossterm would wait for ever inside of its `poll`
/// then, at full speed, so that is called only when we have looked, and does not wait itself.
fn read_input(wait: Duration) -> io::Result<Option<Input>> {
    for wait in [Duration::ZERO, wait] {
        wait_for_input(wait)?;
        // Also tells of what was read before, and of another size.
        if event::poll(Duration::ZERO)? {
            return Ok(match event::read()? {
                event::Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key(key)),
                event::Event::Mouse(mouse) => Some(Input::Mouse(mouse)),
                event::Event::Paste(text) => Some(Input::Paste(text)),
                event::Event::Resize(..) => Some(Input::Resize),
                _ => None,
            });
        }
    }
    Ok(None)
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

    /// The time since the last tick was none.
    fn skip(&mut self) {
        self.last_tick = Instant::now();
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

    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;
    use crate::run::runtime_setting::RuntimeSetting;

    /// Keys come one per look; when there are no more, the events' sender is dropped.
    struct Fake<'a> {
        keys: std::str::Chars<'a>,
        sender: Option<Sender<Event>>,
        n_frames: usize,
        n_suspended: usize,
    }

    impl Console for Fake<'_> {
        fn input(&mut self, _: Duration) -> io::Result<Option<Input>> {
            let key = self.keys.next();
            if key.is_none() {
                self.sender = None;
            }
            let modifiers = if key == Some('\u{1a}') { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
            let code = key.map(|key| KeyCode::Char(if key == '\u{1a}' { 'z' } else { key }));
            Ok(code.map(|code| Input::Key(KeyEvent::new(code, modifiers))))
        }

        fn draw(&mut self, _: &State, _: bool) -> io::Result<Room> {
            self.n_frames += 1;
            Ok(Room::default())
        }

        fn take_stopped(&mut self) -> bool {
            false
        }

        fn suspend(&mut self) -> io::Result<()> {
            self.n_suspended += 1;
            Ok(())
        }
    }

    fn run_with(keys: &str, stop: &AtomicBool, first: Vec<Event>) -> (End, Vec<Command>, usize) {
        let (sender, events) = channel();
        first.into_iter().for_each(|event| sender.send(event).unwrap());
        let (commands, received) = channel();
        let mut fake = Fake { keys: keys.chars(), sender: Some(sender), n_frames: 0, n_suspended: 0 };
        let news = |state: &mut State| {
            let (n_events, closed) = drain(&events, state);
            News { any: n_events > 0, ended: closed || state.has_ended() }
        };
        let end = run(State::default(), &commands, stop, &mut fake, news).unwrap();
        assert_eq!(fake.n_suspended, keys.matches('\u{1a}').count());
        (end, received.try_iter().collect(), fake.n_frames)
    }

    #[test]
    fn control_z_gives_the_terminal_to_the_shell_and_asks_for_nothing() {
        let (end, commands, _) = run_with("\u{1a}s", &AtomicBool::new(false), vec![]);
        assert_eq!(end, End::Finished);
        assert_eq!(commands, [Command::SampleNow]);
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
        let expected = vec![Command::SampleNow, Command::CheckpointNow, Command::Set(RuntimeSetting::Temperature, 1.1)];
        assert_eq!((end, commands), (End::Finished, expected));
        assert_eq!(n_frames, 5);
    }

    #[test]
    fn a_second_request_to_stop_does_not_wait() {
        let stop = AtomicBool::new(false);
        assert_eq!(run_with("q", &stop, vec![]).0, End::Finished);
        let (end, commands, _) = run_with("qqy", &stop, vec![]);
        assert_eq!((end, commands), (End::Abandoned, vec![Command::Stop]));
        assert_eq!(run_with("qqn", &stop, vec![]).0, End::Finished, "it asks before work is lost");
    }

    #[test]
    fn a_signal_counts_as_a_request_and_is_taken() {
        let stop = AtomicBool::new(true);
        let (end, commands, _) = run_with("", &stop, vec![]);
        assert_eq!((end, commands), (End::Finished, vec![Command::Stop]));
        assert!(!stop.load(Ordering::SeqCst));
        stop.store(true, Ordering::SeqCst);
        assert_eq!(run_with("qy", &stop, vec![]).0, End::Abandoned);
    }
}
