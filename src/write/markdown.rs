//! A poem as Markdown.

use super::GeneratedPoem;
use super::poem_script::PoemScript;
use crate::lang::Lang;

/// Signs with a meaning anywhere in a line.
const SIGNS: &str = "\\`*_[]<>&~|";

/// A heading with the form and the seed, and the lines with hard line breaks.
pub fn markdown(poem: &GeneratedPoem, script: PoemScript, lang: Lang) -> String {
    let form = script.form_name(poem.form).unwrap_or_else(|| poem.form.to_string());
    let heading = lang.pick(format!("{form}, seed {}", poem.seed), format!("{form}，种子 {}", poem.seed));
    let stanzas = poem.text.split("\n\n").map(|stanza| stanza.lines().map(escaped).collect::<Vec<_>>().join("  \n"));
    format!("## {heading}\n\n{}\n", stanzas.collect::<Vec<_>>().join("\n\n"))
}

/// The line as Markdown shows it again.
fn escaped(line: &str) -> String {
    let line = line.trim_start();
    let n_digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut text = String::new();
    for (place, c) in line.char_indices() {
        let begins_list = n_digits > 0 && place == n_digits && ".)".contains(c);
        if SIGNS.contains(c) || place == 0 && "#+-=".contains(c) || begins_list {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Form;

    fn poem(form: &str, text: &str) -> GeneratedPoem {
        GeneratedPoem {
            seed: 42,
            form: form.parse::<Form>().unwrap(),
            lines: Vec::new(),
            stanzas: Vec::new(),
            text: text.to_string(),
            line_scores: Vec::new(),
            score: None,
            cost: None,
        }
    }

    #[test]
    fn lines_and_stanzas_stay_apart() {
        let text = markdown(&poem("lines:3", "a\nb\n\nc"), PoemScript::Other, Lang::En);
        assert_eq!(text, "## lines:3, seed 42\n\na  \nb\n\nc\n");
        assert_eq!(markdown(&poem("7x4", "月"), PoemScript::Simplified, Lang::Zh), "## 七绝，种子 42\n\n月\n");
        assert_eq!(markdown(&poem("7x4", "風"), PoemScript::Traditional, Lang::En), "## 七絕, seed 42\n\n風\n");
    }

    #[test]
    fn nothing_in_a_line_is_markup() {
        for (line, expected) in [
            ("# no *heading* <b>", "\\# no \\*heading\\* \\<b\\>"),
            ("- dash - dash", "\\- dash - dash"),
            ("12. of 3. May", "12\\. of 3. May"),
            ("  12) indented", "12\\) indented"),
            ("don't [stop]", "don't \\[stop\\]"),
        ] {
            assert_eq!(escaped(line), expected);
        }
    }
}
