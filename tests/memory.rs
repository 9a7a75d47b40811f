//! The memory of the dashboard does not grow with the run, and neither does that of reading its journal.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "dashboard/events.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod events;

use poetgan::run::event::{Event, Phase};
use poetgan::run::notice::Notice;
use poetgan::ui::model::screens::Screen;
use poetgan::ui::{self, DashboardState, Theme};
use poetgan::watch::Past;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the bytes that are held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

/// Held by the test that measures.
static TURN: Mutex<()> = Mutex::new(());

/// Megabytes that are held beyond `before` bytes.
fn held(before: usize) -> f64 {
    HELD.load(Ordering::Relaxed).saturating_sub(before) as f64 / 1e6
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// An event of a long run: mostly a step.
fn event(number: u64) -> Event {
    let step = number / 2;
    match number % 40 {
        1 => events::chinese(step),
        3 => events::held_out(step),
        5 => events::quality(step),
        7 => Event::Notice { step, notice: Notice::CheckpointSkipped { reason: format!("damaged at step {step}") } },
        9 => Event::Checkpoint {
            step,
            path: format!("runs/long/checkpoints/step-{step:08}"),
            room: Some(1_000),
            best: None,
        },
        11 => Event::Note { step, note: "春".repeat(100) },
        13 => events::latent(step),
        _ => {
            let mut record = events::step(8_000 + step % 800);
            (record.step, record.phase) = (step, Phase::Adversarial);
            Event::Step(record)
        }
    }
}

#[test]
fn memory_is_flat_over_a_million_events() {
    let _turn = TURN.lock().unwrap();
    let mut state = DashboardState::default();
    let before = HELD.load(Ordering::Relaxed);
    let mut most = [0_usize; 2];
    for number in 0..1_000_000 {
        state.apply(event(number));
        let held = HELD.load(Ordering::Relaxed).saturating_sub(before);
        let part = &mut most[usize::from(number >= 200_000)];
        *part = held.max(*part);
    }
    let [early, late] = most.map(|bytes| bytes as f64 / 1e6);
    println!("at most {early:.2} MB until event 200,000, {late:.2} MB after it");
    assert!(late < 1.1 * early && late < 16.0, "{early} MB, then {late} MB");
}

/// Steps at which the journal below tells something, and the one with the lowest loss.
const RARE: u64 = 300_000;
const BEST: u64 = 123_457;

/// A journal with a held-out loss, a notice and a note at every step.
fn write_journal(run: &Path) {
    let mut file = BufWriter::new(File::create(run.join("metrics.jsonl")).unwrap());
    for step in 1..=RARE {
        let loss = if step == BEST { 1.0 } else { 2.0 + step as f32 / RARE as f32 };
        let forms = [("5x4", loss), ("7x4", loss)].map(|(form, loss)| (form.to_string(), loss)).to_vec();
        let events = [
            Event::HeldOut { step, loss, forms },
            Event::Notice { step, notice: Notice::CheckpointSkipped { reason: format!("damaged at step {step}") } },
            Event::Note { step, note: format!("note {step}") },
        ];
        for event in events {
            serde_json::to_writer(&mut file, &event).unwrap();
            file.write_all(b"\n").unwrap();
        }
    }
    file.flush().unwrap();
}

/// The log screen, scrolled to its beginning.
fn log_screen(state: &mut DashboardState) -> String {
    (state.screen, state.log_back) = (Screen::Log, usize::MAX);
    let mut terminal = Terminal::new(TestBackend::new(120, 30)).unwrap();
    terminal
        .draw(|frame| {
            ui::draw(frame, state, Theme::COLOURLESS);
        })
        .unwrap();
    terminal.backend().to_string()
}

#[test]
fn a_journal_of_rare_events_is_read_in_bounded_memory() {
    let _turn = TURN.lock().unwrap();
    let folder = tempfile::tempdir().unwrap();
    write_journal(folder.path());
    let before = HELD.load(Ordering::Relaxed);
    let past = Past::read(folder.path()).unwrap();
    let read = held(before);
    let (n_events, left_out) = (past.events.len() as u64, past.left_out);
    let mut state = DashboardState::default();
    state.leave_out(left_out);
    past.events.into_iter().for_each(|event| state.apply(event));
    let shown = held(before);
    println!("{n_events} of {} events: {read:.2} MB when read, {shown:.2} MB when shown", 3 * RARE);
    assert!(read < 8.0 && shown < 5.0, "{read} MB, then {shown} MB");

    let losses = &state.shown().curves.held_out;
    assert_eq!((losses.points()[0].first, losses.points()[0].low), (1, f64::from(2.0 + 1.0 / RARE as f32)));
    let held_out = state.shown().held_out.as_ref().unwrap();
    assert_eq!((held_out.best, held_out.best_step), (1.0, BEST));
    assert_eq!((held_out.loss, held_out.step), (3.0, RARE));
    let log = &state.shown().log;
    let last = format!("note: note {RARE}");
    assert_eq!(log.back().unwrap().entry.text(ui::Lang::En), last);
    // Every notice and note is in the log or counted.
    assert_eq!(log.len() as u64 + state.shown().left_out, 2 * RARE);
    let screen = log_screen(&mut state);
    assert!(screen.contains("599,500 earlier events: log.txt"), "{screen}");
}
