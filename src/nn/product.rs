//! Products of training, in the precision of the run.

use candle_core::Result;
use rayon::prelude::*;

use super::bf16::{self, Instructions, Operand};
use super::matrix::{self, Matrix};
use super::packed::{CHUNK, Packed, Start};
use super::precision::Precision;

/// Smallest matrix, in both dimensions, that is multiplied in bfloat16: a smaller one does not fill a vector.
const LEAST: usize = 16;

/// The instructions, if a product with a matrix of this shape needs them.
///
/// # Errors
/// A processor without them.
pub(super) fn instructions(precision: Precision, rows: usize, columns: usize) -> Result<Option<Instructions>> {
    if precision == Precision::F32 || rows.min(columns) < LEAST {
        return Ok(None);
    }
    match Instructions::of_this_processor() {
        Some(instructions) => Ok(Some(instructions)),
        None => candle_core::bail!("this processor does not multiply bfloat16"),
    }
}

/// A weight matrix [inputs, outputs], packed once and used for many rows.
pub enum Weight {
    F32(Packed),
    /// The columns of the matrix.
    Bf16(Operand, Instructions),
}

impl Weight {
    /// Packs a matrix [inputs, outputs].
    ///
    /// # Errors
    /// A dimension of 0, so many elements that their number overflows, or a processor without the instructions.
    pub fn new(matrix: Matrix, precision: Precision) -> Result<Weight> {
        Ok(match instructions(precision, matrix.rows, matrix.columns)? {
            Some(instructions) => Weight::Bf16(Operand::new(matrix.transpose(), instructions)?, instructions),
            None => Weight::F32(Packed::new(matrix)?),
        })
    }

    /// Inputs and outputs.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Weight::F32(packed) => packed.shape(),
            Weight::Bf16(columns, _) => (columns.depth(), columns.rows()),
        }
    }

    /// `multiply` for many rows, in parallel; `then` is called with each chunk of finished rows of y while it is in the
    /// cache.
    pub fn multiply_all(&self, y: &mut [f32], start: Start, x: &[f32], then: impl Fn(&mut [f32]) + Sync) -> Result<()> {
        let (inputs, outputs) = self.shape();
        y.par_chunks_mut(CHUNK * outputs).zip(x.par_chunks(CHUNK * inputs)).try_for_each(|(y, x)| {
            self.multiply(y, start, x)?;
            then(y);
            Ok(())
        })
    }

    /// y = start + x w for x [rows, inputs] and y [rows, outputs], both row-major, on the calling thread alone.
    pub fn multiply(&self, y: &mut [f32], start: Start, x: &[f32]) -> Result<()> {
        let inputs = self.shape().0;
        self.multiply_at(y, start, x, |row| row * inputs)
    }

    /// `multiply` where row i of the left side is x[at(i)..], so that rows may overlap like the windows of a sequence.
    pub fn multiply_at(&self, y: &mut [f32], start: Start, x: &[f32], at: impl Fn(usize) -> usize) -> Result<()> {
        match self {
            Weight::F32(packed) => packed.multiply_at(y, start, x, at),
            Weight::Bf16(columns, instructions) => {
                let rows = y.len() / columns.rows();
                if rows > 0 {
                    let left = Operand::gathered(x, rows, columns.depth(), at, *instructions)?;
                    bf16::multiply(y, start, &left, 0..rows, columns);
                }
            }
        }
        Ok(())
    }
}

/// target = a b, or target += a b where `add` is set; `target` is row-major [a.rows, b.columns].
///
/// # Errors
/// Dimensions that do not fit together, or a processor without the instructions.
pub fn matmul(target: &mut [f32], a: Matrix, b: Matrix, add: bool, precision: Precision) -> Result<()> {
    let fit = a.columns == b.rows && a.rows.checked_mul(b.columns) == Some(target.len()) && a.columns > 0;
    let Some(instructions) = instructions(precision, a.rows, b.columns)?.filter(|_| fit) else {
        return matrix::matmul(target, a, b, add);
    };
    let (left, right) = (Operand::new(a, instructions)?, Operand::new(b.transpose(), instructions)?);
    let start = if add { Start::Target } else { Start::Zero };
    // A part of the target per thread: each part reads the whole right side.
    let rows = a.rows.div_ceil(super::threads::count()).next_multiple_of(CHUNK);
    target.par_chunks_mut(rows * b.columns).enumerate().for_each(|(i, target)| {
        let first = i * rows;
        bf16::multiply(target, start, &left, first..first + target.len() / b.columns, &right);
    });
    Ok(())
}
