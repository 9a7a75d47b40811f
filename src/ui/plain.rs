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

use crate::lang::{self, Lang};
use crate::run::event::{Command, Event, QualityFigure, SamplePoem, StepRecord};
use crate::ui::end::End;
use crate::ui::text;
use crate::ui::text::notices;
use crate::ui::text::words::translate;

/// Columns of the first word of a line.
const WORD: usize = 10;
/// How often the stop flag is read while no event comes.
const POLL: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug)]
pub struct PlainOptions {
    /// Time between two lines with the numbers of a step.
    pub interval: Duration,
    /// Whether `out` takes colour codes.
    pub colour: bool,
    pub lang: Lang,
}

const STOPPING: &str = "finishing the step, writing a checkpoint; stop again to quit now";
const STOPPING_ZH: &str = "正在完成此步并写检查点；再停一次则立即退出";

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
            log.line("stopping", options.lang.pick(STOPPING, STOPPING_ZH))?;
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
        let (lang, at) = (self.options.lang, |step| step_text(step, self.options.lang));
        match event {
            Event::Started { run, corpus, model, step, total_steps, pretrain_steps, .. } => {
                self.line("run", &run)?;
                self.line("corpus", &notices::corpus(&corpus, lang))?;
                self.line("model", &notices::model(&model, lang))?;
                self.line("schedule", &notices::schedule_of(step, total_steps, pretrain_steps, lang))
            }
            Event::HeldOut { step, loss, forms } => self.held_out(step, loss, &forms),
            Event::Quality { step, form, figures } => self.quality(step, &form, &figures),
            Event::Sample { step, temperature, poems } => self.sample(step, temperature, &poems),
            Event::Checkpoint { step, path, .. } => self.line("checkpoint", &format!("{}  {path}", at(step))),
            Event::Notice { step, notice } => {
                self.line("notice", &format!("{}  {}", at(step), notices::text(&notice, lang)))
            }
            Event::Changed { step, setting, from, to } => {
                self.line("changed", &format!("{}  {}: {from} -> {to}", at(step), setting.name()))
            }
            Event::Note { step, note } => self.line("note", &format!("{}  {note}", at(step))),
            Event::Paused { step } => self.line("paused", &at(step)),
            Event::Resumed { step } => self.line("resumed", &at(step)),
            Event::Finished { step, reason } => {
                self.line("finished", &format!("{}  {}", at(step), notices::finish_reason(reason, lang)))
            }
            Event::Failed { step, message } => {
                self.line("failed", &format!("{}  {}", at(step), lang::message(lang, &message)))
            }
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
        self.line("step", &numbers(&record, &means, self.options.lang))
    }

    fn held_out(&mut self, step: u64, loss: f32, forms: &[(String, f32)]) -> io::Result<()> {
        let is_best = loss < self.best;
        self.best = self.best.min(loss);
        let (lang, best) = (self.options.lang, self.best);
        let forms: String = forms.iter().map(|(form, loss)| format!("  {form} {loss:.3}")).collect();
        let best = match lang {
            _ if is_best => lang.pick("new best", "为新低").to_owned(),
            Lang::En => format!("best {best:.3}"),
            Lang::Zh => format!("最低 {best:.3}"),
        };
        let [unit, comma] = lang.pick(["nats per token", ", "], ["奈特每词元", "，"]);
        self.line("held-out", &format!("{}  {loss:.3} {unit}{comma}{best}{forms}", step_text(step, lang)))
    }

    fn quality(&mut self, step: u64, form: &str, figures: &[QualityFigure]) -> io::Result<()> {
        let lang = self.options.lang;
        let figures = notices::list_of_figures(figures, lang);
        self.line("quality", &format!("{}  {form}{}{figures}", step_text(step, lang), lang.pick(": ", "：")))
    }

    fn sample(&mut self, step: u64, temperature: f32, poems: &[SamplePoem]) -> io::Result<()> {
        let lang = self.options.lang;
        let [temperature_is, seed] = ["temperature", "seed"].map(|word| translate(lang, word));
        self.line("samples", &format!("{}  {temperature_is} {temperature:.1}", step_text(step, lang)))?;
        for poem in poems {
            let score = score(poem.score);
            writeln!(self.out, "    {} {seed} {}{score}", text::clean(&poem.form), poem.seed)?;
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
        let word = if word == "step" {
            self.options.lang.pick("step", "训练步")
        } else {
            translate(self.options.lang, word)
        };
        let (word, rest) = (text::fit(word, WORD), text::clean(rest));
        match code {
            Some(code) => writeln!(self.out, "\x1b[{code}m{word}\x1b[0m  {rest}")?,
            None => writeln!(self.out, "{word}  {rest}")?,
        }
        self.out.flush()
    }
}

fn score(score: Option<f32>) -> String {
    score.map_or(String::new(), |score| format!("  {}", text::probability(score)))
}

fn step_text(step: u64, lang: Lang) -> String {
    lang.pick(format!("step {step}"), format!("第 {step} 步"))
}

fn numbers(record: &StepRecord, means: &Means, lang: Lang) -> String {
    let width = record.total_steps.to_string().len();
    let [elapsed, left, tokens, lr] =
        lang.pick(["elapsed", "left", "tokens/s", "lr"], ["已用", "剩余", "词元/秒", "学习率"]);
    let phase = text::fit(translate(lang, record.phase.name()), PHASE);
    let mut line = format!("{:>width$}/{}  {:>5.1} %", record.step, record.total_steps, 100.0 * record.progress);
    write!(line, "  {phase}  {elapsed} {}", text::clock(record.elapsed_s)).ok();
    if let Some(eta) = record.eta_s {
        write!(line, "  {left} {}", text::clock(eta)).ok();
    }
    write!(line, "  {tokens} {:.0}  {lr} {:.2e}", record.tokens_per_s, record.learning_rate).ok();
    if let Some(beta) = record.beta {
        write!(line, "  beta {beta:.2}").ok();
    }
    for (name, mean) in lang.pick(NAMES, CHINESE_NAMES).iter().zip(&means.0) {
        if let Some(mean) = mean.value() {
            write!(line, "  {name} {mean:.3}").ok();
        }
    }
    line
}

/// Columns of the name of the phase.
const PHASE: usize = 11;
const NAMES: [&str; 7] = ["likelihood", "G", "D", "D(real)", "D(fake)", "G-grad", "D-grad"];
const CHINESE_NAMES: [&str; 7] = ["似然", "G", "D", "D(真)", "D(生成)", "G 梯度", "D 梯度"];

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
