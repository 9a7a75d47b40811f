//! Lines that name a part of a poem and are no verse: `[Verse 1]`, `(Chorus)`, `Refrain:`, and the numbers of stanzas.

use super::super::label::is_label;
use super::super::layout::{RawPoem, number_alone};
use super::super::numeral::before;
use super::{ChangeKind, ChangeLog};

/// Fewest numbers of stanzas of a poem.
const FEWEST: usize = 2;

/// Removes the lines that are only the name or the number of a part; the stanza of a removed line begins with the next one.
pub fn remove(poem: &mut RawPoem, changes: &mut ChangeLog) {
    let numbers = stanza_numbers(poem);
    let is_removed: Vec<bool> =
        poem.lines.iter().enumerate().map(|(i, line)| numbers.contains(&i) || is_label(&line.text)).collect();
    if !is_removed.contains(&true) {
        return;
    }
    for (line, _) in poem.lines.iter_mut().zip(is_removed).filter(|(_, is_removed)| *is_removed) {
        changes.record(line.number, ChangeKind::Labels, &line.text, "");
        line.text.clear();
        line.begins_stanza = true;
    }
    super::keep_full_lines(poem);
}

/// The lines with the numbers of the stanzas, from 1 on, at the beginning of each.
fn stanza_numbers(poem: &RawPoem) -> Vec<usize> {
    let begins = |i: &usize| *i == 0 || poem.lines[*i].begins_stanza;
    let numbers = (0..poem.lines.len()).filter(begins).filter_map(|i| Some((i, value(&poem.lines[i].text)?)));
    let numbers: Vec<(usize, u64)> = numbers.collect();
    let rises = numbers.iter().zip(1..).all(|((_, number), expected)| *number == expected);
    // A poem of one-line stanzas has no numbers of stanzas.
    let fits = rises && numbers.len() >= FEWEST && poem.lines.len() >= 2 * numbers.len();
    if fits { numbers.into_iter().map(|(i, _)| i).collect() } else { Vec::new() }
}

/// The value of a line that is only a number.
fn value(line: &str) -> Option<u64> {
    let digits = line.trim_matches(|c: char| " .-—:()[]（）、".contains(c));
    let number = number_alone(line).then(|| format!("{digits}. x"))?;
    before(&number).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::super::super::layout::RawLine;
    use super::*;

    /// The lines and the stanzas that are left of a poem in one string; blank lines separate stanzas.
    fn left(text: &str) -> (Vec<String>, Vec<usize>) {
        let mut lines = Vec::new();
        let mut gap = false;
        for (number, line) in (1..).zip(text.lines()) {
            if !line.is_empty() {
                let begins_stanza = std::mem::take(&mut gap) && !lines.is_empty();
                lines.push(RawLine { text: line.into(), number, begins_stanza });
            }
            gap |= line.is_empty();
        }
        let mut poem = RawPoem { lines, ..RawPoem::default() };
        remove(&mut poem, &mut ChangeLog::default());
        let stanzas = (0..poem.lines.len()).filter(|&i| poem.lines[i].begins_stanza).collect();
        (poem.lines.into_iter().map(|line| line.text).collect(), stanzas)
    }

    #[test]
    fn names_of_parts_are_no_verses() {
        for (verse, chorus) in [
            ("[Verse 1]", "[Chorus]"),
            ("[Verse 1: A Singer]", "[Chorus x2]"),
            ("(Intro)", "(Refrain)"),
            ("Verse 2:", "Chorus:"),
            ("[Куплет 1]", "[Припев]"),
            ("【主歌】", "CHORUS."),
        ] {
            let (lines, stanzas) = left(&format!("{verse}\na\nb\n\n{chorus}\nc\n"));
            assert_eq!((lines, stanzas), (["a", "b", "c"].map(String::from).to_vec(), vec![2]), "{verse}");
        }
    }

    #[test]
    fn numbers_of_stanzas_are_no_verses() {
        for numbers in [["I.", "II."], ["1", "2"], ["(1)", "(2)"], ["一", "二"]] {
            let (lines, stanzas) = left(&format!("{}\na\nb\n\n{}\n\nc\n", numbers[0], numbers[1]));
            assert_eq!((lines.concat(), stanzas), ("abc".into(), vec![2]), "{numbers:?}");
        }
        for text in ["1914\na\n\n1915\nb\n", "a\n2\nb\n", "II.\na\n\nIII.\nb\n", "1\n\n2\n\n3\n"] {
            assert_eq!(left(text).0.len(), text.lines().filter(|line| !line.is_empty()).count(), "{text}");
        }
    }
}
