//! Gumbel noise, a pure function of (seed of the poem, position): what is sampled can be replayed without storing it.

use crate::random;
use rand::RngCore;

use super::simd;

/// Adds standard Gumbel noise to `logits` ([vocab]): g = -ln(-ln u), u uniform on (0, 1). `poem` is the seed of the
/// poem, `position` the index of the token. The arg max of the result is then a draw from softmax(logits) (Gumbel 1954;
/// Maddison et al. 2014, "A* sampling").
pub fn add_noise(logits: &mut [f32], poem: u64, position: usize) {
    const BLOCK: usize = 1024;
    let mut rng = random::stream(poem, "gumbel", position as u64);
    let mut bytes = [0u8; 4 * BLOCK];
    for block in logits.chunks_mut(BLOCK) {
        let words = &mut bytes[..4 * block.len()];
        rng.fill_bytes(words);
        simd::vectorised(
            #[inline(always)]
            || add_block(block, words),
        );
    }
}

#[inline(always)]
fn add_block(logits: &mut [f32], words: &[u8]) {
    for (logit, word) in logits.iter_mut().zip(words.chunks_exact(4)) {
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        *logit -= simd::ln(exponential(word));
    }
}

/// A draw from Exp(1): -ln(1 - v), v uniform, exact to the last bits near 0, where the winners of the arg max come from.
#[inline(always)]
fn exponential(word: u32) -> f32 {
    // Halving first keeps the conversion a signed one, which every vector unit has.
    let draw = (word >> 1) as i32 as f32;
    let v = draw.mul_add(1.0 / 2_147_483_648.0, 0.5 / 2_147_483_648.0).min(1.0 - f32::EPSILON / 2.0);
    let rest = 1.0 - v;
    let rounded = 1.0 - rest;
    // ln(1 - v) = ln(rest) * v / rounded repairs the rounding of 1 - v (Goldberg 1991, theorem 4).
    if rounded == 0.0 { v } else { -simd::ln(rest) * (v / rounded) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_follows_the_gumbel_law() {
        // Kolmogorov-Smirnov distance to exp(-exp(-x)); 1.95 / sqrt(n) is exceeded once in a thousand.
        let n = 200_000;
        let mut draws = vec![0f32; n];
        add_noise(&mut draws, 7, 3);
        draws.sort_by(f32::total_cmp);
        let distance =
            draws.iter().enumerate().map(|(i, &x)| ((-(-f64::from(x)).exp()).exp() - i as f64 / n as f64).abs());
        let distance = distance.fold(0.0, f64::max);
        assert!(distance < 1.95 / (n as f64).sqrt(), "{distance}");
        assert!(draws.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn exponentials_are_exact_at_the_ends() {
        for word in [0, 1, 2, 1000, u32::MAX / 2, u32::MAX - 1, u32::MAX] {
            let v = (f64::from(word >> 1) + 0.5) / 2_147_483_648.0;
            let exact = -(-v).ln_1p();
            let error = (f64::from(exponential(word)) - exact).abs() / exact;
            assert!(error < if word > u32::MAX - 1000 { 0.3 } else { 1e-6 }, "{word} {error}");
        }
    }

    #[test]
    fn the_arg_max_is_a_draw_from_the_softmax() {
        let logits = [1.0f32, 0.0, -1.0, 2.0, 0.5];
        let total: f32 = logits.iter().map(|x| x.exp()).sum();
        let mut counts = [0f32; 5];
        let n = 40_000;
        for poem in 0..n {
            let mut noisy = logits;
            add_noise(&mut noisy, poem, 0);
            let best = (0..5).max_by(|&a, &b| noisy[a].total_cmp(&noisy[b])).unwrap();
            counts[best] += 1.0;
        }
        // Chi-square with 4 degrees of freedom: 18.5 is exceeded once in a thousand.
        let chi: f32 =
            (0..5).map(|i| (logits[i].exp() / total * n as f32, counts[i])).map(|(e, c)| (c - e).powi(2) / e).sum();
        assert!(chi < 18.5, "{chi} {counts:?}");
    }
}
