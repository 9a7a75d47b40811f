//! What a file of a stranger goes through, by its kind: each function takes the bytes of such a file and a folder of its own.
//! Bytes may be refused with an error. A panic, a hang or memory without bound is a defect, and so is what an assertion here
//! finds. The tests of this folder and the targets of cargo-fuzz (`fuzz/`) call the same functions.

#![allow(clippy::unwrap_used, reason = "a target that fails fails its test")]
#![allow(dead_code, reason = "each target of cargo-fuzz calls one of them")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use poetgan::config::Config;
use poetgan::corpus::{Format, LongLines, ReadOptions, Script};
use poetgan::inspect::{self, InspectOptions};
use poetgan::lang::{Lang, message};
use poetgan::run::changes::flat;
use poetgan::run::checkpoint::{self, Pointer};
use poetgan::run::event::Event;
use poetgan::run::journal::{self, Journal};
use poetgan::run::run_dir::{RunDir, metrics_file, samples_file};
use poetgan::runs::{self, RunsOptions};
use poetgan::series::{self, MetricsFormat, MetricsOptions};
use poetgan::tokenizer::Tokenizer;
use poetgan::ui::{DashboardState, Theme, draw};
use poetgan::watch::{Follower, Past};
use poetgan::write::{Model, PoemRequest, Steering, compose_steered, usual_request};
use ratatui::{Terminal, backend::TestBackend};

/// A target: a folder to work in, and the bytes of a file.
pub type Target = fn(&Path, &[u8]);

/// The run that journals and checkpoints are read in; `fuzz/seeds/README.md` says how it was made.
const RUN: [(&str, &[u8]); 7] = [
    ("config.toml", include_bytes!("../../fuzz/seeds/run/config.toml")),
    ("corpus.json", include_bytes!("../../fuzz/seeds/run/corpus.json")),
    ("tokenizer.json", include_bytes!("../../fuzz/seeds/run/tokenizer.json")),
    ("checkpoints/step-00000004/average.safetensors", include_bytes!("../../fuzz/seeds/run/average.safetensors")),
    (
        "checkpoints/step-00000004/discriminator.safetensors",
        include_bytes!("../../fuzz/seeds/run/discriminator.safetensors"),
    ),
    ("checkpoints/step-00000004/generator.safetensors", include_bytes!("../../fuzz/seeds/run/generator.safetensors")),
    ("checkpoints/step-00000004/optimizer.safetensors", include_bytes!("../../fuzz/seeds/run/optimizer.safetensors")),
];

/// Calls a target in a folder that all calls of the process share.
pub fn in_own_folder(target: Target, bytes: &[u8]) {
    static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    target(FOLDER.path(), bytes);
}

/// An error has a text in both languages. Translation takes longer than all else, so it is tried for files of some lengths only.
fn refused(error: &anyhow::Error, bytes: &[u8]) {
    let text = format!("{error:#}");
    assert!(!text.is_empty());
    if bytes.len().is_multiple_of(16) {
        assert!(!message(Lang::Zh, &text).is_empty());
    }
}

fn has_control(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).chars().any(|character| character.is_control() && character != '\n')
}

/// Options that the length of the file picks, so that files are not changed by where they are read from.
fn reading(length: usize) -> ReadOptions {
    let layout = Format::ALL.get(length % (Format::ALL.len() + 1)).copied();
    ReadOptions {
        layout,
        column: layout.filter(|layout| Format::TABLES.contains(layout)).map(|_| (length % 5).to_string()),
        script: [None, Some(Script::Simplified), Some(Script::Traditional)][length % 3],
        long_lines: [None, Some(LongLines::Wrap(1 + length % 40)), Some(LongLines::Cut(1 + length % 40))][length % 3],
    }
}

/// A file of poems, as `poetgan corpus` reads it: with its own layout, and with one that is not its own.
pub fn corpus(folder: &Path, bytes: &[u8]) {
    let path = folder.join("poems");
    fs::write(&path, bytes).unwrap();
    let reports = [
        (ReadOptions::default(), true, false),
        (reading(bytes.len()), false, false),
        (ReadOptions::default(), false, true),
    ];
    for (reading, json, clean) in reports {
        let lang = if bytes.len().is_multiple_of(2) { Lang::En } else { Lang::Zh };
        let options = InspectOptions { paths: vec![path.clone()], reading, json, convert: None, clean, lang };
        let mut report = Vec::new();
        match inspect::run(&options, &mut report) {
            Err(error) => refused(&error, bytes),
            Ok(()) if json => drop(serde_json::from_slice::<serde_json::Value>(&report).unwrap()),
            Ok(()) => assert!(!has_control(&report), "{}", String::from_utf8_lossy(&report)),
        }
    }
}

/// A `tokenizer.json`: whatever is taken is written and read again, and can encode and decode.
pub fn tokenizer(_: &Path, bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let tokenizer = match Tokenizer::from_json(text) {
        Ok(tokenizer) => tokenizer,
        Err(error) => return refused(&error.into(), bytes),
    };
    let again = Tokenizer::from_json(&tokenizer.to_json().unwrap()).unwrap();
    let texts = |tokenizer: &Tokenizer| -> Vec<String> {
        (0..tokenizer.vocab_size() as u32).map(|id| tokenizer.token_text(id).unwrap().to_string()).collect()
    };
    assert_eq!((texts(&tokenizer), tokenizer.forms()), (texts(&again), again.forms()));
    let tokens: Vec<u32> = (0..tokenizer.vocab_size() as u32 + 2).chain([u32::MAX]).collect();
    let lines = tokenizer.decode(&tokens);
    assert!(tokenizer.origins(&tokens).iter().flatten().all(|place| *place < tokens.len()));
    for line in
        lines.iter().map(String::as_str).chain(["床前明月光", "a rose, isn't it?", "", "▁ ▁a", "e\u{301}\u{301}"])
    {
        if let Some(tokens) = tokenizer.encode_line(line) {
            assert!(tokens.iter().all(|token| (*token as usize) < tokenizer.vocab_size()));
        }
    }
    for (form, tag) in tokenizer.forms() {
        assert_eq!(tokenizer.form_token(*form), Some(*tag));
        tokenizer.render(&lines, &tokenizer.stanzas(&tokens), *form);
    }
}

/// A packed model: one that is taken writes poems.
pub fn packed(_: &Path, bytes: &[u8]) {
    match Model::unpack(bytes) {
        Ok(model) => writes(&model, bytes),
        Err(error) => refused(&error, bytes),
    }
}

fn writes(model: &Model, bytes: &[u8]) {
    let request = PoemRequest { select: 2, with_scores: true, ..usual_request(model) };
    let steering = Steering { avoid_copying: true, ..Steering::default() };
    match compose_steered(model, request, &steering, &[1, u64::MAX]) {
        Ok(poems) => assert_eq!(poems.len(), 2),
        Err(error) => refused(&error, bytes),
    }
}

/// A run in the folder, without journal and checkpoint.
fn run(folder: &Path) -> PathBuf {
    let run = folder.join("run");
    if !run.exists() {
        fs::create_dir_all(run.join("checkpoints/step-00000004")).unwrap();
        RUN.iter().for_each(|(name, bytes)| fs::write(run.join(name), bytes).unwrap());
    }
    run
}

fn list(run: &Path, bytes: &[u8]) {
    let json = bytes.len().is_multiple_of(2);
    let options = RunsOptions {
        names: vec![run.display().to_string()],
        folder: run.parent().unwrap().to_path_buf(),
        sort: None,
        reverse: false,
        settings: Vec::new(),
        differing_settings: true,
        json,
        lang: if json { Lang::En } else { Lang::Zh },
    };
    let mut out = Vec::new();
    match runs::run(&options, &mut out) {
        Ok(()) if json => drop(serde_json::from_slice::<serde_json::Value>(&out).unwrap()),
        Ok(()) => assert!(!has_control(&out), "{}", String::from_utf8_lossy(&out)),
        Err(error) => refused(&error, bytes),
    }
}

/// The files of a journal: `runs`, `watch`, `metrics`, and `train`, which cuts and continues it.
pub fn journal(folder: &Path, bytes: &[u8]) {
    let run = run(folder);
    let (metrics, samples) = (metrics_file(&run), samples_file(&run));
    fs::write(&samples, bytes).unwrap();
    // The second half comes while the run is watched.
    fs::write(&metrics, &bytes[..bytes.len() / 2]).unwrap();
    let mut follower = Follower::new(run.clone()).unwrap();
    let mut events = follower.news().events;
    fs::write(&metrics, bytes).unwrap();
    events.extend(follower.news().events);
    shows(events);
    let past = Past::read(&run).unwrap();
    assert!(past.ends.metrics <= bytes.len() as u64);
    shows(past.events);
    journal::read(&metrics).unwrap().for_each(|event| drop(journal::in_words(&event)));
    list(&run, bytes);
    for (metrics, format) in [(vec![], MetricsFormat::Table), (vec!["*".to_string()], MetricsFormat::Json)] {
        let run = Some(run.display().to_string());
        let options = MetricsOptions { run, metrics, last: Some(3), from_step: None, to_step: None, format };
        if let Err(error) = series::run(&options, &mut Vec::new()) {
            refused(&error, bytes);
        }
    }
    continues(&run);
}

/// Shows events on a dashboard of a common size.
fn shows(events: Vec<Event>) {
    if events.is_empty() {
        return;
    }
    let mut state = DashboardState::default();
    events.into_iter().for_each(|event| state.apply(event));
    let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
    let mut layout = Default::default();
    terminal.draw(|frame| layout = draw(frame, &state, Theme::COLOURLESS)).unwrap();
    state.laid_out(layout);
    state.tick(1.0);
}

/// A journal that a run continues from a step holds no event of a later one.
fn continues(run: &Path) {
    let open = RunDir::open(run).unwrap();
    drop(Journal::open(&open, Some(2)).unwrap());
    assert!(journal::read(&metrics_file(run)).unwrap().all(|event| event.step() <= 2));
}

/// A configuration: one that is taken is written and read again unchanged.
pub fn config(folder: &Path, bytes: &[u8]) {
    let path = folder.join("config.toml");
    fs::write(&path, bytes).unwrap();
    let loaded = Config::load(&path, None);
    let saved = str::from_utf8(bytes).map(|text| Config::saved(text, &path));
    for config in [Some(loaded), saved.ok()].into_iter().flatten() {
        match config {
            Ok(config) => {
                let text = config.to_toml().unwrap();
                assert_eq!(Config::saved(&text, &path).unwrap(), config);
                assert!(flat(&config).unwrap().len() > 40);
            }
            Err(error) => refused(&error.into(), bytes),
        }
    }
}

/// `state.json` of a checkpoint: `runs`, `write --model RUN`, and what `train` does before it resumes.
pub fn state(folder: &Path, bytes: &[u8]) {
    let run = run(folder);
    let checkpoint = run.join("checkpoints/step-00000004");
    fs::write(checkpoint.join("state.json"), bytes).unwrap();
    let loaded = checkpoint::load(&checkpoint);
    let newest = checkpoint::newest_valid(&run);
    assert_eq!(loaded.is_ok(), matches!(&newest, Ok(Some(newest)) if newest.path == checkpoint), "{newest:?}");
    if let Err(error) = loaded {
        refused(&error.into(), bytes);
    }
    Pointer::Best.get(&run);
    Pointer::Pretrained.get(&run);
    list(&run, bytes);
    match Model::open(&run) {
        Ok(model) => writes(&model, bytes),
        Err(error) => refused(&error, bytes),
    }
}
