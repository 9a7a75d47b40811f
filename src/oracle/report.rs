//! Measurements as JSON lines, or as tables for people.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::measure::Measured;
use super::{Ended, OracleOptions};
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
/// Tokens of a sequence of theirs.
const PUBLISHED_TIME: usize = 20;

/// How far a run has come.
pub struct Progress {
    pub step: u64,
    pub total: u64,
    pub elapsed_s: f64,
}

impl Progress {
    /// Seconds that are left if steps go on to take what they took.
    fn left_s(&self) -> Option<f64> {
        (self.step > 0).then(|| self.elapsed_s / self.step as f64 * (self.total - self.step) as f64)
    }
}

pub struct Report<'a, W> {
    options: &'a OracleOptions,
    /// Whether the oracle is the one that the published figures were measured with.
    is_published: bool,
    out: &'a mut W,
}

impl<W: Write> Report<'_, W> {
    pub fn new<'a>(options: &'a OracleOptions, is_published: bool, out: &'a mut W) -> Report<'a, W> {
        Report { options, is_published, out }
    }

    fn is_comparable(&self) -> bool {
        self.is_published && self.options.time == PUBLISHED_TIME
    }

    /// What is run.
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
            let why = if self.is_published { "other lengths" } else { "another oracle" };
            writeln!(self.out, "NOT comparable with published figures: they are of {why}")?;
        }
        self.out.flush()
    }

    /// The oracle's own samples.
    pub fn own(&mut self, own: &Measured) -> io::Result<()> {
        if self.options.json {
            return self.line(&with(json!({ "what": "oracle" }), own));
        }
        writeln!(self.out, "\nnats per token  NLL_oracle  held-out  distinct-2   unique   progress     left")?;
        writeln!(self.out, "{:<14}{}", "oracle itself", figures(own))?;
        self.out.flush()
    }

    /// One measurement of the run.
    pub fn measured(&mut self, progress: &Progress, adversarial: bool, measured: &Measured) -> io::Result<()> {
        let phase = if adversarial { "adversarial" } else { "pretraining" };
        let Progress { step, total, elapsed_s } = *progress;
        if self.options.json {
            let left = progress.left_s().map(f64::round);
            return self.line(&with(
                json!({ "what": "step", "step": step, "phase": phase, "steps": total,
                    "elapsed_s": elapsed_s.round(), "left_s": left }),
                measured,
            ));
        }
        let name = format!("{} {step}", if adversarial { "adversarial" } else { "likelihood" });
        let share = 100.0 * step as f64 / total.max(1) as f64;
        let left = progress.left_s().map_or("?".to_string(), time);
        writeln!(self.out, "{name:<17}{} {share:>8.0} % {left:>8}", figures(measured).trim_start_matches("   "))?;
        self.out.flush()
    }

    /// The table at the end, with what others have published, and what it means.
    pub fn end(&mut self, own: &Measured, ended: &Ended) -> io::Result<()> {
        let mut rows = vec![("oracle itself".to_string(), *own)];
        if let Some((step, at)) = &ended.likelihood {
            let name = |alpha: f32| format!("likelihood, {step} steps, inverse temperature {alpha:.1}");
            rows.extend(at.iter().map(|(alpha, measured)| (name(*alpha), *measured)));
        }
        let (step, last) = ended.last;
        if step > self.options.pretrain_steps {
            let steps = step - self.options.pretrain_steps;
            rows.push((format!("adversarial, {steps} steps on top, inverse temperature 1.0"), last));
        }
        if self.options.json {
            return self.end_json(ended);
        }
        if ended.stopped {
            writeln!(self.out, "\nstopped as asked, after {step} of {} steps", self.total())?;
        }
        writeln!(self.out, "\n{:<48}  NLL_oracle  held-out  distinct-2   unique", "nats per token")?;
        for (name, measured) in &rows {
            writeln!(self.out, "{name:<48}{}", figures(measured))?;
        }
        if self.is_comparable() {
            writeln!(self.out, "\npublished for this oracle")?;
            for (name, nll) in PUBLISHED {
                writeln!(self.out, "{name:<48}{nll:>12.3}")?;
            }
        }
        writeln!(self.out, "\n{}", verdict(&rows))?;
        self.out.flush()
    }

    fn end_json(&mut self, ended: &Ended) -> io::Result<()> {
        if let Some((step, at)) = &ended.likelihood {
            for (alpha, measured) in at {
                let head = json!({ "what": "inverse_temperature", "step": step, "inverse_temperature": alpha });
                self.line(&with(head, measured))?;
            }
        }
        if self.is_comparable() {
            let published = PUBLISHED.iter().map(|(name, nll)| (name.to_string(), json!(nll)));
            self.line(&json!({ "what": "published", "nll_oracle": Value::Object(published.collect()) }))?;
        }
        let (step, last) = &ended.last;
        self.line(&with(json!({ "what": "end", "step": step, "steps": self.total(), "stopped": ended.stopped }), last))
    }

    fn total(&self) -> u64 {
        self.options.pretrain_steps + self.options.adversarial_steps
    }

    fn line(&mut self, line: &Value) -> io::Result<()> {
        writeln!(self.out, "{line}")?;
        self.out.flush()
    }
}

/// What the figures do and do not show.
fn verdict(rows: &[(String, Measured)]) -> String {
    let mut text =
        "NLL_oracle alone rewards a generator that says few and likely things: it asks whether the oracle could have \
                    said a sample, and never what samples leave out."
            .to_string();
    let likelihood: Vec<&Measured> =
        rows.iter().filter(|(name, _)| name.starts_with("likelihood")).map(|row| &row.1).collect();
    if let (Some(first), Some(last)) = (likelihood.first(), likelihood.last()) {
        text += &format!(
            "\nThe likelihood model alone goes from {:.3} to {:.3} when it only samples colder, while its held-out NLL \
             goes from {:.3} to {:.3}.\nA gain counts where NLL_oracle falls and the held-out NLL does not rise.",
            first.nll_oracle, last.nll_oracle, first.nll_held_out, last.nll_held_out
        );
    }
    text
}

fn with(mut head: Value, measured: &Measured) -> Value {
    // JSON has no numbers that are not finite; they become null.
    let Measured { nll_oracle, nll_held_out, distinct_2, unique } = *measured;
    head["nll_oracle"] = json!(nll_oracle);
    head["nll_held_out"] = json!(nll_held_out);
    head["distinct_2"] = json!(distinct_2);
    head["unique"] = json!(unique);
    head
}

fn figures(measured: &Measured) -> String {
    let Measured { nll_oracle, nll_held_out, distinct_2, unique } = *measured;
    format!("{nll_oracle:>12.3}{nll_held_out:>10.3}{distinct_2:>12.4}{unique:>9.4}")
}

fn time(seconds: f64) -> String {
    if seconds < 100.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}
