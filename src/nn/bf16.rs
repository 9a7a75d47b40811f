//! Matrix products in bfloat16 with 32-bit sums, for processors with AVX512-BF16.
//!
//! `vdpbf16ps` multiplies two vectors of 16 pairs of bfloat16 and adds the two products of each pair to a 32-bit sum: twice
//! the products of a 32-bit multiply-add. So both factors are packed as pairs along the inner dimension. The rounding is to
//! the nearest, ties to even; the instruction itself flushes subnormals.
//!
//! Every element of a result is one chain over the inner dimension, so its bits depend neither on the other rows nor on
//! the number of threads.

#[cfg(target_arch = "x86_64")]
mod kernel;
#[cfg(target_arch = "x86_64")]
mod pack;

use std::ops::Range;

use candle_core::Result;
use pulp::bytemuck;

use super::matrix::Matrix;
use super::packed::Start;
use super::scratch::Scratch;

/// Rows of a panel, the lanes of a vector.
pub const PANEL: usize = 16;
/// Elements of a row that a product takes at a time: then three panels of the right side stay in the L1 cache.
const DEPTH: usize = 256;
/// Panels of the right side, and rows of the left one, of a tile: 24 of 32 registers hold sums.
const TILE_PANELS: usize = 3;
const TILE_ROWS: usize = 8;

/// Proof that the processor has the instructions: AVX512-BF16, and AVX512-F and -BW.
#[derive(Clone, Copy)]
pub struct Instructions(());

impl Instructions {
    /// `None` on a processor without them.
    pub fn of_this_processor() -> Option<Instructions> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512bf16")
        {
            return Some(Instructions(()));
        }
        None
    }
}

/// One side of a product, rounded and packed: the rows of the left factor, or the columns of the right one.
///
/// For each block of `DEPTH` elements, for each panel of 16 rows: [pairs of elements, 16 rows]. What a panel or a pair
/// lacks is 0.
pub struct Operand {
    /// Two bfloat16 in each element.
    memory: Scratch,
    /// Where the first block begins, aligned to a cache line.
    first: usize,
    rows: usize,
    depth: usize,
    instructions: Instructions,
}

impl Operand {
    /// The rows of `matrix`: that is the left factor, or the transpose of the right one.
    ///
    /// # Errors
    /// A dimension of 0, or so many elements that their number overflows.
    pub fn new(matrix: Matrix, instructions: Instructions) -> Result<Operand> {
        let (rows, depth) = (matrix.rows, matrix.columns);
        if !matrix.transposed {
            return Operand::gathered(matrix.data, rows, depth, |row| row * depth, instructions);
        }
        let mut operand = Operand::empty(rows, depth, instructions)?;
        for block in blocks(depth) {
            let data = &matrix.data[block.start * rows..block.end * rows];
            operand.fill(&block, |panels, instructions| pack_columns(panels, data, rows, instructions));
        }
        Ok(operand)
    }

    /// `rows` rows of `depth` elements, of which row i is x[at(i)..].
    ///
    /// # Errors
    /// As for `new`.
    pub fn gathered(
        x: &[f32],
        rows: usize,
        depth: usize,
        at: impl Fn(usize) -> usize,
        instructions: Instructions,
    ) -> Result<Operand> {
        let mut operand = Operand::empty(rows, depth, instructions)?;
        for block in blocks(depth) {
            let size = PANEL * block.len().div_ceil(2);
            operand.fill(&block, |panels, instructions| {
                for (i, panel) in panels.chunks_exact_mut(size).enumerate() {
                    let mut own: [&[f32]; PANEL] = [&[]; PANEL];
                    for (own, row) in own.iter_mut().zip(i * PANEL..rows) {
                        *own = &x[at(row)..][block.clone()];
                    }
                    pack_rows(panel, &own, instructions);
                }
            });
        }
        Ok(operand)
    }

    fn empty(rows: usize, depth: usize, instructions: Instructions) -> Result<Operand> {
        let padded = rows.checked_next_multiple_of(PANEL).and_then(|rows| rows.checked_mul(depth.div_ceil(2)));
        let Some(len) = padded.filter(|&len| 0 < len && len < usize::MAX - PANEL) else {
            candle_core::bail!("a matrix of {rows} x {depth} cannot be packed");
        };
        let memory = Scratch::new(len + PANEL - 1);
        let first = memory.as_ptr().align_offset(PANEL * size_of::<f32>());
        Ok(Operand { memory, first, rows, depth, instructions })
    }

    fn fill(&mut self, block: &Range<usize>, pack: impl FnOnce(&mut [u32], Instructions)) {
        let place = self.place(block, 0..self.panels());
        pack(&mut bytemuck::cast_slice_mut(&mut self.memory)[place], self.instructions);
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn depth(&self) -> usize {
        self.depth
    }

    fn panels(&self) -> usize {
        self.rows.div_ceil(PANEL)
    }

    /// Where these panels of a block are in the memory, [panel, pair, row].
    fn place(&self, block: &Range<usize>, panels: Range<usize>) -> Range<usize> {
        let pairs = block.len().div_ceil(2);
        let start = self.first + PANEL * (block.start / 2 * self.panels() + panels.start * pairs);
        start..start + PANEL * pairs * panels.len()
    }

    fn part(&self, block: &Range<usize>, panels: Range<usize>) -> &[u32] {
        &bytemuck::cast_slice(&self.memory)[self.place(block, panels)]
    }
}

/// The elements of a row, `DEPTH` at a time.
fn blocks(depth: usize) -> impl Iterator<Item = Range<usize>> {
    (0..depth).step_by(DEPTH).map(move |first| first..depth.min(first + DEPTH))
}

/// Some rows of a tile, and the panels of its columns.
struct Tile<'a> {
    /// A panel of the left side, [pairs, 16 rows].
    left: &'a [u32],
    /// The first row of the tile in that panel.
    row: usize,
    /// Panels of the right side, [panel, pairs, 16 columns].
    right: &'a [u32],
    start: Start<'a>,
    /// Columns of the tile.
    columns: usize,
    /// Of the whole result.
    outputs: usize,
}

/// y = start + left right^T for these `rows` of the left side, the first of which begins a panel; y is
/// [rows, right.rows()], row-major.
pub fn multiply(y: &mut [f32], start: Start, left: &Operand, rows: Range<usize>, right: &Operand) {
    multiply_from(y, start, left, rows, right, 0);
}

/// [`multiply`] without the first `panels` times 16 columns; y is [rows, the other columns].
pub fn multiply_from(y: &mut [f32], start: Start, left: &Operand, rows: Range<usize>, right: &Operand, panels: usize) {
    let skipped = panels * PANEL;
    let outputs = right.rows - skipped;
    assert_eq!((left.depth, rows.len() * outputs), (right.depth, y.len()), "sizes of a matrix product");
    assert!(rows.start.is_multiple_of(PANEL) && rows.end <= left.rows, "rows of a matrix product");
    for block in blocks(left.depth) {
        // Later elements are added to what the earlier ones gave.
        let start = if block.start == 0 { start } else { Start::Target };
        for first in (panels..right.panels()).step_by(TILE_PANELS) {
            let panels = first..right.panels().min(first + TILE_PANELS);
            let columns = first * PANEL - skipped..outputs.min(panels.end * PANEL - skipped);
            let start = match start {
                Start::Bias(bias) => Start::Bias(&bias[columns.clone()]),
                other => other,
            };
            let right = right.part(&block, panels);
            for row in rows.clone().step_by(TILE_ROWS) {
                let panel = left.part(&block, row / PANEL..row / PANEL + 1);
                let tile = Tile { left: panel, row: row % PANEL, right, start, columns: columns.len(), outputs };
                let y = &mut y[(row - rows.start) * outputs + columns.start..];
                compute(y, &tile, (rows.end - row).min(TILE_ROWS), left.instructions);
            }
        }
    }
}

/// Fills a panel [pairs, 16] from rows of equal length; absent ones are empty.
fn pack_rows(panel: &mut [u32], rows: &[&[f32]; PANEL], instructions: Instructions) {
    let Instructions(()) = instructions;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the processor has the instructions.
    unsafe {
        pack::rows(panel, rows);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (panel, rows);
}

/// Fills the panels [panel, pairs, 16] of a block from their transpose, `data` [elements, rows].
fn pack_columns(panels: &mut [u32], data: &[f32], rows: usize, instructions: Instructions) {
    let Instructions(()) = instructions;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the processor has the instructions.
    unsafe {
        pack::columns(panels, data, rows);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (panels, data, rows);
}

/// The first `rows` rows of a tile; y begins with its first element.
fn compute(y: &mut [f32], tile: &Tile, rows: usize, instructions: Instructions) {
    let Instructions(()) = instructions;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the processor has the instructions.
    unsafe {
        kernel::tile(rows, tile.right.len() / tile.left.len())(y, tile);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (y, tile, rows);
}

#[cfg(test)]
mod tests;
