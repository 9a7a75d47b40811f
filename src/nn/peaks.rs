//! The few tokens that hold almost all of the probability of a sharp relaxation. At an inverse temperature of 2 some
//! dozens of thousands of tokens carry the gradient, while products over the whole vocabulary are most of the work.

use super::gumbel::{self, Key};
use super::simd;

/// A token is kept if its probability is at least this share of the largest one.
const FLOOR: f32 = 3e-4;

/// Bounds on what is left out: the share of the probability, and of its Euclidean norm.
const LEFT_OUT: f32 = 0.05;
const LEFT_OUT_NORM: f32 = 0.005;

/// At most one token in this many is kept: with more of them, dense products are faster.
const SPARSITY: usize = 12;

/// Below this inverse temperature too many tokens count for peaks to exist.
pub const LEAST_BETA: f32 = 1.5;

/// The tokens with almost all of the probability of one relaxed token.
#[derive(Clone, Debug, PartialEq)]
pub struct Peaks {
    /// Ids, ascending, and their probabilities in the softmax over all content tokens.
    pub tokens: Vec<(u32, f32)>,
}

/// The peaks of softmax(beta * (logits + g)) over the tokens from `first_content` on, where g is the noise of
/// [`gumbel::add_gumbel`]. `None` where too many tokens count. `buffer` is scratch memory.
///
/// The tokens left out have at most 5 % of the probability and at most 0.5 % of the Euclidean norm of the distribution,
/// hence of the gradient in the logits, beta p (dp - sum(p dp)), for dp of equal size. The mean, sum(p dp), is off only by
/// how much the dp of these tokens differ on average from those of all.
pub fn peaks(logits: &[f32], key: Key, first_content: usize, beta: f32, buffer: &mut Vec<f32>) -> Option<Peaks> {
    buffer.clear();
    buffer.extend_from_slice(logits);
    gumbel::add_gumbel(buffer, key);
    simd::vectorised(
        #[inline(always)]
        || {
            let perturbed = &mut buffer[first_content..];
            let largest = simd::max(perturbed);
            let total = simd::exp_in_place(perturbed, beta, largest);
            keep(perturbed, first_content, total)
        },
    )
}

/// The large ones of the exponentials, of which the largest is 1.
#[inline(always)]
fn keep(exponentials: &[f32], first: usize, total: f32) -> Option<Peaks> {
    const BLOCK: usize = 16;
    let most = exponentials.len() / SPARSITY;
    let mut tokens = Vec::with_capacity(most.min(64));
    let (mut kept, mut kept_square) = (0.0, 0.0);
    for (block, exponentials) in exponentials.chunks(BLOCK).enumerate() {
        if simd::max(exponentials) < FLOOR {
            continue;
        }
        for (i, &x) in exponentials.iter().enumerate().filter(|(_, x)| **x >= FLOOR) {
            tokens.push(((first + block * BLOCK + i) as u32, x / total));
            (kept, kept_square) = (kept + x, kept_square + x * x);
        }
        if tokens.len() > most {
            return None;
        }
    }
    // No exponential that was left out exceeds the floor, so their squares sum to less than floor times sum.
    let left_out = (total - kept).max(0.0);
    let bounded = left_out <= LEFT_OUT * total && FLOOR * left_out <= LEFT_OUT_NORM * LEFT_OUT_NORM * kept_square;
    bounded.then_some(Peaks { tokens })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn softmax(logits: &[f32], row: usize, beta: f64) -> Vec<f64> {
        let mut perturbed = logits.to_vec();
        gumbel::add_gumbel(&mut perturbed, Key { seed: 3, position: row });
        let weights: Vec<f64> = perturbed[2..].iter().map(|&x| (beta * f64::from(x)).exp()).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / total).collect()
    }

    #[test]
    fn peaks_are_the_largest_and_leave_out_little() {
        let mut buffer = Vec::new();
        for (row, beta) in [1.5f32, 2.0, 3.0, 8.0].into_iter().cycle().take(80).enumerate() {
            let logits = random::normal(&mut random::stream(1, "check", row as u64), 2000 + row);
            let Some(peaks) = peaks(&logits, Key { seed: 3, position: row }, 2, beta, &mut buffer) else { continue };
            let mut exact = softmax(&logits, row, f64::from(beta));
            let largest = exact.iter().copied().fold(0.0, f64::max);
            let norm = exact.iter().map(|p| p * p).sum::<f64>().sqrt();
            for &(token, p) in &peaks.tokens {
                let exact = &mut exact[token as usize - 2];
                assert!((f64::from(p) - *exact).abs() < 1e-5 * *exact + 1e-7);
                *exact = 0.0;
            }
            assert!(peaks.tokens.is_sorted_by_key(|(token, _)| *token));
            assert!(exact.iter().all(|p| *p < f64::from(FLOOR) * 1.001 * largest));
            assert!(exact.iter().sum::<f64>() < 0.0501);
            assert!(exact.iter().map(|p| p * p).sum::<f64>().sqrt() < 0.00501 * norm);
        }
    }

    /// `keep` for some exponentials: how many of each size, then zeros up to 3000.
    fn kept(sizes: &[(usize, f32)]) -> Option<Peaks> {
        let mut exponentials: Vec<f32> = sizes.iter().flat_map(|&(n, x)| std::iter::repeat_n(x, n)).collect();
        exponentials.resize(3000, 0.0);
        keep(&exponentials, 0, exponentials.iter().sum())
    }

    #[test]
    fn each_bound_alone_rejects() {
        let below = 0.97 * FLOOR;
        // 5.0 and 5.3 % of the probability are left out, at 0.4 % of the norm.
        assert!(kept(&[(1, 1.0), (180, below)]).is_some() && kept(&[(1, 1.0), (192, below)]).is_none());
        // Up to 0.5 % and up to 0.7 % of the norm are left out, at less than 5 % of the probability.
        assert!(kept(&[(1, 1.0), (200, 0.01), (250, below)]).is_some());
        assert!(kept(&[(1, 1.0), (200, 0.01), (515, below)]).is_none());
        // One token in twelve, and one more.
        assert!(kept(&[(250, 1.0)]).is_some() && kept(&[(251, 1.0)]).is_none());
    }

    #[test]
    fn only_sharp_relaxations_have_peaks() {
        let logits = vec![0.0; 3000];
        let find = |position, beta| peaks(&logits, Key { seed: 3, position }, 2, beta, &mut Vec::new());
        let of = |beta| (0..100).filter_map(|position| find(position, beta)).count();
        assert_eq!((of(0.5), of(5.0)), (0, 100));
        assert!(of(2.0) > 90);
    }
}
