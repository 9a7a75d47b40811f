//! The arguments of `poetgan write`, `explore` and `between`.

use std::time::SystemTime;

use clap::Args;

use super::constraints::ConstraintArgs;
use super::{ModelArgs, OutputArgs, ScreenArgs};
use crate::cli::values::{axis_move, choice, number, positive, probability, threads, whole};
use crate::corpus::Form;
use crate::lang::Lang;
use crate::shard::Shard;
use crate::write::between::BetweenOptions;
use crate::write::explain::ExplainStyle;
use crate::write::explore::ExploreOptions;
use crate::write::{AxisMove, DEFAULT_SELECT_BY, DEFAULT_TEMPERATURE, DEFAULT_TOP_P, SelectBy, Told, WriteOptions};

/// How each character or word is drawn.
#[derive(Args)]
pub struct SamplingArgs {
    /// Sampling temperature; lower is safer, higher more diverse
    #[arg(long, value_name = "T", default_value_t = DEFAULT_TEMPERATURE, value_parser = positive, allow_negative_numbers = true)]
    pub temperature: f32,
    /// Sample from the most probable tokens that together have probability P (nucleus sampling); 1 keeps all tokens
    #[arg(long, value_name = "P", default_value_t = DEFAULT_TOP_P, value_parser = probability, allow_negative_numbers = true)]
    pub top_p: f32,
}

/// Write poems with a trained model
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan write --seed 42                       the same poem every time
  poetgan write --theme 秋月                    about autumn and the moon; in English 'moon, sea'
  poetgan write --axis 战=+2                    towards the end with this word; see explore --list
  poetgan write -n 5 --form 七律                five poems of eight lines of seven characters
  poetgan write --acrostic 春夏秋冬             an acrostic (藏头诗)
  poetgan write --start 明月 --rhyme 山 --tones strict --no-repeat
                                                regulated verse that begins so and rhymes with 山
  poetgan write --select 16 --select-by best    the best of 16 drafts by the discriminator's score
  poetgan write --model runs/sonnets --form lines:14 --temperature 0.8
  poetgan write --checkpoint last               the newest checkpoint of the newest run, not the best
  poetgan write --vertical                      columns from right to left
  poetgan write --traditional --png card.png    in traditional characters, on a card
  poetgan write -n 5 --markdown -o poems.md     five poems into a file, for a blog
  poetgan write --seed 42 --explain             with scores, tones, theme and the nearest line of the corpus
  poetgan write -n 100 --jsonl | head -n 3      one JSON object per poem
  poetgan write -n 1000 --seed 1 --shard 3/16   poems 126 to 187, on the third of 16 machines")]
pub struct Write {
    /// Number of poems
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1, value_parser = number(1), allow_negative_numbers = true)]
    count: u64,
    /// Seed of the first poem; the next ones count up from it [default: random]
    #[arg(long, value_name = "N", value_parser = number(0), allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Write only the Kth of N parts of these poems; all parts one after another, as with cat, are the whole
    #[arg(long, value_name = "K/N", requires = "seed", conflicts_with_all = ["svg", "png"])]
    shard: Option<Shard>,
    /// 7x4 (characters x lines), 七绝, 五律, lines:14 or free [default: drawn as in the corpus]
    #[arg(long)]
    form: Option<Form>,
    /// What the poems are about: one or more words of the corpus [default: drawn as in the corpus]
    #[arg(long, value_name = "WORDS")]
    theme: Option<String>,
    /// Move the poem along an axis, in standard deviations. NAME is a word at one end of an axis, or a number; repeatable
    #[arg(long = "axis", value_name = "NAME=X", value_parser = axis_move)]
    axes: Vec<AxisMove>,
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    constraints: ConstraintArgs,
    /// on: no five characters in a row, and no line, are those of a poem of the corpus (in parts of words: eight)
    #[arg(long, value_name = "on|off", default_value = "on", value_parser = ["on", "off"])]
    avoid_copying: String,
    /// Generate N drafts of each poem and keep the one that the discriminator selects [default: 8, or 1 for a model
    /// without a discriminator]
    #[arg(long, value_name = "N", value_parser = whole::<usize>(1..=1000), allow_negative_numbers = true)]
    select: Option<usize>,
    /// best: the draft with the highest discriminator score; draw: drawn in proportion to the odds of that score, as
    /// typical as real poems
    #[arg(long, value_name = "RULE", default_value_t = DEFAULT_SELECT_BY, value_parser = choice::<SelectBy>(&SelectBy::OPTIONS))]
    select_by: SelectBy,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Explain each poem: scores, tones, rhyme, theme, likelihood, nearest line of the corpus
    #[arg(long, conflicts_with_all = ["markdown", "vertical"], help_heading = "Output")]
    explain: bool,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

/// Move a poem along the themes of a trained model
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan explore                      the newest run, else the built-in model
  poetgan explore --model runs/tang --seed 42
  poetgan explore --list               the axes with the words at their ends

Up and down choose an axis, left and right move along it, n and p change the seed, f the form, 0 resets, q quits. Without a \
terminal it prints the axes.")]
pub struct Explore {
    /// Seed of the first poem
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number(0), allow_negative_numbers = true)]
    seed: u64,
    #[command(flatten)]
    model: ModelArgs,
    /// Print the axes as a table
    #[arg(long)]
    list: bool,
    /// Print the axes, one JSON object each: axis, correlation, keep, negative, positive
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

/// Write the poems on the way from one seed to another
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan between --from 1 --to 2                  eight poems
  poetgan between --from 1 --to 2 --steps 5 --form 五绝
  poetgan between --from 1 --to 2 --json           one JSON object per poem

The noise vector goes from that of the first seed to that of the second; the randomness of each character is that of the \
first seed.")]
pub struct Between {
    /// Seed of the first poem
    #[arg(long, value_name = "SEED", value_parser = number(0), allow_negative_numbers = true)]
    from: u64,
    /// Seed of the last noise vector
    #[arg(long, value_name = "SEED", value_parser = number(0), allow_negative_numbers = true)]
    to: u64,
    /// Number of poems, with both ends
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = whole::<usize>(2..=1000), allow_negative_numbers = true)]
    steps: usize,
    /// 7x4 (characters x lines), 七绝, 五律, lines:14 or free [default: drawn by the first seed]
    #[arg(long)]
    form: Option<Form>,
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON object per poem: from, to, share, form, lines, text, line_scores, score
    #[arg(long, visible_alias = "jsonl")]
    json: bool,
    /// Do not print the model and the seeds on the standard error
    #[arg(short, long)]
    quiet: bool,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl Write {
    /// The options, with how a poem is explained.
    pub fn options(self, style: ExplainStyle) -> WriteOptions {
        WriteOptions {
            count: self.count,
            seed: self.seed.unwrap_or_else(any_seed),
            shard: self.shard,
            form: self.form,
            theme: self.theme,
            axes: self.axes,
            temperature: self.sampling.temperature,
            top_p: self.sampling.top_p,
            constraints: self.constraints.constraints(),
            avoid_copying: self.avoid_copying == "on",
            select: self.select,
            select_by: self.select_by,
            model: self.model.choice(),
            output: self.output.options(style.lang),
            explain: self.explain.then_some(style),
        }
    }
}

impl Explore {
    pub fn options(&self) -> ExploreOptions {
        ExploreOptions { model: self.model.choice(), seed: self.seed, list: self.list, json: self.json }
    }
}

impl Between {
    pub fn options(self, lang: Lang) -> BetweenOptions {
        let Between {
            from, to, steps, form, sampling: SamplingArgs { temperature, top_p }, model, json, quiet, ..
        } = self;
        let told = Told { quiet, lang };
        BetweenOptions { from, to, steps, form, temperature, top_p, model: model.choice(), json, told }
    }
}

/// From the clock, and short enough to be typed again.
pub fn any_seed() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (since.as_micros() % 1_000_000) as u64
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Arguments, CliCommand};
    use super::*;
    use crate::lang::Lang;
    use crate::write::constraints::{Constraints, RhymeConstraint, ToneRule};
    use crate::write::{CheckpointChoice, ModelChoice, OutputOptions, PoemFormat};

    fn command(arguments: &str) -> CliCommand {
        Arguments::try_parse_from(arguments.split_whitespace()).unwrap().command
    }

    fn every_constraint() -> Constraints {
        Constraints {
            start: Some("春".to_string()),
            lines: vec![(2, "白日".to_string())],
            shape: None,
            acrostic: Some("春夏".to_string()),
            acrostic_end: Some("秋冬".to_string()),
            acrostic_diagonal: Some("山".to_string()),
            contain: vec!["月".to_string()],
            avoid: vec!["花".to_string()],
            rhyme: Some(RhymeConstraint::With("山".to_string())),
            tones: ToneRule::Strict,
            no_repeat: true,
        }
    }

    #[test]
    fn every_flag_of_write_reaches_its_option() {
        let arguments = "poetgan write -n 3 --seed 4 --shard 2/3 --form 七绝 --theme 秋月 --axis 战=+2 --axis 3=-0.5 --temperature 0.5 \
                         --top-p 0.9 --start 春 --line 2=白日 --acrostic 春夏 --acrostic-end 秋冬 --acrostic-diagonal 山 --contain 月 --avoid 花 --rhyme 山 \
                         --tones strict --no-repeat --avoid-copying off --select 8 --select-by draw --model runs/a --checkpoint last --json --explain";
        let CliCommand::Write(write) = command(arguments) else { panic!("another command") };
        let style = ExplainStyle { lang: Lang::En, colour: false };
        let options = WriteOptions {
            count: 3,
            seed: 4,
            shard: Some("2/3".parse().unwrap()),
            form: Some(Form::Fixed { width: 7, lines: 4 }),
            theme: Some("秋月".to_string()),
            axes: [("战", 2.0), ("3", -0.5)].map(|(axis, amount)| AxisMove { axis: axis.to_string(), amount }).to_vec(),
            temperature: 0.5,
            top_p: 0.9,
            constraints: every_constraint(),
            avoid_copying: false,
            select: Some(8),
            select_by: SelectBy::Draw,
            model: ModelChoice { path: Some("runs/a".into()), checkpoint: Some(CheckpointChoice::Last) },
            output: OutputOptions {
                format: PoemFormat::Json,
                script: None,
                file: None,
                svg: None,
                png: None,
                width: 80,
                told: Told { quiet: false, lang: Lang::En },
            },
            explain: Some(style),
        };
        assert_eq!(write.options(style), options);
    }

    #[test]
    fn every_flag_of_explore_and_between_reaches_its_option() {
        let CliCommand::Explore(explore) = command("poetgan explore --seed 4 --model a --list --json") else {
            panic!("another command")
        };
        let model = ModelChoice { path: Some("a".into()), checkpoint: None };
        assert_eq!(explore.options(), ExploreOptions { model, seed: 4, list: true, json: true });
        let arguments = "poetgan between --from 4 --to 5 --steps 3 --form 7x4 --temperature 0.5 --top-p 0.9 --model a \
                         --checkpoint 7 --json -q";
        let CliCommand::Between(between) = command(arguments) else { panic!("another command") };
        let options = BetweenOptions {
            from: 4,
            to: 5,
            steps: 3,
            form: Some(Form::Fixed { width: 7, lines: 4 }),
            temperature: 0.5,
            top_p: 0.9,
            model: ModelChoice { path: Some("a".into()), checkpoint: Some(CheckpointChoice::Step(7)) },
            json: true,
            told: Told { quiet: true, lang: Lang::En },
        };
        assert_eq!(between.options(Lang::En), options);
    }
}
