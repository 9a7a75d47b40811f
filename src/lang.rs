//! The language of what a person reads: English, or Chinese in simplified characters. What programs read is English.

mod catalogue;
mod template;

pub use catalogue::{joined, message};

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    En,
    Zh,
}

impl Lang {
    /// The language of the locale of this process.
    pub fn of_environment() -> Lang {
        Lang::of_locale(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).unwrap_or_default()))
    }

    /// The language of the locale, given its variables in order of precedence.
    pub fn of_locale(variables: [String; 3]) -> Lang {
        let locale = variables.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        if locale.to_ascii_lowercase().starts_with("zh") { Lang::Zh } else { Lang::En }
    }

    /// One of two texts.
    pub fn pick<T>(self, english: T, chinese: T) -> T {
        match self {
            Lang::En => english,
            Lang::Zh => chinese,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_of_the_locale_that_is_set_counts() {
        let lang = |all: &str, messages: &str, lang: &str| Lang::of_locale([all, messages, lang].map(str::to_owned));
        assert_eq!(lang("", "", "zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(lang("en_GB.UTF-8", "", "zh_CN.UTF-8"), Lang::En);
        assert_eq!((lang("", "", ""), lang("", "zh_TW", "C")), (Lang::En, Lang::Zh));
    }
}
