//! A transformer block (Vaswani et al. 2017; pre-norm, as in GPT-2) as one operation: intermediate results live in
//! scratch memory and are not copied between its parts.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::Mutex;

use super::super::packed::{CHUNK, Start};
use super::super::params::{Weights, get};
use super::super::product::{Weight, matmul};
use super::super::simd;
use super::attention::{attention, attention_backward};
use super::dropout::AddDropout;
use super::gradients::Collected;
use super::layer_norm::{normalise, normalise_backward};
use super::linear::{Activation, column_sums};
use super::{Elements, Matrix, Precision, Scratch, buffer, operand, tensor};

/// x + dropout(attention(norm1(x))) =: m, and m + dropout(feed-forward(norm2(m))), for x [batch, time, width].
///
/// The gradients of the weights are added to `block.collected`.
pub fn block(x: &Tensor, block: Block) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Operation { block, tape: Mutex::default() })
}

/// Weights and settings of a block.
pub struct Block {
    /// Detached. Those of this block are named `{name}.{part}`.
    pub weights: Weights,
    /// For example `block0`.
    pub name: String,
    pub heads: usize,
    /// Dropout rate, and the seeds of the masks after attention and feed-forward.
    pub dropout: f32,
    pub seeds: [u64; 2],
    pub precision: Precision,
    pub collected: Collected,
}

struct Operation {
    block: Block,
    tape: Mutex<Option<Tape>>,
}

/// Results of the forward pass that the backward pass reads; rows = batch * time.
struct Tape {
    normed1: Scratch,  // [rows, width]
    qkv: Scratch,      // [rows, 3 * width]
    attended: Scratch, // [rows, width]
    middle: Scratch,   // [rows, width]
    normed2: Scratch,  // [rows, width]
    up: Scratch,       // [rows, hidden]
}

impl Block {
    /// The elements of a weight of this block.
    fn with<R>(&self, part: &str, work: impl FnOnce(&[f32]) -> R) -> Result<R> {
        let weight = get(&self.weights, &format!("{}.{part}", self.name))?;
        let elements = Elements::of(&weight);
        Ok(work(elements.slice()?))
    }

    fn mask(&self, index: usize) -> AddDropout {
        AddDropout { rate: self.dropout, seed: self.seeds[index] }
    }

    fn norm(&self, part: &str, x: &[f32]) -> Result<Scratch> {
        let mut y = Scratch::new(x.len());
        self.with(&format!("{part}.gain"), |gain| {
            self.with(&format!("{part}.bias"), |bias| normalise(&mut y, x, gain, bias))
        })??;
        Ok(y)
    }

    /// dx of a norm, added to `sum`.
    fn norm_backward(&self, part: &str, sum: &mut [f32], x: &[f32], dy: &[f32]) -> Result<()> {
        let mut dx = Scratch::new(x.len());
        let gain = format!("{part}.gain");
        let (dgain, dbias) = self.with(&gain, |gain| normalise_backward(&mut dx, x, gain, dy))?;
        AddDropout { rate: 0.0, seed: 0 }.add_masked(sum, &dx);
        self.collect(&gain, dgain);
        self.collect(&format!("{part}.bias"), dbias);
        Ok(())
    }

    /// activation(x w + b) for the rows of x [rows, inputs].
    fn dense(&self, part: &str, x: &[f32], inputs: usize, activation: Activation) -> Result<Scratch> {
        self.with(&format!("{part}.bias"), |bias| {
            let outputs = bias.len();
            let mut y = Scratch::new(x.len() / inputs * outputs);
            let pack = |weight: &[f32]| Weight::new(Matrix::new(weight, inputs, outputs)?, self.precision);
            let weight = self.with(&format!("{part}.weight"), pack)??;
            weight.multiply_all(&mut y, Start::Bias(bias), x, |y| activation.apply_all(y))?;
            Ok(y)
        })?
    }

    /// dx of a dense layer without activation, for its input x and the gradient dy of its result.
    fn dense_backward(&self, part: &str, x: &[f32], dy: &[f32], inputs: usize) -> Result<Scratch> {
        let rows = x.len() / inputs;
        let outputs = dy.len() / rows;
        let mut dx = Scratch::new(x.len());
        let name = format!("{part}.weight");
        let pack = |weight: &[f32]| Weight::new(Matrix::new(weight, inputs, outputs)?.transpose(), self.precision);
        self.with(&name, pack)??.multiply_all(&mut dx, Start::Zero, dy, |_| {})?;
        let mut dweight = buffer(inputs * outputs);
        let (x, dy_rows) = (Matrix::new(x, rows, inputs)?.transpose(), Matrix::new(dy, rows, outputs)?);
        matmul(&mut dweight, x, dy_rows, false, self.precision)?;
        self.collect(&name, dweight);
        self.collect(&format!("{part}.bias"), column_sums(dy, outputs));
        Ok(dx)
    }

    fn collect(&self, part: &str, gradient: Vec<f32>) {
        self.collected.add(format!("{}.{part}", self.name), gradient);
    }

    fn forward(&self, x: &[f32], time: usize, width: usize) -> Result<(Vec<f32>, Tape)> {
        let normed1 = self.norm("norm1", x)?;
        let qkv = self.dense("qkv", &normed1, width, Activation::None)?;
        let mut attended = Scratch::new(x.len());
        attention(&mut attended, &qkv, time, width, self.heads);
        let mut middle = Scratch::new(x.len());
        middle.copy_from_slice(x);
        self.mask(0).add_masked(&mut middle, &self.dense("attended", &attended, width, Activation::None)?);
        let normed2 = self.norm("norm2", &middle)?;
        let up = self.dense("up", &normed2, width, Activation::SquaredRelu)?;
        let hidden = up.len() / (x.len() / width);
        let mut y = middle.to_vec();
        self.mask(1).add_masked(&mut y, &self.dense("down", &up, hidden, Activation::None)?);
        Ok((y, Tape { normed1, qkv, attended, middle, normed2, up }))
    }

    /// dx for the gradient `dy` of the result.
    fn backward(&self, x: &[f32], tape: &Tape, dy: &[f32], time: usize, width: usize) -> Result<Vec<f32>> {
        let hidden = tape.up.len() / (x.len() / width);
        let mut sum = dy.to_vec();
        let mut branch = self.dense_backward("down", &tape.up, &self.masked(1, &sum), hidden)?;
        branch.par_chunks_mut(CHUNK * hidden).zip(tape.up.par_chunks(CHUNK * hidden)).for_each(|(dy, y)| {
            simd::vectorised(
                #[inline(always)]
                || dy.iter_mut().zip(y).for_each(|(dy, y)| *dy *= Activation::SquaredRelu.slope(*y)),
            );
        });
        let branch = self.dense_backward("up", &tape.normed2, &branch, width)?;
        self.norm_backward("norm2", &mut sum, &tape.middle, &branch)?;
        let branch = self.dense_backward("attended", &tape.attended, &self.masked(0, &sum), width)?;
        let mut dqkv = Scratch::new(tape.qkv.len());
        attention_backward(&mut dqkv, &tape.qkv, &branch, time, width, self.heads);
        let branch = self.dense_backward("qkv", &tape.normed1, &dqkv, width)?;
        self.norm_backward("norm1", &mut sum, x, &branch)?;
        Ok(sum)
    }

    fn masked(&self, index: usize, x: &[f32]) -> Scratch {
        let mut y = Scratch::new(x.len());
        y.fill(0.0);
        self.mask(index).add_masked(&mut y, x);
        y
    }
}

impl CustomOp1 for Operation {
    fn name(&self) -> &'static str {
        "transformer-block"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, time, width) = layout.shape().dims3()?;
        let (y, tape) = self.block.forward(operand(x, layout)?, time, width)?;
        if let Ok(mut slot) = self.tape.lock() {
            *slot = Some(tape);
        }
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (_, time, width) = x.dims3()?;
        let Some(tape) = self.tape.lock().ok().and_then(|mut slot| slot.take()) else {
            candle_core::bail!("transformer block: backward was called twice");
        };
        let grad = grad.contiguous()?;
        let (x_elements, grad) = (Elements::of(x), Elements::of(&grad));
        let dx = self.block.backward(x_elements.slice()?, &tape, grad.slice()?, time, width)?;
        tensor(dx, x.shape()).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use crate::nn::reference;
    use candle_core::Var;
    use std::collections::BTreeMap;

    const WIDTH: usize = 6;
    const HIDDEN: usize = 10;

    /// The variables of a block, by their names.
    fn variables() -> BTreeMap<String, Var> {
        let shapes: [(&str, &[usize]); 12] = [
            ("norm1.gain", &[WIDTH]),
            ("norm1.bias", &[WIDTH]),
            ("qkv.weight", &[WIDTH, 3 * WIDTH]),
            ("qkv.bias", &[3 * WIDTH]),
            ("attended.weight", &[WIDTH, WIDTH]),
            ("attended.bias", &[WIDTH]),
            ("norm2.gain", &[WIDTH]),
            ("norm2.bias", &[WIDTH]),
            ("up.weight", &[WIDTH, HIDDEN]),
            ("up.bias", &[HIDDEN]),
            ("down.weight", &[HIDDEN, WIDTH]),
            ("down.bias", &[WIDTH]),
        ];
        let var = |(index, (name, shape)): (usize, (&str, &[usize]))| {
            (format!("block0.{name}"), check::normal(shape, 10 + index as u64))
        };
        shapes.into_iter().enumerate().map(var).collect()
    }

    fn of(vars: &BTreeMap<String, Var>, tensor: impl Fn(&Var) -> Tensor, dropout: f32, collected: &Collected) -> Block {
        let weights = vars.iter().map(|(name, var)| (name.clone(), tensor(var))).collect();
        let (name, collected) = ("block0".to_string(), collected.clone());
        Block { weights, name, heads: 2, dropout, seeds: [3, 4], precision: Precision::F32, collected }
    }

    /// Against finite differences and against the reference, in x and in every weight.
    #[test]
    fn gradients_are_right() {
        for dropout in [0.0, 0.3] {
            let (x, vars, collected) = (check::normal(&[2, 4, WIDTH], 1), variables(), Collected::default());
            let fused = || block(&x, of(&vars, Var::as_detached_tensor, dropout, &collected));
            let plain = || reference::block(&x, &of(&vars, |var| var.as_tensor().clone(), dropout, &collected));
            let trainable = vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
            let backward = |loss: &Tensor| collected.backward(loss, &trainable);
            let all: Vec<&Var> = std::iter::once(&x).chain(vars.values()).collect();
            check::gradients_by(2e-3, &all, 2e-2, fused, backward);
            check::reference_by(&all, 1e-4, fused, plain, backward);
        }
    }

    #[test]
    fn a_second_backward_pass_is_an_error() {
        let (x, vars, collected) = (check::normal(&[2, 4, WIDTH], 1), variables(), Collected::default());
        let loss = block(&x, of(&vars, Var::as_detached_tensor, 0.0, &collected)).unwrap().sum_all().unwrap();
        assert!(loss.backward().is_ok() && loss.backward().is_err());
    }
}
