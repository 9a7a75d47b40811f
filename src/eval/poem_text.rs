//! A poem as the measures and classifiers of `eval` read it.

/// The lines of a poem, without layout punctuation in fixed forms.
pub type PoemText = Vec<String>;
