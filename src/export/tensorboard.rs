//! An event file for TensorBoard: all numbers as scalars, and some samples as texts.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exporter::Exporter;
use super::numbers::{NUMBERS, StepMetric};
use super::record::Message;
use crate::run::event::{Event, SamplePoem};
use crate::run::files::Growing;

/// `DT_STRING` of TensorFlow's types.
const STRING: u64 = 7;
/// `DATA_CLASS_TENSOR`: the kind of summary that texts are.
const TENSOR: u64 = 2;

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
            Event::Step(record) => {
                let value = |number: &StepMetric| {
                    (number.of)(record).map(|value| (format!("{}/{}", number.group, number.name), value))
                };
                self.write(record.step, seconds, &scalars(NUMBERS.iter().filter_map(value)))
            }
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
            Event::Sample { step, temperature, poems } => {
                let text: String = poems.iter().map(poem).collect();
                let text = format!("Temperature {temperature}\n\n{text}");
                self.write(*step, seconds, &Message::default().message(1, &text_value("samples", &text)))
            }
            _ => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<PathBuf>> {
        self.file.finish()?;
        Ok(vec![self.path])
    }
}

/// A summary of numbers with their names.
fn scalars(values: impl Iterator<Item = (String, f32)>) -> Message {
    values.fold(Message::default(), |summary, (tag, value)| {
        summary.message(1, &Message::default().text(1, &tag).float(2, value))
    })
}

/// A text as the value of a summary: a tensor of one string, for the plugin that shows texts.
fn text_value(tag: &str, text: &str) -> Message {
    let plugin = Message::default().text(1, "text");
    let metadata = Message::default().message(1, &plugin).int(4, TENSOR);
    let tensor = Message::default().int(1, STRING).message(2, &Message::default()).text(8, text);
    Message::default().text(1, tag).message(9, &metadata).message(8, &tensor)
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
