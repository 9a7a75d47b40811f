//! Biases on single logits: sums of two parameters each, added to a few logits of a row before the softmax.

/// A bias on the logit of one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogitBias {
    pub token: u32,
    /// Elements of the operation's bias vector that are summed. The first [vocab] of them belong to all rows; the
    /// parameters of single logits follow.
    pub parameters: [u32; 2],
}

/// The biases of each row of logits; rows beyond the last one have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogitBiases {
    /// Where the biases of each row end.
    ends: Vec<usize>,
    biases: Vec<LogitBias>,
}

impl LogitBiases {
    /// Appends the biases of the next row.
    pub fn push_row(&mut self, biases: impl Iterator<Item = LogitBias>) {
        self.biases.extend(biases);
        self.ends.push(self.biases.len());
    }

    /// The biases of a row.
    pub fn row(&self, row: usize) -> &[LogitBias] {
        let start = if row == 0 { 0 } else { self.ends.get(row - 1).copied().unwrap_or(self.biases.len()) };
        let end = self.ends.get(row).copied().unwrap_or(self.biases.len());
        &self.biases[start..end]
    }

    /// Adds the biases of `row` to its `logits` [vocab]. `parameters` is the whole bias vector.
    pub(super) fn add(&self, row: usize, logits: &mut [f32], parameters: &[f32]) {
        for bias in self.row(row) {
            let [a, b] = bias.parameters.map(|parameter| parameters[parameter as usize]);
            logits[bias.token as usize] += a + b;
        }
    }

    /// The gradients of the biases of `rows`, one after another, from those of the logits [rows, vocab].
    pub(super) fn gradients(&self, rows: &[usize], dlogits: &[f32]) -> Vec<f32> {
        let vocab = dlogits.len() / rows.len().max(1);
        let rows = dlogits.chunks_exact(vocab.max(1)).zip(rows);
        rows.flat_map(|(dlogits, &row)| self.row(row).iter().map(|bias| dlogits[bias.token as usize])).collect()
    }

    /// Adds the gradient of the logit of `token` in `row` to those of the parameters of its bias, if it has one.
    pub(super) fn scatter_one(&self, parameters: &mut [f32], row: usize, token: usize, gradient: f32) {
        for bias in self.row(row).iter().filter(|bias| bias.token as usize == token) {
            bias.parameters.iter().for_each(|&parameter| parameters[parameter as usize] += gradient);
        }
    }

    /// Adds the `gradients` of the biases of `rows` to those of their parameters.
    pub(super) fn scatter(&self, parameters: &mut [f32], rows: &[usize], gradients: &[f32]) {
        let biases = rows.iter().flat_map(|&row| self.row(row));
        for (bias, gradient) in biases.zip(gradients) {
            bias.parameters.iter().for_each(|&parameter| parameters[parameter as usize] += gradient);
        }
    }
}
