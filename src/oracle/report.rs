//! Measurements as JSON lines or as a table.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::measure::SequenceFigures;
use super::{FiguresAtAlpha, FiguresAtStep, OracleOptions, RunResult};
use crate::nn::threads;

/// NLL_oracle of other papers at 20 tokens: Yu et al. 2017 (SeqGAN, its MLE), Lin et al. 2017, Guo et al. 2018, Nie et
/// al. 2019 (RelGAN), MetaEx-GAN 2023; the last is the oracle's own samples.
const PUBLISHED: [(&str, f64); 7] = [
    ("MLE", 9.038),
    ("SeqGAN", 8.736),
    ("RankGAN", 8.247),
    ("LeakGAN", 7.038),
    ("RelGAN", 6.680),
    ("MetaEx-GAN", 6.321),
    ("real", 5.750),
];
/// Tokens per sequence of the published figures.
const PUBLISHED_TIME: usize = 20;

/// Progress of a run.
pub struct OracleProgress {
    pub step: u64,
    pub total: u64,
    pub elapsed_s: f64,
}

impl OracleProgress {
    /// Estimated seconds left, from the mean time of a step so far; `None` before the first step.
    fn left_s(&self) -> Option<f64> {
        (self.step > 0).then(|| self.elapsed_s / self.step as f64 * (self.total - self.step) as f64)
    }
}

/// Prints the measurements of a run.
pub struct OracleReport<'a, W> {
    options: &'a OracleOptions,
    /// Whether the oracle is that of the published figures.
    is_published: bool,
    out: &'a mut W,
}

impl<W: Write> OracleReport<'_, W> {
    pub fn new<'a>(options: &'a OracleOptions, is_published: bool, out: &'a mut W) -> OracleReport<'a, W> {
        OracleReport { options, is_published, out }
    }

    fn is_comparable(&self) -> bool {
        self.is_published && self.options.time == PUBLISHED_TIME
    }

    /// Prints the settings of the run.
    pub fn begin(&mut self, vocab: usize) -> io::Result<()> {
        let options = self.options;
        let oracle = match &options.weights {
            Some(path) => path.display().to_string(),
            None => format!("random, seed {}", options.oracle_seed),
        };
        let (time, sequences, threads) = (options.time, options.sequences, threads::count());
        if options.json {
            return self.line(&json!({
                "poetgan": env!("CARGO_PKG_VERSION"), "oracle": oracle, "comparable": self.is_comparable(),
                "vocab": vocab, "time": time, "sequences": sequences, "generator": options.generator,
                "width": options.width, "hidden": options.hidden, "batch": options.batch,
                "pretrain_steps": options.pretrain_steps, "adversarial_steps": options.adversarial_steps,
                "beta": options.beta, "likelihood_weight": options.likelihood_weight, "samples": options.samples,
                "seed": options.seed, "threads": threads,
            }));
        }
        let generator = format!("{:?}", options.generator).to_lowercase();
        writeln!(
            self.out,
            "oracle {oracle}: vocab {vocab}, {sequences} training sequences of {time} tokens\n\
             {generator}, width {}, hidden {}, batch {}, seed {}, threads {threads}",
            options.width, options.hidden, options.batch, options.seed
        )?;
        if !self.is_comparable() {
            let why = if self.is_published { "sequence length" } else { "oracle" };
            writeln!(self.out, "NOT comparable with published figures: they have another {why}")?;
        }
        self.out.flush()
    }

    /// Prints the measures of the oracle's own samples.
    pub fn own(&mut self, own: &SequenceFigures) -> io::Result<()> {
        if self.options.json {
            return self.line(&with(json!({ "what": "oracle" }), own));
        }
        writeln!(self.out, "\nnats per token     NLL_oracle  held-out  distinct-2   unique   progress     left")?;
        writeln!(self.out, "{:<17}{}", "oracle itself", columns(own))?;
        self.out.flush()
    }

    /// Prints one measurement.
    pub fn step(&mut self, progress: &OracleProgress, adversarial: bool, figures: &SequenceFigures) -> io::Result<()> {
        let phase = if adversarial { "adversarial" } else { "pretraining" };
        let OracleProgress { step, total, elapsed_s } = *progress;
        if self.options.json {
            let left = progress.left_s().map(f64::round);
            return self.line(&with(
                json!({ "what": "step", "step": step, "phase": phase, "steps": total,
                    "elapsed_s": elapsed_s.round(), "left_s": left }),
                figures,
            ));
        }
        let name = format!("{phase} {step}");
        let share = 100.0 * step as f64 / total.max(1) as f64;
        let left = progress.left_s().map_or("?".to_string(), time);
        writeln!(self.out, "{name:<17}{} {share:>8.0} % {left:>8}", columns(figures))?;
        self.out.flush()
    }

    /// Prints the final table, with the published figures if they are comparable.
    pub fn end(&mut self, own: &SequenceFigures, result: &RunResult) -> io::Result<()> {
        if self.options.json {
            return self.end_json(result);
        }
        let at_alphas = result.pretrained.iter().flat_map(|pretrained| &pretrained.by_alpha);
        let at_alphas: Vec<SequenceFigures> = at_alphas.map(|at| at.figures).collect();
        if result.stopped {
            writeln!(self.out, "\nstopped after {} of {} steps", result.last.step, self.total())?;
        }
        writeln!(self.out, "\n{:<54}  NLL_oracle  held-out  distinct-2   unique", "nats per token")?;
        for Row { name, figures } in self.rows(own, result) {
            writeln!(self.out, "{name:<54}{}", columns(&figures))?;
        }
        if self.is_comparable() {
            writeln!(self.out, "\npublished for this oracle")?;
            for (name, nll) in PUBLISHED {
                writeln!(self.out, "{name:<54}{nll:>12.3}")?;
            }
        }
        writeln!(self.out, "\n{}", interpretation(&at_alphas))?;
        self.out.flush()
    }

    /// The rows of the final table.
    fn rows(&self, own: &SequenceFigures, result: &RunResult) -> Vec<Row> {
        let mut rows = vec![Row { name: "oracle itself".to_string(), figures: *own }];
        if let Some(pretrained) = &result.pretrained {
            let row = |at: &FiguresAtAlpha| Row {
                name: format!("pretraining, {} steps, inverse temperature {:.1}", pretrained.step, at.alpha),
                figures: at.figures,
            };
            rows.extend(pretrained.by_alpha.iter().map(row));
        }
        let FiguresAtStep { step, figures } = result.last;
        if step > self.options.pretrain_steps {
            let steps = step - self.options.pretrain_steps;
            rows.push(Row { name: format!("then adversarial, {steps} steps, inverse temperature 1.0"), figures });
        }
        rows
    }

    fn end_json(&mut self, result: &RunResult) -> io::Result<()> {
        if let Some(pretrained) = &result.pretrained {
            let step = pretrained.step;
            for FiguresAtAlpha { alpha, figures } in &pretrained.by_alpha {
                let head = json!({ "what": "inverse_temperature", "step": step, "inverse_temperature": alpha });
                self.line(&with(head, figures))?;
            }
        }
        if self.is_comparable() {
            let published = PUBLISHED.iter().map(|(name, nll)| (name.to_string(), json!(nll)));
            self.line(&json!({ "what": "published", "nll_oracle": Value::Object(published.collect()) }))?;
        }
        let FiguresAtStep { step, figures } = &result.last;
        let head = json!({ "what": "end", "step": step, "steps": self.total(), "stopped": result.stopped });
        self.line(&with(head, figures))
    }

    fn total(&self) -> u64 {
        self.options.pretrain_steps + self.options.adversarial_steps
    }

    fn line(&mut self, line: &Value) -> io::Result<()> {
        writeln!(self.out, "{line}")?;
        self.out.flush()
    }
}

/// A row of the final table.
struct Row {
    name: String,
    figures: SequenceFigures,
}

/// How to read the figures. `at_alphas` are those of the pretrained model at rising inverse temperatures.
fn interpretation(at_alphas: &[SequenceFigures]) -> String {
    let mut text =
        "NLL_oracle alone rewards low diversity: it measures whether the oracle could have generated a sample, \
                    not what the samples miss."
            .to_string();
    if let (Some(first), Some(last)) = (at_alphas.first(), at_alphas.last()) {
        text += &format!(
            "\nSampling the pretrained model at a lower temperature alone changes NLL_oracle from {:.3} to {:.3} and its \
             held-out NLL from {:.3} to {:.3}.\nAn improvement lowers NLL_oracle without raising the held-out NLL.",
            first.nll_oracle, last.nll_oracle, first.nll_held_out, last.nll_held_out
        );
    }
    text
}

/// Adds the figures to a JSON object. Numbers that are not finite become null, since JSON has none.
fn with(mut head: Value, figures: &SequenceFigures) -> Value {
    let SequenceFigures { nll_oracle, nll_held_out, distinct_2, unique } = *figures;
    head["nll_oracle"] = json!(nll_oracle);
    head["nll_held_out"] = json!(nll_held_out);
    head["distinct_2"] = json!(distinct_2);
    head["unique"] = json!(unique);
    head
}

fn columns(figures: &SequenceFigures) -> String {
    let SequenceFigures { nll_oracle, nll_held_out, distinct_2, unique } = *figures;
    format!("{nll_oracle:>12.3}{nll_held_out:>10.3}{distinct_2:>12.4}{unique:>9.4}")
}

fn time(seconds: f64) -> String {
    if seconds < 100.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}
