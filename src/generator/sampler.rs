//! Sampling without a graph: plain buffers, a key-value cache, and one pass for noise and arg max.
//!
//! Poems are computed in groups of fixed size, each on one thread: the matrix products of a group have the same shape
//! whatever the number of poems, so a poem depends on its seed alone, bit for bit.

use candle_core::Result;
use rayon::prelude::*;

use super::layers::{Block, Dense, Norm, add, lstm_step, vector};
use super::{Marks, Place, Rules, Sequences, input_scale, line_row, place_row};
use crate::config::{GeneratorKind, ModelConfig};
use crate::nn::gumbel;
use crate::nn::ops::{Activation, Matrix, matmul_serial};
use crate::nn::params::Weights;
use crate::nn::simd;
use crate::random;

/// Poems that are written together on one thread. Part of what a seed means: another number would round differently.
pub const GROUP: usize = 32;

/// What to sample.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The form tag, first token of every poem.
    pub tag: u32,
    pub rules: Rules,
    /// One poem for each seed.
    pub seeds: &'a [u64],
    /// Above 1 bolder, below 1 safer; 1 samples from the model's distribution.
    pub temperature: f32,
    /// Poems computed together on one thread.
    pub group: usize,
}

/// A copy of a generator's weights, laid out for sampling.
pub struct Sampler {
    config: ModelConfig,
    marks: Marks,
    embedding: Vec<f32>,
    bias: Vec<f32>,
    line: Vec<f32>,
    place: Vec<f32>,
    noise: Dense,
    trunk: Trunk,
}

enum Trunk {
    Transformer { blocks: Vec<Block>, norm: Norm },
    Lstm { layers: Vec<(Dense, Vec<f32>)>, project: Dense },
}

/// What a group of sequences carries from one token to the next.
enum State {
    /// Keys and values of each block, [time, group, 3 * width] (queries lie there too, unused).
    Cache(Vec<Vec<f32>>),
    /// Cell and hidden state of each layer, [group, hidden].
    Cells(Vec<(Vec<f32>, Vec<f32>)>),
}

/// One poem in the making.
struct Draft {
    seed: u64,
    tokens: Vec<u32>,
    place: Place,
    done: bool,
}

impl Sampler {
    pub fn new(config: &ModelConfig, marks: Marks, weights: &Weights) -> Result<Sampler> {
        let trunk = match config.generator {
            GeneratorKind::Transformer => Trunk::Transformer {
                blocks: (0..config.transformer.layers)
                    .map(|layer| Block::new(weights, layer))
                    .collect::<Result<_>>()?,
                norm: Norm::new(weights, "norm")?,
            },
            GeneratorKind::Lstm => Trunk::Lstm {
                layers: (0..config.lstm.layers)
                    .map(|layer| {
                        let recurrent = vector(weights, &format!("lstm{layer}.recurrent"))?;
                        Ok((Dense::new(weights, &format!("lstm{layer}.input"))?, recurrent))
                    })
                    .collect::<Result<_>>()?,
                project: Dense::new(weights, "project")?,
            },
        };
        Ok(Sampler {
            config: config.clone(),
            marks,
            embedding: vector(weights, "embedding")?,
            bias: vector(weights, "bias")?,
            line: vector(weights, "line")?,
            place: vector(weights, "place")?,
            noise: Dense::new(weights, "noise")?,
            trunk,
        })
    }

    /// One poem for each seed, in their order.
    pub fn sample(&self, request: Request) -> Sequences {
        let groups: Vec<Vec<Draft>> =
            request.seeds.par_chunks(request.group).map(|seeds| self.group(request, seeds)).collect();
        let drafts: Vec<Draft> = groups.into_iter().flatten().collect();
        let poems: Vec<&[u32]> = drafts.iter().map(|draft| draft.tokens.as_slice()).collect();
        let noise = request.seeds.iter().flat_map(|&seed| self.noise_vector(seed)).collect();
        Sequences::new(&poems, noise, self.marks)
    }

    /// z ~ N(0, I) of a poem, [noise].
    pub fn noise_vector(&self, seed: u64) -> Vec<f32> {
        random::normal(&mut random::stream(seed, "noise", 0), self.config.noise)
    }

    fn group(&self, request: Request, seeds: &[u64]) -> Vec<Draft> {
        let new = |seed| Draft { seed, tokens: vec![request.tag], place: Place::default(), done: false };
        let mut drafts: Vec<Draft> = seeds.iter().map(|&seed| new(seed)).collect();
        // Missing rows are filled up with finished poems, so that the shapes stay the same.
        drafts.resize_with(request.group, || Draft { done: true, ..new(0) });
        let z: Vec<f32> = drafts.iter().flat_map(|draft| self.noise_vector(draft.seed)).collect();
        let z = self.noise.apply(&z, Activation::None); // [group, width]
        let mut state = self.start(request.group);
        while drafts.iter().any(|draft| !draft.done) {
            let hidden = self.step(&drafts, &z, &mut state); // [group, width]
            self.choose(&mut drafts, &hidden, request);
        }
        drafts.truncate(seeds.len());
        drafts
    }

    fn start(&self, group: usize) -> State {
        match &self.trunk {
            Trunk::Transformer { blocks, .. } => State::Cache(vec![Vec::new(); blocks.len()]),
            Trunk::Lstm { layers, .. } => {
                let zeros = vec![0.0; group * self.config.lstm.hidden];
                State::Cells(vec![(zeros.clone(), zeros); layers.len()])
            }
        }
    }

    /// Hidden states for the last token of every draft, [group, width].
    fn step(&self, drafts: &[Draft], z: &[f32], state: &mut State) -> Vec<f32> {
        let width = self.config.width;
        let mut x = z.to_vec();
        for (x, draft) in x.chunks_exact_mut(width).zip(drafts) {
            let token = draft.tokens.last().copied().unwrap_or(0) as usize;
            let rows = [
                (&self.embedding, token),
                (&self.line, line_row(&draft.place, &self.config) as usize),
                (&self.place, place_row(&draft.place, &self.config) as usize),
            ];
            rows.iter().for_each(|(table, row)| add(x, &table[row * width..(row + 1) * width]));
            x.iter_mut().for_each(|x| *x *= input_scale(&self.config));
        }
        match (&self.trunk, state) {
            (Trunk::Transformer { blocks, norm }, State::Cache(caches)) => {
                for (block, cache) in blocks.iter().zip(caches) {
                    block.step(&mut x, cache, self.config.transformer.heads);
                }
                norm.apply(&x)
            }
            (Trunk::Lstm { layers, project }, State::Cells(cells)) => {
                for ((input, recurrent), (cell, hidden)) in layers.iter().zip(cells) {
                    lstm_step(&mut x, input, recurrent, cell, hidden);
                }
                project.apply(&x, Activation::None)
            }
            // `start` makes the state that fits the trunk.
            _ => x,
        }
    }

    /// Logits for hidden states, [rows, vocab].
    pub fn logits(&self, hidden: &[f32]) -> Vec<f32> {
        let (width, vocab) = (self.config.width, self.bias.len());
        let rows = hidden.len() / width;
        let mut logits = self.bias.repeat(rows);
        let embedding = Matrix::new(&self.embedding, vocab, width).transpose();
        matmul_serial(&mut logits, Matrix::new(hidden, rows, width), embedding, true);
        logits
    }

    /// Writes the next token of every draft.
    fn choose(&self, drafts: &mut [Draft], hidden: &[f32], request: Request) {
        let forced: Vec<Option<u32>> = drafts.iter().map(|draft| self.forced(draft, request)).collect();
        // Where rules decide for everybody, as at the end of a line of a fixed form, no logits are needed.
        let decided = drafts.iter().zip(&forced).all(|(draft, forced)| draft.done || forced.is_some());
        let mut logits = if decided { Vec::new() } else { self.logits(hidden) };
        let mut rows = logits.chunks_exact_mut(self.bias.len());
        for (draft, forced) in drafts.iter_mut().zip(forced) {
            let row = rows.next().unwrap_or_default();
            if draft.done {
                continue;
            }
            let token = forced.unwrap_or_else(|| self.draw(draft, row, request));
            draft.tokens.push(token);
            draft.place = draft.place.after(token, self.marks);
            draft.done = token == self.marks.end;
        }
    }

    /// The mark that the form demands here, if it leaves no choice.
    fn forced(&self, draft: &Draft, request: Request) -> Option<u32> {
        let allowed = request.rules.allowed(draft.place, draft.tokens.len());
        let mark = if allowed.line { self.marks.line } else { self.marks.end };
        (!allowed.content && allowed.line != allowed.end).then_some(mark)
    }

    /// A draw from the softmax of the allowed logits, by the Gumbel arg max.
    fn draw(&self, draft: &Draft, logits: &mut [f32], request: Request) -> u32 {
        let allowed = request.rules.allowed(draft.place, draft.tokens.len());
        if request.temperature != 1.0 {
            logits.iter_mut().for_each(|logit| *logit /= request.temperature);
        }
        gumbel::add_noise(logits, draft.seed, draft.tokens.len() - 1);
        let first = request.rules.first_content(self.marks);
        let content = if allowed.content { &logits[first..] } else { &[] };
        let largest = simd::vectorised(
            #[inline(always)]
            || simd::max(content),
        );
        let best = content.iter().position(|&x| x == largest).unwrap_or(0) + first;
        let marks = [(allowed.line, self.marks.line), (allowed.end, self.marks.end)];
        let candidates = marks.iter().filter(|(allowed, _)| *allowed).map(|&(_, mark)| mark);
        candidates
            .fold((best as u32, largest), |best, mark| {
                let value = logits[mark as usize];
                if value > best.1 { (mark, value) } else { best }
            })
            .0
    }
}

#[cfg(test)]
mod tests;
