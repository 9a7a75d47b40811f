#![allow(clippy::unwrap_used)] // A bench that cannot be set up has nothing to measure.
//! Steps and minutes until a held-out loss, and until the rhyme and the coherence of held-out poems, for whole runs:
//!
//! ```sh
//! cargo bench --bench time_to_verse -- presets/base.toml mine.toml --corpus corpora/tang.txt --seeds 3
//! ```
//!
//! Each configuration is trained to its end, a quarter of an hour or more for `base`. The runs are kept in `runs/`; those
//! that are there already are resumed, and read where they are finished. Minutes are those of the run's clock, so only
//! runs on a machine without other work can be compared.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const LOSSES: [f64; 5] = [5.2, 5.0, 4.85, 4.75, 4.7];
/// Figures of the quality monitor that are compared with those of held-out poems.
const FIGURES: [&str; 2] = ["rhyme", "coherence"];

struct Options {
    configs: Vec<PathBuf>,
    corpus: String,
    seeds: u64,
}

/// When a run has reached something.
#[derive(Clone, Copy)]
struct Moment {
    step: u64,
    seconds: f64,
}

fn main() {
    let options = options(std::env::args().skip(1).filter(|argument| argument != "--bench"));
    if options.configs.is_empty() {
        println!("time_to_verse: give configurations, such as: cargo bench --bench time_to_verse -- presets/base.toml");
        return;
    }
    println!("{:40} {}", "", headings().join("  "));
    for config in &options.configs {
        for seed in 0..options.seeds {
            let run = trained(config, &options.corpus, seed);
            let events = events(&run);
            println!("{:40} {}", run.display(), row(&events).join("  "));
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Options {
    let mut options = Options { configs: Vec::new(), corpus: "corpora/tang.txt".to_string(), seeds: 1 };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--corpus" => options.corpus = arguments.next().unwrap(),
            "--seeds" => options.seeds = arguments.next().unwrap().parse().unwrap(),
            _ => options.configs.push(argument.into()),
        }
    }
    options
}

/// The run of a configuration with a seed, trained to its end. A finished run is left as it is.
fn trained(config: &Path, corpus: &str, seed: u64) -> PathBuf {
    let name = format!("verse-{}-{seed}", config.file_stem().unwrap().to_string_lossy());
    let mut train = Command::new(env!("CARGO_BIN_EXE_poetgan"));
    train.args(["train", corpus, "--plain", "--run", &name, "--seed", &seed.to_string(), "--config"]).arg(config);
    assert!(train.stdout(std::process::Stdio::null()).status().unwrap().success(), "{}", config.display());
    Path::new("runs").join(&name)
}

fn events(run: &Path) -> Vec<Value> {
    let journal = std::fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    journal.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn headings() -> Vec<String> {
    let losses = LOSSES.map(|loss| format!("loss {loss}"));
    losses.into_iter().chain(FIGURES.map(String::from)).map(|heading| format!("{heading:>14}")).collect()
}

/// The moments of [`headings`], as steps and minutes.
fn row(events: &[Value]) -> Vec<String> {
    let moments = LOSSES.map(|loss| {
        first(events, |event| event["event"] == "held_out" && event["loss"].as_f64().is_some_and(|found| found <= loss))
    });
    let figures = FIGURES.map(|name| first(events, |event| event["event"] == "quality" && is_real(event, name)));
    let cell = |moment: Option<Moment>| match moment {
        Some(Moment { step, seconds }) => format!("{step:>6} {:>5.1} m", seconds / 60.0),
        None => format!("{:>14}", "never"),
    };
    moments.into_iter().chain(figures).map(cell).collect()
}

/// Whether a figure of an evaluation reaches that of held-out poems.
fn is_real(event: &Value, name: &str) -> bool {
    let figures = event["figures"].as_array().into_iter().flatten();
    figures.filter(|figure| figure["name"] == name).any(|figure| figure["model"].as_f64() >= figure["real"].as_f64())
}

/// The first event that `reached` accepts, at the clock of the step before it.
fn first(events: &[Value], reached: impl Fn(&Value) -> bool) -> Option<Moment> {
    let mut seconds = 0.0;
    for event in events {
        seconds = event["elapsed_s"].as_f64().unwrap_or(seconds);
        if reached(event) {
            return Some(Moment { step: event["step"].as_u64()?, seconds });
        }
    }
    None
}
