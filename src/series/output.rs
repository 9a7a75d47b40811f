//! Metrics as a table, as CSV, or as JSON lines.

use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::MetricsFormat;
use super::numbers::MetricValue;
use super::values::MetricSeries;
use crate::printable::{self, printable};

/// Between two columns.
const GAP: &str = "  ";

/// A value as a JSON object.
#[derive(Serialize)]
struct ValueJson<'a> {
    metric: &'a str,
    step: u64,
    value: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    real: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<&'a str>,
}

/// A metric as a JSON object.
#[derive(Serialize)]
struct MetricJson<'a> {
    metric: &'a str,
    count: u64,
    first_step: u64,
    first: f32,
    last_step: u64,
    last: f32,
}

/// Writes the values of each series.
pub fn values(series: &[MetricSeries], format: MetricsFormat, out: &mut impl Write) -> io::Result<()> {
    let all = || series.iter().flat_map(|series| series.values.iter().map(|value| (series.metric.as_str(), value)));
    if format == MetricsFormat::Json {
        let object = |(metric, MetricValue { step, value, real, form }): (_, &'_ MetricValue)| {
            json(&ValueJson { metric, step: *step, value: *value, real: *real, form: form.as_deref() }, out)
        };
        return all().try_for_each(object);
    }
    let number = number_of(format);
    let row = |(metric, value): (&str, &MetricValue)| {
        let real = value.real.map(number).unwrap_or_default();
        let form = value.form.clone().unwrap_or_default();
        [metric.to_string(), value.step.to_string(), number(value.value), real, form]
    };
    let rows: Vec<[String; 5]> = all().map(row).collect();
    write(["metric", "step", "value", "real", "form"], &rows, format, out)?;
    let mut absent = series.iter().filter(|series| series.values.is_empty() && format == MetricsFormat::Table);
    absent.try_for_each(|series| writeln!(out, "{}: no values", printable(&series.metric)))
}

/// Writes the metrics with the number of their values, the first and the last.
pub fn list(series: &[MetricSeries], format: MetricsFormat, out: &mut impl Write) -> io::Result<()> {
    let ends = series.iter().filter_map(|series| Some((series, series.first.as_ref()?, series.values.back()?)));
    let mut metrics = ends.map(|(MetricSeries { metric, count, .. }, first, last)| {
        let (first_step, last_step) = (first.step, last.step);
        MetricJson { metric, count: *count, first_step, first: first.value, last_step, last: last.value }
    });
    if format == MetricsFormat::Json {
        return metrics.try_for_each(|metric| json(&metric, out));
    }
    let number = number_of(format);
    let row = |MetricJson { metric, count, first_step, first, last_step, last }: MetricJson| {
        let steps = [first_step, last_step].map(|step| step.to_string());
        let [first_step, last_step] = steps;
        [metric.to_string(), count.to_string(), first_step, number(first), last_step, number(last)]
    };
    let rows: Vec<[String; 6]> = metrics.map(row).collect();
    write(["metric", "count", "first_step", "first", "last_step", "last"], &rows, format, out)
}

fn json(object: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", printable::json(object)?)
}

/// How numbers are written: to be read by people, or with all their digits.
fn number_of(format: MetricsFormat) -> fn(f32) -> String {
    match format {
        MetricsFormat::Table => |value| match value.abs() {
            size if size >= 1e5 || (size > 0.0 && size < 1e-3) => format!("{value:.3e}"),
            size if size >= 100.0 => format!("{value:.1}"),
            _ => format!("{value:.4}"),
        },
        _ => |value| value.to_string(),
    }
}

fn write<const N: usize>(
    head: [&str; N],
    rows: &[[String; N]],
    format: MetricsFormat,
    out: &mut impl Write,
) -> io::Result<()> {
    if format == MetricsFormat::Csv {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(head)?;
        rows.iter().try_for_each(|row| table.write_record(row.each_ref().map(|text| printable::cell(text))))?;
        return table.flush();
    }
    if rows.is_empty() {
        return Ok(());
    }
    let mut cells: Vec<[String; N]> = vec![head.map(String::from)];
    cells.extend(rows.iter().map(|row| row.each_ref().map(|cell| printable(cell))));
    // Figures of real poems and forms belong to the quality checks.
    let is_shown = |column: usize| rows.iter().any(|row| !row[column].is_empty());
    let columns: Vec<(usize, usize)> = (0..N)
        .filter(|column| is_shown(*column))
        .map(|column| (column, cells.iter().map(|row| row[column].width()).max().unwrap_or(0)))
        .collect();
    for row in &cells {
        let cell = |(column, width): &(usize, usize)| {
            let space = " ".repeat(width - row[*column].width());
            let is_text = ["metric", "form"].contains(&head[*column]);
            if is_text { row[*column].clone() + &space } else { space + &row[*column] }
        };
        writeln!(out, "{}", columns.iter().map(cell).collect::<Vec<_>>().join(GAP).trim_end())?;
    }
    Ok(())
}
