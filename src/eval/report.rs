//! The report as a table and as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use unicode_width::UnicodeWidthStr;

use super::c2st::Accuracy;
use super::explain::{self, METRICS};
use crate::lang::{self, Lang};
use crate::metrics::bootstrap::Interval;
use crate::printable::{self, printable};
use crate::write::SelectBy;

/// The columns, in the order of the table.
pub const COLUMNS: [&str; 5] = ["model", "pretrained", "real", "shuffled", "bigram"];

/// A number and its 95 % interval, if one was computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    pub value: f64,
    pub interval: Option<(f64, f64)>,
}

impl Figure {
    /// A number without an interval.
    pub fn exact(value: f64) -> Figure {
        Figure { value, interval: None }
    }

    /// The number with its interval, such as `0.841 (0.825-0.857)`; in a narrow table, `0.841 ±.016`.
    pub fn cell(&self, is_wide: bool) -> String {
        // An empty sum may be a negative zero.
        let number = |x: f64| match x.abs() {
            size if size >= 1000.0 => format!("{x:.0}"),
            size if size >= 100.0 => format!("{x:.1}"),
            size if size >= 10.0 => format!("{x:.2}"),
            _ => format!("{:.3}", x + 0.0),
        };
        let value = number(self.value);
        match self.interval {
            None => value,
            Some((low, high)) if is_wide => format!("{value} ({}-{})", number(low), number(high)),
            Some((low, high)) => {
                let half = (high - low) / 2.0;
                let half = if half < 0.9995 { format!("{half:.3}")[1..].to_string() } else { format!("{half:.2}") };
                format!("{value} ±{half}")
            }
        }
    }
}

impl From<Interval> for Figure {
    fn from(interval: Interval) -> Figure {
        Figure { value: interval.value, interval: Some((interval.low, interval.high)) }
    }
}

/// The figures of one column, by metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnFigures(pub BTreeMap<String, Figure>);

impl ColumnFigures {
    /// Inserts the accuracy of a classifier, if there is one.
    pub fn insert(&mut self, metric: &str, accuracy: Option<Accuracy>) {
        if let Some(accuracy) = accuracy {
            let figure = Figure { value: accuracy.share(), interval: Some(accuracy.interval()) };
            self.0.insert(metric.to_string(), figure);
        }
    }
}

impl Serialize for ColumnFigures {
    /// Writes each number under its metric's name, and its interval under that name with the suffix `_interval`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (metric, figure) in &self.0 {
            map.serialize_entry(metric, &figure.value)?;
            if let Some(interval) = figure.interval {
                map.serialize_entry(&format!("{metric}_interval"), &interval)?;
            }
        }
        map.end()
    }
}

/// How poems follow one axis of z.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AxisResponse {
    pub axis: usize,
    pub negative: String,
    pub positive: String,
    /// Mean of Spearman's correlation over the seeds.
    pub spearman: f64,
    /// Share of the seeds with a correlation of at least 0.9.
    pub follows: f64,
}

/// The figures of one form.
#[derive(Default, Serialize)]
pub struct FormReport {
    /// Numbers of poems behind the figures.
    pub counts: BTreeMap<&'static str, usize>,
    /// Signs of mode collapse or copying, and other remarks.
    pub alarms: Vec<String>,
    /// How poems follow each axis of z, by column.
    pub axes: BTreeMap<&'static str, Vec<AxisResponse>>,
    #[serde(flatten)]
    pub columns: BTreeMap<&'static str, ColumnFigures>,
}

impl FormReport {
    /// The numbers of poems in words.
    fn count_texts(&self, lang: Lang) -> Vec<String> {
        let text = |(what, count): (&&str, &usize)| match lang {
            Lang::En => format!("{count} {what}"),
            Lang::Zh => format!("{} {count}", lang::message(lang, what)),
        };
        self.counts.iter().map(text).collect()
    }

    fn table(&self, out: &mut impl Write, is_wide: bool, lang: Lang) -> io::Result<()> {
        let width = if is_wide { 21 } else { 11 };
        let columns: Vec<&str> = COLUMNS.into_iter().filter(|name| self.columns.contains_key(name)).collect();
        write!(out, "{:<19}", "")?;
        columns.iter().try_for_each(|column| write!(out, " {}", padded(&lang::message(lang, column), width)))?;
        writeln!(out, "{}", if is_wide { lang.pick(" what it shows", " 说明什么") } else { "" })?;
        for (metric, shown) in METRICS.iter().zip(explain::metrics(lang)) {
            let figures: Vec<Option<&Figure>> =
                columns.iter().map(|column| self.columns[column].0.get(metric.key)).collect();
            if figures.iter().any(Option::is_some) {
                write!(out, "{:<19}", metric.key)?;
                figures.iter().try_for_each(|figure| {
                    write!(out, " {}", padded(&figure.map_or("-".to_string(), |f| f.cell(is_wide)), width))
                })?;
                writeln!(out, "{}", if is_wide { format!(" {}", shown.short) } else { String::new() })?;
            }
        }
        Ok(())
    }

    /// By how many metrics the poems of the model are like real ones; `None` if there is none with intervals for both.
    fn sentence(&self, form: &str, lang: Lang) -> Option<String> {
        let interval = |column: &str, key: &str| self.columns.get(column)?.0.get(key)?.interval;
        let pairs =
            METRICS.iter().filter_map(|metric| Some((interval("model", metric.key)?, interval("real", metric.key)?)));
        let overlaps: Vec<bool> = pairs.map(|(model, real)| model.0 <= real.1 && real.0 <= model.1).collect();
        let (all, same) = (overlaps.len(), overlaps.iter().filter(|overlaps| **overlaps).count());
        let sentence = lang.pick(
            format!(
                "{form}: by {same} of {all} metrics the model's poems do not differ from real ones (the 95 % intervals \
                 overlap); poetgan eval --explain defines the metrics."
            ),
            format!(
                "{form}：{all} 项指标中有 {same} 项，模型的诗与真诗没有差别（95 % 区间重叠）；各项含义见 poetgan eval --explain。"
            ),
        );
        (all > 0).then_some(sentence)
    }

    /// Inserts a figure into a column.
    pub fn insert(&mut self, column: &'static str, metric: &str, figure: Figure) {
        self.columns.entry(column).or_default().0.insert(metric.to_string(), figure);
    }
}

/// Least width of a terminal, in characters, for the table with full intervals.
const WIDE: u16 = 150;

/// The result of `poetgan eval`.
#[derive(Serialize)]
pub struct EvalReport {
    pub model: String,
    pub corpus: String,
    pub samples: usize,
    pub seed: u64,
    pub select: usize,
    pub select_by: SelectBy,
    pub top_p: f32,
    pub temperature: f32,
    pub forms: BTreeMap<String, FormReport>,
}

impl EvalReport {
    /// Writes one JSON object.
    pub fn json(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", printable::json(self)?)
    }

    /// Writes one table per form, with a row for each metric and a sentence on the whole. `terminal` is the width in
    /// characters, `None` for a file. In a narrow terminal the intervals are shorter and the explanations are left to
    /// `--explain`.
    pub fn table(&self, out: &mut impl Write, terminal: Option<u16>, lang: Lang) -> io::Result<()> {
        let is_wide = terminal.is_none_or(|columns| columns >= WIDE);
        let EvalReport { model, corpus, temperature, top_p, seed, .. } = self;
        let [model, corpus] = [model, corpus].map(|text| printable(text));
        let title = lang.pick(
            format!("{model} on {corpus}, temperature {temperature}, top-p {top_p}, seed {seed}"),
            format!("{model}，语料 {corpus}，温度 {temperature}，top-p {top_p}，种子 {seed}"),
        );
        writeln!(out, "{title}")?;
        if let Some(note) = self.select_by.note(self.select) {
            writeln!(out, "{}", lang::message(lang, &note))?;
        }
        for (name, form) in &self.forms {
            let between = if is_wide { lang.pick(", ", "，") } else { lang.pick(",\n     ", "，\n     ") };
            writeln!(out, "\n{name}{}{}", lang.pick(": ", "："), form.count_texts(lang).join(between))?;
            form.table(out, is_wide, lang)?;
            form.alarms.iter().try_for_each(|alarm| writeln!(out, "! {}", alarm_text(alarm, lang)))?;
            form.sentence(name, lang).iter().try_for_each(|sentence| writeln!(out, "{sentence}"))?;
        }
        Ok(())
    }
}

/// An alarm, which may begin with the name of its column.
fn alarm_text(alarm: &str, lang: Lang) -> String {
    match alarm.split_once(": ").filter(|(column, _)| lang == Lang::Zh && COLUMNS.contains(column)) {
        Some((column, alarm)) => format!("{}：{}", lang::message(lang, column), lang::message(lang, alarm)),
        None => lang::message(lang, alarm),
    }
}

/// `text` in at least `width` columns of a terminal.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_show_intervals() {
        let figure = Figure { value: 0.5, interval: Some((0.4, 0.61234)) };
        assert_eq!(figure.cell(true), "0.500 (0.400-0.612)");
        assert_eq!(figure.cell(false), "0.500 ±.106");
        assert_eq!(Figure::exact(142.137).cell(true), "142.1");
    }

    #[test]
    fn json_is_addressed_by_form_column_and_metric() {
        let mut form = FormReport::default();
        let figure = Figure { value: 0.9, interval: Some((0.8, 0.95)) };
        form.columns.entry("real").or_default().0.insert("rhyme".into(), figure);
        let report = EvalReport {
            model: "m".into(),
            corpus: "c".into(),
            samples: 3,
            seed: 0,
            select: 1,
            select_by: SelectBy::Best,
            top_p: 1.0,
            temperature: 1.0,
            forms: BTreeMap::from([("7x4".to_string(), form)]),
        };
        let mut json = Vec::new();
        report.json(&mut json).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["forms"]["7x4"]["real"]["rhyme"], 0.9);
        assert_eq!(json["forms"]["7x4"]["real"]["rhyme_interval"][0], 0.8);
        let mut table = Vec::new();
        report.table(&mut table, None, Lang::En).unwrap();
        let mut narrow = Vec::new();
        report.table(&mut narrow, Some(80), Lang::En).unwrap();
        let (table, narrow) = (String::from_utf8(table).unwrap(), String::from_utf8(narrow).unwrap());
        assert!(narrow.contains("rhyme               0.900 ±.075\n"), "{narrow}");
        assert!(
            table.contains("rhyme               0.900 (0.800-0.950)") && table.contains("rhyme as in Tang"),
            "{table}"
        );
    }
}
