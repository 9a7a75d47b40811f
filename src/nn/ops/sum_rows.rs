//! Sums of embedding rows, the input of a generator, in one pass.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::super::simd;
use super::{Elements, buffer, operand, tensor};

/// What is summed at each position.
pub struct SumRows {
    /// Pairs of a table (0, 1 or 2) and the row of it for each position, [positions].
    pub parts: Vec<(usize, Vec<u32>)>,
    /// Factor on the sum.
    pub scale: f32,
}

/// scale * the sum of the rows that `sum` names, [positions, width], with gradients for the tables [.., width].
pub fn sum_rows(tables: [&Tensor; 3], sum: SumRows) -> Result<Tensor> {
    let [a, b, c] = tables;
    a.contiguous()?.apply_op3(&b.contiguous()?, &c.contiguous()?, sum)
}

impl SumRows {
    fn positions(&self) -> usize {
        self.parts.first().map_or(0, |(_, rows)| rows.len())
    }

    /// Gradient of one table.
    fn gradient(&self, table: usize, len: usize, grad: &[f32], width: usize) -> Vec<f32> {
        let mut gradient = buffer(len);
        for (_, rows) in self.parts.iter().filter(|(of, _)| *of == table) {
            for (row, grad) in rows.iter().zip(grad.chunks_exact(width)) {
                let start = *row as usize * width;
                simd::vectorised(
                    #[inline(always)]
                    || simd::axpy(&mut gradient[start..start + width], self.scale, grad),
                );
            }
        }
        gradient
    }
}

impl CustomOp3 for SumRows {
    fn name(&self) -> &'static str {
        "sum-rows"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
        c: &CpuStorage,
        c_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let tables = [operand(a, a_layout)?, operand(b, b_layout)?, operand(c, c_layout)?];
        let (_, width) = a_layout.shape().dims2()?;
        let mut out = buffer(self.positions() * width);
        out.par_chunks_mut(width).enumerate().for_each(|(position, out)| {
            for (table, rows) in &self.parts {
                let start = rows[position] as usize * width;
                out.iter_mut().zip(&tables[*table][start..start + width]).for_each(|(out, x)| *out += x);
            }
            out.iter_mut().for_each(|out| *out *= self.scale);
        });
        Ok((CpuStorage::F32(out), Shape::from((self.positions(), width))))
    }

    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        c: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let (grad, width) = (Elements::of(&grad), a.dim(1)?);
        let of = |table: usize, like: &Tensor| -> Result<Option<Tensor>> {
            let gradient = self.gradient(table, like.elem_count(), grad.slice()?, width);
            tensor(gradient, like.shape()).map(Some)
        };
        Ok((of(0, a)?, of(1, b)?, of(2, c)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    fn sum() -> SumRows {
        let parts = vec![(0, vec![4, 0, 4]), (1, vec![1, 2, 3]), (1, vec![0, 0, 3]), (2, vec![0, 1, 1])];
        SumRows { parts, scale: 0.5 }
    }

    #[test]
    fn gradients_are_right() {
        let (a, b, c) = (check::normal(&[5, 3], 1), check::normal(&[4, 3], 2), check::normal(&[2, 3], 3));
        check::gradients(&[&a, &b, &c], 1e-2, || sum_rows([&a, &b, &c], sum()));
    }

    #[test]
    fn the_reference_gives_the_same() {
        let (a, b, c) = (check::normal(&[5, 3], 1), check::normal(&[4, 3], 2), check::normal(&[2, 3], 3));
        let fused = || sum_rows([&a, &b, &c], sum());
        check::reference(&[&a, &b, &c], 1e-6, fused, || crate::nn::reference::sum_rows([&a, &b, &c], &sum()));
    }
}
