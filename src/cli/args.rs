//! The command line as clap sees it.

mod bench;
mod check;
mod comparison;
mod constraints;
mod corpus;
mod eval;
mod export;
mod merge;
mod metrics;
mod model;
mod oracle;
mod output;
mod revise;
mod runs;
mod screen;
mod studio;
mod sweep;
mod watch;
mod write;

pub use bench::Bench;
pub use check::Check;
pub use comparison::ComparisonArgs;
pub use corpus::{CorpusArgs, ReadingArgs};
pub use eval::Eval;
pub use export::Export;
pub use merge::Merge;
pub use metrics::Metrics;
pub use model::ModelArgs;
pub use oracle::OracleArgs;
pub use output::OutputArgs;
pub use revise::Revise;
pub use runs::Runs;
pub use screen::{ScreenArgs, ScreenLanguage};
pub use studio::Studio;
pub use sweep::Sweep;
pub use watch::{Replay, TourArgs, WatchArgs};
pub use write::{Between, Explore, Write};

use super::values::{choice, duration, number, preset, run, seed, size, threads};
use crate::config::{DEFAULT_PRESET, GeneratorKind, LossKind, PrecisionSetting, Relaxation, TokenizerKind};
use crate::train::options::{Display, Settings, TrainOptions};
use crate::write::CheckpointChoice;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Train a text GAN on a file of poems, watch it train in the terminal, and write poems.
#[derive(Parser)]
#[command(
    name = "poetgan",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  poetgan tour                        90 seconds on what a GAN does and what the dashboard shows
  poetgan train corpora/tang.txt      start or resume training; Ctrl-C stops it and saves a checkpoint
  poetgan corpus my-poems.txt         show how a file of poems is read
  poetgan write --seed 42             print a poem
  poetgan write --theme 秋月          a poem on a theme
  poetgan write --help                all options of write
  poetgan studio                      write poems on a screen, with constraints and by hand
  poetgan explore                     move a poem along the themes of the model
  poetgan watch                       show a run from another terminal
  poetgan eval                        measure the poems against real ones and simple baselines
  poetgan runs                        list all runs and their progress
  poetgan export tang                 a run as a web page, tables and TensorBoard curves
  poetgan metrics tang                the numbers of a run for scripts
  poetgan check poem.txt              mark tones, rhyme and faults of Chinese verse
  poetgan bench                       how long training takes on this machine"
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: CliCommand,
    /// Language of help, messages and screens [default: from the locale]
    #[arg(long, value_enum, global = true)]
    pub lang: Option<ScreenLanguage>,
}

#[derive(Subcommand)]
pub enum CliCommand {
    Tour(TourArgs),
    Train(Box<Train>),
    Watch(WatchArgs),
    Replay(Replay),
    Write(Box<Write>),
    Revise(Revise),
    Studio(Studio),
    Explore(Explore),
    Between(Between),
    Bench(Bench),
    Eval(Eval),
    Sweep(Sweep),
    Merge(Merge),
    Oracle(Box<OracleArgs>),
    Check(Check),
    Corpus(CorpusArgs),
    Export(Export),
    Metrics(Metrics),
    Runs(Runs),
    /// Pack a trained model into one small file
    #[command(after_help = "\
Examples:
  poetgan pack runs/tang -o tang.safetensors      the best checkpoint, with rounded weights
  poetgan write --model tang.safetensors          use it on any machine
  poetgan pack old.safetensors --corpus corpora/tang.txt -o tang.safetensors
                                                  write then copies no phrase of this file")]
    Pack {
        /// Run, checkpoint folder or packed model
        model: PathBuf,
        /// Checkpoint of the run: best, last, pretrained, or a step [default: best]
        #[arg(long, value_name = "WHICH")]
        checkpoint: Option<CheckpointChoice>,
        /// Poems whose phrases write avoids [default: those that the run was trained on]
        #[arg(long, value_name = "FILE")]
        corpus: Option<PathBuf>,
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Print a preset: all settings, with their meaning
    #[command(after_help = "\
Examples:
  poetgan config --preset small > my.toml       then edit my.toml; it may contain only what differs
  poetgan train corpora/tang.txt --config my.toml")]
    Config {
        /// tiny for tests, small for a quick run, pure for a GAN without pretraining, base for poems
        #[arg(long, value_parser = preset(), default_value = DEFAULT_PRESET)]
        preset: String,
    },
    /// Print a shell completion script
    #[command(after_help = "\
Examples:
  poetgan completions bash > ~/.local/share/bash-completion/completions/poetgan
  poetgan completions fish > ~/.config/fish/completions/poetgan.fish

The script calls the program for forms, names of runs and words of axes.")]
    Completions {
        shell: clap_complete::Shell,
    },
    /// Print the manual page of the program, or write the pages of all commands into a folder
    #[command(after_help = "\
Examples:
  poetgan man | man -l -                         read it
  poetgan man ~/.local/share/man/man1            then man poetgan-write works")]
    Man {
        /// The folder for the pages
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// Train on a file of poems; the same command again resumes the run
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan train corpora/tang.txt                          the default preset, into runs/tang
  poetgan train corpora/tang.txt                          the same again: resume where it stopped
  poetgan train corpora/tang.txt --preset small --run quick --time-limit 10m
  poetgan train corpora/sonnets.txt --tokenizer bpe --generator lstm --fresh
  poetgan train corpora/tang.txt --plain --steps 1000     no dashboard, a shorter schedule
  poetgan train mine.txt --from builtin                   start from the built-in model

Ctrl-C, SIGTERM or SIGHUP finishes the step and writes a checkpoint; a second one exits immediately.
Exit codes: 0 finished or stopped, 1 failure, 2 usage error, 130 second signal.")]
pub struct Train {
    /// File of poems, or folder of files; `poetgan corpus` shows how it is read
    corpus: PathBuf,

    /// Name (below runs/) or path of the run directory [default: the name of the corpus]
    #[arg(long, value_name = "NAME_OR_PATH", value_parser = run, help_heading = "Run")]
    run: Option<String>,
    /// Start over; the old run is kept as runs/NAME.old-1
    #[arg(long, help_heading = "Run")]
    fresh: bool,
    /// Start from the weights of a trained model: builtin, a run, or a packed file; its architecture is kept, its
    /// vocabulary extended
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["generator", "tokenizer"], help_heading = "Run")]
    from: Option<String>,
    /// Resume the run even if training settings have changed
    #[arg(long, help_heading = "Run")]
    allow_changes: bool,

    #[command(flatten)]
    reading: ReadingArgs,

    #[command(flatten)]
    settings: SettingsArgs,

    /// Plain log lines instead of the dashboard [default without a terminal]
    #[arg(long, conflicts_with = "json", help_heading = "Output")]
    plain: bool,
    /// Events as JSON lines
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Ring the terminal's bell when training ends
    #[arg(long, help_heading = "Output")]
    bell: bool,

    #[command(flatten)]
    pub screen: ScreenArgs,

    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true, help_heading = "Machine")]
    pub threads: Option<usize>,
}

#[derive(Args)]
struct SettingsArgs {
    /// Base settings [default: base, or those of the resumed run]
    #[arg(long, value_parser = preset(), help_heading = "Settings")]
    preset: Option<String>,
    /// TOML file of settings; it may contain only what differs from the preset
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    config: Option<PathBuf>,
    /// Architecture of the generator; the transformer learns rhyme, an LSTM of its size does not
    #[arg(long, value_parser = choice::<GeneratorKind>(&["transformer", "lstm"]), help_heading = "Settings")]
    generator: Option<GeneratorKind>,
    /// Tokens; auto means char for scripts without spaces, else bpe
    #[arg(long, value_parser = choice::<TokenizerKind>(&["auto", "char", "word", "bpe"]), help_heading = "Settings")]
    tokenizer: Option<TokenizerKind>,
    /// Maximum size of the vocabulary
    #[arg(long, value_name = "N", value_parser = size(0), allow_negative_numbers = true, help_heading = "Settings")]
    vocab_size: Option<usize>,
    /// Random seed
    #[arg(long, value_name = "N", value_parser = seed(), allow_negative_numbers = true, help_heading = "Settings")]
    seed: Option<u64>,
    /// Matrix products of training; auto means bfloat16 where the processor has AVX512-BF16, else f32
    #[arg(long, value_parser = choice::<PrecisionSetting>(&["auto", "f32"]), help_heading = "Settings")]
    precision: Option<PrecisionSetting>,

    /// Total steps; both phases are scaled in proportion
    #[arg(long, value_name = "N", value_parser = number(0), allow_negative_numbers = true, help_heading = "Schedule")]
    steps: Option<u64>,
    /// Steps of pretraining by maximum likelihood; 0 skips it
    #[arg(long, alias = "warmup-steps", value_name = "N", value_parser = number(0), allow_negative_numbers = true, help_heading = "Schedule")]
    pretrain_steps: Option<u64>,
    /// Steps of adversarial training
    #[arg(long, value_name = "N", value_parser = number(0), allow_negative_numbers = true, help_heading = "Schedule")]
    adversarial_steps: Option<u64>,
    /// Stop after this time, such as 90s, 20m or 1h30m
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Schedule")]
    time_limit: Option<Duration>,

    /// Adversarial loss; wasserstein implies spectral norm
    #[arg(long, value_parser = choice::<LossKind>(&["standard", "relativistic", "hinge", "wasserstein"]),
          help_heading = "Adversarial training")]
    loss: Option<LossKind>,
    /// Input of the discriminator for generated tokens: hard with a relaxed gradient, or relaxed
    #[arg(long, value_parser = choice::<Relaxation>(&["straight-through", "soft"]), help_heading = "Adversarial training")]
    relaxation: Option<Relaxation>,
    /// Discriminator steps per generator step
    #[arg(long, value_name = "N", value_parser = number(1), allow_negative_numbers = true, help_heading = "Adversarial training")]
    n_critic: Option<u64>,
}

impl Train {
    /// The options; `default` is the display without `--plain` and `--json`, `command` the words of the command line.
    pub fn options(self, default: Display, command: Vec<String>) -> TrainOptions {
        let args = self.settings;
        TrainOptions {
            corpus: self.corpus,
            reading: self.reading.options(),
            run: self.run,
            fresh: self.fresh,
            from: self.from,
            allow_changes: self.allow_changes,
            time_limit: args.time_limit,
            display: match (self.plain, self.json) {
                (_, true) => Display::Json,
                (true, _) => Display::Plain,
                _ => default,
            },
            bell: self.bell,
            command,
            settings: Settings {
                preset: args.preset,
                config_file: args.config,
                generator: args.generator,
                steps: args.steps,
                pretrain_steps: args.pretrain_steps,
                adversarial_steps: args.adversarial_steps,
                seed: args.seed,
                precision: args.precision,
                loss: args.loss,
                relaxation: args.relaxation,
                n_critic: args.n_critic,
                tokenizer: args.tokenizer,
                vocab_size: args.vocab_size,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train(arguments: &str) -> TrainOptions {
        match Arguments::try_parse_from(format!("poetgan train a.txt {arguments}").split_whitespace()).unwrap().command
        {
            CliCommand::Train(train) => train.options(Display::Dashboard, vec!["poetgan".to_string()]),
            _ => panic!("another command"),
        }
    }

    #[test]
    fn every_flag_of_train_reaches_its_option() {
        let options = train(
            "--run b --fresh --allow-changes --preset tiny --config c.toml --generator lstm --tokenizer word \
             --vocab-size 1 --seed 2 --steps 3 --pretrain-steps 4 --adversarial-steps 5 --time-limit 6s --precision f32 --loss hinge \
             --relaxation soft --n-critic 7 --plain --bell --threads 8",
        );
        let settings = Settings {
            preset: Some("tiny".to_string()),
            config_file: Some("c.toml".into()),
            generator: Some(GeneratorKind::Lstm),
            steps: Some(3),
            pretrain_steps: Some(4),
            adversarial_steps: Some(5),
            seed: Some(2),
            precision: Some(PrecisionSetting::F32),
            loss: Some(LossKind::Hinge),
            relaxation: Some(Relaxation::Soft),
            n_critic: Some(7),
            tokenizer: Some(TokenizerKind::Word),
            vocab_size: Some(1),
        };
        let (time_limit, display) = (Some(Duration::from_secs(6)), Display::Plain);
        let (corpus, run) = (PathBuf::from("a.txt"), Some("b".to_string()));
        assert_eq!(
            options,
            TrainOptions {
                corpus,
                reading: Default::default(),
                run,
                fresh: true,
                from: None,
                allow_changes: true,
                settings,
                time_limit,
                display,
                bell: true,
                command: vec!["poetgan".to_string()],
            }
        );
        assert_eq!((train("").display, train("--json").display), (Display::Dashboard, Display::Json));
        assert_eq!(train("").settings, Settings::default());
    }

    #[test]
    fn a_base_model_has_its_own_architecture() {
        assert_eq!(train("--from builtin").from.as_deref(), Some("builtin"));
        let ignored =
            ["--generator lstm", "--tokenizer bpe"].map(|setting| format!("poetgan train a --from b {setting}"));
        for arguments in ignored {
            assert!(Arguments::try_parse_from(arguments.split_whitespace()).is_err(), "{arguments}");
        }
    }

    #[test]
    fn the_old_name_of_pretrain_steps_is_a_hidden_alias() {
        use clap::CommandFactory;
        assert_eq!(train("--warmup-steps 4").settings.pretrain_steps, Some(4));
        let oracle = Arguments::try_parse_from(["poetgan", "oracle", "--warmup-steps", "7"]).unwrap().command;
        let CliCommand::Oracle(oracle) = oracle else { panic!("another command") };
        assert_eq!(oracle.options().pretrain_steps, 7);
        for name in ["train", "oracle"] {
            let help = Arguments::command().find_subcommand_mut(name).unwrap().render_long_help().to_string();
            assert!(help.contains("--pretrain-steps") && !help.contains("warmup"), "{help}");
        }
    }

    #[test]
    fn the_definition_passes_claps_checks() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
