//! One plain composition of candle-core and candle-nn operations for every fused operation of [`super::ops`] and for the
//! losses of [`super::gan_loss`]: what tests compare with, what benches measure against, and what a device other than
//! the CPU would run. Nothing here assumes the CPU.
//!
//! Functions have the names and arguments of the fused ones. candle-nn is used wherever its gradients are right.
//! `candle_nn::LayerNorm`, `ops::layer_norm` and `ops::softmax_last_dim` have no backward pass and cut the graph without
//! an error, so `layer_norm_slow` and `softmax` stand in for them. `candle_nn::Conv1d` (0.11.1, CPU) gives its input a
//! wrong gradient for more than one row: the product in its backward pass has a transposed left side and a broadcast right
//! side, which `matmul` folds as if the left side were contiguous. Windows and a dense layer stand in for it.

pub mod gan_loss;
mod layers;
mod output;
mod rows;

pub use layers::{block, conv_max, layer_norm, linear, lstm};
pub use output::{cross_entropy, relaxed_embedding, token_losses};
pub use rows::{add_dropout, gather_rows, sum_rows};
