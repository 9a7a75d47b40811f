//! What the report says, in numbers.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use crate::config::{Config, DEFAULT_PRESET};
use crate::corpus::{self, Corpus, LeftOut, Poem, ReadOptions, Reading, Survey};
use crate::tokenizer::select_held_out;

/// The numbers of a report.
pub struct Account {
    pub reading: Reading,
    pub sha256: String,
    pub bytes: u64,
    /// Kept poems.
    pub poems: usize,
    /// Lines of kept poems.
    pub lines: usize,
    /// Kept poems that are held out, and poems of both parts that a vocabulary of the default preset cannot write.
    pub held_out: usize,
    pub left_out: LeftOut,
    /// Kept poems by form, the most common first.
    pub forms: Vec<(String, usize)>,
    /// Kept poems by number of lines, and lines by number of characters.
    pub heights: BTreeMap<usize, usize>,
    pub widths: BTreeMap<usize, usize>,
}

impl Account {
    /// The numbers of the files at `path`.
    ///
    /// # Errors
    /// A damaged program.
    pub fn of(path: &Path, mut survey: Survey, options: &ReadOptions) -> Result<Account> {
        let tokenizer = Config::preset(DEFAULT_PRESET)?.tokenizer;
        survey.reading.warnings = corpus::warnings(&survey.poems);
        let poems = &survey.poems;
        let (mut heights, mut widths, mut lines) = (BTreeMap::new(), BTreeMap::new(), 0);
        for poem in poems {
            *heights.entry(poem.lines.len()).or_default() += 1;
            for line in &poem.lines {
                lines += 1;
                *widths.entry(line.chars().count()).or_default() += 1;
            }
        }
        let forms = forms(poems);
        let mut corpus = corpus::split(path, survey, options);
        let left_out = select_held_out(&mut corpus, &tokenizer);
        let Corpus { info, reading, held_out, .. } = corpus;
        let held_out = held_out.len() - left_out.held_out;
        let (sha256, bytes, poems) = (info.sha256, info.bytes, info.poems);
        Ok(Account { reading, sha256, bytes, poems, lines, held_out, left_out, forms, heights, widths })
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
