//! Makes the recording of the tour from the journal of a run:
//!
//! ```sh
//! poetgan train corpora/tang.txt --preset small --config tour.toml --run tour
//! TOUR_RUN=runs/tour cargo test --release --lib record_the_tour -- --ignored
//! ```
//!
//! `tour.toml` is the one in docs/guide.md. In the dashboard key 5, pressed now and then in the adversarial phase, puts
//! poems moved along a direction of z into the journal; one of them has to be older than the chapter about them.

#![cfg(test)]

use std::io::Write;
use std::path::PathBuf;

use flate2::{Compression, GzBuilder};

use super::super::past::Past;
use super::NAME;
use crate::run::event::{Event, Phase, SamplePoem, StepRecord};
use crate::run::run_dir::metrics_file;
use crate::ui::file_name;

/// In pretraining one of this many steps is kept.
const STRIDE: u64 = 10;
/// One of this many steps with samples, after the first ones.
const SAMPLE_STRIDE: u64 = 200;
const ALL_SAMPLES_UNTIL: u64 = 200;

/// The event as it is kept, without paths of the machine.
fn kept(event: Event) -> Option<Event> {
    Some(match event {
        Event::Started { corpus, model, step, total_steps, pretrain_steps, settings, runtime_settings, .. } => {
            let corpus = crate::run::event::CorpusSummary { path: file_name(&corpus.path).to_owned(), ..corpus };
            let run = NAME.to_owned();
            let run_id = String::new();
            Event::Started { run, run_id, corpus, model, step, total_steps, pretrain_steps, settings, runtime_settings }
        }
        Event::Step(record) => {
            let is_kept = record.phase == Phase::Adversarial || record.step <= 20 || record.step % STRIDE == 0;
            return is_kept.then(|| Event::Step(rounded(record)));
        }
        Event::Sample { step, temperature, poems } => {
            let is_kept = step <= ALL_SAMPLES_UNTIL || step % SAMPLE_STRIDE == 0;
            let poems = poems.into_iter().map(rounded_poem).collect();
            return is_kept.then_some(Event::Sample { step, temperature, poems });
        }
        Event::Latent { step, direction, of, poems, form, moved, axes } => {
            let poems = poems.into_iter().map(|(amount, poem)| (amount, rounded_poem(poem))).collect();
            Event::Latent { step, direction, of, poems, form, moved, axes }
        }
        Event::Checkpoint { step, path, best, .. } => {
            Event::Checkpoint { step, path: file_name(&path).to_owned(), room: None, best }
        }
        Event::HeldOut { .. } | Event::Quality { .. } | Event::Notice { .. } | Event::Finished { .. } => event,
        _ => return None,
    })
}

/// The number with four digits.
fn short(number: f32) -> f32 {
    format!("{number:.3e}").parse().unwrap()
}

fn rounded(record: StepRecord) -> StepRecord {
    let some = |number: Option<f32>| number.map(short);
    StepRecord {
        progress: short(record.progress),
        elapsed_s: short(record.elapsed_s),
        eta_s: some(record.eta_s),
        tokens_per_s: short(record.tokens_per_s),
        likelihood_loss: some(record.likelihood_loss),
        generator_loss: some(record.generator_loss),
        discriminator_loss: some(record.discriminator_loss),
        d_real: some(record.d_real),
        d_fake: some(record.d_fake),
        generator_grad_norm: some(record.generator_grad_norm),
        discriminator_grad_norm: some(record.discriminator_grad_norm),
        learning_rate: short(record.learning_rate),
        ..record
    }
}

fn rounded_poem(mut poem: SamplePoem) -> SamplePoem {
    poem.score = poem.score.map(short);
    for line in &mut poem.lines {
        line.score = line.score.map(short);
        for attribution in &mut line.attributions {
            *attribution = (*attribution * 100.0).round() / 100.0;
        }
    }
    poem
}

#[test]
fn a_kept_event_has_no_path_of_the_machine() {
    let checkpoint = Event::Checkpoint { step: 5, path: "/here/runs/a/step-5".into(), room: Some(3), best: Some(5) };
    let expected = Event::Checkpoint { step: 5, path: "step-5".into(), room: None, best: Some(5) };
    assert_eq!(kept(checkpoint), Some(expected));
    assert_eq!(kept(Event::Note { step: 5, note: "/here".into() }), None);
    let steps = (1..=200).filter(|step| kept(Event::Step(StepRecord::new(*step, Phase::Pretraining, 0.1))).is_some());
    assert_eq!(steps.count(), 20 + 18);
    assert_eq!(short(0.123_456_7), 0.1235);
}

#[test]
#[ignore = "writes the recording of the tour: needs TOUR_RUN, the directory of a run"]
fn record_the_tour() {
    let run = PathBuf::from(std::env::var("TOUR_RUN").unwrap());
    assert!(metrics_file(&run).is_file(), "{}: no run", run.display());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/watch/tour/recording.jsonl.gz");
    // Without name and time, so that the same run gives the same bytes.
    let file = std::fs::File::create(path).unwrap();
    let mut file = GzBuilder::new().write(file, Compression::best());
    let mut events: Vec<Event> = Past::read(&run).unwrap().events.into_iter().filter_map(kept).collect();
    // Of the ends of a run that was resumed only the last one is its end.
    let last = events.len().saturating_sub(1);
    let mut place = 0..;
    events.retain(|event| place.next() == Some(last) || !matches!(event, Event::Finished { .. }));
    for event in events {
        writeln!(file, "{}", serde_json::to_string(&event).unwrap()).unwrap();
    }
    file.finish().unwrap();
}
