//! The loop of the dashboard: apply the events, draw, read the input.

use std::{
    io,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, TryRecvError},
    },
    time::Duration,
};

use crate::run::event::{Command, Event};
use crate::ui::end::End;
use crate::ui::model::connection::Connection;
use crate::ui::model::layout::FrameLayout;
use crate::ui::model::state::DashboardState;
use crate::ui::pacer::Pacer;
use crate::ui::sampler::SystemSampler;
use crate::ui::term::input::{Input, read_input};
use crate::ui::term::terminal::RawTerminal;
use crate::ui::term::theme::Theme;
use crate::ui::view;

/// How often the channel is read while no key is pressed.
const POLL: Duration = Duration::from_millis(50);
/// Most events that are applied before the keyboard is read again.
const MAX_EVENTS: usize = 10_000;

/// A terminal, or its stand-in in a test.
trait Console {
    /// The next input; waits for it at most this long.
    fn input(&mut self, wait: Duration) -> io::Result<Option<Input>>;
    /// Draws a frame, from a cleared screen if `repaint` is set.
    fn draw(&mut self, state: &DashboardState, repaint: bool) -> io::Result<FrameLayout>;
    /// Whether a signal has asked for the process to be suspended.
    fn take_stopped(&mut self) -> bool;
    /// Gives the terminal to the shell until the process continues.
    fn suspend(&mut self) -> io::Result<()>;
}

struct Terminal {
    raw: RawTerminal,
    theme: Theme,
}

impl Terminal {
    fn open(theme: Theme) -> io::Result<Terminal> {
        Ok(Terminal { raw: RawTerminal::open(theme.depth)?, theme })
    }
}

impl Console for Terminal {
    fn input(&mut self, wait: Duration) -> io::Result<Option<Input>> {
        read_input(wait)
    }

    fn draw(&mut self, state: &DashboardState, repaint: bool) -> io::Result<FrameLayout> {
        self.raw.set_mouse(state.mouse)?;
        let (theme, mut layout) = (self.theme, FrameLayout::default());
        self.raw.draw(|frame| layout = view::draw(frame, state, theme), repaint)?;
        Ok(layout)
    }

    fn take_stopped(&mut self) -> bool {
        self.raw.take_stopped()
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.raw.suspend()
    }
}

/// Shows the run until the trainer's last event or until its end of the channel is closed, then restores the terminal. If
/// the schedule or the time limit has ended the training, it first waits for the user to quit. Runs on the calling thread
/// and needs a terminal on standard input and output.
///
/// `past` are the events of earlier processes of the run, `left_out` those of their log that are not among them.
///
/// `q`, Ctrl-C, and `stop` (set by a signal handler) send [`Command::Stop`] and wait for the trainer; a second one of them
/// returns [`End::Abandoned`] at once. `stop` is reset whenever it was read, so that a second signal is noticed.
///
/// # Errors
/// When the terminal cannot be set up, read or written; it is restored first.
pub fn dashboard(
    (past, left_out): (Vec<Event>, u64),
    events: Receiver<Event>,
    commands: Sender<Command>,
    stop: &AtomicBool,
    theme: Theme,
) -> io::Result<End> {
    let update = |state: &mut DashboardState| drain(&events, state);
    let mut state = DashboardState::default();
    state.process = Some(std::process::id());
    // Those processes have ended, but the run has not.
    let is_history =
        |event: &Event| !matches!(event, Event::Finished { .. } | Event::Failed { .. } | Event::Paused { .. });
    state.leave_out(left_out);
    past.into_iter().filter(is_history).for_each(|event| state.apply(event));
    // Replies of earlier processes are not for this user.
    state.message = None;
    run(state, &commands, stop, &mut Terminal::open(theme)?, update)
}

/// Shows the run `name` until the user quits. `update` applies the new events to the state and returns whether there were
/// any.
///
/// # Errors
/// As those of [`dashboard`].
pub fn watch(
    connection: Connection,
    name: String,
    mut update: impl FnMut(&mut DashboardState) -> bool,
    stop: &AtomicBool,
    theme: Theme,
) -> io::Result<()> {
    let (commands, _) = std::sync::mpsc::channel();
    let update = |state: &mut DashboardState| Update { has_news: update(state), has_ended: false };
    run(DashboardState::new(connection, Some(name)), &commands, stop, &mut Terminal::open(theme)?, update).map(|_| ())
}

/// Shows the latent screen of a trained model until the user quits or the channel of events is closed. Sends requests for
/// poems, which the events answer.
///
/// # Errors
/// As those of [`dashboard`].
pub fn explore(
    name: String,
    seed: u64,
    events: Receiver<Event>,
    commands: Sender<Command>,
    stop: &AtomicBool,
    theme: Theme,
) -> io::Result<()> {
    let state = DashboardState::exploring(name, seed);
    // If the thread at the other end is gone, the channel of events is closed, too.
    commands.send(state.latent.request()).ok();
    let update = |state: &mut DashboardState| drain(&events, state);
    run(state, &commands, stop, &mut Terminal::open(theme)?, update).map(|_| ())
}

/// The result of applying the new events.
struct Update {
    has_news: bool,
    /// There will be no more events.
    has_ended: bool,
}

fn run(
    mut state: DashboardState,
    commands: &Sender<Command>,
    stop: &AtomicBool,
    console: &mut impl Console,
    mut update: impl FnMut(&mut DashboardState) -> Update,
) -> io::Result<End> {
    let (mut pacer, mut sampler) = (Pacer::new(), SystemSampler::default());
    loop {
        state.tick(pacer.seconds());
        let Update { has_news, has_ended } = update(&mut state);
        let has_news = sampler.update(&mut state) | has_news;
        if (has_ended && !state.stays_open()) || pacer.is_due(has_news) {
            let repaint = state.take_repaint();
            let layout = console.draw(&state, repaint)?;
            state.laid_out(layout);
            pacer.drawn();
        }
        if has_ended && !state.stays_open() {
            return Ok(End::Finished);
        }
        let input = match console.input(POLL) {
            // The terminal is gone, and nothing is left to do.
            Err(_) if has_ended => return Ok(End::Finished),
            input => input?,
        };
        let stop_requested = stop.swap(false, Ordering::SeqCst);
        let from_signal = if stop_requested { state.request_stop() } else { None };
        let needs_frame = input.is_some() || stop_requested;
        let from_key = input.and_then(|input| handle(&mut state, input));
        for command in from_signal.into_iter().chain(from_key) {
            // If the trainer is gone, the channel of events is closed, too.
            commands.send(command).ok();
        }
        if state.abandoned {
            return Ok(if has_ended { End::Finished } else { End::Abandoned });
        }
        if std::mem::take(&mut state.suspend) | console.take_stopped() {
            console.suspend()?;
            pacer.skip();
        }
        if needs_frame {
            pacer.draw_now();
        }
    }
}

fn handle(state: &mut DashboardState, input: Input) -> Option<Command> {
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

/// Applies the events that wait in the channel.
fn drain(events: &Receiver<Event>, state: &mut DashboardState) -> Update {
    let (mut has_news, mut is_closed) = (false, false);
    for _ in 0..MAX_EVENTS {
        match events.try_recv() {
            Ok(event) => state.apply(event),
            Err(error) => {
                is_closed = error == TryRecvError::Disconnected;
                break;
            }
        }
        has_news = true;
    }
    Update { has_news, has_ended: is_closed || state.live().has_ended() }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::run::notice::FinishReason;
    use crate::run::runtime_setting::RuntimeSetting;

    /// Returns one key per call; after the last one the sender of the events is dropped.
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

        fn draw(&mut self, _: &DashboardState, _: bool) -> io::Result<FrameLayout> {
            self.n_frames += 1;
            Ok(FrameLayout::default())
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
        let update = |state: &mut DashboardState| drain(&events, state);
        let end = run(DashboardState::default(), &commands, stop, &mut fake, update).unwrap();
        assert_eq!(fake.n_suspended, keys.matches('\u{1a}').count());
        (end, received.try_iter().collect(), fake.n_frames)
    }

    #[test]
    fn control_z_suspends_and_sends_no_command() {
        let (end, commands, _) = run_with("\u{1a}s", &AtomicBool::new(false), vec![]);
        assert_eq!(end, End::Finished);
        assert_eq!(commands, [Command::SampleNow]);
    }

    #[test]
    fn it_ends_when_the_trainer_is_gone_and_draws_a_last_frame() {
        let (end, commands, n_frames) = run_with("", &AtomicBool::new(false), vec![]);
        assert_eq!((end, commands, n_frames), (End::Finished, vec![], 2));
    }

    #[test]
    fn it_ends_on_the_last_event_although_the_channel_is_open() {
        let failed = Event::Failed { step: 3, message: "no room".into() };
        let (end, commands, n_frames) = run_with("ppp", &AtomicBool::new(false), vec![failed]);
        assert_eq!((end, commands, n_frames), (End::Finished, vec![], 1));
    }

    #[test]
    fn it_stays_open_after_the_last_step_until_the_user_quits() {
        let finished = |reason| vec![Event::Finished { step: 3, reason }];
        for reason in [FinishReason::StepsDone, FinishReason::TimeLimit] {
            let (end, commands, n_frames) = run_with("3q", &AtomicBool::new(false), finished(reason));
            assert_eq!((end, commands, n_frames), (End::Finished, vec![], 2));
            let (end, ..) = run_with("3", &AtomicBool::new(true), finished(reason));
            assert_eq!(end, End::Finished, "a signal ends it, too");
        }
        let (_, _, n_frames) = run_with("3q", &AtomicBool::new(false), finished(FinishReason::Stopped));
        assert_eq!(n_frames, 1);
    }

    #[test]
    fn every_key_gets_a_frame_and_a_command() {
        let (end, commands, n_frames) = run_with("sc+", &AtomicBool::new(false), vec![]);
        let expected = vec![Command::SampleNow, Command::CheckpointNow, Command::Set(RuntimeSetting::Temperature, 1.1)];
        assert_eq!((end, commands), (End::Finished, expected));
        assert_eq!(n_frames, 5);
    }

    #[test]
    fn a_second_stop_does_not_wait() {
        let stop = AtomicBool::new(false);
        assert_eq!(run_with("q", &stop, vec![]).0, End::Finished);
        let (end, commands, _) = run_with("qqy", &stop, vec![]);
        assert_eq!((end, commands), (End::Abandoned, vec![Command::Stop]));
        assert_eq!(run_with("qqn", &stop, vec![]).0, End::Finished, "it asks before work is lost");
    }

    #[test]
    fn a_signal_counts_as_a_stop_and_is_reset() {
        let stop = AtomicBool::new(true);
        let (end, commands, _) = run_with("", &stop, vec![]);
        assert_eq!((end, commands), (End::Finished, vec![Command::Stop]));
        assert!(!stop.load(Ordering::SeqCst));
        stop.store(true, Ordering::SeqCst);
        assert_eq!(run_with("qy", &stop, vec![]).0, End::Abandoned);
    }
}
