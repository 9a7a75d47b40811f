//! The script that a poem is written in, as far as fonts and names of forms depend on it.

use anyhow::{Result, anyhow};

use super::upright::is_upright;
use crate::corpus::script::{is_han, is_kana};
use crate::corpus::{Converter, Form, Script};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoemScript {
    Simplified,
    Traditional,
    Japanese,
    Korean,
    /// Any script that is not written from top to bottom.
    Other,
}

/// Tells the scripts of poems.
pub struct ScriptReader {
    to_simplified: Converter,
}

impl ScriptReader {
    /// # Errors
    /// Damaged tables of the conversion.
    pub fn new() -> Result<ScriptReader> {
        Ok(ScriptReader { to_simplified: Converter::to(Script::Simplified).map_err(|why| anyhow!(why))? })
    }

    pub fn script(&self, text: &str) -> PoemScript {
        match () {
            () if !is_upright(text) => PoemScript::Other,
            () if text.chars().any(is_kana) => PoemScript::Japanese,
            () if !text.chars().any(is_han) => PoemScript::Korean,
            () if self.to_simplified.convert(text) != text => PoemScript::Traditional,
            () => PoemScript::Simplified,
        }
    }
}

impl PoemScript {
    /// The name of a classical Chinese form in this script.
    pub fn form_name(self, form: Form) -> Option<String> {
        let name = form.name()?;
        Some(if self == PoemScript::Traditional { name.replace('绝', "絕") } else { name.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_by_their_characters() {
        let reader = ScriptReader::new().unwrap();
        for (text, script) in [
            ("举头望明月", PoemScript::Simplified),
            ("舉頭望明月", PoemScript::Traditional),
            ("山月", PoemScript::Simplified),
            ("月は東に", PoemScript::Japanese),
            ("나 보기가 역겨워", PoemScript::Korean),
            ("Shall I compare thee", PoemScript::Other),
        ] {
            assert_eq!(reader.script(text), script, "{text}");
        }
        assert_eq!(PoemScript::Traditional.form_name("7x4".parse().unwrap()).as_deref(), Some("七絕"));
    }
}
