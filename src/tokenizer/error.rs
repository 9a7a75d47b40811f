//! What can go wrong with a tokenizer.

#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    #[error("the poems hold no text to train a tokenizer on")]
    NoText,
    /// `special` tokens are needed besides at least one token of content.
    #[error(
        "a vocabulary of {size} tokens is too small: {special} of them are marks; set `vocab_size` under [tokenizer] \
         to some hundreds at least"
    )]
    TooSmall { size: usize, special: usize },
    #[error("tokenizer.json cannot be read: {0}; the file may be damaged, take it from another copy of the run")]
    Unreadable(String),
    #[error("tokenizer.json does not hold the marks <unk>, <line>, <end> and the forms: no poetgan run has saved it")]
    Foreign,
    #[error("the tokenizer library failed: {0}")]
    Crate(String),
}
