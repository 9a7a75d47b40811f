//! Sampling without a graph: packed weights, a key-value cache, and one pass for Gumbel noise and arg max.
//!
//! Poems are computed in groups, each on one thread. The products with packed weights give every row the same bits
//! whatever rows stand beside it, so a poem depends on its seed alone, and a row that is finished leaves its group.

use candle_core::Result;
use rayon::prelude::*;

use super::layers::{Block, LstmLayer, Norm, Room};
use super::{Place, Rules, Sequences, SpecialTokens, input_scale, line_row, place_row};
use crate::config::{GeneratorKind, ModelConfig};
use crate::nn::dense::{Dense, add, vector};
use crate::nn::gumbel::{self, Key};
use crate::nn::params::Weights;
use crate::nn::peaks::{self, Peaks};
use crate::nn::simd::Arch;
use crate::nn::threads;
use crate::random;

/// Most poems of a group: their logits stay in the second-level cache.
const GROUP: usize = 64;

/// Tokens that a poem hardly ever has more of.
const USUAL: usize = 128;

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
    /// A direction of the noise vector z, and by how much every poem is moved along it.
    pub moved: Option<(usize, f32)>,
}

/// A copy of a generator's weights, laid out for sampling.
pub struct Sampler {
    config: ModelConfig,
    special: SpecialTokens,
    embedding: Vec<f32>,
    output: Dense,
    line: Vec<f32>,
    place: Vec<f32>,
    z_projection: Dense,
    trunk: Trunk,
    arch: Arch,
}

enum Trunk {
    Transformer { blocks: Vec<Block>, norm: Norm },
    Lstm { layers: Vec<LstmLayer>, project: Dense },
}

/// One poem in the making.
struct Draft {
    /// Its place in the request.
    index: usize,
    seed: u64,
    tokens: Vec<u32>,
    place: Place,
    /// z ~ N(0, I), [z_dim].
    z: Vec<f32>,
    /// What z adds to every input, [width].
    projected_z: Vec<f32>,
    /// What each layer carries from one token to the next: keys and values, or the state of the LSTM.
    states: Vec<Vec<f32>>,
    /// For each target, where they are wanted.
    peaks: Vec<Option<Peaks>>,
}

impl Draft {
    /// The Gumbel noise of the next token.
    fn key(&self) -> Key {
        Key { seed: self.seed, position: self.tokens.len() - 1 }
    }
}

/// Memory of a group that is used for every token anew.
#[derive(Default)]
struct Buffers {
    x: Vec<f32>,
    hidden: Vec<f32>,
    logits: Vec<f32>,
    perturbed: Vec<f32>,
    room: Room,
}

impl Sampler {
    pub fn new(config: &ModelConfig, special: SpecialTokens, weights: &Weights) -> Result<Sampler> {
        Sampler::with_arch(config, special, weights, Arch::new())
    }

    /// The same with the instructions `arch`. The poems do not depend on them.
    pub fn with_arch(config: &ModelConfig, special: SpecialTokens, weights: &Weights, arch: Arch) -> Result<Sampler> {
        let trunk = match config.generator {
            GeneratorKind::Transformer => Trunk::Transformer {
                blocks: (0..config.transformer.layers)
                    .map(|layer| Block::new(weights, layer, arch))
                    .collect::<Result<_>>()?,
                norm: Norm::new(weights, "norm", arch)?,
            },
            GeneratorKind::Lstm => Trunk::Lstm {
                layers: (0..config.lstm.layers)
                    .map(|layer| LstmLayer::new(weights, layer, arch))
                    .collect::<Result<_>>()?,
                project: Dense::new(weights, "project", arch)?,
            },
        };
        let embedding = vector(weights, "embedding")?;
        Ok(Sampler {
            config: config.clone(),
            special,
            output: Dense::tied(&embedding, vector(weights, "bias")?, arch)?,
            embedding,
            line: vector(weights, "line")?,
            place: vector(weights, "place")?,
            z_projection: Dense::new(weights, "noise", arch)?,
            trunk,
            arch,
        })
    }

    /// One poem for each seed, in their order.
    pub fn sample(&self, request: Request) -> Sequences {
        self.sample_with_peaks(request, None).0
    }

    /// One poem for each seed, and for each of its targets the peaks of its relaxation at the inverse temperature
    /// `beta`, if it has any.
    pub fn sample_with_peaks(&self, request: Request, beta: Option<f32>) -> (Sequences, Vec<Vec<Option<Peaks>>>) {
        let beta = beta.filter(|&beta| beta >= peaks::LEAST_BETA);
        let group = request.seeds.len().div_ceil(threads::count()).clamp(1, GROUP);
        let groups: Vec<Vec<Draft>> =
            request.seeds.par_chunks(group).map(|seeds| self.group(request, beta, seeds)).collect();
        let mut drafts: Vec<Draft> = groups.into_iter().flatten().collect();
        let poems: Vec<&[u32]> = drafts.iter().map(|draft| draft.tokens.as_slice()).collect();
        let z = drafts.iter().flat_map(|draft| &draft.z).copied().collect();
        let batch = Sequences::new(&poems, z, self.special);
        (batch, drafts.iter_mut().map(|draft| std::mem::take(&mut draft.peaks)).collect())
    }

    /// z ~ N(0, I) of a poem, [z_dim].
    fn z_of(&self, seed: u64) -> Vec<f32> {
        random::normal(&mut random::stream(seed, "noise", 0), self.config.z_dim)
    }

    fn group(&self, request: Request, beta: Option<f32>, seeds: &[u64]) -> Vec<Draft> {
        let mut drafts: Vec<Draft> =
            seeds.iter().enumerate().map(|(index, &seed)| self.begin(index, seed, request)).collect();
        let (mut finished, mut buffers) = (Vec::with_capacity(seeds.len()), Buffers::default());
        while !drafts.is_empty() {
            self.write_token(&mut drafts, &mut buffers, request, beta);
            let (mut done, rest): (Vec<Draft>, Vec<Draft>) =
                drafts.into_iter().partition(|draft| draft.tokens.last() == Some(&self.special.end));
            // A megabyte a poem, which the next group needs again.
            done.iter_mut().for_each(|draft| draft.states = Vec::new());
            drafts = rest;
            finished.extend(done);
        }
        finished.sort_by_key(|draft| draft.index);
        finished
    }

    fn begin(&self, index: usize, seed: u64, request: Request) -> Draft {
        let (mut z, mut projected_z) = (self.z_of(seed), Vec::new());
        if let Some((direction, amount)) = request.moved
            && let Some(component) = z.get_mut(direction)
        {
            *component += amount;
        }
        self.z_projection.apply(&mut projected_z, &z, 1);
        let states = match &self.trunk {
            Trunk::Transformer { blocks, .. } => {
                // Room for a poem of usual length; a longer one makes the cache grow.
                let steps = request.rules.longest().min(USUAL);
                (0..2 * blocks.len()).map(|_| Vec::with_capacity(self.config.width * steps)).collect()
            }
            Trunk::Lstm { layers, .. } => vec![vec![0.0; 2 * self.config.lstm.hidden]; layers.len()],
        };
        Draft {
            index,
            seed,
            tokens: vec![request.tag],
            place: Place::default(),
            z,
            projected_z,
            states,
            peaks: Vec::new(),
        }
    }

    /// Writes the next token of every draft.
    fn write_token(&self, drafts: &mut [Draft], buffers: &mut Buffers, request: Request, beta: Option<f32>) {
        let forced: Vec<Option<u32>> = drafts.iter().map(|draft| self.forced(draft, request)).collect();
        // A state that nobody will read is not computed, nor are logits where rules decide for everybody, as at the end
        // of a line of a fixed form.
        if forced.iter().any(|&forced| forced != Some(self.special.end)) {
            self.step(drafts, buffers);
        }
        if forced.contains(&None) {
            self.output.apply(&mut buffers.logits, &buffers.hidden, drafts.len());
        }
        let vocab = self.output.outputs();
        for (row, (draft, forced)) in drafts.iter_mut().zip(forced).enumerate() {
            let logits = buffers.logits.get(row * vocab..(row + 1) * vocab).unwrap_or(&[]);
            let token = forced.unwrap_or_else(|| self.draw(draft, logits, request));
            if let Some(beta) = beta {
                let first = request.rules.first_content(self.special);
                let find = || peaks::peaks(logits, draft.key(), first, beta, &mut buffers.perturbed);
                let peaks = (token as usize >= first).then(find).flatten();
                draft.peaks.push(peaks);
            }
            draft.tokens.push(token);
            draft.place = draft.place.after(token, self.special);
        }
    }

    /// Hidden states for the last token of every draft, [drafts, width], in the buffer of that name.
    fn step(&self, drafts: &mut [Draft], buffers: &mut Buffers) {
        let Buffers { x, hidden, room, .. } = buffers;
        self.embed(x, drafts);
        match &self.trunk {
            Trunk::Transformer { blocks, norm } => {
                for (layer, block) in blocks.iter().enumerate() {
                    let caches = drafts.iter_mut().map(|draft| &mut draft.states[2 * layer..2 * layer + 2]);
                    block.step(x, caches, self.config.transformer.heads, room);
                }
                norm.apply(hidden, x);
            }
            Trunk::Lstm { layers, project } => {
                for (number, layer) in layers.iter().enumerate() {
                    layer.step(x, drafts.iter_mut().map(|draft| &mut draft.states[number]), room);
                }
                project.apply(hidden, x, drafts.len());
            }
        }
    }

    /// The sum of the embeddings for the last token of every draft, [drafts, width].
    fn embed(&self, x: &mut Vec<f32>, drafts: &[Draft]) {
        let width = self.config.width;
        x.clear();
        for draft in drafts {
            let token = draft.tokens.last().copied().unwrap_or(0) as usize;
            let rows = [
                (&self.embedding, token),
                (&self.line, line_row(&draft.place, &self.config) as usize),
                (&self.place, place_row(&draft.place, &self.config) as usize),
            ];
            let start = x.len();
            x.extend_from_slice(&draft.projected_z);
            let x = &mut x[start..];
            rows.iter().for_each(|(table, row)| add(x, &table[row * width..(row + 1) * width]));
            x.iter_mut().for_each(|x| *x *= input_scale(&self.config));
        }
    }

    /// The mark that the form demands here, if it leaves no choice.
    fn forced(&self, draft: &Draft, request: Request) -> Option<u32> {
        let allowed = request.rules.allowed(draft.place, draft.tokens.len());
        let mark = if allowed.line { self.special.line } else { self.special.end };
        (!allowed.content && allowed.line != allowed.end).then_some(mark)
    }

    /// A draw from the softmax of the allowed logits, by the Gumbel arg max.
    fn draw(&self, draft: &Draft, logits: &[f32], request: Request) -> u32 {
        let allowed = request.rules.allowed(draft.place, draft.tokens.len());
        let first = request.rules.first_content(self.special);
        let logits = if allowed.content { logits } else { &logits[..first] };
        let special = [(allowed.line, self.special.line), (allowed.end, self.special.end)];
        let special: Vec<usize> =
            special.iter().filter(|(allowed, _)| *allowed).map(|(_, token)| *token as usize).collect();
        gumbel::gumbel_max(logits, draft.key(), &special, first, 1.0 / request.temperature, self.arch).0 as u32
    }
}

#[cfg(test)]
mod tests;
