//! What the report says, in numbers.

use std::collections::BTreeMap;

use crate::corpus::{self, CorpusParts, Poem, Reading, Survey};

/// The numbers of a report.
pub struct Account {
    pub reading: Reading,
    pub sha256: String,
    pub bytes: u64,
    /// Kept poems.
    pub poems: usize,
    /// Lines of kept poems.
    pub lines: usize,
    pub held_out: usize,
    /// Kept poems by form, the most common first.
    pub forms: Vec<(String, usize)>,
    /// Kept poems by number of lines, and lines by number of characters.
    pub heights: BTreeMap<usize, usize>,
    pub widths: BTreeMap<usize, usize>,
}

impl Account {
    pub fn of(survey: Survey) -> Account {
        let Survey { poems, prints, mut reading, sha256, bytes, .. } = survey;
        reading.warnings = corpus::warnings(&poems);
        let (mut heights, mut widths, mut lines) = (BTreeMap::new(), BTreeMap::new(), 0);
        for poem in &poems {
            *heights.entry(poem.lines.len()).or_default() += 1;
            for line in &poem.lines {
                lines += 1;
                *widths.entry(line.chars().count()).or_default() += 1;
            }
        }
        let (forms, n_poems) = (forms(&poems), poems.len());
        let CorpusParts { held_out, near_duplicates, .. } = corpus::part(poems, &prints);
        reading.near_duplicates = near_duplicates;
        let held_out = held_out.len();
        Account { reading, sha256, bytes, poems: n_poems, lines, held_out, forms, heights, widths }
    }
}

fn forms(poems: &[Poem]) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::<_, usize>::new();
    for poem in poems {
        *counts.entry(poem.form).or_default() += 1;
    }
    let mut forms: Vec<(String, usize)> = counts.into_iter().map(|(form, count)| (form.to_string(), count)).collect();
    forms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    forms
}
