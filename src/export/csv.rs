//! The tables `steps.csv`, `held_out.csv` and `quality.csv`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exporter::Exporter;
use crate::printable;
use crate::run::event::{Event, Histogram, StepRecord};
use crate::run::files::Growing;
use crate::run::step_metrics::STEP_METRICS;

const STEPS: &str = "steps.csv";
const HELD_OUT: &str = "held_out.csv";
const QUALITY: &str = "quality.csv";

/// The form of a loss over all forms.
const ALL: &str = "all";

pub struct Csv {
    folder: PathBuf,
    steps: Growing,
    held_out: Growing,
    quality: Growing,
}

impl Csv {
    pub fn create(folder: &Path) -> io::Result<Csv> {
        let create = |name| Growing::create(&folder.join(name));
        let mut csv = Csv {
            folder: folder.to_path_buf(),
            steps: create(STEPS)?,
            held_out: create(HELD_OUT)?,
            quality: create(QUALITY)?,
        };
        let names: Vec<&str> = STEP_METRICS.iter().map(|number| number.name).collect();
        writeln!(csv.steps, "step,phase,total_steps,{},real_histogram,fake_histogram", names.join(","))?;
        writeln!(csv.held_out, "step,form,loss")?;
        writeln!(csv.quality, "step,form,figure,model,real")?;
        Ok(csv)
    }
}

impl Exporter for Csv {
    fn on_event(&mut self, event: &Event, _seconds: f64) -> io::Result<()> {
        match event {
            Event::Step(record) => writeln!(self.steps, "{}", row(record)),
            Event::HeldOut { step, loss, forms } => {
                writeln!(self.held_out, "{step},{ALL},{loss}")?;
                forms.iter().try_for_each(|(form, loss)| writeln!(self.held_out, "{step},{},{loss}", cell(form)))
            }
            Event::Quality { step, form, figures } => figures.iter().try_for_each(|figure| {
                let (form, name) = (cell(form), cell(&figure.name));
                writeln!(self.quality, "{step},{form},{name},{},{}", figure.model, figure.real)
            }),
            _ => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<PathBuf>> {
        self.steps.finish()?;
        self.held_out.finish()?;
        self.quality.finish()?;
        Ok([STEPS, HELD_OUT, QUALITY].map(|name| self.folder.join(name)).to_vec())
    }
}

fn row(record: &StepRecord) -> String {
    let mut row = format!("{},{},{}", record.step, record.phase.name(), record.total_steps);
    for number in &STEP_METRICS {
        row.push(',');
        row.extend((number.of)(record).map(|value| value.to_string()));
    }
    for histogram in [&record.real_histogram, &record.fake_histogram] {
        row.push(',');
        row.extend(histogram.as_ref().map(counts));
    }
    row
}

/// A histogram in one cell: its counts with spaces between them.
fn counts(histogram: &Histogram) -> String {
    histogram.map(|count| count.to_string()).join(" ")
}

/// A cell by RFC 4180: in quotes if it would else be read as several cells.
fn cell(text: &str) -> String {
    let text = printable::cell(text);
    let is_plain = !text.contains([',', '"']);
    if is_plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::Phase;

    #[test]
    fn missing_numbers_leave_their_cells_empty() {
        let mut record = StepRecord::new(7, Phase::Adversarial, 0.5);
        (record.total_steps, record.d_real) = (90, Some(0.25));
        record.fake_histogram = Some(std::array::from_fn(|bin| bin as u16));
        let expected = "7,adversarial,90,0,0,,0,,,,0.25,,,,,0.5,,,0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19";
        assert_eq!(row(&record), expected);
    }

    #[test]
    fn foreign_text_stays_one_cell() {
        assert_eq!(cell("lines:14"), "lines:14");
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
