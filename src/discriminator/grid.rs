//! The layout of a minibatch for the discriminator: lines of tokens instead of one sequence.

use std::ops::Range;

use candle_core::{Device, Result, Tensor};

use crate::config::LeastGrid;
use crate::generator::{Sequences, SpecialTokens};

/// Number of lines that the rhyme head compares; further ones are left out.
pub const RHYME_LINES: usize = 16;

const PAIRS_OF_ENDS: usize = RHYME_LINES * RHYME_LINES;

/// Number of tokens at the end of a line that the couplet head reads.
pub const TAIL: usize = 8;

/// The content tokens of a minibatch, as indices into the [count * time] target rows; the index count * time is padding.
#[derive(Debug, PartialEq)]
pub struct Grid {
    pub count: usize,
    pub lines: usize,
    pub width: usize,
    /// [count * lines * width]
    pub tokens: Vec<u32>,
    /// Last token of each line that is not punctuation, [count * RHYME_LINES].
    pub ends: Vec<u32>,
    /// The last tokens of each line that are not punctuation, [count * lines * TAIL], padding first.
    pub tails: Vec<u32>,
    /// The letters of each couplet that count for its theme, [count * couplets * 2 width]: those that the poem has not
    /// had before, without the last one, the rhyme.
    pub themes: Vec<u32>,
    /// 0 for a pair of line ends that are the same token, else 1, [count * RHYME_LINES * RHYME_LINES].
    pub distinct_ends: Vec<f32>,
    /// Share of each line in the mean over its poem's lines, [count * lines]; 0 for padding.
    pub shares: Vec<f32>,
    padding: u32,
}

impl Grid {
    /// The layout of a batch; lines and their widths are padded to at least `least`.
    pub fn new(batch: &Sequences, special: SpecialTokens, least: LeastGrid) -> Grid {
        let poems: Vec<Vec<Vec<u32>>> = (0..batch.count).map(|poem| lines_of(batch, poem, special)).collect();
        let lines = poems.iter().map(Vec::len).max().unwrap_or(0).max(least.lines);
        let width = poems.iter().flatten().map(Vec::len).max().unwrap_or(0).max(least.width);
        let padding = (batch.count * batch.time) as u32;
        let mut grid = Grid {
            count: batch.count,
            lines,
            width,
            tokens: vec![padding; batch.count * lines * width],
            ends: vec![padding; batch.count * RHYME_LINES],
            tails: vec![padding; batch.count * lines * TAIL],
            themes: vec![padding; batch.count * lines.div_ceil(2) * 2 * width],
            distinct_ends: Vec::with_capacity(batch.count * RHYME_LINES * RHYME_LINES),
            shares: vec![0.0; batch.count * lines],
            padding,
        };
        let tokens = Targets { batch, special };
        for (poem, rows) in poems.iter().enumerate() {
            for (line, row) in rows.iter().enumerate() {
                let at = poem * lines + line;
                grid.tokens[at * width..at * width + row.len()].copy_from_slice(row);
                grid.shares[at] = 1.0 / rows.len() as f32;
                let letters = row.iter().rev().copied().filter(|&target| tokens.is_letter(target)).take(TAIL);
                let tail = &mut grid.tails[at * TAIL..(at + 1) * TAIL];
                tail.iter_mut().rev().zip(letters).for_each(|(place, target)| *place = target);
                if line < RHYME_LINES {
                    grid.ends[poem * RHYME_LINES + line] = tail[TAIL - 1];
                }
            }
            let themes = &mut grid.themes[poem * lines.div_ceil(2) * 2 * width..];
            for (couplet, places) in theme_places(rows, tokens).into_iter().enumerate() {
                themes[couplet * 2 * width..][..places.len()].copy_from_slice(&places);
            }
            let ends = &grid.ends[poem * RHYME_LINES..][..RHYME_LINES];
            let ends: Vec<Option<u32>> = ends.iter().map(|&end| (end != padding).then(|| tokens.token(end))).collect();
            grid.distinct_ends.extend(distinct(&ends));
        }
        grid
    }

    /// The grids of as many real and generated poems, with as many lines and wide enough for every filter.
    pub fn pair(real: &Sequences, fake: &Sequences, special: SpecialTokens, least: LeastGrid) -> (Grid, Grid) {
        let least_lines = least.lines.max(most_lines(real, special)).max(most_lines(fake, special));
        let grid = |batch| Grid::new(batch, special, LeastGrid { lines: least_lines, ..least });
        (grid(real), grid(fake))
    }

    /// The grid of some of the poems, with the same padding.
    pub fn part(&self, poems: Range<usize>) -> Grid {
        let time = self.padding / self.count.max(1) as u32;
        let (first, padding) = (poems.start as u32 * time, poems.len() as u32 * time);
        let moved = |targets: &[u32], per_poem: usize| -> Vec<u32> {
            let targets = &targets[poems.start * per_poem..poems.end * per_poem];
            targets.iter().map(|&target| if target == self.padding { padding } else { target - first }).collect()
        };
        Grid {
            count: poems.len(),
            lines: self.lines,
            width: self.width,
            tokens: moved(&self.tokens, self.lines * self.width),
            ends: moved(&self.ends, RHYME_LINES),
            tails: moved(&self.tails, self.lines * TAIL),
            themes: moved(&self.themes, self.couplets() * 2 * self.width),
            distinct_ends: self.distinct_ends[poems.start * PAIRS_OF_ENDS..poems.end * PAIRS_OF_ENDS].to_vec(),
            shares: self.shares[poems.start * self.lines..poems.end * self.lines].to_vec(),
            padding,
        }
    }

    /// Pairs of lines, the last of which may lack one.
    pub fn couplets(&self) -> usize {
        self.lines.div_ceil(2)
    }

    /// The index of padding, count * time.
    pub fn padding(&self) -> u32 {
        self.padding
    }

    /// The tokens of each poem one after another, [count * longest poem], padding last.
    pub fn in_a_row(&self) -> Vec<u32> {
        let poems = self.tokens.chunks(self.lines * self.width);
        let mut poems: Vec<Vec<u32>> =
            poems.map(|poem| poem.iter().copied().filter(|&token| token != self.padding).collect()).collect();
        let longest = poems.iter().map(Vec::len).max().unwrap_or(0).max(1);
        poems.iter_mut().for_each(|poem| poem.resize(longest, self.padding));
        poems.concat()
    }

    /// Number of tokens of each poem, without padding.
    pub fn counts(&self, places: &[u32]) -> Vec<f32> {
        let poems = places.chunks(places.len() / self.count);
        poems.map(|poem| poem.iter().filter(|&&place| place != self.padding).count() as f32).collect()
    }

    /// Number of tokens of each couplet's theme, [count * couplets].
    pub fn couplet_sizes(&self) -> Vec<f32> {
        let couplets = self.themes.chunks(2 * self.width);
        couplets.map(|places| places.iter().filter(|&&place| place != self.padding).count() as f32).collect()
    }

    /// Shares of the lines as a tensor, [count, lines].
    pub fn shares(&self) -> Result<Tensor> {
        Tensor::from_slice(&self.shares, (self.count, self.lines), &Device::Cpu)
    }
}

/// The tokens of the targets of a batch.
#[derive(Clone, Copy)]
struct Targets<'a> {
    batch: &'a Sequences,
    special: SpecialTokens,
}

impl Targets<'_> {
    fn token(self, target: u32) -> u32 {
        let (poem, target) = (target as usize / self.batch.time, target as usize % self.batch.time);
        self.batch.tokens[poem * (self.batch.time + 1) + target + 1]
    }

    fn is_letter(self, target: u32) -> bool {
        self.token(target) as usize >= self.special.first_letter
    }
}

/// 0 for each pair of different places with the same token, else 1.
fn distinct(ends: &[Option<u32>]) -> Vec<f32> {
    let is_distinct = |i: usize, j: usize| i == j || ends[i].is_none() || ends[i] != ends[j];
    let pairs = (0..ends.len()).flat_map(|i| (0..ends.len()).map(move |j| (i, j)));
    pairs.map(|(i, j)| if is_distinct(i, j) { 1.0 } else { 0.0 }).collect()
}

/// For each couplet of a poem, given as the targets of its lines, those that count for its theme.
fn theme_places(lines: &[Vec<u32>], tokens: Targets) -> Vec<Vec<u32>> {
    let mut seen = Vec::new();
    let couplet = |lines: &[Vec<u32>]| {
        let mut places: Vec<u32> = lines.concat().into_iter().filter(|&target| tokens.is_letter(target)).collect();
        places.pop();
        places.retain(|&target| {
            let is_new = !seen.contains(&tokens.token(target));
            seen.push(tokens.token(target));
            is_new
        });
        places
    };
    lines.chunks(2).map(couplet).collect()
}

/// The largest number of lines of a poem of the batch.
fn most_lines(batch: &Sequences, special: SpecialTokens) -> usize {
    (0..batch.count).map(|poem| lines_of(batch, poem, special).len()).max().unwrap_or(0)
}

/// The target rows of each line of a poem. A poem has at least one line, even if it is empty.
fn lines_of(batch: &Sequences, poem: usize, special: SpecialTokens) -> Vec<Vec<u32>> {
    let mut lines = vec![Vec::new()];
    for (t, &token) in batch.poem(poem).iter().enumerate().skip(1) {
        if special.ends_line(token) {
            lines.push(Vec::new());
        } else if token as usize >= special.first_content
            && let Some(line) = lines.last_mut()
        {
            line.push((poem * batch.time + t - 1) as u32);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_laid_out_and_padded() {
        let special = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };
        let batch = Sequences::new(&[&[3, 5, 6, 1, 7, 2], &[3, 8, 2]], vec![], special);
        let grid = Grid::new(&batch, special, LeastGrid { lines: 1, width: 3 });
        // The batch has 2 * 5 targets, so 10 is padding.
        assert_eq!((grid.lines, grid.width), (2, 3));
        assert_eq!(grid.tokens, [0, 1, 10, 3, 10, 10, 5, 10, 10, 10, 10, 10]);
        assert_eq!((grid.ends[0], grid.ends[1], grid.ends[RHYME_LINES], grid.ends[RHYME_LINES + 1]), (1, 3, 5, 10));
        assert_eq!(grid.tails[..TAIL], [10, 10, 10, 10, 10, 10, 0, 1]);
        assert_eq!(grid.tails[2 * TAIL..3 * TAIL], [10, 10, 10, 10, 10, 10, 10, 5]);
        assert_eq!(grid.shares, [0.5, 0.5, 1.0, 0.0]);
    }

    #[test]
    fn a_part_is_laid_out_as_a_batch_of_its_own() {
        let special = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 5 };
        let poems: [&[u32]; 3] = [&[3, 5, 6, 1, 7, 2], &[3, 8, 2], &[3, 9, 4, 1, 5, 1, 6, 6, 2]];
        let (batch, least) = (Sequences::new(&poems, vec![], special), LeastGrid { lines: 2, width: 3 });
        let whole = Grid::new(&batch, special, least);
        for range in [0..1, 1..3, 0..3, 2..3] {
            let least = LeastGrid { lines: whole.lines, width: whole.width };
            assert_eq!(whole.part(range.clone()), Grid::new(&batch.part(range), special, least));
        }
        let other = Sequences::new(&[&[3, 5, 1, 5, 1, 5, 1, 5, 2], &[3, 5, 2], &[3, 5, 2]], vec![], special);
        let (real, fake) = Grid::pair(&batch, &other, special, least);
        assert_eq!((real.lines, fake.lines), (4, 4));
    }
}
