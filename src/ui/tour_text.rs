//! The tour as plain text, for where there is no terminal.

use crate::ui::model::chapters::{CHAPTERS, NEXT_COMMANDS};
use crate::ui::text::words::{Lang, translate};
use crate::ui::text::{fit, wrap};

/// Columns of a command and the space after it.
const COMMAND: usize = 30;
/// Columns of the number of a chapter.
const NUMBER: usize = 4;

/// All captions in rows of at most `width` columns, then the commands.
pub fn tour_text(lang: Lang, width: usize) -> String {
    let mut text = String::new();
    for (number, chapter) in (1..).zip(&CHAPTERS) {
        let words = lang.pick(chapter.english, chapter.chinese);
        for (place, row) in wrap(words, width - NUMBER).iter().enumerate() {
            let label = if place == 0 { format!("{number}.") } else { String::new() };
            text += &format!("{label:<NUMBER$}{row}\n");
        }
    }
    text + "\n" + &next_commands_text(lang)
}

/// The commands to go on with, one a row.
pub fn next_commands_text(lang: Lang) -> String {
    let row = |(command, meaning): (&str, &str)| format!("  {}{}\n", fit(command, COMMAND), translate(lang, meaning));
    NEXT_COMMANDS.into_iter().map(row).collect()
}
