//! The loop of the screen: apply the answers, draw, read the keys.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::Duration;

use super::exchange::{StudioAnswer, StudioCommand, StudioSetup};
use super::state::StudioState;
use super::view;
use crate::ui::pacer::Pacer;
use crate::ui::term::input::{Input, read_input};
use crate::ui::term::terminal::RawTerminal;
use crate::ui::term::theme::Theme;

/// How often the answers are read while no key is pressed.
const POLL: Duration = Duration::from_millis(50);

/// Shows the screen until the user quits, `stop` is set, or the channel of answers is closed; then restores the terminal. Asks
/// for poems at once.
///
/// # Errors
/// When the terminal cannot be set up, read or written; it is restored first.
pub fn studio(
    setup: StudioSetup,
    answers: Receiver<StudioAnswer>,
    commands: Sender<StudioCommand>,
    stop: &AtomicBool,
    theme: Theme,
) -> io::Result<()> {
    let mut state = StudioState::new(setup);
    // If the writer is gone, the channel of answers is closed, too.
    commands.send(state.request()).ok();
    let mut terminal = RawTerminal::open(theme.depth)?;
    let mut pacer = Pacer::new();
    while !state.has_quit {
        let (has_news, is_closed) = drain(&answers, &mut state);
        if pacer.is_due(has_news) {
            let repaint = std::mem::take(&mut state.needs_repaint);
            let mut hidden = 0;
            terminal.draw(|frame| hidden = view::draw(frame, &state, theme), repaint)?;
            state.laid_out(hidden);
            pacer.drawn();
        }
        if is_closed {
            break;
        }
        if let Some(input) = read_input(POLL)? {
            if let Some(command) = handle(&mut state, input) {
                commands.send(command).ok();
            }
            pacer.draw_now();
        }
        if stop.swap(false, Ordering::SeqCst) {
            break;
        }
        if std::mem::take(&mut state.suspend) | terminal.take_stopped() {
            terminal.suspend()?;
            pacer.draw_now();
        }
    }
    Ok(())
}

fn handle(state: &mut StudioState, input: Input) -> Option<StudioCommand> {
    match input {
        Input::Key(key) => return state.on_key(key),
        Input::Paste(text) => state.on_paste(&text),
        Input::Mouse(_) | Input::Resize => {}
    }
    None
}

/// Applies the answers that wait. Returns whether there were any, and whether there will be no more.
fn drain(answers: &Receiver<StudioAnswer>, state: &mut StudioState) -> (bool, bool) {
    let mut has_news = false;
    loop {
        match answers.try_recv() {
            Ok(answer) => state.apply(answer),
            Err(error) => return (has_news, error == TryRecvError::Disconnected),
        }
        has_news = true;
    }
}
