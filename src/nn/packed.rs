//! Products with a weight matrix that is packed once and used many times.
//!
//! `gemm` packs its right side at each call, which pays for thousands of rows, but not for the few rows of a sampler or of
//! one step of an LSTM. Here a panel of columns, a few vectors wide, is stored in the order in which the product reads
//! it, and the sums of up to eight rows stay in registers while the panel is read (Goto and van de Geijn 2008, "Anatomy
//! of high-performance matrix multiplication").
//!
//! Every element of a result is one chain of fused multiply-adds in the order of the inputs, so its bits depend neither on
//! the vector width of the processor nor on the other rows.

use candle_core::Result;
use pulp::{Simd, WithSimd, bytemuck};
use rayon::prelude::*;
use std::ops::Range;

use super::matrix::Matrix;
use super::simd::{self, Arch, unrolled};

/// Width of a panel in vectors with 32 registers (AVX-512, NEON): with tiles of eight rows, 24 registers hold sums.
const VECTORS: usize = 3;

/// The same with 16 registers (AVX2): with tiles of six rows, 12 registers hold sums. Tiles of three by three vectors are
/// bound by their loads.
const FEW_VECTORS: usize = 2;

/// Rows that one thread takes at a time: enough to amortise reading the weights, few enough for their results to stay in
/// the L2 cache.
pub const CHUNK: usize = 64;

/// Inputs that a product takes at a time, for all rows and columns: their part of a panel stays in the L1 cache from one
/// tile to the next, their part of the rows in the L2 cache.
const DEPTH: usize = 256;

/// Floats in a cache line.
const LINE: usize = 16;

/// A weight matrix [inputs, outputs] in panels of columns.
pub struct Packed {
    /// The panels, preceded by padding that aligns them.
    memory: Vec<f32>,
    inputs: usize,
    outputs: usize,
    panels: Panels,
    arch: Arch,
}

/// The division of the columns into panels, for the registers of an instruction set: as many wide ones as there are, then
/// single vectors. Another wide one would compute up to a third more where the columns are few.
#[derive(Clone, Copy)]
struct Panels {
    /// Columns of a vector.
    lanes: usize,
    /// Vectors of a wide panel.
    vectors: usize,
}

impl Panels {
    fn width(self) -> usize {
        self.lanes * self.vectors
    }

    /// The columns of each panel.
    fn of(self, outputs: usize) -> impl Iterator<Item = Range<usize>> + Clone {
        let (width, lanes) = (self.width(), self.lanes);
        let wide = outputs / width * width;
        let rest = (wide..outputs).step_by(lanes).map(move |first| first..outputs.min(first + lanes));
        (0..wide).step_by(width).map(move |first| first..first + width).chain(rest)
    }
}

/// Initial value of a product.
#[derive(Clone, Copy)]
pub enum Start<'a> {
    Zero,
    /// A row [outputs], the same for all rows of the product.
    Bias(&'a [f32]),
    /// The present values of the target.
    Target,
}

impl Packed {
    /// Packs a matrix [inputs, outputs], in parallel.
    ///
    /// # Errors
    /// A dimension of 0, or so many elements that their number overflows.
    pub fn new(matrix: Matrix) -> Result<Packed> {
        Packed::with_arch(matrix, Arch::new())
    }

    /// The same for products with the instructions `arch`.
    pub fn with_arch(matrix: Matrix, arch: Arch) -> Result<Packed> {
        let panels = arch.dispatch(Vectors);
        let (inputs, outputs) = (matrix.rows, matrix.columns);
        let padded = outputs.checked_next_multiple_of(panels.lanes).and_then(|outputs| outputs.checked_mul(inputs));
        let Some(len) = padded.filter(|&len| 0 < len && len < usize::MAX - LINE) else {
            candle_core::bail!("a matrix of {inputs} x {outputs} cannot be packed");
        };
        let mut packed = Packed { memory: vec![0.0; len + LINE - 1], inputs, outputs, panels, arch };
        let first = packed.first();
        let wide = outputs / panels.width() * panels.width();
        let (wide_panels, rest) = packed.memory[first..first + len].split_at_mut(inputs * wide);
        let pack = |panel: &mut [f32], first: usize| pack(panel, &matrix, first);
        let each = wide_panels.par_chunks_mut(inputs * panels.width()).enumerate();
        each.for_each(|(i, panel)| pack(panel, i * panels.width()));
        let each = rest.chunks_exact_mut(inputs * panels.lanes).enumerate();
        each.for_each(|(i, panel)| pack(panel, wide + i * panels.lanes));
        Ok(packed)
    }

    /// Inputs and outputs.
    pub fn shape(&self) -> (usize, usize) {
        (self.inputs, self.outputs)
    }

    /// `multiply` for many rows, in parallel; `then` is called with each chunk of finished rows of y while it is in the
    /// cache.
    pub fn multiply_all(&self, y: &mut [f32], start: Start, x: &[f32], then: impl Fn(&mut [f32]) + Sync) {
        y.par_chunks_mut(CHUNK * self.outputs).zip(x.par_chunks(CHUNK * self.inputs)).for_each(|(y, x)| {
            self.multiply(y, start, x);
            then(y);
        });
    }

    /// y = start + x w for x [rows, inputs] and y [rows, outputs], both row-major, on the calling thread alone.
    pub fn multiply(&self, y: &mut [f32], start: Start, x: &[f32]) {
        assert_eq!(x.len(), y.len() / self.outputs * self.inputs, "size of the left side of a matrix product");
        self.multiply_at(y, start, x, |row| row * self.inputs);
    }

    /// `multiply` where row i of the left side is x[at(i)..], so that rows may overlap like the windows of a sequence.
    pub fn multiply_at(&self, y: &mut [f32], start: Start, x: &[f32], at: impl Fn(usize) -> usize) {
        self.arch.dispatch(self.product(y, start, x, at));
    }

    /// Index of the first panel, aligned to a cache line so that no vector spans two.
    fn first(&self) -> usize {
        self.memory.as_ptr().align_offset(LINE * size_of::<f32>())
    }

    /// The weights of some inputs in the panel of these columns, [inputs, width]. The last panel is padded; sums over the
    /// padding are never stored.
    fn part(&self, inputs: &Range<usize>, columns: &Range<usize>) -> &[f32] {
        let (panel, width) =
            (self.first() + columns.start * self.inputs, columns.len().next_multiple_of(self.panels.lanes));
        &self.memory[panel + inputs.start * width..panel + inputs.end * width]
    }

    fn product<'a, A>(&'a self, y: &'a mut [f32], start: Start<'a>, x: &'a [f32], at: A) -> Product<'a, A> {
        assert!(y.len().is_multiple_of(self.outputs), "size of a matrix product");
        Product { y, start, x, at, packed: self }
    }
}

/// Packs a panel [inputs, width] from the columns of `matrix` from `first` on.
fn pack(panel: &mut [f32], matrix: &Matrix, first: usize) {
    let (inputs, outputs) = (matrix.rows, matrix.columns);
    let width = panel.len() / inputs;
    let columns = first..outputs.min(first + width);
    if matrix.transposed {
        pack_transposed(panel, width, &matrix.data[columns.start * inputs..columns.end * inputs], inputs);
    } else {
        for (target, row) in panel.chunks_exact_mut(width).zip(matrix.data.chunks_exact(outputs)) {
            target[..columns.len()].copy_from_slice(&row[columns.clone()]);
        }
    }
}

/// Packs a panel from its columns, given as the rows of `columns` [column, inputs].
fn pack_transposed(panel: &mut [f32], width: usize, columns: &[f32], inputs: usize) {
    // One cache line of every column at a time, so that the lines that are written stay in the first-level cache.
    for (i, panel) in panel.chunks_mut(LINE * width).enumerate() {
        for (j, column) in columns.chunks_exact(inputs).enumerate() {
            for (target, &weight) in panel[j..].iter_mut().step_by(width).zip(&column[i * LINE..]) {
                *target = weight;
            }
        }
    }
}

struct Vectors;

impl WithSimd for Vectors {
    type Output = Panels;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Panels {
        Panels { lanes: S::F32_LANES, vectors: if S::REGISTER_COUNT >= 32 { VECTORS } else { FEW_VECTORS } }
    }
}

struct Product<'a, A> {
    y: &'a mut [f32],
    start: Start<'a>,
    x: &'a [f32],
    at: A,
    packed: &'a Packed,
}

impl<A: Fn(usize) -> usize> WithSimd for Product<'_, A> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::REGISTER_COUNT >= 32 { self.run::<S, VECTORS>(simd) } else { self.run::<S, FEW_VECTORS>(simd) }
    }
}

impl<A: Fn(usize) -> usize> Product<'_, A> {
    /// The product by panels of N vectors, and of one where fewer are left.
    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S) {
        let Product { y, start, x, at, packed } = self;
        let blocks = (0..packed.inputs).step_by(DEPTH).map(|first| first..packed.inputs.min(first + DEPTH));
        let columns = packed.panels.of(packed.outputs);
        let mut parts =
            blocks.flat_map(|inputs| columns.clone().map(move |columns| (inputs.clone(), columns))).peekable();
        while let Some((inputs, columns)) = parts.next() {
            let next = parts.peek().map_or(&[][..], |(inputs, columns)| packed.part(inputs, columns));
            // Later inputs are added to what the earlier ones gave, which is the same chain.
            let start = if inputs.start == 0 { start } else { Start::Target };
            let (weights, first, outputs, at) = (packed.part(&inputs, &columns), inputs.start, packed.outputs, &at);
            if columns.len() == packed.panels.width() {
                let weights = S::as_simd_f32s(weights).0.as_chunks::<N>().0;
                Panel { weights, next, columns, first, outputs, start, at }.multiply(simd, y, x);
            } else {
                let weights = S::as_simd_f32s(weights).0.as_chunks::<1>().0;
                Panel { weights, next, columns, first, outputs, start, at }.multiply(simd, y, x);
            }
        }
    }
}

/// A panel of weights as vectors, and the destination of its product.
struct Panel<'a, V, A, const N: usize> {
    weights: &'a [[V; N]], // [inputs]
    next: &'a [f32],
    columns: Range<usize>,
    /// The first of the inputs.
    first: usize,
    outputs: usize,
    start: Start<'a>,
    at: &'a A,
}

impl<V: Copy, A: Fn(usize) -> usize, const N: usize> Panel<'_, V, A, N> {
    /// The columns of this panel in all rows.
    #[inline(always)]
    fn multiply<S: Simd<f32s = V>>(&self, simd: S, y: &mut [f32], x: &[f32]) {
        let mut row = 0;
        if S::REGISTER_COUNT >= 32 {
            row = self.tiles::<S, 8>(simd, y, x, row);
            row = self.tiles::<S, 4>(simd, y, x, row);
        } else {
            // Two tiles of four rows are faster than one of six and one of two, whose four sums wait for each other.
            let last = if y.len() / self.outputs % 6 == 2 { 8 * self.outputs } else { 0 };
            let sixes = y.len().saturating_sub(last);
            row = self.tiles::<S, 6>(simd, &mut y[..sixes], x, row);
            row = self.tiles::<S, 4>(simd, y, x, row);
        }
        row = self.tiles::<S, 2>(simd, y, x, row);
        self.tiles::<S, 1>(simd, y, x, row);
    }

    /// As many tiles of R rows as fit, from row `first` on. Returns the first row that is left.
    #[inline(always)]
    fn tiles<S: Simd<f32s = V>, const R: usize>(&self, simd: S, y: &mut [f32], x: &[f32], first: usize) -> usize {
        let y = y[first * self.outputs..].chunks_exact_mut(R * self.outputs);
        let left = first + R * y.len();
        for (i, y) in y.enumerate() {
            // The tiles share the next panel among them: one line for each input of each tile.
            let share = (first / R + i) * self.weights.len() * LINE;
            self.tile::<S, R>(simd, y, x, first + R * i, self.next.get(share..).unwrap_or(&[]));
        }
        left
    }

    /// This panel's columns of R rows from `row` on: the hot loop.
    #[inline(always)]
    fn tile<S: Simd<f32s = V>, const R: usize>(&self, simd: S, y: &mut [f32], x: &[f32], row: usize, next: &[f32]) {
        let mut sums = [[simd.splat_f32s(0.0); N]; R];
        let mut rows: [&[f32]; R] = [&[]; R];
        unrolled::<R>(
            #[inline(always)]
            |r| {
                rows[r] = &x[(self.at)(row + r) + self.first..][..self.weights.len()];
                match self.start {
                    Start::Zero => {}
                    Start::Bias(bias) => sums[r] = load(simd, &bias[self.columns.clone()]),
                    Start::Target => sums[r] = load(simd, &y[r * self.outputs..][self.columns.clone()]),
                }
            },
        );
        // Where nothing is left to fetch, a line that is there already is named again.
        let (next, line) = if next.is_empty() { (rows[0].as_ptr(), 0) } else { (next.as_ptr(), LINE) };
        for (k, weights) in self.weights.iter().enumerate() {
            simd::prefetch(next.wrapping_add(k * line));
            unrolled::<R>(
                #[inline(always)]
                |r| {
                    let x = simd.splat_f32s(rows[r][k]);
                    unrolled::<N>(
                        #[inline(always)]
                        |v| sums[r][v] = simd.mul_add_f32s(x, weights[v], sums[r][v]),
                    );
                },
            );
        }
        unrolled::<R>(
            #[inline(always)]
            |r| store::<S, N>(&mut y[r * self.outputs..][self.columns.clone()], sums[r]),
        );
    }
}

/// Up to N vectors; the columns that the last panel lacks are zeros.
#[inline(always)]
fn load<S: Simd, const N: usize>(simd: S, slice: &[f32]) -> [S::f32s; N] {
    if let Some(&whole) = S::as_simd_f32s(slice).0.first_chunk() {
        return whole;
    }
    let mut sums = [simd.splat_f32s(0.0); N];
    bytemuck::cast_slice_mut(&mut sums)[..slice.len()].copy_from_slice(slice);
    sums
}

#[inline(always)]
fn store<S: Simd, const N: usize>(slice: &mut [f32], sums: [S::f32s; N]) {
    if let Some(whole) = S::as_mut_simd_f32s(slice).0.first_chunk_mut::<N>() {
        // One by one: an assignment of the array becomes a call that copies memory.
        unrolled::<N>(
            #[inline(always)]
            |v| whole[v] = sums[v],
        );
        return;
    }
    slice.copy_from_slice(&bytemuck::cast_slice(&sums)[..slice.len()]);
}

#[cfg(test)]
mod tests;
