//! How the poems compare with real ones: the tables of `poetgan eval`, or else the latest quality check.

use super::chart::rounded;
use super::html::{TableRow, about, either, section, table};
use super::report::{LatestQuality, RunReport};
use crate::run::event::QualityFigure;
use crate::ui::{Lang, figure_meaning, translate};

pub fn measured(report: &RunReport) -> String {
    let lang = report.lang;
    if let Some(evaluation) = &report.evaluation {
        return section(either(lang, "Evaluation", "评测"), &evaluation.html(lang));
    }
    let Some(LatestQuality { step, form, figures }) = &report.quality else { return String::new() };
    let row = |figure: &QualityFigure| TableRow {
        name: translate(lang, &figure.name).to_string(),
        meaning: figure_meaning(&figure.name, lang).unwrap_or_default().to_string(),
        cells: [figure.model, figure.real].map(|value| rounded(value.into())).into(),
    };
    let rows: Vec<TableRow> = figures.iter().map(row).collect();
    let head = [either(lang, "generated", "生成的诗"), either(lang, "real", "真诗")];
    let told = match lang {
        Lang::En => format!("Generated poems of form {form} at step {step}, beside real ones."),
        Lang::Zh => format!("第 {step} 步生成的 {form} 诗，与真诗相比。"),
    };
    section(either(lang, "Quality", "质量"), &(about(&told) + &table(&head, &rows)))
}
