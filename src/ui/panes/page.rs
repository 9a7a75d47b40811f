//! Poems laid out in columns, older sample sets below the newest.

use std::collections::VecDeque;

use crate::run::event::{SamplePoem, ScoredLine};
use crate::ui::model::run_model::SampleSet;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns between two poems.
pub const GAP: usize = 3;
/// Columns of a score: a space and `0.63`.
pub const SCORE: usize = 5;
/// Columns of the longest and the shortest bar.
const MAX_BAR: usize = 12;
const MIN_BAR: usize = 3;
/// A heading widens the column of a poem at most to this.
const MAX_HEADING: usize = 14;

pub enum PageRow<'a> {
    /// Heading of an older sample set.
    Heading(&'a SampleSet),
    /// The items of all columns.
    Items(Vec<Item<'a>>),
}

#[derive(Clone, Copy)]
pub enum Item<'a> {
    Heading(&'a SamplePoem),
    Line(&'a ScoredLine),
    /// The attributions of the line above, for terminals without colour.
    Attributions(&'a ScoredLine),
    Nothing,
}

pub struct Page<'a> {
    pub rows: Vec<PageRow<'a>>,
    /// Columns of a line's text.
    pub text_width: usize,
    /// Columns of a bar; 0 if there is no room for bars.
    pub bar_width: usize,
    pub has_scores: bool,
}

impl<'a> Page<'a> {
    /// Lays out the sample sets, newest first, in `width` columns.
    pub fn new(samples: &'a VecDeque<SampleSet>, width: usize, theme: Theme) -> Page<'a> {
        let poems = || samples.iter().flat_map(|set| &set.poems);
        let has_scores = poems().any(|poem| poem.score.is_some() || poem.lines.iter().any(|l| l.score.is_some()));
        let score_width = if has_scores { SCORE } else { 0 };
        let lines = poems().flat_map(|poem| &poem.lines).map(|line| text::columns(&line.text));
        let headings = poems().map(|poem| text::columns(&heading(poem, theme)).min(MAX_HEADING));
        let text_width = lines.chain(headings).max().unwrap_or(0).min(width.saturating_sub(score_width));
        let cell = text_width + score_width;
        let n_poems = samples.iter().map(|set| set.poems.len()).max().unwrap_or(0);
        let n_columns = balanced(n_poems, (width + GAP) / (cell + GAP));
        // The bars get the remaining columns.
        let spare = ((width + GAP) / n_columns).saturating_sub(GAP + cell + 1);
        let bar_width = if has_scores && spare >= MIN_BAR { spare.min(MAX_BAR) } else { 0 };
        let mut rows = Vec::new();
        for (index, set) in samples.iter().enumerate() {
            if index > 0 {
                rows.push(PageRow::Heading(set));
            }
            rows.extend(set.poems.chunks(n_columns).flat_map(|poems| band(poems, n_columns, theme)));
        }
        Page { rows, text_width, bar_width, has_scores }
    }
}

/// The fewest columns that need no more bands of poems than `n_columns` do: six poems are laid out as three and three
/// rather than five and one.
fn balanced(n_poems: usize, n_columns: usize) -> usize {
    let n_bands = n_poems.div_ceil(n_columns.max(1)).max(1);
    n_poems.div_ceil(n_bands).max(1)
}

pub fn heading(poem: &SamplePoem, theme: Theme) -> String {
    format!("{} {} {}", poem.form, theme.translate("seed"), poem.seed)
}

/// The rows of the poems of one band.
fn band(poems: &[SamplePoem], n_columns: usize, theme: Theme) -> Vec<PageRow<'_>> {
    let has_attributions = poems.iter().flat_map(|poem| &poem.lines).any(|line| !line.attributions.is_empty());
    let per_line = if has_attributions && !theme.has_colour() { 2 } else { 1 };
    let columns: Vec<Vec<Item>> = poems.iter().map(|poem| items(poem, per_line)).collect();
    let n_rows = columns.iter().map(Vec::len).max().unwrap_or(1);
    let item = |column: usize, row: usize| {
        columns.get(column).and_then(|items| items.get(row)).copied().unwrap_or(Item::Nothing)
    };
    (0..n_rows).map(|row| PageRow::Items((0..n_columns).map(|column| item(column, row)).collect())).collect()
}

/// The rows of one poem, with a blank one before a stanza.
fn items(poem: &SamplePoem, per_line: usize) -> Vec<Item<'_>> {
    let mut items = vec![Item::Heading(poem)];
    for (number, line) in poem.lines.iter().enumerate() {
        items.extend(poem.stanzas.contains(&number).then_some(Item::Nothing));
        items.push(Item::Line(line));
        items.extend((per_line > 1).then_some(Item::Attributions(line)));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEME: Theme = Theme::COLOURLESS;

    fn samples(n_poems: usize, line: &str, score: Option<f32>) -> VecDeque<SampleSet> {
        let lines =
            vec![ScoredLine { text: line.to_owned(), score, attributions: Vec::new(), tones: String::new() }; 4];
        let poem = SamplePoem { form: "7x4".into(), seed: 1, lines, score, nearest: Vec::new(), stanzas: Vec::new() };
        VecDeque::from([SampleSet { step: 1, number: 0, temperature: 1.0, poems: vec![poem; n_poems] }])
    }

    #[test]
    fn as_many_poems_as_fit_are_in_a_band() {
        let samples = samples(6, "春眠不觉晓处处", Some(0.5));
        for (width, n_rows, bar_width) in [(76, 10, 3), (70, 10, 0), (90, 10, 8), (41, 15, 0), (24, 30, 4), (5, 30, 0)]
        {
            let page = Page::new(&samples, width, THEME);
            assert_eq!((page.rows.len(), page.bar_width), (n_rows, bar_width), "in {width} columns");
        }
    }

    #[test]
    fn a_long_line_leaves_room_for_its_score() {
        let samples = samples(2, &"long ".repeat(30), Some(0.5));
        assert_eq!(Page::new(&samples, 60, THEME).text_width, 60 - SCORE);
    }

    #[test]
    fn older_samples_follow_below_a_heading() {
        let mut both = samples(2, "new", None);
        both.extend(samples(2, "old", None));
        let page = Page::new(&both, 80, THEME);
        assert!(!page.has_scores);
        assert!(matches!(page.rows[5], PageRow::Heading(_)) && page.rows.len() == 11);
    }
}
