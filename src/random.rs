//! Named streams of random numbers. All random draws come from here, so that the seed determines everything. A stream is a
//! pure function of (seed, name, index), so that a resumed run has no generator state to restore.

pub mod chacha;

use chacha::ChaCha8;
use rand::RngCore;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The stream `name`, number `index`, of `seed`. Streams with another seed, name or index are independent.
pub fn stream(seed: u64, name: &str, index: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::from_seed(key(seed, name));
    rng.set_stream(index);
    rng
}

/// The same words as [`stream`], for bulk generation.
pub fn groups(seed: u64, name: &str, index: u64) -> ChaCha8 {
    ChaCha8::new(key(seed, name), index)
}

fn key(seed: u64, name: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(name.as_bytes());
    hash.finalize().into()
}

/// A uniform draw from the open interval (0, 1), with 32 bits.
pub fn uniform(rng: &mut impl RngCore) -> f32 {
    (((f64::from(rng.next_u32()) + 0.5) / 4_294_967_296.0) as f32).clamp(f32::MIN_POSITIVE, 1.0 - f32::EPSILON / 2.0)
}

/// A uniform draw from 0..n by the multiply-shift method (bias below n / 2^32).
pub fn below(rng: &mut impl RngCore, n: usize) -> usize {
    ((u64::from(rng.next_u32()) * n as u64) >> 32) as usize
}

/// `n` draws from N(0, 1) by the method of Box and Muller. The functions are those of the crate `libm`, since the last bit
/// of the system's differs from one system to another.
pub fn normal(rng: &mut impl RngCore, n: usize) -> Vec<f32> {
    let mut draws = Vec::with_capacity(n + 1);
    while draws.len() < n {
        let radius = (-2.0 * libm::log(f64::from(uniform(rng)))).sqrt();
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * f64::from(uniform(rng)));
        draws.push((radius * cos) as f32);
        draws.push((radius * sin) as f32);
    }
    draws.truncate(n);
    draws
}

/// Fisher-Yates shuffle.
pub fn shuffle<T>(rng: &mut impl RngCore, items: &mut [T]) {
    for i in (1..items.len()).rev() {
        items.swap(i, below(rng, i + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_fixed_forever() {
        // A change of these numbers would change every poem of every seed.
        let draws: Vec<u32> = (0..3).map(|index| stream(42, "gumbel", index).next_u32()).collect();
        assert_eq!(draws, [2_729_651_513, 3_805_025_878, 2_598_316_416]);
        let first = |index| {
            let mut words = [0; chacha::GROUP];
            groups(42, "gumbel", index).group(0, &mut words);
            words[0]
        };
        assert_eq!([first(0), first(1), first(2)], [2_729_651_513, 3_805_025_878, 2_598_316_416]);
    }

    #[test]
    fn normal_draws_have_mean_zero_and_variance_one() {
        let draws = normal(&mut stream(1, "test", 0), 100_000);
        let mean = draws.iter().sum::<f32>() / 1e5;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn below_is_uniform() {
        let mut rng = stream(1, "test", 1);
        let mut counts = [0; 5];
        for _ in 0..50_000 {
            counts[below(&mut rng, 5)] += 1;
        }
        assert!(counts.iter().all(|&count: &i32| (count - 10_000).abs() < 500), "{counts:?}");
    }
}
