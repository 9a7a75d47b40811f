//! The couplet head without a graph: what [`couplet::scores`](super::super::couplet::scores) computes for one poem.

use candle_core::Result;

use super::super::couplet::{PAIRS, SCALE};
use super::super::grid::TAIL;
use crate::nn::dense::vector;
use crate::nn::matrix::Matrix;
use crate::nn::packed::{Packed, Start};
use crate::nn::params::Weights;
use crate::nn::simd::{self, Arch};

/// The bilinear forms of the head, packed; [width, width] where width = TAIL * columns.
pub struct Couplet {
    /// Between the tokens of a line, in both directions; 0 between a token and itself.
    within: Packed,
    /// From the first line of a couplet to the second, and back.
    odd: [Packed; 2],
    /// The same between the second line of a couplet and the first of the next.
    even: [Packed; 2],
    scale: f32,
    width: usize,
    arch: Arch,
}

impl Couplet {
    pub fn new(weights: &Weights, columns: usize, arch: Arch) -> Result<Couplet> {
        let width = TAIL * columns;
        let form = |name: &str| vector(weights, name);
        let within = form(PAIRS[0])?;
        let both = (0..width * width).map(|i| {
            let (row, column) = (i / width, i % width);
            if row / columns == column / columns { 0.0 } else { within[i] + within[column * width + row] }
        });
        let pack = |elements: &[f32]| Packed::with_arch(Matrix::new(elements, width, width)?, arch);
        let pair = |elements: &[f32]| -> Result<_> {
            let transposed = Packed::with_arch(Matrix::new(elements, width, width)?.transpose(), arch)?;
            Ok([pack(elements)?, transposed])
        };
        Ok(Couplet {
            within: pack(&both.collect::<Vec<f32>>())?,
            odd: pair(&form(PAIRS[1])?)?,
            even: pair(&form(PAIRS[2])?)?,
            scale: form(SCALE)?[0],
            width,
            arch,
        })
    }

    /// The score of a poem for the classes of its lines' ends x [lines, width]; `is_token` [lines * TAIL] is false for
    /// padding.
    pub fn score(&self, x: &[f32], is_token: &[bool]) -> f32 {
        let contexts = self.contexts(x);
        let columns = self.width / TAIL;
        let tokens = x.chunks_exact(columns).zip(contexts.chunks_exact(columns)).zip(is_token);
        let mut loss = 0.0;
        for ((x, context), _) in tokens.filter(|(_, is_token)| **is_token) {
            let margin = simd::vectorised_for(
                self.arch,
                #[inline(always)]
                || simd::dot(x, context),
            );
            loss += simd::softplus(-margin);
        }
        let tokens = (is_token.iter().filter(|is_token| **is_token).count() as f32).max(1.0);
        -(loss / tokens) * tokens.sqrt() * self.scale
    }

    /// What the rest of the poem asks of the class in each place, [lines, width].
    fn contexts(&self, x: &[f32]) -> Vec<f32> {
        let mut contexts = vec![0.0; x.len()];
        self.within.multiply(&mut contexts, Start::Zero, x);
        let lines = x.len() / self.width;
        let line = |line: usize| line * self.width..(line + 1) * self.width;
        for first in 0..lines.saturating_sub(1) {
            let [forward, back] = if first % 2 == 0 { &self.odd } else { &self.even };
            forward.multiply(&mut contexts[line(first + 1)], Start::Target, &x[line(first)]);
            back.multiply(&mut contexts[line(first)], Start::Target, &x[line(first + 1)]);
        }
        contexts
    }
}
