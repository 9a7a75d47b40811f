//! Refuses settings with which the model could generate no form of the corpus.

use crate::config::ModelConfig;
use crate::error::UserError;
use crate::generator::Rules;
use crate::tokenizer::Tokenizer;

/// # Errors
/// Every form of the corpus is longer than the model takes, so that it would learn pieces of poems only.
pub fn check(tokenizer: &Tokenizer, model: &ModelConfig) -> Result<(), UserError> {
    if tokenizer.forms().iter().any(|(form, _)| Rules::new(*form, model).fits()) {
        return Ok(());
    }
    let forms: Vec<String> = tokenizer.forms().iter().map(|(form, _)| form.to_string()).collect();
    Err(UserError(format!(
        "no form of the corpus ({}) fits into model.max_line = {}, model.max_lines = {} and model.max_poem = {}; raise them",
        forms.join(", "),
        model.max_line,
        model.max_lines,
        model.max_poem
    )))
}
