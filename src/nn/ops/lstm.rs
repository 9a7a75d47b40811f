//! An LSTM layer over whole sequences (Hochreiter and Schmidhuber 1997) with its own backward pass through time: one
//! matmul a step, and one for the whole gradient of the recurrent weights.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::{Arc, Mutex};

use super::super::packed::{Packed, Start};
use super::super::simd;
use super::{Elements, Matrix, buffer, matmul, operand, tensor};

/// Hidden states [time, batch, hidden] of an LSTM that starts from zeros.
///
/// `gates` [time, batch, 4 * hidden] is the input part of the gates (x w + b, in the order input, forget, candidate,
/// output), `recurrent` [hidden, 4 * hidden] the weights of the state before. Time comes first, so that the rows of a
/// step lie together.
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

/// What the backward pass needs: activations [time, batch, 4 * hidden] and cells [time, batch, hidden].
struct Tape {
    gates: Vec<f32>,
    cells: Vec<f32>,
}

struct Lstm {
    tape: Arc<Mutex<Option<Tape>>>,
}

/// Hidden states and tape for gates of which each time step has `4 * step` elements.
fn run(gates: &[f32], recurrent: &[f32], step: usize, hidden: usize) -> (Vec<f32>, Tape) {
    let mut gates = gates.to_vec();
    let (mut cells, mut states) = (buffer(gates.len() / 4), buffer(gates.len() / 4));
    let recurrent = Packed::new(Matrix::new(recurrent, hidden, 4 * hidden));
    for (t, gates) in gates.chunks_exact_mut(4 * step).enumerate() {
        let (before, states) = states.split_at_mut(t * step);
        let (cells_before, cells) = cells.split_at_mut(t * step);
        if t > 0 {
            recurrent.multiply_all(gates, Start::Target, &before[(t - 1) * step..], |_| {});
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
    (states, Tape { gates, cells })
}

/// Replaces the activations on the tape by the gradient of the gates.
fn run_backward(tape: &mut Tape, recurrent: &[f32], dstates: &mut [f32], step: usize, hidden: usize) {
    let recurrent = Packed::new(Matrix::new(recurrent, hidden, 4 * hidden).transpose());
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
            recurrent.multiply_all(&mut dbefore[(t - 1) * step..], Start::Target, gates, |_| {});
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
        let (time, batch, _) = layout.shape().dims3()?;
        let hidden = r_layout.shape().dims2()?.0;
        let (states, tape) = run(operand(gates, layout)?, operand(recurrent, r_layout)?, batch * hidden, hidden);
        if let Ok(mut slot) = self.tape.lock() {
            *slot = Some(tape);
        }
        Ok((CpuStorage::F32(states), Shape::from((time, batch, hidden))))
    }

    fn bwd(
        &self,
        gates: &Tensor,
        recurrent: &Tensor,
        states: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (time, batch, hidden) = grad.dims3()?;
        let Some(mut tape) = self.tape.lock().ok().and_then(|mut slot| slot.take()) else {
            candle_core::bail!("lstm: backward was called twice");
        };
        let grad = grad.contiguous()?;
        let mut dstates = Elements::of(&grad).slice()?.to_vec();
        run_backward(&mut tape, Elements::of(recurrent).slice()?, &mut dstates, batch * hidden, hidden);
        let mut drecurrent = buffer(4 * hidden * hidden);
        let rows = (time - 1) * batch;
        let dgates = Matrix::new(&tape.gates[4 * batch * hidden..], rows, 4 * hidden);
        let states = Elements::of(states);
        matmul(&mut drecurrent, Matrix::new(states.slice()?, rows, hidden).transpose(), dgates, false);
        Ok((Some(tensor(tape.gates, gates.shape())?), Some(tensor(drecurrent, recurrent.shape())?)))
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
        let (gates, recurrent) = (check::normal(&[1, 2, 8], 1), check::normal(&[2, 8], 2));
        check::gradients(&[&gates], 1e-2, || lstm(&gates, &recurrent));
    }
}
