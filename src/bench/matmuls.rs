//! Floating-point operations of each step in matrix products, counted from the definition of the models. Work that the
//! program avoids therefore shows as a higher share of the peak.

use super::Shape;
use super::workload::{DISCRIMINATOR_EMBED, DISCRIMINATOR_HIDDEN, FILTERS, WIDTHS, transformer_layers};
use crate::config::GeneratorKind;

/// Floating-point operations of the parts of a step, per minibatch.
pub struct Matmuls {
    /// The generator's forward pass with its output layer.
    generator: f64,
    /// The product of the relaxed tokens and the discriminator's embedding.
    relaxation: f64,
    /// The discriminator's forward pass over one minibatch.
    discriminator: f64,
}

impl Matmuls {
    pub fn of(shape: &Shape) -> Matmuls {
        let Shape { embed, hidden, vocab, time, .. } = *shape;
        let trunk = match shape.generator {
            GeneratorKind::Lstm => 4 * hidden * (embed + hidden) + hidden * embed,
            GeneratorKind::Transformer => transformer_layers() * (4 * embed * embed + 2 * embed * hidden),
        };
        // Causal attention: each position attends to half of the sequence on average, for weights and for values.
        let attention = match shape.generator {
            GeneratorKind::Lstm => 0,
            GeneratorKind::Transformer => transformer_layers() * embed * (time + 1),
        };
        let tokens = (shape.batch * time) as f64;
        let windows =
            WIDTHS.iter().map(|&width| time.saturating_sub(width - 1) * width * DISCRIMINATOR_EMBED * FILTERS);
        let line = windows.sum::<usize>() + WIDTHS.len() * FILTERS * DISCRIMINATOR_HIDDEN;
        Matmuls {
            generator: 2.0 * tokens * (trunk + attention + embed * vocab) as f64,
            relaxation: 2.0 * tokens * (vocab * DISCRIMINATOR_EMBED) as f64,
            discriminator: 2.0 * (shape.batch * line) as f64,
        }
    }

    /// Operations of a step. A backward pass costs twice its forward pass, or once if only the gradient of the input is
    /// needed.
    pub fn of_step(&self, step: &str) -> f64 {
        match step {
            "mle_step" => 3.0 * self.generator,
            // Sampling, and forward and backward over the sample.
            "g_step" => 4.0 * self.generator + 2.0 * self.relaxation + 2.0 * self.discriminator,
            "d_step" => self.generator + 6.0 * self.discriminator,
            _ => self.generator,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_shape_matches_a_count_by_hand() {
        let shape = Shape {
            generator: GeneratorKind::Lstm,
            batch: 64,
            time: 28,
            vocab: 4500,
            embed: 256,
            hidden: 512,
            beta: 2.0,
        };
        let giga = |step| (Matmuls::of(&shape).of_step(step) / 1e8).round() / 10.0;
        // 1,792 tokens times 2 * (4 * 512 * 768 + 512 * 256 + 256 * 4,500), three times.
        assert_eq!(giga("sample"), 10.2);
        assert_eq!(giga("mle_step"), 30.7);
        // Sampling, then 30.7 again, twice the relaxation of 1.03, and twice the discriminator of 0.38, which is 64 times
        // 2 * (2 * 27 + 3 * 26 + 4 * 25 + 5 * 24) * 64 * 128 and its hidden layer.
        assert_eq!(giga("g_step"), 43.8);
    }
}
