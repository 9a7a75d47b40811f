//! An LSTM layer over whole sequences (Hochreiter and Schmidhuber 1997) with backpropagation through time: one matmul per
//! step, and one for the gradient of the recurrent weights.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::Mutex;

use super::super::packed::Start;
use super::super::product::{Weight, matmul};
use super::super::simd;
use super::linear::column_sums;
use super::{Elements, Matrix, Precision, Scratch, buffer, operand, tensor};

/// Hidden states [time, batch, hidden] of an LSTM that starts from zeros, for x [time, batch, inputs]. Time is the first
/// axis, so that the rows of a step are contiguous.
///
/// `weight` [inputs + hidden + 1, 4 * hidden] stacks the weights of the input, the recurrent weights and the bias; its
/// columns are the gates in the order input, forget, candidate, output.
pub fn lstm(x: &Tensor, weight: &Tensor, precision: Precision) -> Result<Tensor> {
    x.contiguous()?.apply_op2(weight, Lstm { precision, tape: Mutex::default() })
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + simd::exp(-x))
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    2.0f32.mul_add(sigmoid(2.0 * x), -1.0)
}

/// One step of one row: `gates` [4 * hidden] become their activations, `cell` and `state` [hidden] are replaced.
#[inline(always)]
pub fn lstm_cell(gates: &mut [f32], cell: &mut [f32], state: &mut [f32]) {
    let hidden = cell.len();
    let (input, rest) = gates.split_at_mut(hidden);
    let (forget, rest) = rest.split_at_mut(hidden);
    let (candidate, output) = rest.split_at_mut(hidden);
    for i in 0..hidden {
        input[i] = sigmoid(input[i]);
        forget[i] = sigmoid(forget[i]);
        candidate[i] = tanh(candidate[i]);
        output[i] = sigmoid(output[i]);
        cell[i] = forget[i].mul_add(cell[i], input[i] * candidate[i]);
        state[i] = output[i] * tanh(cell[i]);
    }
}

/// Backward pass of one step of one row: `gates` hold the activations and become the gradient of their inputs; `dcell` is
/// carried to the step before.
#[inline(always)]
fn lstm_cell_backward(gates: &mut [f32], cell: &[f32], before: Option<&[f32]>, dstate: &[f32], dcell: &mut [f32]) {
    let hidden = cell.len();
    let (input, rest) = gates.split_at_mut(hidden);
    let (forget, rest) = rest.split_at_mut(hidden);
    let (candidate, output) = rest.split_at_mut(hidden);
    for k in 0..hidden {
        let (i, f, g, o, squashed) = (input[k], forget[k], candidate[k], output[k], tanh(cell[k]));
        let dc = (dstate[k] * o).mul_add(1.0 - squashed * squashed, dcell[k]);
        output[k] = dstate[k] * squashed * o * (1.0 - o);
        input[k] = dc * g * i * (1.0 - i);
        forget[k] = dc * before.map_or(0.0, |before| before[k]) * f * (1.0 - f);
        candidate[k] = dc * i * (1.0 - g * g);
        dcell[k] = dc * f;
    }
}

/// Results of the forward pass that the backward pass reads: activations [time, batch, 4 * hidden] and cells [time, batch, hidden].
struct Tape {
    gates: Scratch,
    cells: Scratch,
}

struct Lstm {
    precision: Precision,
    tape: Mutex<Option<Tape>>,
}

/// Sizes of a layer, and the parts of its weight.
struct Layer<'a> {
    batch: usize,
    inputs: usize,
    hidden: usize,
    weight: &'a [f32],
    precision: Precision,
}

impl<'a> Layer<'a> {
    fn new(batch: usize, inputs: usize, columns: usize, weight: &'a [f32], precision: Precision) -> Layer<'a> {
        Layer { batch, inputs, hidden: columns / 4, weight, precision }
    }

    fn input(&self) -> Result<Matrix<'a>> {
        Matrix::new(self.weight, self.inputs, 4 * self.hidden)
    }

    fn recurrent(&self) -> Result<Matrix<'a>> {
        Matrix::new(&self.weight[self.inputs * 4 * self.hidden..], self.hidden, 4 * self.hidden)
    }

    fn bias(&self) -> &'a [f32] {
        &self.weight[(self.inputs + self.hidden) * 4 * self.hidden..]
    }

    /// Elements of the hidden states of one time step.
    fn step(&self) -> usize {
        self.batch * self.hidden
    }
}

/// Hidden states and tape for x [time, batch, inputs].
fn run(layer: &Layer, x: &[f32]) -> Result<(Vec<f32>, Tape)> {
    let (step, hidden) = (layer.step(), layer.hidden);
    let input = Weight::new(layer.input()?, layer.precision)?;
    let rows = x.len() / layer.inputs;
    let mut gates = Scratch::new(rows * 4 * hidden);
    input.multiply_all(&mut gates, Start::Bias(layer.bias()), x, |_| {})?;
    let (mut cells, mut states) = (Scratch::new(rows * hidden), buffer(rows * hidden));
    let recurrent = Weight::new(layer.recurrent()?, layer.precision)?;
    for (t, gates) in gates.chunks_exact_mut(4 * step).enumerate() {
        let (before, states) = states.split_at_mut(t * step);
        let (cells_before, cells) = cells.split_at_mut(t * step);
        if t > 0 {
            recurrent.multiply_all(gates, Start::Target, &before[(t - 1) * step..], |_| {})?;
            cells[..step].copy_from_slice(&cells_before[(t - 1) * step..]);
        } else {
            cells[..step].fill(0.0);
        }
        let rows = cells[..step].par_chunks_mut(hidden).zip(states[..step].par_chunks_mut(hidden));
        gates.par_chunks_mut(4 * hidden).zip(rows).for_each(|(gates, (cell, state))| {
            simd::vectorised(
                #[inline(always)]
                || lstm_cell(gates, cell, state),
            )
        });
    }
    Ok((states, Tape { gates, cells }))
}

/// Replaces the activations on the tape by the gradient of the gates.
fn run_backward(layer: &Layer, tape: &mut Tape, dstates: &mut [f32]) -> Result<()> {
    let (step, hidden) = (layer.step(), layer.hidden);
    let recurrent = Weight::new(layer.recurrent()?.transpose(), layer.precision)?;
    let mut dcell = buffer(step);
    for t in (0..dstates.len() / step).rev() {
        let gates = &mut tape.gates[4 * t * step..4 * (t + 1) * step];
        let cells = &tape.cells;
        let (dbefore, dstate) = dstates[..(t + 1) * step].split_at_mut(t * step);
        let rows = dstate.par_chunks(hidden).zip(dcell.par_chunks_mut(hidden)).enumerate();
        gates.par_chunks_mut(4 * hidden).zip(rows).for_each(|(gates, (row, (dstate, dcell)))| {
            let cell = |t: usize| &cells[t * step + row * hidden..t * step + (row + 1) * hidden];
            let before = (t > 0).then(|| cell(t - 1));
            simd::vectorised(
                #[inline(always)]
                || lstm_cell_backward(gates, cell(t), before, dstate, dcell),
            )
        });
        if t > 0 {
            recurrent.multiply_all(&mut dbefore[(t - 1) * step..], Start::Target, gates, |_| {})?;
        }
    }
    Ok(())
}

/// Gradient of the weight, from the gradient of the gates.
fn weight_gradient(layer: &Layer, x: &[f32], states: &[f32], dgates: &[f32]) -> Result<Vec<f32>> {
    let (hidden, columns) = (layer.hidden, 4 * layer.hidden);
    let rows = dgates.len() / columns;
    let mut gradient = buffer(layer.weight.len());
    let (input, rest) = gradient.split_at_mut(layer.inputs * columns);
    let (recurrent, bias) = rest.split_at_mut(hidden * columns);
    let x = Matrix::new(x, rows, layer.inputs)?.transpose();
    matmul(input, x, Matrix::new(dgates, rows, columns)?, false, layer.precision)?;
    let later = rows - layer.batch;
    if later > 0 {
        let dgates = Matrix::new(&dgates[layer.batch * columns..], later, columns)?;
        let states = Matrix::new(states, later, hidden)?.transpose();
        matmul(recurrent, states, dgates, false, layer.precision)?;
    }
    bias.copy_from_slice(&column_sums(dgates, columns));
    Ok(gradient)
}

impl CustomOp2 for Lstm {
    fn name(&self) -> &'static str {
        "lstm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        weight: &CpuStorage,
        w_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (time, batch, inputs) = layout.shape().dims3()?;
        let columns = w_layout.shape().dims2()?.1;
        let layer = Layer::new(batch, inputs, columns, operand(weight, w_layout)?, self.precision);
        let (states, tape) = run(&layer, operand(x, layout)?)?;
        if let Ok(mut slot) = self.tape.lock() {
            *slot = Some(tape);
        }
        Ok((CpuStorage::F32(states), Shape::from((time, batch, layer.hidden))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        states: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (_, batch, inputs) = x.dims3()?;
        let Some(mut tape) = self.tape.lock().ok().and_then(|mut slot| slot.take()) else {
            candle_core::bail!("lstm: backward was called twice");
        };
        let (x_elements, w_elements, states) = (Elements::of(x), Elements::of(weight), Elements::of(states));
        let layer = Layer::new(batch, inputs, weight.dim(1)?, w_elements.slice()?, self.precision);
        let grad = grad.contiguous()?;
        let mut dstates = Elements::of(&grad).slice()?.to_vec();
        run_backward(&layer, &mut tape, &mut dstates)?;
        let dgates = tape.gates;
        let mut dx = buffer(x.elem_count());
        let input = Weight::new(layer.input()?.transpose(), self.precision)?;
        input.multiply_all(&mut dx, Start::Zero, &dgates, |_| {})?;
        let dweight = weight_gradient(&layer, x_elements.slice()?, states.slice()?, &dgates)?;
        Ok((Some(tensor(dx, x.shape())?), Some(tensor(dweight, weight.shape())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn gradients_are_right() {
        let (x, weight) = (check::normal(&[5, 3, 2], 1), check::normal(&[7, 16], 2));
        check::gradients(&[&x, &weight], 1e-2, || lstm(&x, &weight, Precision::F32));
    }

    #[test]
    fn the_reference_gives_the_same() {
        let (x, weight) = (check::normal(&[6, 9, 20], 1), check::normal(&[51, 120], 2));
        check::reference(
            &[&x, &weight],
            1e-4,
            || lstm(&x, &weight, Precision::F32),
            || crate::nn::reference::lstm(&x, &weight),
        );
    }

    #[test]
    fn one_step_works() {
        let (x, weight) = (check::normal(&[1, 2, 3], 1), check::normal(&[6, 8], 2));
        check::gradients(&[&x, &weight], 1e-2, || lstm(&x, &weight, Precision::F32));
    }
}
