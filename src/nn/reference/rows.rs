//! Gathering, embedding sums and dropout.

use std::ops::Range;

use candle_core::{Result, Tensor};
use candle_nn::{Embedding, Module};
use rand::RngCore;

use crate::nn::ops::SumRows;
use crate::random;

/// Elements that draw from one stream of dropout.
const CHUNK: usize = 4096;

/// The `columns` of rows `ids` of x [rows, width]; the id `rows` stands for zeros. -> [ids, columns]
pub fn gather_rows(x: &Tensor, columns: Range<usize>, ids: &[u32]) -> Result<Tensor> {
    let padded = x.narrow(1, columns.start, columns.len())?.pad_with_zeros(0, 0, 1)?; // [rows + 1, columns]
    padded.contiguous()?.index_select(&Tensor::new(ids, x.device())?, 0)
}

/// scale * the sum of the rows that `sum` names of the tables [.., width]. -> [positions, width]
pub fn sum_rows(tables: [&Tensor; 3], sum: &SumRows) -> Result<Tensor> {
    let width = tables[0].dim(1)?;
    let rows = sum.parts.iter().map(|(table, ids)| {
        let ids = Tensor::new(ids.as_slice(), tables[*table].device())?;
        Embedding::new(tables[*table].clone(), width).forward(&ids) // [positions, width]
    });
    Tensor::stack(&rows.collect::<Result<Vec<_>>>()?, 0)?.sum(0)? * f64::from(sum.scale)
}

/// `residual` + dropout(x), by a product with the mask of `seed`.
pub fn add_dropout(residual: &Tensor, x: &Tensor, rate: f32, seed: u64) -> Result<Tensor> {
    let mask = Tensor::from_vec(dropout_mask(x.elem_count(), rate, seed), x.shape(), x.device())?;
    residual + (x * mask)?
}

/// 0 where an element is dropped, else 1 / (1 - rate); two sixteen-bit draws from each random word.
fn dropout_mask(len: usize, rate: f32, seed: u64) -> Vec<f32> {
    let threshold = (rate * 65_536.0).round();
    let scale = 1.0 / (1.0 - threshold / 65_536.0);
    let mut mask = vec![0.0; len];
    for (index, chunk) in mask.chunks_mut(CHUNK).enumerate() {
        let mut rng = random::stream(seed, "dropout", index as u64);
        for pair in chunk.chunks_mut(2) {
            let word = rng.next_u32();
            for (x, draw) in pair.iter_mut().zip([word & 0xffff, word >> 16]) {
                *x = if draw as f32 >= threshold { scale } else { 0.0 };
            }
        }
    }
    mask
}
