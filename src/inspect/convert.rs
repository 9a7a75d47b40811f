//! Poems as a file in the native layout, which reads back to the same poems.

use crate::corpus::{Poem, punctuate};

/// One verse per line, a blank line between poems, and `# title` before each. Where a poem has stanzas, every poem gets a
/// header, since blank lines below headers separate stanzas.
pub fn converted(poems: &[Poem]) -> String {
    let has_headers = poems.iter().any(|poem| poem.title.is_some() || !poem.stanzas.is_empty());
    let mut text = String::new();
    for poem in poems {
        if has_headers {
            let title = poem.title.as_deref().unwrap_or_default();
            text.push_str(format!("# {title}").trim_end());
            text.push('\n');
        }
        let lines = if poem.form.width().is_some() { punctuate(&poem.lines) } else { poem.lines.clone() };
        for (i, line) in lines.iter().enumerate() {
            if poem.stanzas.contains(&i) {
                text.push('\n');
            }
            text.push_str(line);
            text.push('\n');
        }
        text.push('\n');
    }
    text.pop();
    text
}
