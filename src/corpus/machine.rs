//! Text of programs: logs, source code, settings, mail, tables of references. None of it is verse.

/// The kind, and what to do.
pub type Named = (&'static str, &'static str);

const TO_TEXT: &str = "export the poems as plain text, with a blank line between two poems";

/// Which text of a program these lines are, none of them blank.
pub fn machine_text(lines: &[&str]) -> Option<Named> {
    let most = |is_it: fn(&str) -> bool, percent: usize| {
        let count = lines.iter().filter(|line| is_it(line)).count();
        count >= 3 && count * 100 >= lines.len() * percent
    };
    let known: [(bool, Named); 6] = [
        (is_mail(lines), ("mail (messages with From:, Subject:, Date:)", TO_TEXT)),
        (most(has_time, 60), ("a log or a chat: most lines begin with a date or a time", TO_TEXT)),
        (most(is_reference, 5), ("a BibTeX file", "give a file of poems")),
        (
            most(is_section, 5) && most(is_setting, 40),
            ("TOML or other settings (key = value)", "convert it to JSON, such as {\"title\": ..., \"lines\": [...]}"),
        ),
        (is_toml(lines), ("TOML", "convert it to JSON, such as {\"title\": ..., \"lines\": [...]}")),
        (most(is_code, 40), ("source code", "give a file of poems")),
    ];
    known.into_iter().find(|(is_it, _)| *is_it).map(|(_, named)| named)
}

fn is_mail(lines: &[&str]) -> bool {
    let fields = ["from:", "to:", "subject:", "date:", "message-id:", "received:", "cc:", "content-type:"];
    let is_field = |line: &&&str| fields.iter().any(|field| line.to_ascii_lowercase().starts_with(field));
    let head = &lines[..lines.len().min(40)];
    let begins = lines.first().is_some_and(|line| line.starts_with("From ") || is_field(&line));
    begins && head.iter().filter(is_field).count() >= 3
}

/// Whether a line begins with a date or a time of day: digits and signs such as `2024-03-01` or `[12:04:55]`.
fn has_time(line: &str) -> bool {
    let months = ["Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "];
    let is_in_brackets = line.starts_with('[');
    let line = line.trim_start_matches(['[', '(', '<']);
    let line = months.iter().find_map(|month| line.strip_prefix(month)).unwrap_or(line);
    let end = line.find(|c: char| !c.is_ascii_digit() && !"-/:.,TZ ".contains(c)).unwrap_or(line.len());
    let stamp = line[..end].trim_end();
    let digits = stamp.bytes().filter(u8::is_ascii_digit).count();
    let signs = |sign: char| stamp.matches(sign).count();
    // A single colon may be that of chapter and verse.
    let colons = signs(':') + usize::from(is_in_brackets && signs(':') > 0);
    stamp.len() < line.len() && digits >= 4 && (colons >= 2 || signs('-') == 2 || signs('/') == 2)
}

fn is_reference(line: &str) -> bool {
    let kind = line.strip_prefix('@').and_then(|rest| rest.split_once('{'));
    kind.is_some_and(|(kind, key)| kind.chars().all(char::is_alphabetic) && key.trim_end().ends_with(','))
}

fn is_section(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']')
}

fn is_setting(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, _)| is_key(key.trim()))
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

/// Whether tables `[[poem]]` hold settings; texts in three quotes may be longer than all else.
fn is_toml(lines: &[&str]) -> bool {
    let tables = lines.iter().filter(|line| line.starts_with("[[") && line.ends_with("]]")).count();
    let settings = lines.iter().filter(|line| is_setting(line)).count();
    tables > 0 && settings >= tables
}

/// Whether a line has the signs of a programming language.
fn is_code(line: &str) -> bool {
    let begins = [
        "import ",
        "#include",
        "def ",
        "class ",
        "return ",
        "fn ",
        "let ",
        "const ",
        "var ",
        "function ",
        "pub ",
        "use ",
        "int ",
        "void ",
        "static ",
        "if (",
        "for (",
        "while (",
        "public ",
        "private ",
        "package ",
        "using ",
        "elif ",
    ];
    let ends = [";", "{", "}", "):", ");", "},", "};"];
    let is_assigned = line.split_once(" = ").is_some_and(|(name, _)| name.trim().is_ascii());
    let has_sign = ["{", "}", "()", "==", "=>", "->", "::", "+=", "&&", "||", "();", "\"\"\""]
        .iter()
        .any(|sign| line.contains(sign))
        || is_assigned;
    let is_ended = ends.iter().any(|end| line.ends_with(end));
    let is_begun = begins.iter().any(|begin| line.starts_with(begin));
    has_sign && (is_ended || is_begun || is_assigned)
        || line == "}"
        || line.starts_with("#include")
        || (is_begun && (is_ended || line.ends_with(':') || line.starts_with("import ") || line.starts_with("return ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_programs_is_named() {
        let cases: [(&str, &str); 8] = [
            ("2024-03-01 12:00:07 INFO a\n2024-03-01 12:00:08 INFO b\n[12:00] c", "a log"),
            ("Mar  4 12:00:01 host kernel: a\nMar  4 12:00:02 host b\nMar  4 12:00:03 c", "a log"),
            ("From a@b.c Mon Mar 4\nFrom: A\nTo: B\nSubject: c\n\na verse", "mail"),
            ("@book{a,\n title = {A},\n}\n@book{b,\n}\n@book{c,\n}", "a BibTeX file"),
            ("[a]\nkey = 1\nother = 2\n[b]\nkey = 3\n[c]\nkey = 4", "TOML"),
            ("[[poem]]\ntitle = \"t\"\ntext = \"\"\"\na\nb\nc\nd\ne\nf\"\"\"", "TOML"),
            ("import os\ndef f(x):\n    y = x + 1\n    return y", "source code"),
            (".a {\n  color: red;\n}\n.b {\n  margin: 0;\n}", "source code"),
        ];
        for (text, kind) in cases {
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            assert!(machine_text(&lines).is_some_and(|(name, _)| name.starts_with(kind)), "{text}");
        }
    }

    #[test]
    fn verse_is_no_text_of_a_program() {
        for text in [
            "Let us go then, you and I;\nuse no words;\nreturn to me;\nif you will",
            "[Verse 1]\na = b\n[Chorus]\nc",
            "12. a verse\n13. another\n14. one more",
            "1914\n1915\n1916",
            "1901-1950 was long\n12 men\nMay came",
            "دل من = شب\nباغ = گل\nدل من = سحر",
            "119:1 Blessed\n119:2 Blessed\n119:3 They",
            "From: my heart\nto: yours",
        ] {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(machine_text(&lines), None, "{text}");
        }
    }
}
