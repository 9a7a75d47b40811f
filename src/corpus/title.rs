//! What titles and names of authors look like.

use super::script::is_stop;

/// Longest author, in characters.
pub const MAX_AUTHOR: usize = 24;

/// The author of a line `by Author`.
pub fn by_line(line: &str) -> Option<&str> {
    let author = ["by ", "By ", "BY "].iter().find_map(|by| line.strip_prefix(by))?.trim();
    is_short_name(author).then_some(author)
}

/// Whether all words but particles such as `de` begin with a capital.
pub fn is_short_name(text: &str) -> bool {
    let words = || text.split_whitespace();
    let lower = words().filter(|word| word.starts_with(char::is_lowercase)).count();
    let is_short = (1..=MAX_AUTHOR).contains(&text.chars().count()) && words().count() <= 5;
    is_short && 2 * lower < words().count() && !text.contains(|c: char| is_stop(c) && c != '.')
}

/// Whether nearly all words of more than three letters begin with a capital, and no stop ends the line.
pub fn has_title_case(line: &str) -> bool {
    let ends_open = line.ends_with([',', ';', ':', '—', '-', '.', '?', '!']);
    let words =
        || line.split_whitespace().filter(|word| word.chars().count() > 3 && word.contains(char::is_alphabetic));
    let is_capital =
        |word: &&str| word.trim_start_matches(|c: char| !c.is_alphabetic()).starts_with(char::is_uppercase);
    let (n_words, capitals) = (words().count(), words().filter(is_capital).count());
    !ends_open && n_words > 0 && capitals * 10 >= n_words * 8
}
