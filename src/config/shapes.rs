//! Shapes of the parameters of a configuration, without creating them. A test of `gan::models` checks that they equal those
//! of `generator::init` and `discriminator::init`.

use super::{Config, DiscriminatorConfig, GeneratorKind};
use std::collections::BTreeMap;

/// Shapes of parameters, by name.
pub type Shapes = BTreeMap<String, Vec<usize>>;

impl Config {
    /// The parameters of the generator over `vocab` tokens.
    pub fn generator_shapes(&self, vocab: usize) -> Shapes {
        let (model, width) = (&self.model, self.model.width);
        let mut shapes = Shapes::new();
        add(&mut shapes, "embedding", &[vocab, width]);
        add(&mut shapes, "bias", &[vocab]);
        add(&mut shapes, "line", &[model.max_lines, width]);
        add(&mut shapes, "place", &[model.max_line + 1, width]);
        linear(&mut shapes, "noise", model.z_dim, width);
        if model.repeat_bias {
            add(&mut shapes, "repeat.kind", &[50]);
            add(&mut shapes, "repeat.adjacent", &[vocab]);
            add(&mut shapes, "repeat.apart", &[vocab]);
        }
        match model.generator {
            GeneratorKind::Transformer => self.add_transformer(&mut shapes),
            GeneratorKind::Lstm => self.add_lstm(&mut shapes),
        }
        shapes
    }

    fn add_transformer(&self, shapes: &mut Shapes) {
        let (width, hidden) = (self.model.width, self.model.transformer.hidden);
        for layer in 0..self.model.transformer.layers {
            let name = |part: &str| format!("block{layer}.{part}");
            norm(shapes, &name("norm1"), width);
            linear(shapes, &name("qkv"), width, 3 * width);
            linear(shapes, &name("attended"), width, width);
            norm(shapes, &name("norm2"), width);
            linear(shapes, &name("up"), width, hidden);
            linear(shapes, &name("down"), hidden, width);
        }
        norm(shapes, "norm", width);
    }

    fn add_lstm(&self, shapes: &mut Shapes) {
        let (width, hidden) = (self.model.width, self.model.lstm.hidden);
        for layer in 0..self.model.lstm.layers {
            let inputs = if layer == 0 { width } else { hidden };
            add(shapes, &format!("lstm{layer}.weight"), &[inputs + hidden + 1, 4 * hidden]);
        }
        linear(shapes, "project", hidden, width);
    }

    /// The parameters of the discriminator over `vocab` tokens.
    pub fn discriminator_shapes(&self, vocab: usize) -> Shapes {
        let config = &self.discriminator;
        let mut shapes = Shapes::new();
        add(&mut shapes, "embedding", &[vocab, config.embed]);
        for width in &config.widths {
            linear(&mut shapes, &format!("filter{width}"), width * config.embed, config.filters);
        }
        linear(&mut shapes, "line.hidden", config.filters * config.widths.len(), config.filters);
        linear(&mut shapes, "line.score", config.filters, 1);
        if config.poem {
            linear(&mut shapes, "poem.filter2", 2 * config.filters, config.filters);
            linear(&mut shapes, "poem.filter3", 3 * config.filters, config.filters);
            linear(&mut shapes, "poem.score", 2 * config.filters, 1);
        }
        if config.rhyme {
            linear(&mut shapes, "rhyme.hidden", 16 * 16, 64);
            linear(&mut shapes, "rhyme.score", 64, 1);
        }
        if config.couplet {
            let width = 8 * config.couplet_embed;
            for name in ["couplet.even", "couplet.line", "couplet.odd"] {
                add(&mut shapes, name, &[width, width]);
            }
            add(&mut shapes, "couplet.score", &[1, 1]);
        }
        if config.lexical {
            linear(&mut shapes, "lexical.hidden", 8 + 4, 32);
            linear(&mut shapes, "lexical.score", 32, 1);
        }
        if config.theme {
            add(&mut shapes, "theme.product", &[1, AXES]);
            add(&mut shapes, "theme.square", &[1, AXES]);
            add(&mut shapes, "theme.offset", &[1, 1]);
        }
        if config.neighbours {
            add(&mut shapes, "neighbours.factor", &[1, NEIGHBOUR_RANKS.iter().sum()]);
            add(&mut shapes, "neighbours.threshold", &[NEIGHBOUR_RANKS.len(), 3]);
        }
        shapes
    }

    /// Shape of the concatenated frozen embeddings of the discriminator's heads; `None` if no head needs one.
    pub fn frozen_shape(&self, vocab: usize) -> Option<Vec<usize>> {
        let discriminator = &self.discriminator;
        let columns = discriminator.neighbour_start() - discriminator.embed + discriminator.neighbour_columns();
        (columns > 0).then(|| vec![vocab, columns])
    }

    /// Number of parameters of both models over `vocab` tokens.
    pub fn n_parameters(&self, vocab: usize) -> u64 {
        let (generator, discriminator) = (self.generator_shapes(vocab), self.discriminator_shapes(vocab));
        let shapes = generator.into_values().chain(discriminator.into_values()).chain(self.frozen_shape(vocab));
        shapes.map(|shape| shape.iter().map(|&size| size as u64).product::<u64>()).sum()
    }
}

/// The least number of lines and tokens per line that every filter of a discriminator fits into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeastGrid {
    pub lines: usize,
    pub width: usize,
}

/// Axes of the themes that are learned from a corpus.
pub const AXES: usize = 32;

/// Factors of the mutual information of each kind of neighbouring tokens.
pub const NEIGHBOUR_RANKS: [usize; 4] = [48, 8, 16, 4];

/// Widths of the filters over the lines of a poem.
pub const POEM_FILTER_WIDTHS: [usize; 2] = [2, 3];

impl DiscriminatorConfig {
    /// The size that minibatches are padded to.
    pub fn least_grid(&self) -> LeastGrid {
        let lines = if self.poem { POEM_FILTER_WIDTHS.into_iter().fold(1, usize::max) } else { 1 };
        LeastGrid { lines, width: self.widths.iter().copied().max().unwrap_or(1) }
    }

    /// Columns of the frozen embeddings for the rhyme head.
    pub fn rhyme_columns(&self) -> usize {
        if self.rhyme { self.rhyme_embed } else { 0 }
    }

    /// Columns of the couplet head, after those of the rhyme head.
    pub fn couplet_columns(&self) -> usize {
        if self.couplet { self.couplet_embed } else { 0 }
    }

    /// Columns that are learned from the corpus: those of both heads.
    pub fn learned_columns(&self) -> usize {
        self.rhyme_columns() + self.couplet_columns()
    }

    /// Columns of the lexical head, after the learned ones.
    pub fn lexical_columns(&self) -> usize {
        if self.lexical { 8 + 56 } else { 0 }
    }

    /// Columns of the theme head, after those of the lexical head.
    pub fn theme_columns(&self) -> usize {
        if self.theme { AXES } else { 0 }
    }

    /// Columns of the neighbours head, the last ones.
    pub fn neighbour_columns(&self) -> usize {
        if self.neighbours { 2 * NEIGHBOUR_RANKS.iter().sum::<usize>() } else { 0 }
    }

    /// The first of them.
    pub fn neighbour_start(&self) -> usize {
        self.embed + self.learned_columns() + self.lexical_columns() + self.theme_columns()
    }
}

fn add(shapes: &mut Shapes, name: &str, shape: &[usize]) {
    shapes.insert(name.to_string(), shape.to_vec());
}

fn linear(shapes: &mut Shapes, name: &str, inputs: usize, outputs: usize) {
    add(shapes, &format!("{name}.weight"), &[inputs, outputs]);
    add(shapes, &format!("{name}.bias"), &[outputs]);
}

fn norm(shapes: &mut Shapes, name: &str, width: usize) {
    add(shapes, &format!("{name}.gain"), &[width]);
    add(shapes, &format!("{name}.bias"), &[width]);
}
