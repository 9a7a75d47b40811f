//! The inner loop of products in bfloat16.

use std::arch::x86_64::*;

use super::{PANEL, Start, TILE_PANELS, TILE_ROWS, Tile};

/// Computes a tile; y begins with its first element. The processor has to have the instructions.
type Kernel = unsafe fn(&mut [f32], &Tile);

/// The kernel for 1 to 8 rows and 1 to 3 panels.
pub fn tile(rows: usize, panels: usize) -> Kernel {
    const KERNELS: [[Kernel; TILE_PANELS]; TILE_ROWS] = [
        [product::<1, 1>, product::<1, 2>, product::<1, 3>],
        [product::<2, 1>, product::<2, 2>, product::<2, 3>],
        [product::<3, 1>, product::<3, 2>, product::<3, 3>],
        [product::<4, 1>, product::<4, 2>, product::<4, 3>],
        [product::<5, 1>, product::<5, 2>, product::<5, 3>],
        [product::<6, 1>, product::<6, 2>, product::<6, 3>],
        [product::<7, 1>, product::<7, 2>, product::<7, 3>],
        [product::<8, 1>, product::<8, 2>, product::<8, 3>],
    ];
    KERNELS[rows - 1][panels - 1]
}

/// The elements of `slice` from 16 * `vector` on, as far as there are any.
fn vector_of(slice: &[f32], vector: usize) -> &[f32] {
    slice.get(vector * PANEL..).unwrap_or(&[])
}

/// A bit for each of the first `n` lanes.
fn lanes(n: usize) -> __mmask16 {
    ((1u32 << n.min(PANEL)) - 1) as __mmask16
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn load(slice: &[f32], vector: usize) -> __m512 {
    let slice = vector_of(slice, vector);
    // SAFETY: the lanes are those of the slice; no others are read.
    unsafe { _mm512_maskz_loadu_ps(lanes(slice.len()), slice.as_ptr()) }
}

/// Rows of a tile, N panels wide. The loops over constants are unrolled, so that all sums stay in registers.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn product<const R: usize, const N: usize>(y: &mut [f32], tile: &Tile) {
    let Tile { left, row, right, start, columns, outputs } = *tile;
    let pairs = left.len() / PANEL;
    assert!(right.len() == N * pairs * PANEL && row + R <= PANEL, "panels of a matrix product");
    let mut sums = [[_mm512_setzero_ps(); N]; R];
    for (r, sums) in sums.iter_mut().enumerate() {
        for (v, sum) in sums.iter_mut().enumerate() {
            match start {
                Start::Zero => {}
                Start::Bias(bias) => *sum = load(&bias[..columns], v),
                Start::Target => *sum = load(&y[r * outputs..][..columns], v),
            }
        }
    }
    let (left, right) = (left.as_ptr(), right.as_ptr());
    for pair in 0..pairs {
        let mut weights = [_mm512_setzero_si512(); N];
        for (v, weights) in weights.iter_mut().enumerate() {
            // SAFETY: `right` holds N panels of `pairs` lines of 16 elements.
            *weights = unsafe { _mm512_loadu_si512(right.add((v * pairs + pair) * PANEL).cast()) };
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: `left` holds `pairs` lines of 16 elements, and row + R is at most 16.
            let x = unsafe { _mm512_set1_epi32(left.add(pair * PANEL + row + r).read().cast_signed()) };
            for (sum, weights) in sums.iter_mut().zip(weights) {
                *sum = _mm512_dpbf16_ps(*sum, as_bf16(x), as_bf16(weights));
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        let y = &mut y[r * outputs..][..columns];
        for (v, sum) in sums.iter().enumerate() {
            let y = y.get_mut(v * PANEL..).unwrap_or_default();
            // SAFETY: the lanes are those of the slice; no others are written.
            unsafe { _mm512_mask_storeu_ps(y.as_mut_ptr(), lanes(y.len()), *sum) };
        }
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn as_bf16(x: __m512i) -> __m512bh {
    // SAFETY: both types are 64 bytes without invalid values.
    unsafe { std::mem::transmute(x) }
}
