//! Sampling without a graph: packed weights, a key-value cache, and Gumbel noise and arg max in one pass.
//!
//! Poems are computed in groups, one thread each. Products with packed weights give a row the same bits whatever the other
//! rows are, so a poem depends only on its seed, and finished rows can leave their group.

mod draft;

use candle_core::Result;
use rayon::prelude::*;

use super::layers::{LstmLayer, Norm, StepBuffers, TransformerBlock};
use super::repeats::RepeatBias;
use super::restrictions::{Choice, PoemCost, Restrictions, candidates_at};
use super::{Rules, Sequences, SpecialTokens, input_scale, line_row, position_row};
use crate::config::{GeneratorKind, ModelConfig};
use crate::nn::candidates::Candidates;
use crate::nn::dense::{Dense, add, vector};
use crate::nn::gumbel;
use crate::nn::nucleus::{NucleusBuffers, keep_nucleus};
use crate::nn::params::Weights;
use crate::nn::peaks::{self, Peaks};
use crate::nn::simd::Arch;
use crate::nn::threads;
use crate::random;
use crate::theme::Themes;
use draft::Draft;

/// Poems per group, so that their logits fit into the second-level cache.
const GROUP: usize = 64;

/// Capacity for the tokens of a poem; longer ones are rare.
const USUAL: usize = 128;

/// What to sample.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The form tag, the first token of every poem.
    pub tag: u32,
    pub rules: Rules,
    /// One poem for each seed.
    pub seeds: &'a [u64],
    /// 1 samples from the model's distribution.
    pub temperature: f32,
    /// Tokens are drawn from the nucleus of this probability, 0 to 1; 1 keeps all tokens.
    pub top_p: f32,
    /// The theme of every poem, [theme_dims]; `None`: each seed draws one from the prior.
    pub theme: Option<&'a [f32]>,
    /// Directions in the space of z, and the shift of every z along each.
    pub moved: &'a [(usize, f32)],
}

/// A copy of a generator's weights, packed for sampling.
pub struct Sampler {
    config: ModelConfig,
    special: SpecialTokens,
    embedding: Vec<f32>,
    output: Dense,
    line: Vec<f32>,
    position: Vec<f32>,
    z_projection: Dense,
    repeat_bias: Option<RepeatBias>,
    /// The prior of z; `None`: N(0, I).
    themes: Option<Themes>,
    trunk: Trunk,
    arch: Arch,
}

enum Trunk {
    Transformer { blocks: Vec<TransformerBlock>, norm: Norm },
    Lstm { layers: Vec<LstmLayer>, project: Dense },
}

/// What else a request asks for.
#[derive(Clone, Copy)]
struct Extras<'a> {
    /// Inverse temperature of the peaks.
    beta: Option<f32>,
    restrictions: Option<Restrictions<'a>>,
}

/// Buffers of a group, reused for every token.
#[derive(Default)]
struct Buffers {
    x: Vec<f32>,
    hidden: Vec<f32>,
    logits: Vec<f32>,
    perturbed: Vec<f32>,
    draw: DrawBuffers,
    step: StepBuffers,
}

/// Buffers for the draw of a token.
#[derive(Default)]
struct DrawBuffers {
    nucleus: NucleusBuffers,
    weights: Vec<f32>,
    /// Logits before a draw, which removes those outside the nucleus.
    kept: Vec<f32>,
}

impl Sampler {
    pub fn new(config: &ModelConfig, special: SpecialTokens, weights: &Weights) -> Result<Sampler> {
        Sampler::with_arch(config, special, weights, Arch::new())
    }

    /// The same with the instruction set `arch`; the poems do not depend on it.
    pub fn with_arch(config: &ModelConfig, special: SpecialTokens, weights: &Weights, arch: Arch) -> Result<Sampler> {
        let trunk = match config.generator {
            GeneratorKind::Transformer => Trunk::Transformer {
                blocks: (0..config.transformer.layers)
                    .map(|layer| TransformerBlock::new(weights, layer, arch))
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
            position: vector(weights, "place")?,
            z_projection: Dense::new(weights, "noise", arch)?,
            repeat_bias: if config.repeat_bias { Some(RepeatBias::new(weights)?) } else { None },
            themes: Themes::of_weights(weights)?,
            trunk,
            arch,
        })
    }

    /// The themes of the model, if it has any.
    pub fn themes(&self) -> Option<&Themes> {
        self.themes.as_ref()
    }

    /// A poem for each seed, in order.
    pub fn sample(&self, request: Request) -> Sequences {
        self.sample_with_peaks(request, None).0
    }

    /// A poem for each seed, and for each of its targets the peaks of its relaxation at the inverse temperature `beta`, if
    /// there are any.
    pub fn sample_with_peaks(&self, request: Request, beta: Option<f32>) -> (Sequences, Vec<Vec<Option<Peaks>>>) {
        let extras = Extras { beta: beta.filter(|&beta| beta >= peaks::LEAST_BETA), restrictions: None };
        let mut drafts = self.drafts(request, extras);
        let batch = self.sequences(&drafts);
        (batch, drafts.iter_mut().map(|draft| std::mem::take(&mut draft.peaks)).collect())
    }

    /// A poem for each seed that keeps to `restrictions`, and what each costs.
    pub fn sample_restricted(&self, request: Request, restrictions: Restrictions) -> (Sequences, Vec<PoemCost>) {
        let drafts = self.drafts(request, Extras { beta: None, restrictions: Some(restrictions) });
        (self.sequences(&drafts), drafts.iter().map(|draft| draft.cost).collect())
    }

    fn drafts(&self, request: Request, extras: Extras) -> Vec<Draft> {
        let group = request.seeds.len().div_ceil(threads::count()).clamp(1, GROUP);
        let chunks = request.seeds.par_chunks(group).enumerate();
        let groups: Vec<Vec<Draft>> =
            chunks.map(|(number, seeds)| self.group(request, extras, seeds, number * group)).collect();
        groups.into_iter().flatten().collect()
    }

    fn sequences(&self, drafts: &[Draft]) -> Sequences {
        let poems: Vec<&[u32]> = drafts.iter().map(|draft| draft.tokens.as_slice()).collect();
        let z = drafts.iter().flat_map(|draft| &draft.z).copied().collect();
        Sequences::new(&poems, z, self.special)
    }

    /// The z of a poem, [z_dim]: its theme and noise, moved as requested.
    pub fn z_of(&self, seed: u64, request: Request) -> Vec<f32> {
        let mut z = random::normal(&mut random::stream(seed, "noise", 0), self.config.z_dim);
        if let Some(themes) = &self.themes {
            let drawn = || themes.draw(request.tag, seed);
            themes.enter(&mut z, &request.theme.map_or_else(drawn, <[f32]>::to_vec));
        }
        for &(direction, amount) in request.moved {
            if let Some(component) = z.get_mut(direction) {
                *component += amount;
            }
        }
        z
    }

    /// The poems of consecutive seeds, of which the first has the index `first` in the request.
    fn group(&self, request: Request, extras: Extras, seeds: &[u64], first: usize) -> Vec<Draft> {
        let mut drafts: Vec<Draft> =
            (first..).zip(seeds).map(|(index, &seed)| self.begin(index, seed, request)).collect();
        let (mut finished, mut buffers) = (Vec::with_capacity(seeds.len()), Buffers::default());
        while !drafts.is_empty() {
            self.write_token(&mut drafts, &mut buffers, request, extras);
            let (mut done, rest): (Vec<Draft>, Vec<Draft>) =
                drafts.into_iter().partition(|draft| draft.tokens.last() == Some(&self.special.end));
            // A megabyte per poem, which the next group reuses.
            done.iter_mut().for_each(|draft| draft.states = Vec::new());
            drafts = rest;
            finished.extend(done);
        }
        finished.sort_by_key(|draft| draft.index);
        finished
    }

    fn begin(&self, index: usize, seed: u64, request: Request) -> Draft {
        let (z, mut projected_z) = (self.z_of(seed, request), Vec::new());
        self.z_projection.apply(&mut projected_z, &z, 1);
        let states = match &self.trunk {
            Trunk::Transformer { blocks, .. } => {
                // Capacity for a poem of usual length; the cache grows for longer ones.
                let steps = request.rules.longest().min(USUAL);
                (0..2 * blocks.len()).map(|_| Vec::with_capacity(self.config.width * steps)).collect()
            }
            Trunk::Lstm { layers, .. } => vec![vec![0.0; 2 * self.config.lstm.hidden]; layers.len()],
        };
        let grows = matches!(self.trunk, Trunk::Transformer { .. });
        let mut draft = Draft::new(index, seed, request.tag);
        (draft.z, draft.projected_z, draft.states, draft.grows) = (z, projected_z, states, grows);
        draft
    }

    /// Samples the next token of every draft.
    fn write_token(&self, drafts: &mut [Draft], buffers: &mut Buffers, request: Request, extras: Extras) {
        if extras.restrictions.is_some_and(|restrictions| restrictions.redo.is_some()) {
            drafts.iter_mut().for_each(Draft::remember);
        }
        let forced: Vec<Option<u32>> = drafts.iter().map(|draft| self.forced(draft, request)).collect();
        // Unused states are not computed, nor are logits if the rules determine the token of every draft, as at the end of
        // a line of a fixed form.
        if forced.iter().any(|&forced| forced != Some(self.special.end)) {
            self.step(drafts, buffers);
        }
        if forced.contains(&None) {
            self.output.apply(&mut buffers.logits, &buffers.hidden, drafts.len());
        }
        let vocab = self.output.outputs();
        for (row, (draft, forced)) in drafts.iter_mut().zip(forced).enumerate() {
            let logits = buffers.logits.get_mut(row * vocab..(row + 1) * vocab).unwrap_or(&mut []);
            if let (Some(repeat_bias), None) = (&self.repeat_bias, forced) {
                repeat_bias.add(logits, &draft.tokens, self.special, request.rules);
            }
            let token = match (forced, extras.restrictions) {
                (Some(token), _) => token,
                (None, None) => self.draw(draft, logits, &mut buffers.draw.nucleus, request),
                (None, Some(restrictions)) => {
                    self.draw_restricted(draft, logits, &mut buffers.draw, request, restrictions)
                }
            };
            if let Some(beta) = extras.beta {
                let first = request.rules.first_content(self.special);
                let find = || peaks::peaks(logits, draft.key(), first, beta, &mut buffers.perturbed);
                let peaks = (token as usize >= first).then(find).flatten();
                draft.peaks.push(peaks);
            }
            match extras.restrictions.and_then(|restrictions| restrictions.redo?(&draft.prefix(), token)) {
                Some(kept) => draft.draw_again(kept, self.config.width),
                None => draft.push(token, self.special),
            }
        }
    }

    /// Hidden states for the last token of every draft, [drafts, width], in the buffer of that name.
    fn step(&self, drafts: &mut [Draft], buffers: &mut Buffers) {
        let Buffers { x, hidden, step, .. } = buffers;
        self.embed(x, drafts);
        match &self.trunk {
            Trunk::Transformer { blocks, norm } => {
                for (layer, block) in blocks.iter().enumerate() {
                    let caches = drafts.iter_mut().map(|draft| &mut draft.states[2 * layer..2 * layer + 2]);
                    block.step(x, caches, self.config.transformer.heads, step);
                }
                norm.apply(hidden, x);
            }
            Trunk::Lstm { layers, project } => {
                for (number, layer) in layers.iter().enumerate() {
                    layer.step(x, drafts.iter_mut().map(|draft| &mut draft.states[number]), step);
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
                (&self.line, line_row(&draft.position, &self.config) as usize),
                (&self.position, position_row(&draft.position, &self.config) as usize),
            ];
            let start = x.len();
            x.extend_from_slice(&draft.projected_z);
            let x = &mut x[start..];
            rows.iter().for_each(|(table, row)| add(x, &table[row * width..(row + 1) * width]));
            x.iter_mut().for_each(|x| *x *= input_scale(&self.config));
        }
    }

    /// The token that the form determines here, if it does.
    fn forced(&self, draft: &Draft, request: Request) -> Option<u32> {
        let allowed = request.rules.allowed(draft.position, draft.tokens.len());
        let mut special = request.rules.special(allowed, self.special);
        let first = special.next().filter(|_| !allowed.content);
        first.filter(|_| special.next().is_none())
    }

    /// Draws until nothing forbids the token. If no token is left, it is one that is forbidden.
    fn draw_restricted(
        &self,
        draft: &mut Draft,
        logits: &mut [f32],
        buffers: &mut DrawBuffers,
        request: Request,
        restrictions: Restrictions,
    ) -> u32 {
        let n_tokens = draft.tokens.len();
        let (from, special) = candidates_at(request.rules, draft.position, n_tokens, self.special, logits.len());
        let candidates = Candidates { from, special: &special, scale: 1.0 };
        let prefix = draft.prefix();
        let choice = Choice::new(logits, &candidates, restrictions.mask, &prefix, &mut buffers.weights, self.arch);
        let token = loop {
            if request.top_p < 1.0 {
                buffers.kept.clear();
                buffers.kept.extend_from_slice(logits);
            }
            let token = self.draw(draft, logits, &mut buffers.nucleus, request);
            if request.top_p < 1.0 {
                logits.copy_from_slice(&buffers.kept);
            }
            let logit = logits.get_mut(token as usize).filter(|logit| **logit > f32::NEG_INFINITY);
            match logit.filter(|_| restrictions.veto.is_some_and(|veto| veto(&prefix, token))) {
                Some(logit) => *logit = f32::NEG_INFINITY,
                None => break token,
            }
        };
        let logit = logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
        choice.count(logit, &mut draft.cost);
        token
    }

    /// A draw from the softmax of the allowed logits or from its nucleus, by the Gumbel-max trick.
    fn draw(&self, draft: &Draft, logits: &mut [f32], nucleus: &mut NucleusBuffers, request: Request) -> u32 {
        let n_tokens = draft.tokens.len();
        let (from, special) = candidates_at(request.rules, draft.position, n_tokens, self.special, logits.len());
        // Behind the special tokens nothing is scanned in vain.
        let logits =
            if from < logits.len() { logits } else { &mut logits[..request.rules.first_content(self.special)] };
        let scale = 1.0 / request.temperature;
        if request.top_p < 1.0 {
            keep_nucleus(logits, &Candidates { from, special: &special, scale }, request.top_p, nucleus, self.arch);
        }
        gumbel::gumbel_max(logits, draft.key(), &special, from, scale, self.arch).0 as u32
    }
}

#[cfg(test)]
mod tests;
