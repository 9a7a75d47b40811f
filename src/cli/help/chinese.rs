//! The help in Chinese, by its English text.

mod commands;
mod examples;
mod options;

/// English and Chinese.
type Row = (&'static str, &'static str);

const TABLES: [&[Row]; 4] = [commands::ABOUT, commands::NOTES, examples::EXAMPLES, options::OPTIONS];

/// The Chinese of a text of the help; `None` if it has none.
pub fn chinese(english: &str) -> Option<&'static str> {
    TABLES.into_iter().flatten().find(|(text, _)| *text == english).map(|(_, chinese)| *chinese)
}

#[cfg(test)]
pub fn english() -> impl Iterator<Item = &'static str> {
    TABLES.into_iter().flatten().map(|(english, _)| *english)
}
