//! Loops over rows that the compiler vectorises: exponentials, logarithms, sums.
//!
//! Sums run over sixteen fixed lanes and products use explicit fused multiply-add, so the bits do not depend on the vector
//! width of the processor.

pub use pulp::Arch;

const LANES: usize = 16;

/// The instruction sets of this processor that loops are compiled for, by name, the plainest first. `Arch::new()` is the
/// last of them. The results have the same bits with each, which tests show.
pub fn instruction_sets() -> Vec<(&'static str, Arch)> {
    let mut sets = vec![("scalar", Arch::Scalar)];
    #[cfg(target_arch = "x86_64")]
    {
        sets.extend(pulp::x86::V3::try_new().map(|simd| ("AVX2", Arch::V3(simd))));
        sets.extend(pulp::x86::V4::try_new().map(|simd| ("AVX-512", Arch::V4(simd))));
    }
    #[cfg(target_arch = "aarch64")]
    sets.extend(pulp::aarch64::Neon::try_new().map(|simd| ("NEON", Arch::Neon(simd))));
    sets
}

/// Runs `work` compiled for the widest vectors of this processor. The closure and what it calls must be inlined.
#[inline(always)]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    vectorised_for(Arch::new(), work)
}

/// The same for the instructions `arch`. A closure must come here rather than to `Arch::dispatch`: only where a parameter
/// asks for `FnOnce` is the closure's own body what is called, else a shim that is compiled without vectors.
#[inline(always)]
pub fn vectorised_for<R>(arch: Arch, work: impl FnOnce() -> R) -> R {
    arch.dispatch(work)
}

/// Calls `f` with 0..N, N at most 8, without a loop. The compiler keeps an array in registers only where all indices
/// are constants from the start, and loops of this size it unrolls too late for that, if at all.
#[inline(always)]
#[rustfmt::skip]
pub fn unrolled<const N: usize>(mut f: impl FnMut(usize)) {
    const { assert!(N <= 8) }
    if N > 0 { f(0); }
    if N > 1 { f(1); }
    if N > 2 { f(2); }
    if N > 3 { f(3); }
    if N > 4 { f(4); }
    if N > 5 { f(5); }
    if N > 6 { f(6); }
    if N > 7 { f(7); }
}

/// Prefetches a cache line into L2. Weights that are larger than L2 would otherwise be loaded at the speed of L3 during the
/// first tile of rows, and not at all during the others.
#[inline(always)]
pub fn prefetch(address: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch is a hint, which faults at no address and changes nothing that a program can observe.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// e^x with a relative error below 2e-7 for -87 <= x <= 88; 0 below that range, e^88 above it. Polynomial of the
/// Cephes library (S. L. Moshier).
#[inline(always)]
#[allow(clippy::excessive_precision)]
pub fn exp(x: f32) -> f32 {
    let bounded = x.clamp(-87.0, 88.0);
    let shifted = bounded.mul_add(std::f32::consts::LOG2_E, 12_582_912.0);
    let n = shifted - 12_582_912.0;
    let r = n.mul_add(2.121_944_4e-4, n.mul_add(-0.693_359_375, bounded));
    let mut p = 1.987_569_150_0e-4_f32;
    p = p.mul_add(r, 1.398_199_950_7e-3);
    p = p.mul_add(r, 8.333_451_907_3e-3);
    p = p.mul_add(r, 4.166_579_589_4e-2);
    p = p.mul_add(r, 1.666_666_545_9e-1);
    p = p.mul_add(r, 5.000_000_120_1e-1);
    let y = p.mul_add(r * r, r) + 1.0;
    let scale = f32::from_bits(((shifted.to_bits() as i32).wrapping_sub(0x4b40_0000).wrapping_add(127) as u32) << 23);
    if x < -87.0 { 0.0 } else { y * scale }
}

/// Natural logarithm of a positive normal number, relative error below 2e-7 away from 1 and absolute error below 1e-7
/// near it. Polynomial of the Cephes library.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let (mantissa, e) = mantissa_and_exponent(x);
    ln_of_parts(mantissa - 1.0, e)
}

/// ln(1 + e^x), exact for large |x|.
pub fn softplus(x: f32) -> f32 {
    x.max(0.0) + ln(1.0 + exp(-x.abs()))
}

/// ln x for 0 < x < 1, given 1 - x as well: where x has lost the bits of a small 1 - x, they are taken from there, so
/// that the relative error is below 2e-7 everywhere.
#[inline(always)]
pub fn ln_below_one(x: f32, one_minus_x: f32) -> f32 {
    let (mantissa, e) = mantissa_and_exponent(x);
    ln_of_parts(if e == 0 { -one_minus_x } else { mantissa - 1.0 }, e)
}

/// (m, e) with x = m 2^e and m in [sqrt(1/2), sqrt(2)).
#[inline(always)]
fn mantissa_and_exponent(x: f32) -> (f32, i32) {
    let bits = x.to_bits() as i32;
    let e = (bits.wrapping_sub(0x3f35_04f3)) >> 23;
    (f32::from_bits(bits.wrapping_sub(e << 23) as u32), e)
}

/// ln((1 + m) 2^e). Odd and even powers are summed apart, which halves the chain of dependent products.
#[inline(always)]
#[allow(clippy::excessive_precision)]
fn ln_of_parts(m: f32, e: i32) -> f32 {
    let square = m * m;
    let mut odd = 7.037_683_629_2e-2_f32;
    odd = odd.mul_add(square, 1.167_699_874_0e-1);
    odd = odd.mul_add(square, 1.424_932_278_7e-1);
    odd = odd.mul_add(square, 2.000_071_476_5e-1);
    odd = odd.mul_add(square, 3.333_333_117_4e-1);
    let mut even = -1.151_461_031_0e-1_f32;
    even = even.mul_add(square, -1.242_014_084_6e-1);
    even = even.mul_add(square, -1.666_805_766_5e-1);
    even = even.mul_add(square, -2.499_999_399_3e-1);
    even = even.mul_add(square, -0.5);
    // The fused product is not rounded, so ln 2 need not be split in two.
    (e as f32).mul_add(std::f32::consts::LN_2, square.mul_add(odd.mul_add(m, even), m))
}

/// Largest element; negative infinity for an empty slice.
#[inline(always)]
pub fn max(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = row.chunks_exact(LANES);
    let rest = chunks.remainder().iter().fold(f32::NEG_INFINITY, |best, &x| if x > best { x } else { best });
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    lanes.iter().fold(rest, |best, &x| if x > best { x } else { best })
}

/// Folds sixteen lanes and the rest into one sum, always in the same order.
#[inline(always)]
fn fold(lanes: [f32; LANES], rest: f32) -> f32 {
    let mut width = LANES / 2;
    let mut lanes = lanes;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0] + rest
}

/// Dot product.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    sum_pairs(
        a,
        b,
        #[inline(always)]
        |x, y, sum| x.mul_add(y, sum),
    )
}

/// Sum of (x - mean)^2 over the elements x of a row.
#[inline(always)]
pub fn squared_deviations(row: &[f32], mean: f32) -> f32 {
    sum_pairs(
        row,
        row,
        #[inline(always)]
        |x, _, sum| (x - mean).mul_add(x - mean, sum),
    )
}

/// Sum of a (b - mean) over the pairs of elements.
#[inline(always)]
pub fn dot_centred(a: &[f32], b: &[f32], mean: f32) -> f32 {
    sum_pairs(
        a,
        b,
        #[inline(always)]
        |x, y, sum| x.mul_add(y - mean, sum),
    )
}

/// A sum over pairs of elements, to which `add` adds one pair.
#[inline(always)]
fn sum_pairs(a: &[f32], b: &[f32], add: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder()).fold(0.0, |sum, (&x, &y)| add(x, y, sum));
    for (x, y) in a_chunks.zip(b_chunks) {
        for i in 0..LANES {
            lanes[i] = add(x[i], y[i], lanes[i]);
        }
    }
    fold(lanes, rest)
}

/// Sum of the elements.
#[inline(always)]
pub fn sum(row: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let chunks = row.chunks_exact(LANES);
    let rest = chunks.remainder().iter().sum();
    for chunk in chunks {
        for i in 0..LANES {
            lanes[i] += chunk[i];
        }
    }
    fold(lanes, rest)
}

/// y += a x.
#[inline(always)]
pub fn axpy(y: &mut [f32], a: f32, x: &[f32]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = a.mul_add(x, *y);
    }
}

/// Replaces every x by e^(scale (x - shift)) and returns the sum of the results.
#[inline(always)]
pub fn exp_in_place(row: &mut [f32], scale: f32, shift: f32) -> f32 {
    let mut lanes = [0f32; LANES];
    let mut chunks = row.chunks_exact_mut(LANES);
    for chunk in &mut chunks {
        for i in 0..LANES {
            chunk[i] = exp(scale * (chunk[i] - shift));
            lanes[i] += chunk[i];
        }
    }
    let mut rest = 0.0;
    for x in chunks.into_remainder() {
        *x = exp(scale * (*x - shift));
        rest += *x;
    }
    fold(lanes, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A product prefetches what lies behind its last panel.
    #[test]
    fn any_address_can_be_prefetched() {
        let row = [0.0f32; 4];
        for address in [row.as_ptr(), row.as_ptr().wrapping_add(1 << 40), std::ptr::null(), std::ptr::dangling()] {
            prefetch(address);
        }
        assert_eq!(row, [0.0; 4]);
    }

    #[test]
    fn exp_keeps_its_error() {
        for i in -8_600..8_700 {
            let x = i as f32 * 0.01 + 0.001;
            let exact = f64::from(x).exp();
            assert!(((f64::from(exp(x)) - exact) / exact).abs() < 2e-7, "{x}");
        }
        assert_eq!((exp(f32::NEG_INFINITY), exp(0.0)), (0.0, 1.0));
    }

    #[test]
    fn ln_keeps_its_error() {
        for i in 1..200_000u32 {
            let x = f32::from_bits(0x0080_0000 + i * 10_000);
            let exact = f64::from(x).ln();
            let error = (f64::from(ln(x)) - exact).abs();
            assert!(error < 1e-7 || error / exact.abs() < 2e-7, "{x} {error}");
        }
    }

    #[test]
    fn ln_below_one_keeps_its_error() {
        for i in 1..200_000 {
            // From 1e-9 to 1 on the side of 0 and on the side of 1.
            let small = (-20.7 * f64::from(i) / 200_000.0).exp();
            for (x, rest) in [(small, 1.0 - small), (1.0 - small, small)] {
                let exact = if x < 0.5 { x.ln() } else { (-rest).ln_1p() };
                let error = (f64::from(ln_below_one(x as f32, rest as f32)) - exact) / exact;
                assert!(error.abs() < 2e-7, "{x} {error}");
            }
        }
    }

    #[test]
    fn sums_are_right_at_every_length() {
        for n in 0..70 {
            let a: Vec<f32> = (0..n).map(|i| (i as f32 * 0.37).sin()).collect();
            let exact: f64 = a.iter().map(|&x| f64::from(x)).sum();
            assert!((f64::from(vectorised(|| sum(&a))) - exact).abs() < 1e-5);
            assert!(
                (f64::from(vectorised(|| dot(&a, &a))) - a.iter().map(|&x| f64::from(x * x)).sum::<f64>()).abs() < 1e-5
            );
            let centred = |x: f32| f64::from(x) - 0.25;
            let exact: f64 = a.iter().map(|&x| centred(x).powi(2)).sum();
            assert!((f64::from(vectorised(|| squared_deviations(&a, 0.25))) - exact).abs() < 1e-5);
            let exact: f64 = a.iter().map(|&x| f64::from(x) * centred(x)).sum();
            assert!((f64::from(vectorised(|| dot_centred(&a, &a, 0.25))) - exact).abs() < 1e-5);
            assert_eq!(vectorised(|| max(&a)), a.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let mut y = a.clone();
            let total = vectorised(|| exp_in_place(&mut y, 2.0, 0.5));
            let exact: f64 = a.iter().map(|&x| f64::from(2.0 * (x - 0.5)).exp()).sum();
            assert!((f64::from(total) - exact).abs() < 1e-5 * exact.max(1.0));
        }
    }
}
