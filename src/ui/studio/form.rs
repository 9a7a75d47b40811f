//! The texts of the form, and the words of the command line that they become.

use std::collections::BTreeMap;

use super::field::{StudioField, StudioFieldKind};

/// The text of a flag that is set.
const SET: &str = "yes";
/// What separates the values of a list.
const SEPARATORS: [char; 4] = [',', '，', '、', ';'];

/// A row of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormRow {
    /// Index of the field.
    pub field: usize,
    /// The line, from 1, of a field of lines.
    pub line: Option<usize>,
}

/// What is filled in. Empty fields are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StudioForm {
    texts: BTreeMap<String, String>,
    lines: BTreeMap<usize, String>,
}

/// The rows of a form for poems of `n_lines` lines.
pub fn rows(fields: &[StudioField], n_lines: usize) -> Vec<FormRow> {
    let rows = |(field, kind): (usize, &StudioFieldKind)| -> Vec<FormRow> {
        match kind {
            StudioFieldKind::Lines => (1..=n_lines).map(|line| FormRow { field, line: Some(line) }).collect(),
            _ => vec![FormRow { field, line: None }],
        }
    };
    fields.iter().map(|field| &field.kind).enumerate().flat_map(rows).collect()
}

impl StudioForm {
    /// The text of an option; empty if it is not filled in.
    pub fn text(&self, option: &str) -> &str {
        self.texts.get(option).map_or("", String::as_str)
    }

    /// Fills in an option; an empty text leaves it out.
    pub fn set(&mut self, option: &str, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            self.texts.remove(option);
        } else {
            self.texts.insert(option.to_owned(), text.to_owned());
        }
    }

    /// The text that line `number`, from 1, is to have.
    pub fn line(&self, number: usize) -> Option<&str> {
        self.lines.get(&number).map(String::as_str)
    }

    /// The same for an empty text or none: the line is free.
    pub fn set_line(&mut self, number: usize, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            self.lines.remove(&number);
        } else {
            self.lines.insert(number, text.to_owned());
        }
    }

    /// The last line that is given; 0 without any.
    pub fn last_line(&self) -> usize {
        self.lines.keys().next_back().copied().unwrap_or(0)
    }

    pub fn row(&self, fields: &[StudioField], row: FormRow) -> &str {
        match row.line {
            Some(number) => self.line(number).unwrap_or(""),
            None => fields.get(row.field).map_or("", |field| self.text(&field.option)),
        }
    }

    pub fn set_row(&mut self, fields: &[StudioField], row: FormRow, text: &str) {
        match (row.line, fields.get(row.field)) {
            (Some(number), _) => self.set_line(number, text),
            (None, Some(field)) => self.set(&field.option, text),
            (None, None) => {}
        }
    }

    /// Sets a flag or takes it back, or chooses the value after (or before) that of now; empty comes after the last. Does
    /// nothing to other fields.
    pub fn turn(&mut self, field: &StudioField, forward: bool) {
        let values: Vec<&str> = match &field.kind {
            StudioFieldKind::Flag => vec!["", SET],
            StudioFieldKind::Choice(values) => std::iter::once("").chain(values.iter().map(String::as_str)).collect(),
            _ => return,
        };
        let now = values.iter().position(|value| *value == self.text(&field.option)).unwrap_or(0);
        let step = if forward { 1 } else { values.len() - 1 };
        self.set(&field.option, values[(now + step) % values.len()]);
    }

    /// The options and their values for `write`, but for the seed and the count.
    pub fn words(&self, fields: &[StudioField]) -> Vec<String> {
        fields.iter().flat_map(|field| self.words_of(field)).collect()
    }

    fn words_of(&self, field: &StudioField) -> Vec<String> {
        let (option, text) = (field.option.as_str(), self.text(&field.option));
        match &field.kind {
            StudioFieldKind::Lines => {
                let line = |(number, text): (&usize, &String)| words(option, &format!("{number}={text}"));
                self.lines.iter().flat_map(line).collect()
            }
            StudioFieldKind::Seed | StudioFieldKind::Count => Vec::new(),
            _ if text.is_empty() => Vec::new(),
            StudioFieldKind::Flag => vec![option.to_owned()],
            StudioFieldKind::List | StudioFieldKind::Axes => {
                values(text).flat_map(|value| words(option, value)).collect()
            }
            StudioFieldKind::Text | StudioFieldKind::Form | StudioFieldKind::Choice(_) => words(option, text),
        }
    }
}

/// The values of a list.
pub fn values(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATORS).map(str::trim).filter(|value| !value.is_empty())
}

/// An option and its value. A value that looks like an option is joined to it.
fn words(option: &str, value: &str) -> Vec<String> {
    if value.starts_with('-') { vec![format!("{option}={value}")] } else { vec![option.to_owned(), value.to_owned()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(option: &str, kind: StudioFieldKind) -> StudioField {
        let text = String::new;
        StudioField { option: option.to_owned(), label: text(), kind, default: text(), help: text() }
    }

    fn fields() -> Vec<StudioField> {
        let choice = StudioFieldKind::Choice(["strict", "lenient"].map(String::from).to_vec());
        vec![
            field("--start", StudioFieldKind::Text),
            field("--contain", StudioFieldKind::List),
            field("--tones", choice),
            field("--no-repeat", StudioFieldKind::Flag),
            field("--seed", StudioFieldKind::Seed),
            field("--line", StudioFieldKind::Lines),
        ]
    }

    #[test]
    fn fields_become_words_of_the_command_line() {
        let (mut form, fields) = (StudioForm::default(), fields());
        assert_eq!(form.words(&fields), Vec::<String>::new());
        for (option, text) in
            [("--start", " -明 月 "), ("--contain", "酒，花, "), ("--tones", "strict"), ("--seed", "7")]
        {
            form.set(option, text);
        }
        form.turn(&fields[3], true);
        form.set_line(2, "白日");
        let expected = [
            "--start=-明 月",
            "--contain",
            "酒",
            "--contain",
            "花",
            "--tones",
            "strict",
            "--no-repeat",
            "--line",
            "2=白日",
        ];
        assert_eq!(form.words(&fields), expected);
        form.set_line(2, " ");
        form.set("--contain", "");
        form.turn(&fields[3], true);
        assert_eq!(form.words(&fields), ["--start=-明 月", "--tones", "strict"]);
    }

    #[test]
    fn choices_turn_in_both_directions_and_texts_do_not() {
        let (mut form, fields) = (StudioForm::default(), fields());
        let mut turned = |forward| {
            form.turn(&fields[2], forward);
            form.text("--tones").to_owned()
        };
        assert_eq!([true, true, true].map(&mut turned), ["strict", "lenient", ""]);
        assert_eq!([false, false].map(&mut turned), ["lenient", "strict"]);
        form.turn(&fields[0], true);
        assert_eq!(form.text("--start"), "");
    }

    #[test]
    fn a_field_of_lines_has_a_row_for_each() {
        let rows = rows(&fields(), 3);
        assert_eq!(rows.len(), 8);
        assert_eq!(rows.last(), Some(&FormRow { field: 5, line: Some(3) }));
    }
}
