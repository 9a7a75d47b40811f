//! Rows of a matrix by index, with an index for a row of zeros (padding and dropped tokens).

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use std::ops::Range;

use super::{Elements, buffer, operand, tensor};

/// The `columns` of rows `ids` of x [rows, width] -> [ids, columns]; the id `rows` stands for a row of zeros.
pub fn gather_rows(x: &Tensor, columns: Range<usize>, ids: Vec<u32>) -> Result<Tensor> {
    let (rows, width) = x.dims2()?;
    if columns.end > width || ids.iter().any(|&id| id as usize > rows) {
        candle_core::bail!("gather-rows: columns or rows that a matrix {rows} x {width} does not have");
    }
    x.contiguous()?.apply_op1(GatherRows { columns, ids })
}

struct GatherRows {
    columns: Range<usize>,
    ids: Vec<u32>,
}

impl GatherRows {
    /// Range of the columns of each row in a matrix [.., width].
    fn places(&self, width: usize) -> impl Iterator<Item = Range<usize>> {
        self.ids.iter().map(move |&id| {
            let row = id as usize * width;
            row + self.columns.start..row + self.columns.end
        })
    }
}

impl CustomOp1 for GatherRows {
    fn name(&self) -> &'static str {
        "gather-rows"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, width) = layout.shape().dims2()?;
        let x = operand(x, layout)?;
        let mut y = buffer(self.ids.len() * self.columns.len());
        for (y, place) in y.chunks_exact_mut(self.columns.len()).zip(self.places(width)) {
            if let Some(x) = x.get(place) {
                y.copy_from_slice(x);
            }
        }
        Ok((CpuStorage::F32(y), Shape::from((self.ids.len(), self.columns.len()))))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (_, width) = x.dims2()?;
        let grad = grad.contiguous()?;
        let grad = Elements::of(&grad);
        let mut dx = buffer(x.elem_count());
        for (grad, place) in grad.slice()?.chunks_exact(self.columns.len()).zip(self.places(width)) {
            if let Some(dx) = dx.get_mut(place) {
                dx.iter_mut().zip(grad).for_each(|(dx, grad)| *dx += grad);
            }
        }
        Ok(Some(tensor(dx, x.shape())?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn rows_are_gathered_and_the_last_id_is_zeros() {
        let x = Tensor::arange(0f32, 6.0, &candle_core::Device::Cpu).unwrap().reshape((2, 3)).unwrap();
        let y = gather_rows(&x, 1..3, vec![1, 2, 0, 1]).unwrap();
        assert_eq!(y.to_vec2::<f32>().unwrap(), [[4.0, 5.0], [0.0, 0.0], [1.0, 2.0], [4.0, 5.0]]);
        assert!(gather_rows(&x, 0..3, vec![3]).is_err() && gather_rows(&x, 0..4, vec![0]).is_err());
    }

    #[test]
    fn the_reference_gives_the_same() {
        let (x, ids) = (check::normal(&[4, 5], 1), [3, 4, 0, 3, 2]);
        let fused = || gather_rows(&x, 1..4, ids.to_vec());
        check::reference(&[&x], 1e-6, fused, || crate::nn::reference::gather_rows(&x, 1..4, &ids));
    }

    #[test]
    fn gradients_are_right() {
        let x = check::normal(&[4, 5], 1);
        check::gradients(&[&x], 1e-2, || gather_rows(&x, 1..4, vec![3, 4, 0, 3, 2]));
    }
}
