//! The numeric core: tensors and explicit random streams in, tensors out. Operations that candle lacks, or has without a
//! gradient, are custom operations with their own backward pass ([`ops`]); each has a plain counterpart in [`reference`].

pub mod adam;
pub mod bf16;
pub mod candidates;
pub mod dense;
pub mod gan_loss;
pub mod gumbel;
pub mod low_rank;
pub mod matrix;
pub mod muon;
pub mod nucleus;
pub mod ops;
pub mod optimizer;
pub mod orthogonalise;
pub mod packed;
pub mod params;
pub mod peaks;
pub mod precision;
pub mod product;
pub mod quantised;
pub mod reference;
pub mod row_bands;
mod scratch;
pub mod simd;
pub mod spectral;
pub mod threads;
pub mod triangular;
