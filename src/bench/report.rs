//! Results as JSON lines or as a table.

use std::io::{self, Write};

use serde_json::json;

use super::workload::Schedule;
use super::{BenchOptions, median};
use crate::nn::threads;

/// The measured times of one step.
pub struct StepTimes<'a> {
    pub step: &'a str,
    /// Milliseconds, in ascending order.
    pub times: Vec<f64>,
    /// Floating-point operations of its matrix products.
    pub flops: f64,
    /// Measured GFLOP/s of a large matrix product.
    pub peak: f64,
}

/// Prints the results.
pub struct BenchReport<'a, W> {
    options: &'a BenchOptions,
    out: &'a mut W,
}

impl<W: Write> BenchReport<'_, W> {
    pub fn new<'a>(options: &'a BenchOptions, out: &'a mut W) -> BenchReport<'a, W> {
        BenchReport { options, out }
    }

    /// Prints the shape and the head of the table.
    pub fn begin(&mut self) -> io::Result<()> {
        let shape = &self.options.shape;
        let threads = threads::count();
        let (batch, time, vocab) = (shape.batch, shape.time, shape.vocab);
        let (embed, hidden) = (shape.embed, shape.hidden);
        if self.options.json {
            let line = json!({
                "poetgan": env!("CARGO_PKG_VERSION"), "generator": shape.generator, "threads": threads,
                "batch": batch, "time": time, "vocab": vocab, "embed": embed, "hidden": hidden,
                "beta": shape.beta,
            });
            return self.line(&line.to_string());
        }
        let generator = format!("{:?}", shape.generator).to_lowercase();
        self.line(&format!(
            "{generator}, batch {batch}, time {time}, vocab {vocab}, embed {embed}, hidden {hidden}, beta {}, threads {threads}\n",
            shape.beta
        ))?;
        self.line("step       median ms   min ms   max ms   tokens/s   of matmul peak")
    }

    pub fn step(&mut self, times: &StepTimes) -> io::Result<()> {
        let (ms, min) = (median(&times.times), times.times.first().copied().unwrap_or(f64::NAN));
        let max = times.times.last().copied().unwrap_or(f64::NAN);
        let tokens_per_s = (self.options.shape.batch * self.options.shape.time) as f64 / ms * 1e3;
        let share = times.flops / ms / 1e6 / times.peak;
        if self.options.json {
            let line = json!({
                "what": times.step, "ms": thousandths(ms), "min": thousandths(min), "max": thousandths(max),
                "tokens_per_s": tokens_per_s.round(), "matmul_share": thousandths(share),
                "peak_mb": peak_memory().map(tenths),
            });
            return self.line(&line.to_string());
        }
        self.line(&format!(
            "{:<10} {ms:>9.1} {min:>8.1} {max:>8.1} {tokens_per_s:>10.0} {:>14.0} %",
            times.step,
            share * 100.0
        ))
    }

    pub fn peak(&mut self, gflops: f64) -> io::Result<()> {
        let memory = peak_memory();
        if self.options.json {
            self.line(&json!({ "what": "matmul_peak", "gflops": tenths(gflops) }).to_string())?;
            return self.line(&json!({ "what": "memory", "peak_mb": memory.map(tenths) }).to_string());
        }
        self.line(&format!("\nmatmul peak {gflops:.0} GFLOP/s"))?;
        memory.map_or(Ok(()), |memory| self.line(&format!("peak memory {memory:.0} MB")))
    }

    /// Prints the estimated time of `poetgan train` with the default preset.
    pub fn schedule(&mut self, schedule: &Schedule) -> io::Result<()> {
        self.line(&format!(
            "\nThe default schedule (poetgan train, transformer) takes about {} here:\n\
             {} pretraining steps of {:.0} ms, {} adversarial steps of {:.0} ms, the first {} of which take {:.0} ms.",
            minutes(schedule.total_ms()),
            schedule.pretrain_steps,
            schedule.pretrain_ms,
            schedule.adversarial_steps,
            schedule.discriminator_ms + schedule.generator_ms,
            schedule.d_warmup_steps,
            schedule.discriminator_ms
        ))
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{line}")?;
        self.out.flush()
    }
}

fn thousandths(x: f64) -> f64 {
    (x * 1e3).round() / 1e3
}

fn tenths(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

fn minutes(ms: f64) -> String {
    let minutes = (ms / 60e3).ceil().max(1.0);
    if minutes < 100.0 { format!("{minutes} min") } else { format!("{:.1} h", minutes / 60.0) }
}

/// Peak resident memory of this process, in MB; `None` except on Linux.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = peak.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
