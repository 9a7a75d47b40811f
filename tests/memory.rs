//! The memory of the dashboard does not grow with the run.

#[path = "dashboard/events.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod events;

use poetgan::run::event::{Event, Phase};
use poetgan::run::notice::Notice;
use poetgan::ui::DashboardState;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the bytes that are held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

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
