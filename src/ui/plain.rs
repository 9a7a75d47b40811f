//! Log lines instead of the dashboard, for files, pipes and `--plain`.

use std::{
    fmt::Write as _,
    io::{self, Write},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use crate::run::event::{Command, Event, QualityFigure, SamplePoem, StepRecord};
use crate::ui::end::End;
use crate::ui::text;

/// How often the stop flag is read while no event comes.
const POLL: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug)]
pub struct PlainOptions {
    /// Time between two lines with the numbers of a step.
    pub interval: Duration,
    /// Whether `out` takes colour codes.
    pub colour: bool,
}

/// Writes the run to `out` until the trainer's last event or until its end of the channel is closed. Losses are means since
/// the previous line.
///
/// `stop` works as in [`super::dashboard()`].
///
/// # Errors
/// When `out` cannot be written to, a closed pipe included.
pub fn plain(
    events: Receiver<Event>,
    commands: Sender<Command>,
    stop: &AtomicBool,
    out: &mut impl Write,
    options: PlainOptions,
) -> io::Result<End> {
    let mut log = Log { out, options, means: Means::default(), latest: None, last_line: None, best: f32::INFINITY };
    let mut stopping = false;
    loop {
        if stop.swap(false, Ordering::SeqCst) {
            if stopping {
                return Ok(End::Abandoned);
            }
            stopping = true;
            commands.send(Command::Stop).ok();
            log.line("stopping", "finishing the step, writing a checkpoint; stop again to quit now")?;
        }
        match events.recv_timeout(POLL) {
            Ok(event) => {
                let is_last = matches!(event, Event::Finished { .. } | Event::Failed { .. });
                log.event(event)?;
                if is_last {
                    return Ok(End::Finished);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                log.numbers()?;
                return Ok(End::Finished);
            }
        }
    }
}

struct Log<'a, W> {
    out: &'a mut W,
    options: PlainOptions,
    means: Means,
    /// The newest step that is not in a line yet.
    latest: Option<StepRecord>,
    last_line: Option<Instant>,
    best: f32,
}

impl<W: Write> Log<'_, W> {
    fn event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Step(record) => return self.step(record),
            // Pending numbers are written before these events.
            Event::Finished { .. } | Event::Failed { .. } | Event::Paused { .. } => self.numbers()?,
            _ => {}
        }
        match event {
            Event::Started { run, corpus, model, step, total_steps, pretrain_steps, .. } => {
                self.line("run", &run)?;
                self.line("corpus", &corpus.to_string())?;
                self.line("model", &model.to_string())?;
                self.line("schedule", &format!("step {step} of {total_steps}, pretraining until step {pretrain_steps}"))
            }
            Event::HeldOut { step, loss, forms } => self.held_out(step, loss, &forms),
            Event::Quality { step, form, figures } => self.quality(step, &form, &figures),
            Event::Sample { step, temperature, poems } => self.sample(step, temperature, &poems),
            Event::Checkpoint { step, path, .. } => self.line("checkpoint", &format!("step {step}  {path}")),
            Event::Notice { step, notice } => self.line("notice", &format!("step {step}  {notice}")),
            Event::Changed { step, setting, from, to } => {
                self.line("changed", &format!("step {step}  {}: {from} -> {to}", setting.name()))
            }
            Event::Note { step, note } => self.line("note", &format!("step {step}  {note}")),
            Event::Paused { step } => self.line("paused", &format!("step {step}")),
            Event::Resumed { step } => self.line("resumed", &format!("step {step}")),
            Event::Finished { step, reason } => self.line("finished", &format!("step {step}  {reason}")),
            Event::Failed { step, message } => self.line("failed", &format!("step {step}  {message}")),
            Event::Step(_) | Event::Turn { .. } | Event::Latent { .. } => Ok(()),
        }
    }

    fn step(&mut self, record: StepRecord) -> io::Result<()> {
        self.means.add(&record);
        self.latest = Some(record);
        match self.last_line {
            Some(last) if last.elapsed() < self.options.interval => Ok(()),
            _ => self.numbers(),
        }
    }

    fn numbers(&mut self) -> io::Result<()> {
        let Some(record) = self.latest.take() else { return Ok(()) };
        self.last_line = Some(Instant::now());
        let means = std::mem::take(&mut self.means);
        self.line("step", &numbers(&record, &means))
    }

    fn held_out(&mut self, step: u64, loss: f32, forms: &[(String, f32)]) -> io::Result<()> {
        let is_best = loss < self.best;
        self.best = self.best.min(loss);
        let best = if is_best { "new best".to_owned() } else { format!("best {:.3}", self.best) };
        let forms: String = forms.iter().map(|(form, loss)| format!("  {form} {loss:.3}")).collect();
        self.line("held-out", &format!("step {step}  {loss:.3} nats per token, {best}{forms}"))
    }

    fn quality(&mut self, step: u64, form: &str, figures: &[QualityFigure]) -> io::Result<()> {
        let figures: Vec<String> = figures.iter().map(QualityFigure::to_string).collect();
        self.line("quality", &format!("step {step}  {form}: {}", figures.join(", ")))
    }

    fn sample(&mut self, step: u64, temperature: f32, poems: &[SamplePoem]) -> io::Result<()> {
        self.line("samples", &format!("step {step}  temperature {temperature:.1}"))?;
        for poem in poems {
            let score = score(poem.score);
            writeln!(self.out, "    {} seed {}{score}", text::clean(&poem.form), poem.seed)?;
            let cleaned: Vec<String> = poem.lines.iter().map(|line| text::clean(&line.text)).collect();
            let width = cleaned.iter().map(|line| text::columns(line)).max().unwrap_or(0);
            for (number, (line, cleaned)) in poem.lines.iter().zip(cleaned).enumerate() {
                if poem.stanzas.contains(&number) {
                    writeln!(self.out)?;
                }
                let line = format!("        {}{}", text::fit(&cleaned, width), self::score(line.score));
                writeln!(self.out, "{}", line.trim_end())?;
            }
        }
        self.out.flush()
    }

    /// One line: its kind and the text.
    fn line(&mut self, word: &str, rest: &str) -> io::Result<()> {
        let code = match word {
            _ if !self.options.colour => None,
            "step" => Some("2"),
            "failed" => Some("1;31"),
            _ => Some("1"),
        };
        let rest = text::clean(rest);
        match code {
            Some(code) => writeln!(self.out, "\x1b[{code}m{word:<10}\x1b[0m  {rest}")?,
            None => writeln!(self.out, "{word:<10}  {rest}")?,
        }
        self.out.flush()
    }
}

fn score(score: Option<f32>) -> String {
    score.map_or(String::new(), |score| format!("  {}", text::probability(score)))
}

fn numbers(record: &StepRecord, means: &Means) -> String {
    let width = record.total_steps.to_string().len();
    let mut line = format!("{:>width$}/{}  {:>5.1} %", record.step, record.total_steps, 100.0 * record.progress);
    write!(line, "  {:<11}  elapsed {}", record.phase.name(), text::clock(record.elapsed_s)).ok();
    if let Some(eta) = record.eta_s {
        write!(line, "  left {}", text::clock(eta)).ok();
    }
    write!(line, "  tokens/s {:.0}  lr {:.2e}", record.tokens_per_s, record.learning_rate).ok();
    if let Some(beta) = record.beta {
        write!(line, "  beta {beta:.2}").ok();
    }
    for (name, mean) in NAMES.iter().zip(&means.0) {
        if let Some(mean) = mean.value() {
            write!(line, "  {name} {mean:.3}").ok();
        }
    }
    line
}

const NAMES: [&str; 7] = ["likelihood", "G", "D", "D(real)", "D(fake)", "G-grad", "D-grad"];

/// Means of the numbers in [`NAMES`], in that order.
#[derive(Default)]
struct Means([RunningMean; 7]);

impl Means {
    fn add(&mut self, record: &StepRecord) {
        let values = [
            record.likelihood_loss,
            record.generator_loss,
            record.discriminator_loss,
            record.d_real,
            record.d_fake,
            record.generator_grad_norm,
            record.discriminator_grad_norm,
        ];
        for (mean, value) in self.0.iter_mut().zip(values) {
            if let Some(value) = value {
                mean.sum += f64::from(value);
                mean.n_values += 1;
            }
        }
    }
}

#[derive(Clone, Copy, Default)]
struct RunningMean {
    sum: f64,
    n_values: u32,
}

impl RunningMean {
    fn value(self) -> Option<f64> {
        (self.n_values > 0).then(|| self.sum / f64::from(self.n_values))
    }
}
