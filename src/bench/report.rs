//! Results as JSON lines or as a table.

use std::io::{self, Write};

use serde_json::json;

use super::workload::Schedule;
use super::{BenchOptions, median};
use crate::lang::Lang;
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
                "beta": shape.beta, "precision": self.options.precision,
            });
            return self.line(&line.to_string());
        }
        let generator = format!("{:?}", shape.generator).to_lowercase();
        let (beta, precision) = (shape.beta, self.options.precision);
        let sizes = self.options.lang.pick(
            format!(
                "{generator}, batch {batch}, time {time}, vocab {vocab}, embed {embed}, hidden {hidden}, beta {beta}, \
                 threads {threads}, matrix products in {precision}\n"
            ),
            format!(
                "{generator}，小批量 {batch}，长度 {time}，词表 {vocab}，嵌入 {embed}，隐层 {hidden}，逆温度 {beta}，{threads} 线程，\
                 矩阵乘用 {precision}\n"
            ),
        );
        self.line(&sizes)?;
        let head = "step       median ms   min ms   max ms   tokens/s   of matmul peak";
        self.line(self.options.lang.pick(head, "训练步       中位 ms  最短 ms  最长 ms    词元/秒     占矩阵乘峰值"))
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
        let [peak, most] = self.options.lang.pick(["matmul peak", "peak memory"], ["矩阵乘峰值", "内存峰值"]);
        self.line(&format!("{peak} {gflops:.0} GFLOP/s"))?;
        memory.map_or(Ok(()), |memory| self.line(&format!("{most} {memory:.0} MB")))
    }

    /// Prints the milliseconds of the matrix products of `mle_step` alone.
    pub fn products(&mut self, ms: f64) -> io::Result<()> {
        if self.options.json {
            return self.line(&json!({ "what": "mle_step_products", "ms": thousandths(ms) }).to_string());
        }
        let sentence = self.options.lang.pick(
            format!("\nmatrix products of mle_step alone, with packing: {ms:.1} ms"),
            format!("\n仅 mle_step 的矩阵乘（含打包）：{ms:.1} 毫秒"),
        );
        self.line(&sentence)
    }

    /// Prints the estimated time of `poetgan train` with the default preset.
    pub fn schedule(&mut self, schedule: &Schedule) -> io::Result<()> {
        let Schedule { pretrain_steps, adversarial_steps, d_warmup_steps, pretrain_ms, discriminator_ms, .. } =
            schedule;
        let (lang, step_ms) = (self.options.lang, schedule.discriminator_ms + schedule.generator_ms);
        let time = minutes(schedule.total_ms(), lang);
        let sentence = lang.pick(
            format!(
                "\nThe default schedule (poetgan train, transformer) takes about {time} here:\n\
                 {pretrain_steps} pretraining steps of {pretrain_ms:.0} ms, {adversarial_steps} adversarial steps of \
                 {step_ms:.0} ms, the first {d_warmup_steps} of which take {discriminator_ms:.0} ms."
            ),
            format!(
                "\n默认计划（poetgan train，Transformer）在本机约需 {time}：\n\
                 预训练 {pretrain_steps} 步，每步 {pretrain_ms:.0} 毫秒；对抗训练 {adversarial_steps} 步，每步 {step_ms:.0} 毫秒，\
                 其中前 {d_warmup_steps} 步每步 {discriminator_ms:.0} 毫秒。"
            ),
        );
        self.line(&sentence)
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

fn minutes(ms: f64, lang: Lang) -> String {
    let minutes = (ms / 60e3).ceil().max(1.0);
    let [min, h] = lang.pick(["min", "h"], ["分钟", "小时"]);
    if minutes < 100.0 { format!("{minutes} {min}") } else { format!("{:.1} {h}", minutes / 60.0) }
}

/// Peak resident memory of this process, in MB; `None` except on Linux.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = peak.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
