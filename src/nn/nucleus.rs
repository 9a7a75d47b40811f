//! Nucleus sampling, also called top-p (Holtzman et al. 2020, "The curious case of neural text degeneration").

use super::candidates::{Candidates, exponentials};
use super::simd::Arch;

/// Buffers, reused for every token.
#[derive(Default)]
pub struct NucleusBuffers {
    weights: Vec<f32>,
    ranked: Vec<(f32, usize)>,
}

/// Keeps the nucleus of the distribution over the `candidates` of the `logits` [vocab] and sets all other logits to
/// negative infinity. The nucleus is the smallest set of the most probable tokens whose probabilities add up to at least
/// `top_p`, 0 to 1; of equally probable tokens the lower ones come first. Probabilities are sums in 32 bits, so the mass
/// is exact to about 1e-6.
pub fn keep_nucleus(logits: &mut [f32], candidates: &Candidates, top_p: f32, buffers: &mut NucleusBuffers, arch: Arch) {
    let &Candidates { from, special, scale } = candidates;
    let NucleusBuffers { weights, ranked } = buffers;
    candidates.gather(logits, weights);
    let (_, total) = exponentials(weights, scale, arch);
    // All tokens below this weight have less than 1 - p together, so none of them is in the nucleus. That leaves few to
    // sort.
    let least = (1.0 - top_p) * total / weights.len().max(1) as f32;
    let token = |index: usize| special.get(index).copied().unwrap_or_else(|| from + index - special.len());
    ranked.clear();
    ranked.extend(weights.iter().enumerate().filter(|&(_, &weight)| weight >= least).map(|(i, &x)| (x, token(i))));
    ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let wanted = f64::from(top_p) * f64::from(total);
    let mut mass = 0.0;
    let is_short = |&&(weight, _): &&(f32, usize)| {
        let before = mass;
        mass += f64::from(weight);
        before < wanted
    };
    let n_kept = ranked.iter().take_while(is_short).count();
    ranked.truncate(n_kept);
    ranked.iter_mut().for_each(|(weight, token)| *weight = logits[*token]);
    logits.fill(f32::NEG_INFINITY);
    ranked.iter().for_each(|&(logit, token)| logits[token] = logit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::gumbel::{Key, gumbel_max};
    use crate::nn::simd;
    use crate::random;

    const ALL: Candidates = Candidates { from: 0, special: &[], scale: 1.0 };

    /// The tokens that remain.
    fn kept(logits: &[f32], candidates: &Candidates, top_p: f32) -> Vec<usize> {
        let mut logits = logits.to_vec();
        keep_nucleus(&mut logits, candidates, top_p, &mut NucleusBuffers::default(), Arch::new());
        (0..logits.len()).filter(|&token| logits[token] > f32::NEG_INFINITY).collect()
    }

    fn logits_of(probabilities: &[f32]) -> Vec<f32> {
        probabilities.iter().map(|p| p.ln() + 3.0).collect()
    }

    #[test]
    fn the_nucleus_of_a_small_distribution() {
        let logits = logits_of(&[0.1, 0.4, 0.05, 0.3, 0.15]);
        for (top_p, expected) in
            [(0.01, vec![1]), (0.39, vec![1]), (0.41, vec![1, 3]), (0.69, vec![1, 3]), (0.71, vec![1, 3, 4])]
        {
            assert_eq!(kept(&logits, &ALL, top_p), expected, "{top_p}");
        }
        assert_eq!(kept(&logits, &ALL, 1.0).len(), 5);
        assert_eq!(kept(&[0.0; 4], &ALL, 0.5), [0, 1], "of equals the first");
        // Half the temperature squares the probabilities: 0.16 and 0.09 of 0.285.
        assert_eq!(kept(&logits, &Candidates { scale: 2.0, ..ALL }, 0.56), [1]);
        assert_eq!(kept(&logits, &Candidates { scale: 2.0, ..ALL }, 0.57), [1, 3]);
    }

    #[test]
    fn tokens_that_are_no_candidates_have_no_mass() {
        let logits = logits_of(&[0.5, 0.1, 0.2, 0.1, 0.1]);
        let candidates = Candidates { from: 3, special: &[1], scale: 1.0 };
        assert_eq!(kept(&logits, &candidates, 0.6), [1, 3]);
        assert_eq!(kept(&logits, &candidates, 1.0), [1, 3, 4]);
    }

    /// Random rows of every steepness: the mass is at least p, without the least probable token it is less, and no token
    /// outside is more probable than one inside.
    #[test]
    fn the_nucleus_is_the_smallest_set_with_its_mass() {
        let mut rng = random::stream(7, "test", 0);
        for case in 0..600 {
            let steepness = [0.0, 0.1, 1.0, 3.0, 10.0][case % 5];
            let len = 1 + random::below(&mut rng, 3_000);
            let logits: Vec<f32> = random::normal(&mut rng, len).iter().map(|x| x * steepness).collect();
            let top_p = random::uniform(&mut rng);
            let tokens = kept(&logits, &ALL, top_p);
            let total: f64 = logits.iter().map(|&x| f64::from(x).exp()).sum();
            let share = |token: usize| f64::from(logits[token]).exp() / total;
            let mass: f64 = tokens.iter().map(|&token| share(token)).sum();
            let least = tokens.iter().copied().map(share).fold(1.0, f64::min);
            assert!(mass >= f64::from(top_p) - 2e-6, "{case}: {mass} of {top_p}");
            assert!(mass - least < f64::from(top_p) + 2e-6, "{case}: {mass} without {least}, {top_p}");
            let outside = (0..len).filter(|token| !tokens.contains(token)).map(share).fold(0.0, f64::max);
            assert!(outside <= least, "{case}: {outside} {least}");
        }
    }

    #[test]
    fn every_instruction_set_keeps_the_same_tokens() {
        let mut rng = random::stream(8, "test", 0);
        for _ in 0..50 {
            let logits: Vec<f32> = random::normal(&mut rng, 4_999).iter().map(|x| x * 2.0).collect();
            let cut = |arch| {
                let mut logits = logits.clone();
                keep_nucleus(&mut logits, &ALL, 0.9, &mut NucleusBuffers::default(), arch);
                logits
            };
            let first = cut(Arch::Scalar);
            assert!(simd::instruction_sets().into_iter().all(|(_, arch)| cut(arch) == first));
        }
    }

    /// Draws from the nucleus follow its renormalised probabilities, and a draw that is in the nucleus is not changed.
    #[test]
    fn draws_follow_the_truncated_distribution() {
        let probabilities = [0.1f32, 0.4, 0.05, 0.3, 0.15];
        let full = logits_of(&probabilities);
        let mut logits = full.clone();
        keep_nucleus(&mut logits, &ALL, 0.8, &mut NucleusBuffers::default(), Arch::new());
        let (mut counts, n) = ([0f32; 5], 40_000);
        for seed in 0..n {
            let draw = |logits: &[f32]| gumbel_max(logits, Key { seed, position: 0 }, &[], 0, 1.0, Arch::new()).0;
            let (token, before) = (draw(&logits), draw(&full));
            assert!(token == before || logits[before] == f32::NEG_INFINITY);
            counts[token] += 1.0;
        }
        // 0.4, 0.3 and 0.15 of 0.85; chi-square with 2 degrees of freedom: 13.8 is exceeded once in a thousand.
        let chi: f32 = [1, 3, 4]
            .iter()
            .map(|&i| (probabilities[i] / 0.85 * n as f32, counts[i]))
            .map(|(e, c)| (c - e).powi(2) / e)
            .sum();
        assert!(chi < 13.8 && counts[0] + counts[2] == 0.0, "{chi} {counts:?}");
    }
}
