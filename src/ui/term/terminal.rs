//! The terminal while the dashboard has it, and its return to the state it was found in.

use std::{
    io::{self, BufWriter, Stdout, Write},
    mem::ManuallyDrop,
    panic::{self, PanicHookInfo},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crossterm::{
    cursor,
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture},
    execute, queue, style,
    terminal::{
        BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
        disable_raw_mode, enable_raw_mode,
    },
};
use ratatui::{Terminal, backend::CrosstermBackend, layout::Rect};

use crate::ui::model::state::{Room, State};
use crate::ui::term::sixteen::Sixteen;
use crate::ui::term::theme::{Depth, Theme};
use crate::ui::view;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Holds the terminal; dropping it gives the terminal back.
pub struct Screen {
    /// Whether the terminal reports the mouse.
    mouse: bool,
    /// Somebody has asked for the process to be stopped, other than by a key.
    stopped: Arc<AtomicBool>,
    // Never dropped: it would show the cursor, which the guard does, and panic where the terminal has gone away.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Sixteen<Stdout>>>>>,
    guard: Guard,
}

impl Screen {
    pub fn open(depth: Depth) -> io::Result<Screen> {
        let guard = Guard::take()?;
        // It would else look at NO_COLOR itself, which the user may have overruled.
        style::force_color_output(depth != Depth::None);
        let out = Sixteen::new(io::stdout(), depth == Depth::Sixteen);
        // One write for a frame: a frame in pieces flickers over a slow line.
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, out));
        let stopped = Arc::new(AtomicBool::new(false));
        // By itself that signal would leave the shell with a terminal that is not its own.
        #[cfg(unix)]
        signal_hook::flag::register(signal_hook::consts::SIGTSTP, stopped.clone())?;
        Ok(Screen { mouse: false, stopped, terminal: ManuallyDrop::new(Terminal::new(backend)?), guard })
    }

    /// Whether the process has been asked to stop by a signal, until it comes back.
    pub fn take_stopped(&self) -> bool {
        self.stopped.swap(false, Ordering::SeqCst)
    }

    /// Gives the terminal back and stops the process, as Ctrl-Z does outside of raw mode; takes the terminal again when
    /// the process goes on. Windows knows no stopped processes: there it only repaints.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back(&self.guard.taken);
        #[cfg(unix)]
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.guard.taken.store(true, Ordering::SeqCst);
        enter()?;
        self.mouse = false;
        self.clear()
    }

    /// Clears as `Terminal::clear` does, but does not ask the terminal for the cursor: the answer would come among the
    /// keys, and never over some lines.
    fn clear(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((ratatui::layout::Position::ORIGIN, size)))
    }

    /// Clears as `clear` does, but in one write with the next frame: a cleared screen that is shown flickers.
    fn clear_with_next_frame(&mut self) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), Clear(ClearType::All))?;
        // The buffer of the next frame is blank still, and from now on counts as what stands on the screen.
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Draws a frame, all of it when `repaint` is set.
    pub fn draw(&mut self, state: &State, theme: Theme, repaint: bool) -> io::Result<Room> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        if self.mouse != state.mouse {
            self.mouse = state.mouse;
            let out = self.terminal.backend_mut();
            if self.mouse { queue!(out, EnableMouseCapture)? } else { queue!(out, DisableMouseCapture)? }
        }
        if repaint {
            self.clear_with_next_frame()?;
        }
        let mut rows = Room::default();
        self.terminal.draw(|frame| rows = view::draw(frame, state, theme))?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        Ok(rows)
    }
}

/// Raw mode, alternate screen and hidden cursor, and the panic hook that undoes them.
struct Guard {
    taken: Arc<AtomicBool>,
    /// Reports of panics in other threads, kept until they can be read.
    reports: Arc<Mutex<Vec<String>>>,
    previous_hook: Arc<Hook>,
}

impl Guard {
    fn take() -> io::Result<Guard> {
        let taken = Arc::new(AtomicBool::new(true));
        let reports = Arc::new(Mutex::new(Vec::new()));
        let previous_hook: Arc<Hook> = Arc::from(panic::take_hook());
        panic::set_hook(hook(taken.clone(), reports.clone(), previous_hook.clone()));
        // From here on the guard's drop undoes what has been done so far.
        let guard = Guard { taken, reports, previous_hook };
        enter()?;
        Ok(guard)
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back(&self.taken);
        // The hook cannot be exchanged by a thread that panics; it does no harm if it stays.
        if !thread::panicking() {
            let previous = self.previous_hook.clone();
            panic::set_hook(Box::new(move |info| previous(info)));
        }
        for report in self.reports.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // Where there is no terminal any more, nobody can read it.
            let _ = writeln!(io::stderr(), "{report}");
        }
    }
}

/// A panic of the dashboard's own thread gives the terminal back before it is reported. A panic of another thread (the
/// trainer's) must not, since the dashboard still draws: its report waits for the end.
fn hook(taken: Arc<AtomicBool>, reports: Arc<Mutex<Vec<String>>>, previous: Arc<Hook>) -> Box<Hook> {
    let own_thread = thread::current().id();
    Box::new(move |info| {
        if taken.load(Ordering::SeqCst) && thread::current().id() != own_thread {
            reports.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
            return;
        }
        give_back(&taken);
        previous(info);
    })
}

/// Gives the terminal back from outside the dashboard, for a process that is about to end at once.
pub fn restore() {
    give_back(&AtomicBool::new(true));
}

/// Once only: leaving the alternate screen twice would put the cursor back over what has been printed since. Errors
/// are of no use here, the terminal may be gone.
fn give_back(taken: &AtomicBool) {
    if taken.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        execute!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableBracketedPaste).ok();
        execute!(out, LeaveAlternateScreen, cursor::Show).ok();
        disable_raw_mode().ok();
        out.flush().ok();
    }
}
