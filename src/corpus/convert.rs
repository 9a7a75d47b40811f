//! Traditional and simplified characters.

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use serde::{Deserialize, Serialize};

/// The two scripts of Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Script {
    Simplified,
    Traditional,
}

impl Script {
    /// The other one.
    pub fn other(self) -> Script {
        match self {
            Script::Simplified => Script::Traditional,
            Script::Traditional => Script::Simplified,
        }
    }

    /// The name for `--script`, the same as in `corpus.json`.
    pub fn name(self) -> &'static str {
        match self {
            Script::Simplified => "simplified",
            Script::Traditional => "traditional",
        }
    }
}

/// Converts text to one of the scripts, with the tables of OpenCC.
pub struct Converter {
    opencc: OpenCC,
}

impl Converter {
    /// # Errors
    /// Tables that cannot be loaded, with the message of the library.
    pub fn to(script: Script) -> Result<Converter, String> {
        let config = match script {
            Script::Simplified => BuiltinConfig::T2s,
            Script::Traditional => BuiltinConfig::S2t,
        };
        OpenCC::from_config(config).map(|opencc| Converter { opencc }).map_err(|error| error.to_string())
    }

    pub fn convert(&self, text: &str) -> String {
        if text.is_ascii() { text.to_string() } else { self.opencc.convert(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_record() {
        for script in [Script::Simplified, Script::Traditional] {
            assert_eq!(serde_json::to_value(script).unwrap(), script.name());
        }
    }

    #[test]
    fn both_ways() {
        let simplified = Converter::to(Script::Simplified).unwrap();
        assert_eq!(simplified.convert("舉頭望明月，低頭思故鄉。"), "举头望明月，低头思故乡。");
        let traditional = Converter::to(Script::Traditional).unwrap();
        assert_eq!(traditional.convert("举头望明月"), "舉頭望明月");
    }
}
