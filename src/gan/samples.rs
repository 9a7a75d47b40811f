//! Generated poems for the steps of the discriminator and of the generator.

use std::ops::Range;

use candle_core::{Result, Tensor};
use rand::RngCore;

use super::data::Minibatch;
use super::models::Models;
use super::steps::Steps;
use crate::config::Relaxation;
use crate::generator::{Request, Rules, Sampler, Sequences};
use crate::nn::gumbel::Key;
use crate::nn::ops::{LogitBiases, Relaxed};
use crate::nn::peaks::Peaks;
use crate::random;

/// Generated poems, and what it takes to relax them: the Gumbel noise of each token can be drawn again from its seed.
pub struct RelaxedFakes {
    pub poems: Sequences,
    seeds: Vec<u64>,
    pub rules: Rules,
    beta: f64,
    /// What the relaxation of each target consists of, where that is known, [poem][target].
    peaks: Vec<Vec<Option<Peaks>>>,
}

impl Steps<'_> {
    /// Fresh poems of the generator, as many as the minibatch has and in its form.
    pub fn sample(&self, models: &Models, minibatch: &Minibatch, turn: u64) -> Result<Sequences> {
        let seeds = self.sample_seeds(minibatch, turn);
        let own = &seeds[self.compute.own_poems(seeds.len())];
        self.shared(self.sampler(models)?.sample(request(minibatch, own)))
    }

    /// Fresh poems for a generator step, with what is needed to relax them.
    pub fn sample_relaxed(&self, models: &Models, minibatch: &Minibatch, turn: u64) -> Result<RelaxedFakes> {
        let (seeds, beta) = (self.sample_seeds(minibatch, turn), self.beta());
        let own = self.compute.own_poems(seeds.len());
        let sampler = self.sampler(models)?;
        let (poems, own_peaks) = sampler.sample_with_peaks(request(minibatch, &seeds[own.clone()]), Some(beta as f32));
        // Those of other ranks are not needed here.
        let mut peaks = vec![Vec::new(); seeds.len()];
        peaks[own].clone_from_slice(&own_peaks);
        Ok(RelaxedFakes { poems: self.shared(poems)?, seeds, rules: minibatch.rules, beta, peaks })
    }

    /// The poems of all ranks.
    fn shared(&self, own: Sequences) -> Result<Sequences> {
        if self.compute.ranks.is_alone() {
            return Ok(own);
        }
        let tokens: Vec<Vec<u32>> = (0..own.count).map(|poem| own.poem(poem).to_vec()).collect();
        let poems = self.compute.gather(&tokens)?;
        let z = self.compute.gather(&[own.z])?.concat();
        Ok(Sequences::new(&poems.iter().map(Vec::as_slice).collect::<Vec<_>>(), z, self.special))
    }

    /// What the relaxation of `fakes` needs besides logits; `table` [vocab, columns] embeds the relaxed tokens.
    pub(super) fn relaxed(&self, fakes: &RelaxedFakes, table: &Tensor) -> Relaxed {
        let time = fakes.poems.time;
        let peaks = |poem: &Vec<Option<Peaks>>| (0..time).map(|t| poem.get(t).cloned().flatten()).collect::<Vec<_>>();
        Relaxed {
            peaks: fakes.peaks.iter().flat_map(peaks).collect(),
            tokens: fakes.poems.targets(),
            gumbel: fakes
                .seeds
                .iter()
                .flat_map(|&seed| (0..time).map(move |position| Key { seed, position }))
                .collect(),
            biases: LogitBiases::default(),
            first_content: fakes.rules.first_content(self.special),
            beta: fakes.beta as f32,
            soft: self.config.training.relaxation == Relaxation::Soft,
            table: table.clone(),
            precision: self.compute.precision,
        }
    }

    fn sampler(&self, models: &Models) -> Result<Sampler> {
        Sampler::new(&self.config.model, self.special, &models.sampling_weights())
    }

    fn sample_seeds(&self, minibatch: &Minibatch, turn: u64) -> Vec<u64> {
        let mut rng = random::stream(self.seed("poems", turn), "seeds", 0);
        (0..minibatch.real.count).map(|_| rng.next_u64()).collect()
    }
}

impl RelaxedFakes {
    /// Without the end mark of every poem, where the form decides it.
    pub(super) fn without_forced_end(&self) -> RelaxedFakes {
        RelaxedFakes {
            poems: self.poems.without_forced_end(self.rules),
            seeds: self.seeds.clone(),
            peaks: self.peaks.clone(),
            ..*self
        }
    }

    /// Some of the poems.
    pub(super) fn part(&self, poems: Range<usize>) -> RelaxedFakes {
        RelaxedFakes {
            poems: self.poems.part(poems.clone()),
            seeds: self.seeds[poems.clone()].to_vec(),
            peaks: self.peaks[poems].to_vec(),
            ..*self
        }
    }
}

fn request<'a>(minibatch: &Minibatch, seeds: &'a [u64]) -> Request<'a> {
    Request { tag: minibatch.tag, rules: minibatch.rules, seeds, temperature: 1.0, top_p: 1.0, theme: None, moved: &[] }
}
