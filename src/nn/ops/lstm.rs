//! An LSTM layer over whole sequences (Hochreiter and Schmidhuber 1997) with its own backward pass through time: one
//! matmul a step, and one for the whole gradient of the recurrent weights.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::{Arc, Mutex};

use super::super::simd;
use super::{Elements, Matrix, buffer, matmul, operand, tensor};

/// Hidden states [batch, time, hidden] of an LSTM that starts from zeros.
///
/// `gates` [batch, time, 4 * hidden] is the input part of the gates (x w + b, in the order input, forget, candidate,
/// output), `recurrent` [hidden, 4 * hidden] the weights of the state before.
pub fn lstm(gates: &Tensor, recurrent: &Tensor) -> Result<Tensor> {
    gates.contiguous()?.apply_op2(recurrent, Lstm { tape: Arc::default() })
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

/// The step backwards: `gates` hold the activations and receive the gradient before them; `dcell` is carried.
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

/// What the backward pass needs, all time-major: activations [time, batch, 4 * hidden], cells and states
/// [time, batch, hidden].
struct Tape {
    gates: Vec<f32>,
    cells: Vec<f32>,
    states: Vec<f32>,
}

struct Lstm {
    tape: Arc<Mutex<Option<Tape>>>,
}

/// Swaps the two leading axes of [a, b, width].
fn swap_axes(data: &[f32], a: usize, b: usize, width: usize) -> Vec<f32> {
    let mut swapped = buffer(data.len());
    swapped.par_chunks_mut(width).enumerate().for_each(|(row, target)| {
        let at = ((row % a) * b + row / a) * width;
        target.copy_from_slice(&data[at..at + width]);
    });
    swapped
}

fn run(gates: &[f32], recurrent: &[f32], batch: usize, time: usize, hidden: usize) -> Tape {
    let mut gates = swap_axes(gates, batch, time, 4 * hidden); // [time, batch, 4 * hidden]
    let (mut cells, mut states) = (buffer(time * batch * hidden), buffer(time * batch * hidden));
    let recurrent = Matrix::new(recurrent, hidden, 4 * hidden);
    let step = batch * hidden;
    for t in 0..time {
        let gates = &mut gates[4 * t * step..4 * (t + 1) * step];
        let (before, states) = states.split_at_mut(t * step);
        let (cells_before, cells) = cells.split_at_mut(t * step);
        if t > 0 {
            matmul(gates, Matrix::new(&before[(t - 1) * step..], batch, hidden), recurrent, true);
            cells[..step].copy_from_slice(&cells_before[(t - 1) * step..]);
        }
        let rows = cells[..step].par_chunks_mut(hidden).zip(states[..step].par_chunks_mut(hidden));
        gates.par_chunks_mut(4 * hidden).zip(rows).for_each(|(gates, (cell, state))| {
            simd::vectorised(
                #[inline(always)]
                || lstm_cell(gates, cell, state),
            )
        });
    }
    Tape { gates, cells, states }
}

/// Replaces the activations on the tape by the gradient of the gates.
fn run_backward(tape: &mut Tape, recurrent: &[f32], dstates: &mut [f32], batch: usize, hidden: usize) {
    let step = batch * hidden;
    let recurrent = Matrix::new(recurrent, hidden, 4 * hidden).transpose();
    let mut dcell = buffer(step);
    for t in (0..dstates.len() / step).rev() {
        let gates = &mut tape.gates[4 * t * step..4 * (t + 1) * step];
        let cells = &tape.cells;
        let dstate = &dstates[t * step..(t + 1) * step];
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
            let target = &mut dstates[(t - 1) * step..t * step];
            matmul(target, Matrix::new(gates, batch, 4 * hidden), recurrent, true);
        }
    }
}

impl CustomOp2 for Lstm {
    fn name(&self) -> &'static str {
        "lstm"
    }

    fn cpu_fwd(
        &self,
        gates: &CpuStorage,
        layout: &Layout,
        recurrent: &CpuStorage,
        r_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (batch, time, _) = layout.shape().dims3()?;
        let hidden = r_layout.shape().dims2()?.0;
        let tape = run(operand(gates, layout)?, operand(recurrent, r_layout)?, batch, time, hidden);
        let states = swap_axes(&tape.states, time, batch, hidden);
        if let Ok(mut slot) = self.tape.lock() {
            *slot = Some(tape);
        }
        Ok((CpuStorage::F32(states), Shape::from((batch, time, hidden))))
    }

    fn bwd(
        &self,
        gates: &Tensor,
        recurrent: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (batch, time, hidden) = grad.dims3()?;
        let Some(mut tape) = self.tape.lock().ok().and_then(|mut slot| slot.take()) else {
            candle_core::bail!("lstm: backward was called twice");
        };
        let grad = grad.contiguous()?;
        let mut dstates = swap_axes(Elements::of(&grad).slice()?, batch, time, hidden);
        run_backward(&mut tape, Elements::of(recurrent).slice()?, &mut dstates, batch, hidden);
        let mut drecurrent = buffer(4 * hidden * hidden);
        let rows = (time - 1) * batch;
        let dgates = Matrix::new(&tape.gates[4 * batch * hidden..], rows, 4 * hidden);
        matmul(&mut drecurrent, Matrix::new(&tape.states, rows, hidden).transpose(), dgates, false);
        let dgates = swap_axes(&tape.gates, time, batch, 4 * hidden);
        Ok((Some(tensor(dgates, gates.shape())?), Some(tensor(drecurrent, recurrent.shape())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn gradients_are_right() {
        let (gates, recurrent) = (check::normal(&[3, 5, 16], 1), check::normal(&[4, 16], 2));
        check::gradients(&[&gates, &recurrent], 1e-2, || lstm(&gates, &recurrent));
    }

    #[test]
    fn one_step_works() {
        let (gates, recurrent) = (check::normal(&[2, 1, 8], 1), check::normal(&[2, 8], 2));
        check::gradients(&[&gates], 1e-2, || lstm(&gates, &recurrent));
    }
}
