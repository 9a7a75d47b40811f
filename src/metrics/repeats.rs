//! Words that occur twice in a poem.

use super::Verse;
use crate::corpus::Form;

/// Whether the same word ends two rhyming lines: two even lines of a fixed form, any two lines of other verse.
pub fn repeats_rhyme(form: Form, verse: &Verse) -> bool {
    let (first, step) = if matches!(form, Form::Fixed { .. }) { (1, 2) } else { (0, 1) };
    let ends = verse.iter().skip(first).step_by(step).filter_map(|line| line.last().copied());
    has_repeats(ends.collect())
}

/// Whether a word occurs twice in the poem. Two equal words in a row within a line count as one.
pub fn repeats_word(verse: &Verse) -> bool {
    let words = verse.iter().flat_map(|line| {
        let mut line = line.clone();
        line.dedup();
        line
    });
    has_repeats(words.collect())
}

fn has_repeats(mut words: Vec<u32>) -> bool {
    words.sort_unstable();
    words.windows(2).any(|pair| pair[0] == pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rhymes_are_the_even_lines_of_fixed_forms_and_all_lines_of_others() {
        let fixed = Form::Fixed { width: 2, lines: 4 };
        let odd = vec![vec![1, 2], vec![3, 4], vec![5, 2], vec![6, 7]];
        let even = vec![vec![1, 2], vec![3, 4], vec![5, 6], vec![7, 4]];
        assert_eq!((repeats_rhyme(fixed, &odd), repeats_rhyme(fixed, &even)), (false, true));
        assert_eq!((repeats_rhyme(Form::Free, &odd), repeats_rhyme(Form::Lines(4), &even)), (true, true));
        assert!(!repeats_rhyme(Form::Free, &vec![vec![], vec![]]));
    }

    #[test]
    fn doublets_count_once() {
        assert!(!repeats_word(&vec![vec![1, 1, 2], vec![3, 4]]));
        assert!(repeats_word(&vec![vec![1, 1, 2], vec![3, 1]]));
        assert!(repeats_word(&vec![vec![1, 2, 1]]));
        assert!(repeats_word(&vec![vec![1, 2], vec![2, 3]]));
        assert!(!repeats_word(&vec![vec![], vec![1]]));
    }
}
