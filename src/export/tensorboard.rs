//! An event file for TensorBoard: all numbers as scalars, the discriminator's scores and the lengths of lines as histograms,
//! settings and some samples as texts.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::board_values::{Buckets, histogram_value, hparams_value, scalars, text_value};
use super::exporter::Exporter;
use super::record::Message;
use crate::run::event::{Event, Histogram, SamplePoem, StepRecord};
use crate::run::files::Growing;
use crate::run::step_metrics::{STEP_METRICS, StepMetric};

pub struct TensorBoard {
    file: Growing,
    path: PathBuf,
    /// When the run was created, in seconds since 1970. The journal holds training times only, so the time of an event is
    /// this plus the training time.
    begun: i64,
}

impl TensorBoard {
    /// The file is named after that time, as TensorBoard expects it, so a second export replaces the first and TensorBoard
    /// does not show the same curves twice.
    pub fn create(folder: &Path, begun: i64) -> io::Result<TensorBoard> {
        let path = folder.join(format!("events.out.tfevents.{begun}.poetgan"));
        let mut file = Growing::create(&path)?;
        file.write_all(&Message::default().double(1, begun as f64).text(3, "brain.Event:2").framed())?;
        Ok(TensorBoard { file, path, begun })
    }

    fn write(&mut self, step: u64, seconds: f64, summary: &Message) -> io::Result<()> {
        let time = self.begun as f64 + seconds;
        self.file.write_all(&Message::default().double(1, time).int(2, step).message(5, summary).framed())
    }
}

impl Exporter for TensorBoard {
    fn on_event(&mut self, event: &Event, seconds: f64) -> io::Result<()> {
        match event {
            Event::Step(record) => self.write(record.step, seconds, &of_step(record)),
            Event::HeldOut { step, loss, forms } => {
                let of_form = forms.iter().map(|(form, loss)| (format!("held_out/{form}"), *loss));
                let all = std::iter::once(("held_out/all".to_string(), *loss));
                self.write(*step, seconds, &scalars(all.chain(of_form)))
            }
            Event::Quality { step, figures, .. } => {
                let both = figures.iter().flat_map(|figure| {
                    let tag = format!("quality/{}", figure.name);
                    [(format!("{tag}_real"), figure.real), (tag, figure.model)]
                });
                self.write(*step, seconds, &scalars(both))
            }
            Event::Sample { step, temperature, poems } => self.write(*step, seconds, &of_sample(*temperature, poems)),
            Event::Started { step, settings, .. } => {
                let text: String = settings.iter().map(|(key, value)| format!("    {key} = {value}\n")).collect();
                let summary = Message::default().message(1, &text_value("settings", &text));
                // A session of hyperparameters begins once; later processes of the run belong to it.
                let hparams = (*step == 0).then(|| hparams_value(settings, self.begun));
                self.write(*step, seconds, &with(summary, hparams))
            }
            _ => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<PathBuf>> {
        self.file.finish()?;
        Ok(vec![self.path])
    }
}

/// The numbers of a step, and the discriminator's scores.
fn of_step(record: &StepRecord) -> Message {
    let value =
        |number: &StepMetric| (number.of)(record).map(|value| (format!("{}/{}", number.group, number.name), value));
    let scores = [("real", record.real_histogram), ("fake", record.fake_histogram)];
    let histogram = |(name, scores): (&str, Option<Histogram>)| {
        let buckets = Buckets::of_scores(&scores?)?;
        Some(histogram_value(&format!("discriminator/{name}_scores"), &buckets))
    };
    with(scalars(STEP_METRICS.iter().filter_map(value)), scores.into_iter().filter_map(histogram))
}

/// Poems and the lengths of their lines.
fn of_sample(temperature: f32, poems: &[SamplePoem]) -> Message {
    let text: String = poems.iter().map(poem).collect();
    let text = format!("Temperature {temperature}\n\n{text}");
    let lengths: Vec<usize> =
        poems.iter().flat_map(|poem| poem.lines.iter().map(|line| line.text.chars().count())).collect();
    let lengths = Buckets::of_counts(&lengths).map(|lengths| histogram_value("samples/line_length", &lengths));
    with(Message::default().message(1, &text_value("samples", &text)), lengths)
}

/// A summary with more values.
fn with(summary: Message, values: impl IntoIterator<Item = Message>) -> Message {
    values.into_iter().fold(summary, |all, value| all.message(1, &value))
}

/// A poem as a Markdown code block, which the plugin shows unchanged.
fn poem(poem: &SamplePoem) -> String {
    let lines = poem.lines.iter().enumerate().map(|(number, line)| {
        let begin = if poem.stanzas.contains(&number) { "\n" } else { "" };
        let score = line.score.map(|score| format!("  {score:.2}")).unwrap_or_default();
        format!("{begin}    {}{score}\n", line.text)
    });
    format!("{}\n\n{}\n", poem.form, lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::ScoredLine;

    #[test]
    fn poems_are_code_blocks() {
        let line = |text: &str, score| ScoredLine {
            text: text.to_string(),
            score,
            attributions: Vec::new(),
            tones: String::new(),
        };
        let lines = vec![line("*春*", Some(0.25)), line("眠", None)];
        let sample = SamplePoem {
            form: "7x4".to_string(),
            seed: 1,
            lines,
            score: None,
            nearest: Vec::new(),
            stanzas: Vec::new(),
        };
        assert_eq!(poem(&sample), "7x4\n\n    *春*  0.25\n    眠\n\n");
    }
}
