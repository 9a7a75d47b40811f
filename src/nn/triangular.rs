//! Products of the small matrices of causal attention, where half of one is 0 or is not needed.
//!
//! Every element of a result is one chain of fused multiply-adds in the order of the inner dimension, so its bits do not
//! depend on the vector width of the processor.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::simd::{Arch, unrolled};

/// Widths of b and y have to be multiples of this, which all vector widths divide.
pub const LANES: usize = 16;
/// Rows of a tile: with two vectors a row, eight sums are in flight.
const ROWS: usize = 4;

/// The matrix of a product y = a b of which only the elements at columns up to the row count.
#[derive(Clone, Copy)]
pub enum Half {
    /// y: its other elements are arbitrary.
    Result,
    /// a: its other elements have to be 0, since a tile reads some of them.
    Left,
    /// a, and the product is that of its transpose, y = a^T b.
    LeftTransposed,
}

/// y = a b, or y = a^T b, for row-major matrices.
pub struct Product<'a> {
    pub half: Half,
    /// [rows, columns]
    pub y: &'a mut [f32],
    /// [rows, at least depth], or its transpose.
    pub a: &'a [f32],
    /// Length of the rows of `a`.
    pub a_width: usize,
    /// [depth, columns]
    pub b: &'a [f32],
    pub columns: usize,
}

impl Product<'_> {
    pub fn compute(self) {
        Arch::new().dispatch(self);
    }

    /// The part of the inner dimension, and the columns, that these rows of the result need.
    fn extent(&self, rows: Range<usize>) -> (Range<usize>, usize) {
        let depth = self.b.len() / self.columns;
        match self.half {
            Half::Result => (0..depth, rows.end.next_multiple_of(LANES).min(self.columns)),
            Half::Left => (0..rows.end.min(depth), self.columns),
            Half::LeftTransposed => (rows.start..depth, self.columns),
        }
    }

    /// R rows of the result.
    #[inline(always)]
    fn rows<S: Simd, const R: usize>(&mut self, simd: S, first: usize) {
        let (depth, columns) = self.extent(first..first + R);
        let vectors = columns / S::F32_LANES;
        let pairs = vectors / 2 * 2;
        (0..pairs).step_by(2).for_each(|vector| self.tile::<S, R, 2>(simd, first, depth.clone(), vector));
        (pairs..vectors).for_each(|vector| self.tile::<S, R, 1>(simd, first, depth.clone(), vector));
    }

    /// N vectors of R rows of the result: the hot loop.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const N: usize>(
        &mut self,
        simd: S,
        first: usize,
        depth: Range<usize>,
        vector: usize,
    ) {
        let (down, right) = match self.half {
            Half::Result | Half::Left => (self.a_width, 1),
            Half::LeftTransposed => (1, self.a_width),
        };
        let (b, width) = (S::as_simd_f32s(self.b).0, self.columns / S::F32_LANES);
        let mut sums = [[simd.splat_f32s(0.0); N]; R];
        for k in depth {
            let b = &b[k * width + vector..][..N];
            let a = &self.a[first * down + k * right..][..(R - 1) * down + 1];
            unrolled::<R>(
                #[inline(always)]
                |r| {
                    let a = simd.splat_f32s(a[r * down]);
                    unrolled::<N>(
                        #[inline(always)]
                        |v| sums[r][v] = simd.mul_add_f32s(a, b[v], sums[r][v]),
                    );
                },
            );
        }
        let y = S::as_mut_simd_f32s(self.y).0;
        unrolled::<R>(
            #[inline(always)]
            |r| {
                let y = &mut y[(first + r) * width + vector..][..N];
                unrolled::<N>(
                    #[inline(always)]
                    |v| y[v] = sums[r][v],
                );
            },
        );
    }
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let rows = self.y.len() / self.columns;
        let tiled = rows / ROWS * ROWS;
        (0..tiled).step_by(ROWS).for_each(|first| self.rows::<S, ROWS>(simd, first));
        (tiled..rows).for_each(|row| self.rows::<S, 1>(simd, row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::simd::instruction_sets;
    use crate::random;

    fn normal(len: usize, index: u64) -> Vec<f32> {
        random::normal(&mut random::stream(1, "triangular", index), len)
    }

    /// Element (row, column) of the product, in the order of the kernel.
    fn element(product: &Product, row: usize, column: usize) -> f32 {
        let depth = match product.half {
            Half::Result => 0..product.b.len() / product.columns,
            Half::Left => 0..row + 1,
            Half::LeftTransposed => row..product.b.len() / product.columns,
        };
        depth.fold(0.0, |sum, k| {
            let at = match product.half {
                Half::LeftTransposed => k * product.a_width + row,
                Half::Result | Half::Left => row * product.a_width + k,
            };
            product.a[at].mul_add(product.b[k * product.columns + column], sum)
        })
    }

    /// A lower triangular matrix [n, width].
    fn lower(n: usize, width: usize) -> Vec<f32> {
        let mut matrix = normal(n * width, 3);
        matrix.chunks_exact_mut(width).enumerate().for_each(|(i, row)| row[i + 1..].fill(0.0));
        matrix
    }

    #[test]
    fn products_have_the_bits_of_plain_loops_with_every_instruction_set() {
        for n in [1usize, 3, 4, 6, 17, 29, 64] {
            let width = n.next_multiple_of(LANES);
            let (square, dense) = (lower(n, width), normal(n * 32, 4));
            let (queries, keys) = (normal(n * 5, 5), normal(5 * width, 6));
            for (name, arch) in instruction_sets() {
                for half in [Half::Result, Half::Left, Half::LeftTransposed] {
                    let (a, a_width, b, columns) = match half {
                        Half::Result => (&queries, 5, &keys, width),
                        Half::Left | Half::LeftTransposed => (&square, width, &dense, 32),
                    };
                    let mut y = vec![f32::NAN; n * columns];
                    arch.dispatch(Product { half, y: &mut y, a, a_width, b, columns });
                    let mut unused = [];
                    let product = Product { half, y: &mut unused, a, a_width, b, columns };
                    for (i, found) in y.iter().enumerate() {
                        let (row, column) = (i / columns, i % columns);
                        if !matches!(half, Half::Result) || column <= row {
                            assert_eq!(*found, element(&product, row, column), "{name} {n}: {row} {column}");
                        }
                    }
                }
            }
        }
    }
}
