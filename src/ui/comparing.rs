//! The loop of the screen that compares runs.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::ui::model::comparison::RunComparison;
use crate::ui::pacer::Pacer;
use crate::ui::panes::comparison;
use crate::ui::term::input::{Input, read_input};
use crate::ui::term::terminal::RawTerminal;
use crate::ui::term::theme::Theme;

/// How often the journals are read while no key is pressed.
const POLL: Duration = Duration::from_millis(200);

/// Shows several runs until the user quits or `stop` is set. `update` applies the new events and returns whether there were
/// any.
///
/// # Errors
/// When the terminal cannot be set up, read or written; it is restored first.
pub fn compare(
    mut runs: RunComparison,
    mut update: impl FnMut(&mut RunComparison) -> bool,
    stop: &AtomicBool,
    theme: Theme,
) -> io::Result<()> {
    let mut terminal = RawTerminal::open(theme.depth)?;
    let mut pacer = Pacer::new();
    while !runs.has_quit {
        let has_news = update(&mut runs);
        if pacer.is_due(has_news) {
            let repaint = std::mem::take(&mut runs.needs_repaint);
            let mut hidden = 0;
            terminal.draw(|frame| hidden = comparison::draw(frame, &runs, theme), repaint)?;
            runs.help_hidden = hidden;
            pacer.drawn();
        }
        match read_input(POLL)? {
            Some(Input::Key(key)) => {
                runs.on_key(key);
                pacer.draw_now();
            }
            Some(_) => pacer.draw_now(),
            None => {}
        }
        if stop.swap(false, Ordering::SeqCst) {
            break;
        }
        if std::mem::take(&mut runs.suspend) | terminal.take_stopped() {
            terminal.suspend()?;
            pacer.draw_now();
        }
    }
    Ok(())
}
