//! What z does: what poems tell about their z, and whether they follow it.

use rayon::prelude::*;

use crate::generator::{Request, Rules, Sampler, Sequences, SpecialTokens, segments};
use crate::metrics::information::{self, MixturePrior};
use crate::metrics::spearman;
use crate::run::event::REACH;
use crate::theme::Themes;

/// Axes that are read, at least.
const READ: usize = 16;

/// Reads poems of one form along the axes of `themes`.
pub struct LatentReader<'a> {
    /// Those of the model; for a model without themes those of a corpus, with no dimensions of z.
    pub themes: &'a Themes,
    pub tag: u32,
    pub rules: Rules,
    pub special: SpecialTokens,
}

impl LatentReader<'_> {
    /// The theme of each poem, [poems][axes].
    fn coordinates(&self, poems: &Sequences) -> Vec<Vec<f32>> {
        let of_poem = |index: usize| {
            let segments = segments(poems.poem(index), self.special, self.rules.is_fixed());
            let mut theme = self.themes.of_poem(self.tag, &segments);
            theme.truncate(self.themes.dims().max(READ));
            theme
        };
        (0..poems.count).map(of_poem).collect()
    }

    /// What each poem's theme tells about its z, in bits; the `shift` pairs it with the z of that many poems later.
    pub fn bits(&self, poems: &Sequences, shift: usize) -> Vec<f64> {
        let z_dim = poems.z.len() / poems.count.max(1);
        let mut z: Vec<Vec<f32>> = poems.z.chunks(z_dim.max(1)).map(<[f32]>::to_vec).collect();
        z.rotate_left(shift % poems.count.max(1));
        information::bits(&z, &self.coordinates(poems), &self.prior(z_dim))
    }

    fn prior(&self, z_dim: usize) -> MixturePrior {
        let (dims, keep) = (self.themes.dims(), &self.themes.keep);
        let centre = |theme: &[f32]| {
            let mut centre = vec![0.0; z_dim];
            centre.iter_mut().zip(theme).zip(keep).for_each(|((x, theme), keep)| *x = keep * theme);
            centre
        };
        let mut variance = vec![1.0; z_dim];
        variance.iter_mut().zip(keep).for_each(|(variance, keep)| *variance = 1.0 - keep * keep);
        let centres: Vec<Vec<f32>> = self.themes.centres(self.tag).chunks(dims.max(1)).map(centre).collect();
        // A form without known poems has the theme 0.
        MixturePrior { centres: if centres.is_empty() { vec![vec![0.0; z_dim]] } else { centres }, variance }
    }

    /// The axes that carry a theme.
    pub fn axes(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.themes.dims()).filter(|axis| self.themes.keep[*axis] > 0.0)
    }

    /// Spearman's correlation between the shift of z along each axis, [`REACH`], and the theme of the poem along it,
    /// [axes][seeds], for the axes that carry a theme. Those of a seed depend on no other seed.
    pub fn responses(&self, sampler: &Sampler, seeds: &[u64], temperature: f32) -> Vec<AxisResponses> {
        let requests: Vec<(usize, f32)> = self.axes().flat_map(|axis| REACH.map(|amount| (axis, amount))).collect();
        let themes = |moved: &(usize, f32)| -> Vec<f32> {
            let (axis, moved) = (moved.0, std::slice::from_ref(moved));
            let request =
                Request { tag: self.tag, rules: self.rules, seeds, temperature, top_p: 1.0, theme: None, moved };
            self.coordinates(&sampler.sample(request)).iter().map(|theme| theme[axis]).collect()
        };
        let themes: Vec<Vec<f32>> = requests.par_iter().map(themes).collect(); // [axes * positions][seeds]
        let of_axis = |(requests, themes): (&[(usize, f32)], &[Vec<f32>])| {
            let of_seed = |seed: usize| themes.iter().map(|row| row[seed]).collect::<Vec<f32>>();
            let spearman = (0..seeds.len()).map(|seed| spearman::with_position(&of_seed(seed))).collect();
            AxisResponses { axis: requests[0].0, spearman }
        };
        requests.chunks(REACH.len()).zip(themes.chunks(REACH.len())).map(of_axis).collect()
    }
}

/// How the poems of some seeds follow one axis of z.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisResponses {
    pub axis: usize,
    /// For each seed, -1 to 1.
    pub spearman: Vec<f64>,
}
