//! The numeric core: tensors and explicit random streams in, tensors out. What candle lacks, or does without a
//! gradient, is here as custom operations with a backward pass of their own.

pub mod adam;
pub mod gan_loss;
pub mod gradients;
pub mod gumbel;
pub mod ops;
pub mod packed;
pub mod params;
pub mod peaks;
pub mod reference;
pub mod simd;
pub mod spectral;
pub mod threads;
