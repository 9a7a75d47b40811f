//! Operations with products in bfloat16: their gradients against finite differences of the operation in 32 bits, and that
//! they are rounded at all. A factor has an error of at most 2^-9, so a gradient, a sum of products of which some pass
//! through several layers, is within two hundredths of the largest one.

#![cfg(test)]

use candle_core::{Result, Tensor, Var};

use super::check;
use super::*;
use crate::nn::gumbel::Key;

const TOLERANCE: f32 = 2e-2;

/// Whether the processor has the instructions; if not, a word on the standard error.
fn is_available() -> bool {
    let is_available = Precision::Bf16.is_available();
    if !is_available {
        eprintln!("this processor does not multiply bfloat16: nothing is tested");
    }
    is_available
}

/// Checks the gradients of `f` in bfloat16, and that its values differ from those in 32 bits, by at most the tolerance.
fn check_rounded(h: f32, variables: &[&Var], f: impl Fn(Precision) -> Result<Tensor>) {
    let values = |precision| f(precision).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let (rounded, exact) = (values(Precision::Bf16), values(Precision::F32));
    let largest = exact.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    let error = rounded.iter().zip(&exact).fold(0f32, |error, (x, y)| error.max((x - y).abs()));
    assert!(0.0 < error && error <= TOLERANCE * largest, "error {error} of values up to {largest}");
    let differentiated = || f(Precision::Bf16);
    check::rounded_gradients(h, variables, TOLERANCE, || f(Precision::F32), differentiated, Tensor::backward);
}

/// A variable with normal elements of this deviation.
fn scaled(shape: &[usize], seed: u64, deviation: f64) -> Var {
    Var::from_tensor(&(check::normal(shape, seed).as_tensor() * deviation).unwrap()).unwrap()
}

#[test]
fn gradients_of_a_dense_layer_are_right() {
    if !is_available() {
        return;
    }
    let (x, w, b) = (check::normal(&[3, 23, 19], 1), check::normal(&[19, 37], 2), check::normal(&[37], 3));
    for activation in [Activation::None, Activation::SquaredRelu, Activation::LeakyRelu] {
        check_rounded(2e-3, &[&x, &w, &b], |precision| linear(&x, &w, &b, activation, precision));
    }
}

#[test]
fn gradients_of_an_lstm_are_right() {
    if !is_available() {
        return;
    }
    let (x, weight) = (check::normal(&[5, 9, 18], 1), scaled(&[18 + 16 + 1, 64], 2, 0.2));
    check_rounded(1e-2, &[&x, &weight], |precision| lstm(&x, &weight, precision));
}

#[test]
fn gradients_of_the_output_layer_are_right() {
    if !is_available() {
        return;
    }
    // More rows than one block.
    let rows = 600;
    let (h, e, b) = (check::normal(&[rows, 20], 1), scaled(&[50, 20], 2, 0.3), check::normal(&[50], 3));
    check_rounded(1e-2, &[&h, &e, &b], |precision| {
        let targets = (0..rows as u32).map(|i| i * 7 % 50).collect();
        let weights = (0..rows).map(|row| [0.0, 0.001, 0.002][row % 3]).collect();
        cross_entropy(&h, &e, &b, TokenLosses { targets, weights, biases: LogitBiases::default(), precision })
    });
}

#[test]
fn gradients_of_the_relaxation_are_right() {
    if !is_available() {
        return;
    }
    let rows = 40;
    let (h, e, b) = (check::normal(&[rows, 20], 1), scaled(&[50, 20], 2, 0.3), check::normal(&[50], 3));
    let table = check::normal(&[50, 24], 4).as_detached_tensor();
    check_rounded(1e-2, &[&h, &e, &b], |precision| {
        let relaxed = Relaxed {
            tokens: (0..rows as u32).map(|row| row * 7 % 50).collect(),
            gumbel: (0..rows).map(|position| Key { seed: 17, position }).collect(),
            peaks: vec![None; rows],
            biases: LogitBiases::default(),
            first_content: 2,
            beta: 0.7,
            soft: true,
            table: table.clone(),
            precision,
        };
        relaxed_embedding(&h, &e, &b, relaxed)
    });
}

/// A window may win by less than the rounding of its response, so that the gradient of the other one is computed; here none does.
#[test]
fn gradients_of_a_convolution_are_right() {
    if !is_available() {
        return;
    }
    let (x, w, b) = (check::normal(&[3, 7, 9], 1), check::normal(&[18, 17], 2), check::normal(&[17], 3));
    check_rounded(1e-3, &[&x, &w, &b], |precision| conv_max(&x, &w, &b, precision));
}
