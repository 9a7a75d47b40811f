//! What can be written with: the forms, axes and runs that a shell completes.

use std::fs;
use std::path::Path;

use super::{Model, axis_words};
use crate::corpus::Form;
use crate::run::changes::Saved;
use crate::run::run_dir;

/// The folder of the runs.
const RUNS: &str = "runs";

/// The forms of the newest run and of the built-in model. What cannot be read has none.
pub fn forms() -> Vec<Form> {
    let newest = run_dir::newest(Path::new(RUNS)).and_then(|run| Saved::read(&run).ok()?);
    let recorded = newest.as_ref().and_then(|saved| saved.corpus["forms"].as_object());
    let mut forms: Vec<Form> = recorded.into_iter().flatten().filter_map(|(form, _)| form.parse().ok()).collect();
    forms.extend(Model::builtin().iter().flat_map(|model| &model.forms).map(|(form, _)| *form));
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// The words at the ends of the axes of the built-in model.
pub fn axis_ends() -> Vec<String> {
    let axes = Model::builtin().ok().and_then(|model| Some(axis_words(&model.themes().ok()??, &model.tokenizer)));
    let mut words: Vec<String> =
        axes.into_iter().flatten().flat_map(|axis| axis.positive.into_iter().chain(axis.negative)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The names of the runs below runs/.
pub fn runs() -> Vec<String> {
    let entries = fs::read_dir(RUNS).into_iter().flatten().flatten();
    let runs = entries.filter(|entry| run_dir::metrics_file(&entry.path()).is_file());
    let mut names: Vec<String> = runs.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}
