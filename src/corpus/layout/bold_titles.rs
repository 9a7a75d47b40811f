//! Paragraphs in bold as titles, as in HTML without headings.

use std::borrow::Cow;

use super::tags::{BLOCKS, HEADINGS, Tag, tokens};

const BOLD: [&str; 2] = ["b", "strong"];
/// The heading that the tags of bold titles become.
const HEADING: [&str; 2] = ["<h6>", "</h6>"];

/// The page with a heading for every paragraph that is bold as a whole, if there are several and at most half of the paragraphs
/// are.
pub fn with_headings(text: &str) -> Cow<'_, str> {
    // Most pages have none, and are then not taken apart.
    let has = |tag: &str| text.contains(&format!("<{tag}>")) || text.contains(&format!("<{tag} "));
    if !BOLD.iter().any(|tag| has(tag) || has(&tag.to_uppercase())) {
        return text.into();
    }
    let sources: Vec<&str> = tokens(text).map(|token| token.source).collect();
    let tags: Vec<Option<Tag>> = tokens(text).map(|token| token.tag()).collect();
    let is_block = |i: usize, closing| {
        tags[i].as_ref().is_some_and(|tag| tag.closing == closing && BLOCKS.contains(&tag.name.as_str()))
    };
    let is_bold = |i: usize| tags[i].as_ref().is_some_and(|tag| BOLD.contains(&tag.name.as_str()));
    // Tags and text, without the blanks between tags.
    let full: Vec<usize> = (0..sources.len()).filter(|&i| !sources[i].trim().is_empty()).collect();
    let is_title = |part: &&[usize]| {
        let [open, bold, title, end, close] = part[..] else { return false };
        is_block(open, false) && is_bold(bold) && tags[title].is_none() && is_bold(end) && is_block(close, true)
    };
    let titles: Vec<&[usize]> = full.windows(5).filter(is_title).collect();
    // Blocks that hold something else than a block.
    let n_paragraphs = full.windows(2).filter(|part| is_block(part[0], false) && !is_block(part[1], false)).count();
    let is_heading = |tag: &&Tag| !tag.closing && HEADINGS.contains(&tag.name.as_str());
    let n_headings = tags.iter().flatten().filter(is_heading).count();
    if n_headings >= 2 || titles.len() < 2 || titles.len() * 2 > n_paragraphs {
        return text.into();
    }
    let mut changed = sources.clone();
    for title in titles {
        (changed[title[1]], changed[title[3]]) = (HEADING[0], HEADING[1]);
    }
    changed.concat().into()
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn bold_paragraphs_are_titles() {
        for bold in ["b", "strong"] {
            let poem = format!("<p> <{bold}>A title</{bold}></p>\n<p>a<br>\n<b>b</b></p>\n<p>c<br>d</p>\n");
            let (format, found) = blocks(&poem.repeat(9));
            assert_eq!((format, found.len()), (Format::Html, 9));
            assert_eq!((found[8].0.as_deref(), found[8].1.len()), (Some("A title"), 4), "{:?}", found[8]);
        }
    }

    #[test]
    fn verses_in_bold_are_none() {
        let (_, found) = blocks(&"<p><b>a</b></p>\n<p><b>b</b></p>\n".repeat(9));
        assert_eq!(found.len(), 18);
        let (_, found) = blocks(&"<div><p><b>a</b></p></div>\n".repeat(9));
        assert_eq!(found.len(), 9);
        let (_, found) = blocks(&"<h2>A title</h2><p><b>I</b></p><p>a</p><p><b>II</b></p><p>b</p>".repeat(9));
        assert_eq!((found.len(), found[8].1.len()), (9, 4));
        let (_, found) = blocks(&"<p><b>a</b><br>b</p>\n".repeat(9));
        assert_eq!((found.len(), found[0].1.len()), (9, 2));
    }
}
