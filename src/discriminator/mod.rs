//! The discriminator: a CNN over each line (Kim 2014), a CNN over the lines of the poem, a rhyme head over the similarities
//! of the line ends, a couplet head over the classes of co-occurring tokens, a lexical head over the rarity and repetition
//! of tokens, and a theme head over the agreement of couplets. The score of a poem is its mean line score plus the scores of the heads.

pub mod couplet;
pub mod endings;
mod grid;
pub mod lexical;
pub mod neighbours;
mod packed;
pub mod rhyme;
pub mod theme;

pub use grid::{Grid, RHYME_LINES, TAIL};
pub use packed::{PackedDiscriminator, PoemScores};

use candle_core::{Device, Result, Tensor};

use crate::config::{AXES, DiscriminatorConfig, POEM_FILTER_WIDTHS};
use crate::nn::ops::{Activation, Precision, conv_max, gather_rows, linear};
use crate::nn::params::{Params, Weights, get};
use crate::random;

const RHYME_HIDDEN: usize = 64;
const RHYME_WEIGHT: &str = "rhyme.hidden.weight";

/// The discriminator over given weights, trainable or frozen.
pub struct Discriminator {
    config: DiscriminatorConfig,
    weights: Weights,
    precision: Precision,
}

/// Logits of being real.
pub struct Scores {
    /// [count]
    pub poems: Tensor,
    /// [count, lines]; meaningless where the grid's share is 0.
    pub lines: Tensor,
}

/// Adds the initial weights of a discriminator.
pub fn init(config: &DiscriminatorConfig, vocab: usize, params: &mut Params) -> Result<()> {
    params.normal("embedding", &[vocab, config.embed], 0.3)?;
    for &width in &config.widths {
        params.linear(&format!("filter{width}"), width * config.embed, config.filters, 1.0)?;
    }
    let features = config.filters * config.widths.len();
    params.linear("line.hidden", features, config.filters, 1.0)?;
    params.linear("line.score", config.filters, 1, 1.0)?;
    if config.poem {
        for width in POEM_FILTER_WIDTHS {
            params.linear(&format!("poem.filter{width}"), width * config.filters, config.filters, 1.0)?;
        }
        params.linear("poem.score", config.filters * POEM_FILTER_WIDTHS.len(), 1, 1.0)?;
    }
    if config.rhyme {
        params.linear("rhyme.hidden", RHYME_LINES * RHYME_LINES, RHYME_HIDDEN, 2.0)?;
        params.linear("rhyme.score", RHYME_HIDDEN, 1, 1.0)?;
    }
    if config.couplet {
        couplet::init(config.couplet_embed, params)?;
    }
    if config.lexical {
        lexical::init(params)?;
    }
    if config.theme {
        theme::init(params)?;
    }
    if config.neighbours {
        neighbours::init(params)?;
    }
    Ok(())
}

/// Sets the weights of the heads that begin with what was learned from the corpus, if they are in `learned`.
pub fn begin(params: &Params, learned: &Weights) -> Result<()> {
    let heads = couplet::learned_names().chain(theme::NAMES);
    let mut known = heads.filter_map(|name| learned.get_key_value(name));
    known.try_for_each(|(name, weight)| params.set(name, weight))
}

/// Lets the rhyme head begin with the similarities of these pairs of lines, counted from 0, and without all others. Their
/// initial weights are larger, so that the hidden layer has the same variance. Without pairs the head stays as it is.
pub fn compare_lines(params: &Params, pairs: &[(usize, usize)]) -> Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    let weight = get(&params.frozen(), RHYME_WEIGHT)?;
    let mut mask = vec![0f32; RHYME_LINES * RHYME_LINES];
    let scale = (mask.len() as f32 / (2 * pairs.len()) as f32).sqrt();
    for &(a, b) in pairs.iter().filter(|(a, b)| *a < RHYME_LINES && *b < RHYME_LINES) {
        (mask[a * RHYME_LINES + b], mask[b * RHYME_LINES + a]) = (scale, scale);
    }
    let mask = Tensor::from_vec(mask, (RHYME_LINES * RHYME_LINES, 1), &Device::Cpu)?;
    params.set(RHYME_WEIGHT, &weight.broadcast_mul(&mask)?)
}

/// The input of the discriminator for each token: its own embedding, then the frozen embeddings of the heads,
/// [vocab, embed + frozen columns].
pub fn table(weights: &Weights, frozen_embeddings: Option<&Tensor>) -> Result<Tensor> {
    let own = get(weights, "embedding")?;
    match frozen_embeddings {
        Some(frozen_embeddings) => Tensor::cat(&[&own, frozen_embeddings], 1),
        None => Ok(own),
    }
}

impl Scores {
    /// The same scores without their graph.
    pub fn detached(&self) -> Scores {
        Scores { poems: self.poems.detach(), lines: self.lines.detach() }
    }
}

impl Discriminator {
    pub fn new(config: &DiscriminatorConfig, weights: Weights) -> Discriminator {
        Discriminator { config: config.clone(), weights, precision: Precision::F32 }
    }

    /// The same discriminator with matrix products in `precision`.
    pub fn with_precision(self, precision: Precision) -> Discriminator {
        Discriminator { precision, ..self }
    }

    /// Scores for `x` [count * time, columns]: for each target its row of `table`, or a mixture of rows. With a `hide` seed,
    /// tokens are masked at the configured rate, as in training.
    pub fn scores(&self, x: &Tensor, grid: &Grid, hide: Option<u64>) -> Result<Scores> {
        let own = gather_rows(x, 0..self.config.embed, self.visible(grid, hide))?;
        let own = own.reshape((grid.count * grid.lines, grid.width, self.config.embed))?;
        let lines = self.line_features(&own)?; // [count * lines, filters]
        let line_scores = self.dense("line.score", &lines, Activation::None)?.reshape((grid.count, grid.lines))?;
        let mut poems = (&line_scores * grid.shares()?)?.sum(1)?;
        if self.config.poem {
            poems = (poems + self.poem_scores(&lines, grid)?)?;
        }
        if self.config.rhyme {
            let columns = self.config.embed..self.config.embed + self.config.rhyme_embed;
            poems = (poems + self.rhyme_scores(&gather_rows(x, columns, grid.ends.clone())?, grid)?)?;
        }
        if self.config.couplet {
            poems = (poems + self.couplet_scores(x, grid)?)?;
        }
        if self.config.lexical {
            poems = (poems + self.lexical_scores(x, grid)?)?;
        }
        if self.config.theme {
            poems = (poems + self.theme_scores(x, grid)?)?;
        }
        if self.config.neighbours {
            poems = (poems + self.neighbour_scores(x, grid)?)?;
        }
        Ok(Scores { poems, lines: line_scores })
    }

    /// The tokens of a grid, with masked ones replaced by padding.
    fn visible(&self, grid: &Grid, seed: Option<u64>) -> Vec<u32> {
        let mut tokens = grid.tokens.clone();
        if let Some(seed) = seed
            && self.config.token_dropout > 0.0
        {
            let mut rng = random::stream(seed, "hidden tokens", 0);
            for token in &mut tokens {
                if random::uniform(&mut rng) < self.config.token_dropout {
                    *token = grid.padding();
                }
            }
        }
        tokens
    }

    /// Features of each line, [rows, filters], for its tokens [rows, width, embed].
    fn line_features(&self, tokens: &Tensor) -> Result<Tensor> {
        let pooled = self.config.widths.iter().map(|width| self.filter(&format!("filter{width}"), tokens));
        let features = Tensor::cat(&pooled.collect::<Result<Vec<_>>>()?, 1)?; // [rows, filters * widths]
        self.dense("line.hidden", &features, Activation::LeakyRelu)
    }

    /// The largest response over time of the filters `name` to x [rows, time, channels].
    fn filter(&self, name: &str, x: &Tensor) -> Result<Tensor> {
        let (weight, bias) = self.weights_of(name)?;
        conv_max(x, &weight, &bias, self.precision)
    }

    fn poem_scores(&self, lines: &Tensor, grid: &Grid) -> Result<Tensor> {
        // Lines of padding become 0 here, whatever their features were.
        let padding = grid.shares.len();
        let real = (0..padding).map(|line| if grid.shares[line] > 0.0 { line } else { padding } as u32).collect();
        let lines = gather_rows(lines, 0..self.config.filters, real)?;
        let lines = lines.reshape((grid.count, grid.lines, self.config.filters))?;
        let pooled = POEM_FILTER_WIDTHS.iter().map(|width| self.filter(&format!("poem.filter{width}"), &lines));
        let features = Tensor::cat(&pooled.collect::<Result<Vec<_>>>()?, 1)?;
        self.dense("poem.score", &features, Activation::None)?.flatten_all()
    }

    /// Scores from the matrix of cosines between line ends [count * RHYME_LINES, rhyme columns] -> [count]. A token does
    /// not rhyme with itself.
    fn rhyme_scores(&self, ends: &Tensor, grid: &Grid) -> Result<Tensor> {
        let count = grid.count;
        let ends = ends.reshape((count, RHYME_LINES, ends.dim(1)?))?;
        let similarity = ends.matmul(&ends.transpose(1, 2)?.contiguous()?)?; // [count, RHYME_LINES, RHYME_LINES]
        let distinct = Tensor::from_slice(&grid.distinct_ends, similarity.shape(), &Device::Cpu)?;
        let similarity = (similarity * distinct)?;
        let flat = similarity.reshape((count, RHYME_LINES * RHYME_LINES))?;
        let hidden = self.dense("rhyme.hidden", &flat, Activation::LeakyRelu)?;
        self.dense("rhyme.score", &hidden, Activation::None)?.flatten_all()
    }

    fn couplet_scores(&self, x: &Tensor, grid: &Grid) -> Result<Tensor> {
        let first = self.config.embed + self.config.rhyme_columns();
        let tails = gather_rows(x, first..first + self.config.couplet_embed, grid.tails.clone())?;
        let tails = tails.reshape((grid.count, grid.lines, TAIL * self.config.couplet_embed))?;
        couplet::scores(&self.weights, &tails, &grid.counts(&grid.tails))
    }

    fn lexical_scores(&self, x: &Tensor, grid: &Grid) -> Result<Tensor> {
        let first = self.config.embed + self.config.learned_columns();
        let rows = |places: Vec<u32>, shape| {
            gather_rows(x, first..first + lexical::COLUMNS, places)?.reshape((shape, (), lexical::COLUMNS))
        };
        let tokens = lexical::PoemTokens {
            lines: rows(grid.tokens.clone(), grid.count * grid.lines)?,
            poems: rows(grid.in_a_row(), grid.count)?,
            ends: rows(grid.ends.clone(), grid.count)?,
        };
        lexical::scores(&self.weights, &tokens, &grid.counts(&grid.tokens))
    }

    fn theme_scores(&self, x: &Tensor, grid: &Grid) -> Result<Tensor> {
        let first = self.config.embed + self.config.learned_columns() + self.config.lexical_columns();
        let tokens = gather_rows(x, first..first + AXES, grid.themes.clone())?;
        let tokens = tokens.reshape((grid.count, grid.couplets(), 2 * grid.width, AXES))?;
        theme::scores(&self.weights, &tokens, &grid.couplet_sizes())
    }

    fn neighbour_scores(&self, x: &Tensor, grid: &Grid) -> Result<Tensor> {
        let first = self.config.neighbour_start();
        let tails = gather_rows(x, first..first + neighbours::COLUMNS, grid.tails.clone())?;
        let tails = tails.reshape((grid.count, grid.lines, TAIL, neighbours::COLUMNS))?;
        neighbours::scores(&self.weights, &tails, &grid.counts(&grid.tails))
    }

    fn dense(&self, name: &str, x: &Tensor, activation: Activation) -> Result<Tensor> {
        let (weight, bias) = self.weights_of(name)?;
        linear(x, &weight, &bias, activation, self.precision)
    }

    fn weights_of(&self, name: &str) -> Result<(Tensor, Tensor)> {
        Ok((get(&self.weights, &format!("{name}.weight"))?, get(&self.weights, &format!("{name}.bias"))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, LeastGrid};
    use crate::generator::{Sequences, SpecialTokens};
    use crate::nn::ops::check;

    fn ids(ids: &[u32]) -> Result<Tensor> {
        Tensor::from_slice(ids, ids.len(), &candle_core::Device::Cpu)
    }

    pub(super) const SPECIAL: SpecialTokens =
        SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };

    pub(super) fn config() -> DiscriminatorConfig {
        let config: Config = toml::from_str(include_str!("../../presets/base.toml")).unwrap();
        DiscriminatorConfig {
            embed: 6,
            filters: 5,
            widths: vec![1, 2, 3],
            rhyme_embed: 4,
            couplet_embed: 2,
            neighbours: true,
            ..config.discriminator
        }
    }

    /// The heads whose bits are set.
    pub(super) fn with_heads(heads: u32) -> DiscriminatorConfig {
        let [poem, rhyme, couplet, lexical, theme, neighbours] = [1, 2, 4, 8, 16, 32].map(|head| heads & head > 0);
        DiscriminatorConfig { poem, rhyme, couplet, lexical, theme, neighbours, ..config() }
    }

    fn batch() -> Sequences {
        Sequences::new(&[&[3, 5, 6, 7, 1, 8, 9, 10, 1, 11, 5, 2], &[3, 11, 6, 1, 8, 9, 2]], vec![], SPECIAL)
    }

    pub(super) fn parts(config: &DiscriminatorConfig) -> (Params, Tensor) {
        let mut params = Params::new(3);
        init(config, 12, &mut params).unwrap();
        // With a bias of 0, padding is at the kink of the activation, where finite differences are meaningless.
        let names: Vec<String> = params.iter().map(|(name, _)| name.clone()).filter(|n| n.ends_with("bias")).collect();
        for (name, seed) in names.iter().zip(60..) {
            let len = params.frozen()[name].elem_count();
            params.vector(name, check::normal(&[len], seed).to_vec1().unwrap()).unwrap();
        }
        (params, frozen_embeddings(config))
    }

    /// Embeddings of both kinds; those of the lexical head have to be its own, since it compares them with thresholds.
    fn frozen_embeddings(config: &DiscriminatorConfig) -> Tensor {
        let learned = check::normal(&[12, config.learned_columns()], 9).as_detached_tensor();
        let counts: Vec<u64> = (0..12).collect();
        let mut tables = vec![learned];
        if config.lexical {
            tables.push(lexical::table(&counts, 1).unwrap());
        }
        if config.theme {
            tables.push(check::normal(&[12, AXES], 10).as_detached_tensor());
        }
        if config.neighbours {
            tables.push((check::normal(&[12, neighbours::COLUMNS], 11).as_detached_tensor() * 0.4).unwrap());
        }
        Tensor::cat(&tables, 1).unwrap()
    }

    fn score(config: &DiscriminatorConfig, weights: Weights, rhyme: &Tensor, hide: Option<u64>) -> Result<Scores> {
        let (batch, discriminator) = (batch(), Discriminator::new(config, weights.clone()));
        let x = table(&weights, Some(rhyme))?.index_select(&ids(&batch.targets())?, 0)?;
        discriminator.scores(&x, &Grid::new(&batch, SPECIAL, config.least_grid()), hide)
    }

    #[test]
    fn every_part_is_right_against_differences() {
        let config = config();
        let (params, rhyme) = parts(&config);
        let vars: Vec<_> = params.iter().map(|(_, var)| var).collect();
        check::gradients_with(1e-3, &vars, 3e-2, || {
            score(&config, params.trainable(), &rhyme, None).map(|scores| scores.poems)
        });
    }

    #[test]
    fn every_variable_learns_and_heads_can_be_left_out() {
        for heads in 0..64 {
            let config = with_heads(heads);
            let (params, rhyme) = parts(&config);
            let scores = score(&config, params.trainable(), &rhyme, Some(1)).unwrap();
            let grads = scores.poems.sum_all().unwrap().backward().unwrap();
            for (name, var) in params.iter() {
                let grad: Vec<f32> = grads.get(var).unwrap().flatten_all().unwrap().to_vec1().unwrap();
                assert!(grad.iter().all(|g| g.is_finite()) && grad.iter().any(|&g| g != 0.0), "{name}");
            }
        }
    }

    #[test]
    fn the_rhyme_head_begins_with_the_lines_that_rhyme() {
        let (params, _) = parts(&config());
        let before = params.frozen()[RHYME_WEIGHT].to_vec2::<f32>().unwrap();
        compare_lines(&params, &[]).unwrap();
        assert_eq!(params.frozen()[RHYME_WEIGHT].to_vec2::<f32>().unwrap(), before);
        compare_lines(&params, &[(0, 2), (1, 3)]).unwrap();
        let after = params.frozen()[RHYME_WEIGHT].to_vec2::<f32>().unwrap();
        for (place, (row, old)) in after.iter().zip(&before).enumerate() {
            let compared = [(0, 2), (2, 0), (1, 3), (3, 1)].contains(&(place / RHYME_LINES, place % RHYME_LINES));
            let scale = if compared { 8.0 } else { 0.0 }; // the root of 256 / 4
            assert!(row.iter().zip(old).all(|(new, old)| (new - scale * old).abs() < 1e-5), "{place}");
        }
    }

    #[test]
    fn hidden_tokens_become_padding() {
        let config = DiscriminatorConfig { token_dropout: 0.5, ..config() };
        let grid = Grid::new(&batch(), SPECIAL, LeastGrid { lines: 3, width: 3 });
        let discriminator = Discriminator::new(&config, parts(&config).0.frozen());
        let hidden = discriminator.visible(&grid, Some(1));
        assert_eq!(discriminator.visible(&grid, None), grid.tokens);
        assert!(hidden != grid.tokens && hidden.iter().any(|&token| token != grid.padding()));
        assert!(hidden.iter().zip(&grid.tokens).all(|(&now, &then)| now == then || now == grid.padding()));
    }

    #[test]
    fn padding_changes_no_score() {
        let config = config();
        let (params, rhyme) = parts(&config);
        let together = score(&config, params.frozen(), &rhyme, None).unwrap().poems.to_vec1::<f32>().unwrap();
        let alone = Sequences::new(&[batch().poem(0)], vec![], SPECIAL);
        let discriminator = Discriminator::new(&config, params.frozen());
        let x =
            table(&params.frozen(), Some(&rhyme)).unwrap().index_select(&ids(&alone.targets()).unwrap(), 0).unwrap();
        let alone = discriminator
            .scores(&x, &Grid::new(&alone, SPECIAL, LeastGrid { lines: 3, width: 3 }), None)
            .unwrap()
            .poems;
        assert!((alone.to_vec1::<f32>().unwrap()[0] - together[0]).abs() < 1e-5);
    }
}
