//! The terminal while the dashboard uses it: raw mode, alternate screen, and their undoing.

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
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Rect};

use crate::printable;
use crate::ui::term::sixteen::Sixteen;
use crate::ui::term::theme::Depth;

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// Owns the terminal; dropping it restores the terminal.
pub struct RawTerminal {
    /// Whether the terminal reports the mouse.
    mouse: bool,
    /// A signal asked for the process to be suspended.
    stopped: Arc<AtomicBool>,
    // Never dropped: that would show the cursor, as the guard does, and panic if the terminal is gone.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Sixteen<Stdout>>>>>,
    guard: Guard,
}

impl RawTerminal {
    pub fn open(depth: Depth) -> io::Result<RawTerminal> {
        let guard = Guard::take()?;
        // crossterm reads NO_COLOR itself, which the user may have overridden.
        style::force_color_output(depth != Depth::None);
        let out = Sixteen::new(io::stdout(), depth == Depth::Sixteen);
        // One write for a frame: a frame in pieces flickers over a slow line.
        let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, out));
        let stopped = Arc::new(AtomicBool::new(false));
        // By default that signal would stop the process without restoring the terminal.
        #[cfg(unix)]
        signal_hook::flag::register(signal_hook::consts::SIGTSTP, stopped.clone())?;
        Ok(RawTerminal { mouse: false, stopped, terminal: ManuallyDrop::new(Terminal::new(backend)?), guard })
    }

    /// Whether a signal has asked for the process to be suspended; resets the flag.
    pub fn take_stopped(&self) -> bool {
        self.stopped.swap(false, Ordering::SeqCst)
    }

    /// Restores the terminal and suspends the process, as Ctrl-Z does outside of raw mode; takes the terminal again when
    /// the process continues. Windows cannot suspend a process: there it only repaints.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore_once(&self.guard.taken);
        #[cfg(unix)]
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.guard.taken.store(true, Ordering::SeqCst);
        enter()?;
        self.mouse = false;
        self.clear()
    }

    /// As `Terminal::clear`, but without asking the terminal for the cursor: the answer would arrive among the keys, and
    /// over some lines never.
    fn clear(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((ratatui::layout::Position::ORIGIN, size)))
    }

    /// As `clear`, but in one write with the next frame, so that no blank screen is seen.
    fn clear_with_next_frame(&mut self) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), Clear(ClearType::All))?;
        // The buffer of the next frame is still blank and becomes the one that the next frame is compared with.
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Turns reports of the mouse on or off.
    pub fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        if self.mouse != mouse {
            self.mouse = mouse;
            let out = self.terminal.backend_mut();
            if mouse { queue!(out, EnableMouseCapture)? } else { queue!(out, DisableMouseCapture)? }
        }
        Ok(())
    }

    /// Draws a frame, from a cleared screen if `repaint` is set.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame), repaint: bool) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        if repaint {
            self.clear_with_next_frame()?;
        }
        self.terminal.draw(render)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }
}

/// Raw mode, alternate screen and hidden cursor, and the panic hook that undoes them.
struct Guard {
    taken: Arc<AtomicBool>,
    /// Reports of panics in other threads, printed once the terminal is restored.
    reports: Arc<Mutex<Vec<String>>>,
    previous_hook: Arc<Hook>,
}

impl Guard {
    fn take() -> io::Result<Guard> {
        let taken = Arc::new(AtomicBool::new(true));
        let reports = Arc::new(Mutex::new(Vec::new()));
        let previous_hook: Arc<Hook> = Arc::from(panic::take_hook());
        panic::set_hook(hook(taken.clone(), reports.clone(), previous_hook.clone()));
        // From here on dropping the guard undoes what has been done so far.
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
        restore_once(&self.taken);
        // A panicking thread cannot replace the hook; it does no harm.
        if !thread::panicking() {
            let previous = self.previous_hook.clone();
            panic::set_hook(Box::new(move |info| previous(info)));
        }
        for report in self.reports.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            printable::tell(&report);
        }
    }
}

/// A panic of the dashboard's own thread restores the terminal before it is reported. The report of another thread (the
/// trainer's) waits until the dashboard ends, since that still draws.
fn hook(taken: Arc<AtomicBool>, reports: Arc<Mutex<Vec<String>>>, previous: Arc<Hook>) -> Box<Hook> {
    let own_thread = thread::current().id();
    Box::new(move |info| {
        if taken.load(Ordering::SeqCst) && thread::current().id() != own_thread {
            reports.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
            return;
        }
        restore_once(&taken);
        previous(info);
    })
}

/// Restores the terminal from outside the dashboard, for a process that is about to exit.
pub fn restore() {
    restore_once(&AtomicBool::new(true));
}

/// Only once: leaving the alternate screen twice would move the cursor over what has been printed since. Errors are
/// ignored, the terminal may be gone.
fn restore_once(taken: &AtomicBool) {
    if taken.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        execute!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableBracketedPaste).ok();
        execute!(out, LeaveAlternateScreen, cursor::Show).ok();
        disable_raw_mode().ok();
        out.flush().ok();
    }
}
