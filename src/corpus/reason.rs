//! Why a layout was recognised, in both languages of the report.

/// A phrase such as `40 of 41 blocks begin with a heading`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    pub english: String,
    pub chinese: String,
}

impl Reason {
    pub fn new(english: impl Into<String>, chinese: impl Into<String>) -> Reason {
        Reason { english: english.into(), chinese: chinese.into() }
    }

    /// `count of total`, with what they are; `unit` is the Chinese measure word of both numbers.
    pub fn share(count: usize, total: usize, english: &str, unit: &str, chinese: &str) -> Reason {
        Reason::new(format!("{count} of {total} {english}"), format!("{total} {unit}中有 {count} {unit}{chinese}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_phrases_in_both_languages() {
        let reason = Reason::share(40, 41, "blocks begin with a heading", "段", "以标题开头");
        assert_eq!(reason, Reason::new("40 of 41 blocks begin with a heading", "41 段中有 40 段以标题开头"));
    }
}
