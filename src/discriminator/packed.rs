//! A trained discriminator without a graph: the scores that the dashboard and `write` show.
//!
//! It computes what [`Discriminator`](super::Discriminator) computes, one poem at a time, with weights that are packed
//! once. A test holds the two equal. All sums have one fixed order, so that a score, and the draft that it chooses, are the
//! same on every processor.

mod couplet;
mod filters;
mod lexical;
mod neighbours;
mod theme;

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use self::couplet::Couplet;
use self::filters::Filters;
use self::lexical::Lexical;
use self::neighbours::NeighboursHead;
use self::theme::ThemeHead;
use super::grid::{Grid, RHYME_LINES};
use super::lexical::COLUMNS as LEXICAL_COLUMNS;
use super::neighbours::COLUMNS as NEIGHBOUR_COLUMNS;
use super::table;
use crate::config::{AXES, DiscriminatorConfig, POEM_FILTER_WIDTHS};
use crate::generator::{Sequences, SpecialTokens};
use crate::nn::dense::Dense;
use crate::nn::ops::Activation;
use crate::nn::params::Weights;
use crate::nn::simd::{self, Arch};

/// Maximum number of targets for per-token attribution.
const MAX_ATTRIBUTED: usize = 160;

/// Scores of a poem: probabilities of being real, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct PoemScores {
    pub poem: f32,
    pub lines: Vec<f32>,
    /// The logit of `poem`.
    pub logit: f32,
}

/// A discriminator for inference.
pub struct PackedDiscriminator {
    config: DiscriminatorConfig,
    special: SpecialTokens,
    arch: Arch,
    /// [vocab, columns]
    table: Vec<f32>,
    /// A row of the table for padding and for hidden tokens.
    zeros: Vec<f32>,
    filters: Filters,
    line_hidden: Dense,
    line_score: Dense,
    poem: Option<PoemHead>,
    rhyme: Option<HeadLayers>,
    couplet: Option<Couplet>,
    lexical: Option<Lexical>,
    theme: Option<ThemeHead>,
    neighbours: Option<NeighboursHead>,
}

/// Logits of one poem and of its lines, padding left out.
struct Logits {
    poem: f32,
    lines: Vec<f32>,
}

/// Rows of a table, one for each token.
type Rows<'a> = Vec<&'a [f32]>;

/// Filters over the lines of a poem, and the score of their responses.
struct PoemHead {
    filters: Filters,
    score: Dense,
}

/// The two dense layers of a head.
struct HeadLayers {
    hidden: Dense,
    score: Dense,
}

impl HeadLayers {
    fn new(weights: &Weights, head: &str, arch: Arch) -> Result<HeadLayers> {
        let dense = |part: &str| Dense::new(weights, &format!("{head}.{part}"), arch);
        Ok(HeadLayers { hidden: dense("hidden")?, score: dense("score")? })
    }

    fn score(&self, features: &[f32]) -> f32 {
        let (mut hidden, mut score) = (Vec::new(), Vec::new());
        self.hidden.apply(&mut hidden, features, 1);
        Activation::LeakyRelu.apply_all(&mut hidden);
        self.score.apply(&mut score, &hidden, 1);
        score[0]
    }
}

impl PackedDiscriminator {
    /// `weights` are frozen, and normalised where the loss asks for that.
    pub fn new(
        config: &DiscriminatorConfig,
        weights: &Weights,
        frozen_embeddings: Option<&Tensor>,
        special: SpecialTokens,
    ) -> Result<PackedDiscriminator> {
        PackedDiscriminator::with_arch(config, weights, frozen_embeddings, special, Arch::new())
    }

    /// The same with the instructions `arch`. The scores do not depend on them.
    pub fn with_arch(
        config: &DiscriminatorConfig,
        weights: &Weights,
        frozen_embeddings: Option<&Tensor>,
        special: SpecialTokens,
        arch: Arch,
    ) -> Result<PackedDiscriminator> {
        let table = table(weights, frozen_embeddings)?;
        let dense = |name: &str| Dense::new(weights, name, arch);
        let poem = || -> Result<_> {
            let filters = Filters::new(weights, "poem.filter", &POEM_FILTER_WIDTHS, config.filters, arch)?;
            Ok(PoemHead { filters, score: dense("poem.score")? })
        };
        Ok(PackedDiscriminator {
            special,
            arch,
            zeros: vec![0.0; table.dim(1)?],
            table: table.flatten_all()?.to_vec1()?,
            filters: Filters::new(weights, "filter", &config.widths, config.embed, arch)?,
            line_hidden: dense("line.hidden")?,
            line_score: dense("line.score")?,
            poem: config.poem.then(poem).transpose()?,
            rhyme: config.rhyme.then(|| HeadLayers::new(weights, "rhyme", arch)).transpose()?,
            couplet: config.couplet.then(|| Couplet::new(weights, config.couplet_embed, arch)).transpose()?,
            lexical: config.lexical.then(|| Lexical::new(weights, arch)).transpose()?,
            theme: config.theme.then(|| ThemeHead::new(weights)).transpose()?,
            neighbours: config.neighbours.then(|| NeighboursHead::new(weights)).transpose()?,
            config: config.clone(),
        })
    }

    /// Scores of each poem. They do not depend on the other poems of the batch, bit for bit.
    pub fn score(&self, batch: &Sequences) -> Vec<PoemScores> {
        let probability = |logit: f32| 1.0 / (1.0 + simd::exp(-logit));
        let poem_scores = |poem: usize| {
            let logits = self.logits(batch.poem(poem), None);
            let lines = logits.lines.into_iter().map(probability).collect();
            PoemScores { poem: probability(logits.poem), lines, logit: logits.poem }
        };
        (0..batch.count).into_par_iter().map(poem_scores).collect()
    }

    /// By how many nats each target of a poem (its tokens but the form tag) raises the poem's logit of being real: the
    /// logit as it is, less the one with that target hidden from every head, as token dropout hides it in training.
    /// [targets]; empty for a poem so long that this would take longer than training may wait.
    pub fn attributions(&self, poem: &[u32]) -> Vec<f32> {
        let time = poem.len().saturating_sub(1);
        if time > MAX_ATTRIBUTED {
            return Vec::new();
        }
        let whole = self.logits(poem, None).poem;
        (0..time).into_par_iter().map(|target| whole - self.logits(poem, Some(target)).poem).collect()
    }

    /// The logits of a poem, without its target `hidden`.
    fn logits(&self, poem: &[u32], hidden: Option<usize>) -> Logits {
        let batch = Sequences::new(&[poem], Vec::new(), self.special);
        let grid = Grid::new(&batch, self.special, self.config.least_grid());
        let rows = self.rows(&batch.targets(), hidden);
        let features = self.line_features(&grid, &rows); // [lines, filters]
        let mut lines = Vec::new();
        self.line_score.apply(&mut lines, &features, grid.lines);
        let mean: f32 = lines.iter().zip(&grid.shares).map(|(score, share)| score * share).sum();
        let heads = [
            self.poem_score(&grid, features),
            self.rhyme_score(&grid, &rows),
            self.couplet_score(&grid, &rows),
            self.lexical_score(&grid, &rows),
            self.theme_score(&grid, &rows),
            self.neighbour_score(&grid, &rows),
        ];
        lines.truncate(grid.shares.iter().filter(|&&share| share > 0.0).count());
        Logits { poem: heads.into_iter().flatten().fold(mean, |sum, score| sum + score), lines }
    }

    /// The row of the table for each target, and zeros for padding at the end.
    fn rows(&self, targets: &[u32], hidden: Option<usize>) -> Rows<'_> {
        let columns = self.zeros.len();
        let row = |(place, &token): (usize, &u32)| match Some(place) == hidden {
            true => self.zeros.as_slice(),
            false => &self.table[token as usize * columns..(token as usize + 1) * columns],
        };
        targets.iter().enumerate().map(row).chain([self.zeros.as_slice()]).collect()
    }

    /// Features of each line, [lines, filters].
    fn line_features(&self, grid: &Grid, rows: &Rows) -> Vec<f32> {
        let own = gather(rows, &grid.tokens, 0, self.config.embed); // [lines, width, embed]
        let mut features = Vec::new();
        self.line_hidden.apply(&mut features, &self.filters.largest(&own, grid.width), grid.lines);
        Activation::LeakyRelu.apply_all(&mut features);
        features
    }

    fn poem_score(&self, grid: &Grid, mut lines: Vec<f32>) -> Option<f32> {
        let head = self.poem.as_ref()?;
        // Lines of padding become 0 here, whatever their features were.
        let padding = lines.chunks_exact_mut(self.config.filters).zip(&grid.shares).filter(|(_, share)| **share == 0.0);
        padding.for_each(|(line, _)| line.fill(0.0));
        let mut score = Vec::new();
        head.score.apply(&mut score, &head.filters.largest(&lines, grid.lines), 1);
        score.first().copied()
    }

    /// The score of the matrix of cosines between line ends.
    fn rhyme_score(&self, grid: &Grid, rows: &Rows) -> Option<f32> {
        let head = self.rhyme.as_ref()?;
        let columns = self.config.embed..self.config.embed + self.config.rhyme_embed;
        let mut similarity = Vec::with_capacity(RHYME_LINES * RHYME_LINES);
        simd::vectorised_for(
            self.arch,
            #[inline(always)]
            || {
                for &a in &grid.ends {
                    let a = &rows[a as usize][columns.clone()];
                    similarity.extend(grid.ends.iter().map(|&b| simd::dot(a, &rows[b as usize][columns.clone()])));
                }
                similarity.iter_mut().zip(&grid.distinct_ends).for_each(|(x, distinct)| *x *= distinct);
            },
        );
        Some(head.score(&similarity))
    }

    fn couplet_score(&self, grid: &Grid, rows: &Rows) -> Option<f32> {
        let head = self.couplet.as_ref()?;
        let first = self.config.embed + self.config.rhyme_columns();
        let tails = gather(rows, &grid.tails, first, self.config.couplet_embed); // [lines, TAIL * columns]
        let is_token: Vec<bool> = grid.tails.iter().map(|&place| place != grid.padding()).collect();
        Some(head.score(&tails, &is_token))
    }

    fn lexical_score(&self, grid: &Grid, rows: &Rows) -> Option<f32> {
        let head = self.lexical.as_ref()?;
        let first = self.config.embed + self.config.learned_columns();
        let line = |places: &[u32]| -> Vec<&[f32]> {
            let tokens = places.iter().filter(|&&place| place != grid.padding());
            tokens.map(|&place| &rows[place as usize][first..first + LEXICAL_COLUMNS]).collect()
        };
        Some(head.score(&grid.tokens.chunks(grid.width).map(line).collect::<Vec<_>>(), &line(&grid.ends)))
    }

    fn theme_score(&self, grid: &Grid, rows: &Rows) -> Option<f32> {
        let head = self.theme.as_ref()?;
        let first = self.config.embed + self.config.learned_columns() + self.config.lexical_columns();
        let couplet = |places: &[u32]| -> Rows {
            let tokens = places.iter().filter(|&&place| place != grid.padding());
            tokens.map(|&place| &rows[place as usize][first..first + AXES]).collect()
        };
        Some(head.score(&grid.themes.chunks(2 * grid.width).map(couplet).collect::<Vec<_>>()))
    }

    fn neighbour_score(&self, grid: &Grid, rows: &Rows) -> Option<f32> {
        let head = self.neighbours.as_ref()?;
        let tails = gather(rows, &grid.tails, self.config.neighbour_start(), NEIGHBOUR_COLUMNS); // [lines, TAIL * columns]
        Some(head.score(&tails, grid.tails.iter().filter(|&&place| place != grid.padding()).count()))
    }
}

/// The columns `first..first + columns` of the rows of these places, one after the other.
fn gather(rows: &Rows, places: &[u32], first: usize, columns: usize) -> Vec<f32> {
    places.iter().flat_map(|&place| &rows[place as usize][first..first + columns]).copied().collect()
}

#[cfg(test)]
mod tests;
