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
    #[error("this is no whole tokenizer.json ({0})")]
    Unreadable(String),
    #[error("it does not hold the marks <unk>, <line>, <end> and the forms: no poetgan run has saved it")]
    Foreign,
    #[error("the tokenizer library failed: {0}")]
    Crate(String),
}
