//! Errors of the tokenizer.

#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    #[error(
        "no letter is frequent enough for the vocabulary, so it would hold signs alone; give more poems in words, or lower \
         tokenizer.min_count"
    )]
    NoText,
    /// Besides the `special` tokens at least one content token is needed.
    #[error(
        "a vocabulary of {size} tokens is too small: {special} of them are special tokens; set `vocab_size` under \
         [tokenizer] to at least a few hundred"
    )]
    TooSmall { size: usize, special: usize },
    #[error("this is not a complete tokenizer.json ({0})")]
    Unreadable(String),
    #[error("its tokens are not as poetgan writes them, so it was not saved by a poetgan run or was changed since")]
    Foreign,
    #[error("the tokenizer library failed: {0}")]
    Crate(String),
}
