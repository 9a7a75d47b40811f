//! The tables of `poetgan eval`, if its output is saved in the run directory as `eval.json`.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::html::{TableRow, about, either, escape, table};
use crate::error::UserError;
use crate::eval::explain::metrics;
use crate::eval::report::{COLUMNS, Figure};
use crate::ui::Lang;

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

    /// A table for each form.
    pub fn html(&self, lang: Lang) -> String {
        let text = |name: &str| self.0[name].as_str().unwrap_or("?");
        let (model, corpus) = (text("model"), text("corpus"));
        let temperature = self.0["temperature"].as_f64().map_or("?".to_string(), |temperature| temperature.to_string());
        let told = match lang {
            Lang::En => format!(
                "{model} on {corpus}, temperature {temperature}, with 95 % intervals. pretrained: the same model at the \
                 end of pretraining; real: real poems that it has not seen; shuffled: real lines mixed between poems; \
                 bigram: a Markov chain."
            ),
            Lang::Zh => format!(
                "{model}，语料 {corpus}，温度 {temperature}，附 95 % 置信区间。预训练：同一模型在预训练结束时；真诗：\
                 模型未见过的真诗；打乱：诗与诗之间互换的真句；二元链：马尔可夫链。"
            ),
        };
        let mut html = about(&told);
        for (name, form) in self.0["forms"].as_object().into_iter().flatten() {
            html.push_str(&format!("<h3>{}</h3>\n{}", escape(name), of_form(form, lang)));
        }
        html
    }
}

fn of_form(form: &Value, lang: Lang) -> String {
    let columns: Vec<&str> = COLUMNS.into_iter().filter(|column| form[*column].is_object()).collect();
    let rows = metrics(lang).iter().filter_map(|metric| {
        let figures: Vec<Option<Figure>> = columns.iter().map(|column| figure(&form[*column], metric.key)).collect();
        let cell = |figure: &Option<Figure>| figure.as_ref().map_or("-".to_string(), |figure| figure.cell(true));
        let cells = figures.iter().map(cell).collect();
        let row = TableRow { name: metric.key.to_string(), meaning: metric.short.to_string(), cells };
        figures.iter().any(Option::is_some).then_some(row)
    });
    let head: Vec<&str> = columns.iter().map(|column| column_name(column, lang)).collect();
    let mut html = table(&head, &rows.collect::<Vec<_>>());
    for alarm in form["alarms"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        html.push_str(&format!("<p class=\"alarm\">{}</p>\n", escape(alarm)));
    }
    html
}

fn column_name(column: &str, lang: Lang) -> &str {
    let chinese = match column {
        "model" => "模型",
        "pretrained" => "预训练",
        "real" => "真诗",
        "shuffled" => "打乱",
        "bigram" => "二元链",
        other => other,
    };
    either(lang, column, chinese)
}

fn figure(column: &Value, key: &str) -> Option<Figure> {
    let interval = &column[format!("{key}_interval")];
    let interval = interval[0].as_f64().zip(interval[1].as_f64());
    Some(Figure { value: column[key].as_f64()?, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_chinese_name() {
        assert!(COLUMNS.iter().all(|column| column_name(column, Lang::Zh) != *column));
    }
}
