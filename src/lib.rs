//! A text GAN for poems: training with a live dashboard, sampling and evaluation.
//!
//! A corpus file becomes `Poem`s, a tokenizer makes token grids of them, a generator turns noise into token sequences,
//! a convolutional discriminator scores real against generated lines, and both are trained in turn through a
//! Gumbel-softmax relaxation: that loop is `gan`. A session (`train`) runs it and emits an `Event` for everything that
//! happens; the dashboard, the plain log and the journal read that one stream. What lies on disk is `run`.
//!
//! Invariants, each checked by `tests/tidy.rs`:
//!
//! - No two modules import each other, and a module knows only those to its right in main, cli, merge, train, export, series, runs,
//!   sweep, eval, oracle, bench, write, gan, watch, ui, shard, outputs, run, check, inspect, discriminator, generator, theme, cluster, nn, metrics, prosody,
//!   tokenizer, corpus, config, signals, picture, shell, printable, random, input, error, lang.
//! - Only `cli` knows clap.
//! - `ui` knows `lang`, `printable`, `run::event`, `run::notice`, `run::best_choice`, `run::limits` and
//!   `run::runtime_setting` of the rest of the crate, and no candle.
//! - Nothing but `printable` writes text of files and names to the standard output or error.
//! - `nn` is pure: tensors and explicit random streams in, tensors out; no files, no terminal, no printing, no clock.
//! - Every random draw comes from `random::stream`, and no seed from a clock, but for a poem that is asked for without
//!   a seed.
//! - Only tests unwrap, expect or panic, and no file has more than 400 lines.

pub mod bench;
pub mod check;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod corpus;
pub mod discriminator;
pub mod error;
pub mod eval;
pub mod export;
pub mod gan;
pub mod generator;
pub mod input;
pub mod inspect;
pub mod lang;
pub mod merge;
pub mod metrics;
pub mod nn;
pub mod oracle;
pub mod outputs;
pub mod picture;
pub mod printable;
pub mod prosody;
pub mod random;
pub mod run;
pub mod runs;
pub mod series;
pub mod shard;
pub mod shell;
pub mod signals;
pub mod sweep;
pub mod theme;
pub mod tokenizer;
pub mod train;
pub mod ui;
pub mod watch;
pub mod write;
