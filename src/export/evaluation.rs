//! The tables of `poetgan eval`, if its output is saved in the run directory as `eval.json`.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::html::{escape, table};
use crate::error::UserError;
use crate::eval::explain::METRICS;
use crate::eval::report::{COLUMNS, Figure};

/// The output of `poetgan eval --json`.
pub struct EvalTables(Value);

impl EvalTables {
    /// Reads the file, if it exists.
    pub fn read(path: &Path) -> Result<Option<EvalTables>, UserError> {
        let wrong = |why: &str| {
            let advice = "write it again with poetgan eval --json, or delete it";
            UserError(format!("{}: {why}; {advice}", path.display()))
        };
        let json = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            json => json.map_err(|error| wrong(&error.to_string()))?,
        };
        let value: Value = serde_json::from_slice(&json).map_err(|error| wrong(&format!("not JSON ({error})")))?;
        if value["forms"].as_object().is_none() {
            return Err(wrong("not an output of poetgan eval (no forms)"));
        }
        Ok(Some(EvalTables(value)))
    }

    /// A table a form.
    pub fn html(&self) -> String {
        let text = |name: &str| self.0[name].as_str().unwrap_or("?").to_string();
        let mut html = format!("<p>{} on {}", escape(&text("model")), escape(&text("corpus")));
        html.extend(self.0["temperature"].as_f64().map(|temperature| format!(", temperature {temperature}")));
        html.push_str("; 95 % intervals</p>\n");
        for (name, form) in self.0["forms"].as_object().into_iter().flatten() {
            html.push_str(&format!("<h3>{}</h3>\n{}", escape(name), of_form(form)));
        }
        html
    }
}

fn of_form(form: &Value) -> String {
    let columns: Vec<&str> = COLUMNS.into_iter().filter(|column| form[*column].is_object()).collect();
    let rows = METRICS.iter().filter_map(|metric| {
        let figures: Vec<Option<Figure>> = columns.iter().map(|column| figure(&form[*column], metric.key)).collect();
        let cell = |figure: &Option<Figure>| figure.as_ref().map_or("-".to_string(), |figure| figure.cell(true));
        let name = format!("{} ({})", metric.key, metric.short);
        let is_measured = figures.iter().any(Option::is_some);
        is_measured.then(|| std::iter::once(name).chain(figures.iter().map(cell)).collect())
    });
    let head: Vec<&str> = std::iter::once("").chain(columns.iter().copied()).collect();
    let mut html = table(&head, &rows.collect::<Vec<_>>());
    for alarm in form["alarms"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        html.push_str(&format!("<p class=\"alarm\">{}</p>\n", escape(alarm)));
    }
    html
}

fn figure(column: &Value, key: &str) -> Option<Figure> {
    let interval = &column[format!("{key}_interval")];
    let interval = interval[0].as_f64().zip(interval[1].as_f64());
    Some(Figure { value: column[key].as_f64()?, interval })
}
