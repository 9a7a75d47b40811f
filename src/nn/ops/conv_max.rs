//! Convolution over time, activation and max-over-time pooling in one operation, the feature extractor of Kim (2014),
//! "Convolutional neural networks for sentence classification". Only the window with the maximum has a gradient.

use candle_core::{CpuStorage, CustomOp3, Error, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::OnceLock;

use super::super::packed::{CHUNK, Start};
use super::super::product::Weight;
use super::super::simd;
use super::linear::column_sums;
use super::{Activation, Elements, Matrix, Precision, Scratch, buffer, operand, tensor};

/// max(x, x / 5) is monotonic, so the activation is applied after the maximum.
const ACTIVATION: Activation = Activation::LeakyRelu;

/// Rows of a transposed weight matrix that one thread takes at a time, few enough to stay in the cache with the windows.
const FILTERS: usize = 16;

/// Largest response of each filter over time: max over t of leaky(window_t w + b) for x [rows, time, channels],
/// w [width * channels, filters], b [filters] -> [rows, filters].
///
/// Ties go to the first window. Gradients are computed only for arguments that belong to a graph.
pub fn conv_max(x: &Tensor, w: &Tensor, b: &Tensor, precision: Precision) -> Result<Tensor> {
    let (_, time, channels) = x.dims3()?;
    let inputs = w.dim(0)?;
    if inputs % channels != 0 || inputs > time * channels {
        candle_core::bail!("conv-max: {inputs} inputs are no window of {time} x {channels}");
    }
    let windows = Windows { time, channels, steps: time + 1 - inputs / channels };
    x.contiguous()?.apply_op3(w, b, ConvMax { windows, precision, winners: OnceLock::new() })
}

/// The windows of all rows of x, read in place without copies.
#[derive(Clone, Copy)]
struct Windows {
    time: usize,
    channels: usize,
    /// Windows of a row.
    steps: usize,
}

impl Windows {
    /// Elements of a row.
    fn row(self) -> usize {
        self.time * self.channels
    }

    /// Rows that are computed together: about [`CHUNK`] windows.
    fn rows_together(self) -> usize {
        CHUNK.div_ceil(self.steps)
    }

    /// Where window `index` of rows * steps begins.
    #[inline(always)]
    fn start(self, index: usize) -> usize {
        (index / self.steps * self.time + index % self.steps) * self.channels
    }
}

struct ConvMax {
    windows: Windows,
    /// Of the responses; the gradients, of one window for each filter, are no matrix products.
    precision: Precision,
    /// The step with the largest response of each filter, [rows, filters].
    winners: OnceLock<Vec<u32>>,
}

/// The maximum over the responses [steps, filters] of one row, and its step, for each filter.
#[inline(always)]
fn largest(y: &mut [f32], winners: &mut [u32], responses: &[f32]) {
    y.copy_from_slice(&responses[..y.len()]);
    winners.fill(0);
    for (t, responses) in (1..).zip(responses[y.len()..].chunks_exact(y.len())) {
        for ((y, winner), &response) in y.iter_mut().zip(winners.iter_mut()).zip(responses) {
            let wins = response > *y;
            *y = if wins { response } else { *y };
            *winner = if wins { t } else { *winner };
        }
    }
    y.iter_mut().for_each(|y| *y = ACTIVATION.apply(*y));
}

impl CustomOp3 for ConvMax {
    fn name(&self) -> &'static str {
        "conv-max"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, w, b) = (operand(x, x_layout)?, operand(w, w_layout)?, operand(b, b_layout)?);
        let (rows, filters, windows) = (x_layout.dims()[0], b.len(), self.windows);
        let packed = Weight::new(Matrix::new(w, w.len() / filters, filters)?, self.precision)?;
        let (mut y, mut winners) = (buffer(rows * filters), vec![0; rows * filters]);
        let together = windows.rows_together();
        let results = y.par_chunks_mut(together * filters).zip(winners.par_chunks_mut(together * filters));
        results.zip(x.par_chunks(together * windows.row())).try_for_each(|((y, winners), x)| {
            let mut responses = Scratch::new(y.len() * windows.steps);
            packed.multiply_at(
                &mut responses,
                Start::Bias(b),
                x,
                #[inline(always)]
                |window| windows.start(window),
            )?;
            let rows = y.chunks_exact_mut(filters).zip(winners.chunks_exact_mut(filters));
            rows.zip(responses.chunks_exact(windows.steps * filters)).for_each(|((y, winners), responses)| {
                simd::vectorised(
                    #[inline(always)]
                    || largest(y, winners, responses),
                )
            });
            Ok::<_, Error>(())
        })?;
        // An operation runs forward once, so the winners cannot be there yet.
        let _ = self.winners.set(winners);
        Ok((CpuStorage::F32(y), Shape::from((rows, filters))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (inputs, filters) = w.dims2()?;
        let grad = grad.contiguous()?;
        let (x_elements, w_elements, y, grad) =
            (Elements::of(x), Elements::of(w), Elements::of(y), Elements::of(&grad));
        let slopes = y.slice()?.iter().map(|&y| ACTIVATION.slope(y));
        let dy: Vec<f32> = grad.slice()?.iter().zip(slopes).map(|(grad, slope)| grad * slope).collect();
        let Some(winners) = self.winners.get() else { candle_core::bail!("conv-max: backward before forward") };
        let won = Won { dy: &dy, winners, filters, inputs, windows: self.windows };
        let dx = x.track_op().then(|| -> Result<Tensor> { tensor(won.dx(w_elements.slice()?), x.shape()) });
        let dw = w.track_op().then(|| -> Result<Tensor> { tensor(won.dw(x_elements.slice()?), w.shape()) });
        let db = b.track_op().then(|| tensor(column_sums(&dy, filters), b.shape()));
        Ok((dx.transpose()?, dw.transpose()?, db.transpose()?))
    }
}

/// The gradient of the windows with the largest responses; that of all others is 0.
struct Won<'a> {
    /// Gradient before the activation, [rows, filters].
    dy: &'a [f32],
    winners: &'a [u32],
    filters: usize,
    inputs: usize,
    windows: Windows,
}

impl Won<'_> {
    /// The gradient of a filter in a row, and the range of its window in the elements of that row.
    #[inline(always)]
    fn get(&self, row: usize, filter: usize) -> (f32, Range<usize>) {
        let index = row * self.filters + filter;
        let start = self.winners[index] as usize * self.windows.channels;
        (self.dy[index], start..start + self.inputs)
    }

    /// Gradient of x: the filters, added at their windows.
    fn dx(&self, w: &[f32]) -> Vec<f32> {
        let turned = transposed(w, self.filters); // [filters, inputs]
        let size = self.windows.row();
        let together = self.windows.rows_together();
        let mut dx = buffer(self.dy.len() / self.filters * size);
        dx.par_chunks_mut(together * size).enumerate().for_each(|(chunk, dx)| {
            simd::vectorised(
                #[inline(always)]
                || {
                    // The filter stays in the cache for some rows.
                    for (filter, weights) in turned.chunks_exact(self.inputs).enumerate() {
                        for (row, dx) in (chunk * together..).zip(dx.chunks_exact_mut(size)) {
                            let (dy, window) = self.get(row, filter);
                            // Lines of padding have no gradient.
                            if dy != 0.0 {
                                simd::axpy(&mut dx[window], dy, weights);
                            }
                        }
                    }
                },
            )
        });
        dx
    }

    /// Gradient of w: the windows, added to their filters, in the order of the rows.
    fn dw(&self, x: &[f32]) -> Vec<f32> {
        let size = self.windows.row();
        let together = self.windows.rows_together();
        let mut turned = buffer(self.filters * self.inputs); // [filters, inputs]
        turned.par_chunks_mut(FILTERS * self.inputs).enumerate().for_each(|(chunk, turned)| {
            simd::vectorised(
                #[inline(always)]
                || {
                    // Some rows stay in the cache for the filters.
                    for (first, x) in (0..).step_by(together).zip(x.chunks(together * size)) {
                        for (filter, dw) in (chunk * FILTERS..).zip(turned.chunks_exact_mut(self.inputs)) {
                            for (row, x) in (first..).zip(x.chunks_exact(size)) {
                                let (dy, window) = self.get(row, filter);
                                if dy != 0.0 {
                                    simd::axpy(dw, dy, &x[window]);
                                }
                            }
                        }
                    }
                },
            )
        });
        transposed(&turned, self.inputs)
    }
}

/// The transpose of a row-major matrix [rows, columns].
fn transposed(matrix: &[f32], columns: usize) -> Vec<f32> {
    /// Rows at a time; their targets fill a cache line.
    const LINE: usize = 16;
    let rows = matrix.len() / columns;
    let mut turned = buffer(matrix.len());
    for (block, part) in matrix.chunks(LINE * columns).enumerate() {
        for (column, turned) in turned.chunks_exact_mut(rows).enumerate() {
            for (target, row) in turned[block * LINE..].iter_mut().zip(part.chunks_exact(columns)) {
                *target = row[column];
            }
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use crate::nn::reference;
    use candle_core::{DType, Device, Var};

    fn parts(rows: usize, time: usize, channels: usize, width: usize, filters: usize) -> (Var, Var, Var) {
        let w = check::normal(&[width * channels, filters], 2);
        (check::normal(&[rows, time, channels], 1), w, check::normal(&[filters], 3))
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn gradients_are_right() {
        for (time, width) in [(5, 2), (4, 1), (3, 3)] {
            let (x, w, b) = parts(4, time, 3, width, 5);
            check::gradients_with(1e-3, &[&x, &w, &b], 2e-2, || conv_max(&x, &w, &b, Precision::F32));
        }
    }

    #[test]
    fn the_reference_gives_the_same() {
        // More rows than one chunk, more filters than one panel of any processor.
        for (time, width) in [(9, 1), (9, 4), (5, 5), (70, 3)] {
            let (x, w, b) = parts(41, time, 6, width, 50);
            check::reference(
                &[&x, &w, &b],
                1e-5,
                || conv_max(&x, &w, &b, Precision::F32),
                || reference::conv_max(&x, &w, &b),
            );
        }
    }

    #[test]
    fn the_first_of_tied_windows_gets_the_gradient() {
        let ones = |shape: &[usize]| Var::ones(shape, DType::F32, &Device::Cpu).unwrap();
        let (x, w, b) = (ones(&[1, 4, 2]), ones(&[4, 3]), ones(&[3]));
        let grads = conv_max(&x, &w, &b, Precision::F32).unwrap().sum_all().unwrap().backward().unwrap();
        assert_eq!(values(grads.get(&x).unwrap()), [3.0, 3.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(values(grads.get(&b).unwrap()), [1.0; 3]);
    }

    #[test]
    fn only_what_belongs_to_a_graph_gets_a_gradient() {
        let (x, w, b) = parts(2, 5, 3, 2, 4);
        let (frozen_x, frozen_w, frozen_b) = (x.as_detached_tensor(), w.as_detached_tensor(), b.as_detached_tensor());
        let grads = |x: &Tensor, w: &Tensor, b: &Tensor| {
            conv_max(x, w, b, Precision::F32).unwrap().sum_all().unwrap().backward()
        };
        let of_x = grads(&x, &frozen_w, &frozen_b).unwrap();
        assert!(of_x.get(&x).is_some() && of_x.get(&frozen_w).is_none() && of_x.get(&frozen_b).is_none());
        let of_w = grads(&frozen_x, &w, &b).unwrap();
        assert!(of_w.get(&frozen_x).is_none() && of_w.get(&w).is_some() && of_w.get(&b).is_some());
    }

    #[test]
    fn windows_longer_than_the_sequence_are_an_error() {
        let (x, w, b) = parts(2, 3, 2, 4, 4);
        assert!(conv_max(&x, &w, &b, Precision::F32).is_err());
    }
}
