//! The Gumbel-softmax relaxation (Jang et al. 2016; Maddison et al. 2016) from the generator's hidden state to the
//! discriminator's embedding, without ever holding the probabilities of a whole minibatch.
//!
//! noisy = hidden embedding^T + bias + g; relaxed = softmax(beta * noisy) over the content tokens; the result is
//! relaxed · table. The noise g is made again from the seeds that the tokens were sampled with.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::super::packed::{Packed, Start};
use super::super::{gumbel, simd};
use super::head::{Head, HeadGradients, gather, scatter};
use super::{Elements, Matrix, Scratch, buffer, operand, tensor};

/// What the relaxation has to know besides the logits.
pub struct Relaxed {
    /// The sampled token of each row.
    pub tokens: Vec<u32>,
    /// Seed of the poem and position that each row's noise was drawn with.
    pub noise: Vec<(u64, usize)>,
    /// Tokens below this id are marks: a row whose token is a mark has no gradient and costs nothing.
    pub first_content: usize,
    /// Inverse temperature.
    pub beta: f32,
    /// Give the relaxed embedding itself; otherwise the sampled token's, with the relaxed gradient (straight-through).
    pub soft: bool,
    /// Embedding of the discriminator, [vocab, columns]; no gradient reaches it.
    pub table: Tensor,
}

/// Embedding of the relaxed tokens, [rows, columns], with gradients for hidden [rows, width], embedding [vocab, width]
/// and bias [vocab].
pub fn relaxed_embedding(hidden: &Tensor, embedding: &Tensor, bias: &Tensor, relaxed: Relaxed) -> Result<Tensor> {
    hidden.contiguous()?.apply_op3(embedding, bias, relaxed)
}

impl Relaxed {
    /// The rows that are relaxed.
    fn content(&self) -> Vec<usize> {
        (0..self.tokens.len()).filter(|&row| self.tokens[row] as usize >= self.first_content).collect()
    }

    /// Adds the noise of row `row` to its logits and turns them into exp(beta (noisy - largest)), marks into 0. Returns
    /// the sum.
    fn exponentials(&self, logits: &mut [f32], row: usize) -> f32 {
        let (poem, position) = self.noise[row];
        gumbel::add_noise(logits, poem, position);
        let (marks, content) = logits.split_at_mut(self.first_content);
        marks.fill(0.0);
        simd::vectorised(
            #[inline(always)]
            || {
                let largest = simd::max(content);
                simd::exp_in_place(content, self.beta, largest)
            },
        )
    }

    fn soft_forward(&self, out: &mut [f32], head: &Head, hidden: &[f32], table: &[f32]) {
        let (vocab, columns) = (table.len() / self.columns(), self.columns());
        let table = Packed::new(Matrix::new(table, vocab, columns));
        let content = self.content();
        let relaxed = head.each_chunk(hidden, &content, |logits, rows| {
            for (logits, &row) in logits.chunks_exact_mut(vocab).zip(rows) {
                let scale = 1.0 / self.exponentials(logits, row);
                logits.iter_mut().for_each(|x| *x *= scale);
            }
            let mut relaxed = buffer(rows.len() * columns);
            table.multiply(&mut relaxed, Start::Zero, logits);
            relaxed
        });
        scatter(out, &content, &relaxed.concat(), columns);
    }

    /// Through the softmax: the gradient in the logits is beta * p * (dp - sum(p dp)).
    fn backward(&self, head: &Head, hidden: &[f32], table: &[f32], grad: &[f32]) -> HeadGradients {
        let (vocab, columns) = (table.len() / self.columns(), self.columns());
        let table = Packed::new(Matrix::new(table, vocab, columns).transpose());
        let (_, gradients) = head.gradients(hidden, &self.content(), |logits, rows| {
            let mut drelaxed = Scratch::new(logits.len());
            table.multiply(&mut drelaxed, Start::Zero, &gather(grad, rows, columns));
            let all = logits.chunks_exact_mut(vocab).zip(drelaxed.chunks_exact(vocab)).zip(rows);
            for ((p, dp), &row) in all {
                let total = self.exponentials(p, row);
                simd::vectorised(
                    #[inline(always)]
                    || {
                        let mean = simd::dot(p, dp) / total;
                        let scale = self.beta / total;
                        p.iter_mut().zip(dp).for_each(|(p, dp)| *p *= scale * (dp - mean));
                    },
                );
            }
            0.0
        });
        gradients
    }

    fn columns(&self) -> usize {
        self.table.dims()[1]
    }
}

impl CustomOp3 for Relaxed {
    fn name(&self) -> &'static str {
        "relaxed-embedding"
    }

    fn cpu_fwd(
        &self,
        hidden: &CpuStorage,
        hidden_layout: &Layout,
        embedding: &CpuStorage,
        embedding_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let table = Elements::of(&self.table);
        let (table, columns) = (table.slice()?, self.columns());
        let mut out = buffer(self.tokens.len() * columns);
        if self.soft {
            let head = Head::new(operand(embedding, embedding_layout)?, operand(bias, bias_layout)?);
            self.soft_forward(&mut out, &head, operand(hidden, hidden_layout)?, table);
        }
        for (row, &token) in out.chunks_exact_mut(columns).zip(&self.tokens) {
            if !self.soft || (token as usize) < self.first_content {
                row.copy_from_slice(&table[token as usize * columns..(token as usize + 1) * columns]);
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((self.tokens.len(), columns))))
    }

    fn bwd(
        &self,
        hidden: &Tensor,
        embedding: &Tensor,
        bias: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let gradients = {
            let (hidden, embedding, bias) = (Elements::of(hidden), Elements::of(embedding), Elements::of(bias));
            let (table, grad) = (Elements::of(&self.table), Elements::of(&grad));
            let head = Head::new(embedding.slice()?, bias.slice()?);
            self.backward(&head, hidden.slice()?, table.slice()?, grad.slice()?)
        };
        Ok((
            Some(tensor(gradients.hidden, hidden.shape())?),
            Some(tensor(gradients.embedding, embedding.shape())?),
            Some(tensor(gradients.bias, bias.shape())?),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use candle_core::Var;

    struct Case {
        hidden: Var,
        embedding: Var,
        bias: Var,
        table: Tensor,
    }

    fn case(rows: usize, vocab: usize) -> Case {
        Case {
            hidden: check::normal(&[rows, 3], 1),
            embedding: check::normal(&[vocab, 3], 2),
            bias: check::normal(&[vocab], 3),
            table: check::normal(&[vocab, 4], 4).as_detached_tensor(),
        }
    }

    fn relaxed(table: &Tensor, tokens: Vec<u32>, beta: f32, soft: bool) -> Relaxed {
        let noise = (0..tokens.len()).map(|i| (17, i)).collect();
        Relaxed { tokens, noise, first_content: 2, beta, soft, table: table.clone() }
    }

    #[test]
    fn soft_gradients_are_right() {
        let c = case(4, 9);
        check::gradients(&[&c.hidden, &c.embedding, &c.bias], 2e-2, || {
            relaxed_embedding(&c.hidden, &c.embedding, &c.bias, relaxed(&c.table, vec![3, 1, 8, 2], 0.7, true))
        });
    }

    #[test]
    fn straight_through_gives_the_hard_token_and_the_soft_gradient() {
        let c = case(3, 9);
        let tokens = vec![3, 0, 8];
        let run = |soft| {
            let out = relaxed_embedding(&c.hidden, &c.embedding, &c.bias, relaxed(&c.table, tokens.clone(), 1.5, soft))
                .unwrap();
            let weights = check::normal(&[3, 4], 5).as_detached_tensor();
            let grads = (&out * weights).unwrap().sum_all().unwrap().backward().unwrap();
            let grad: Vec<f32> = grads.get(&c.hidden).unwrap().flatten_all().unwrap().to_vec1().unwrap();
            (out, grad)
        };
        let ((hard, hard_grad), (_, soft_grad)) = (run(false), run(true));
        let ids = Tensor::new(tokens.as_slice(), hard.device()).unwrap();
        let expected = c.table.index_select(&ids, 0).unwrap();
        assert_eq!(hard.to_vec2::<f32>().unwrap(), expected.to_vec2::<f32>().unwrap());
        assert_eq!(hard_grad, soft_grad);
        assert!(hard_grad[3..6].iter().all(|&g| g == 0.0), "a mark has no gradient");
    }

    /// For two content tokens the difference of their noises is logistic, so the expected gradient is one integral:
    /// d/dx E[sigmoid(beta (x + L))] = E[beta s (1 - s)], which a sum over quantiles of L gives exactly. The mean of the
    /// operation's gradient over many seeds must come to the same.
    #[test]
    fn the_mean_gradient_equals_the_exact_one() {
        let hidden = Var::new(&[[1f32]], &candle_core::Device::Cpu).unwrap();
        let embedding = Var::new(&[[0f32], [0.0], [0.3], [-0.4]], hidden.device()).unwrap();
        let bias = Var::new(&[0f32; 4], hidden.device()).unwrap();
        let table = Tensor::new(&[[0f32], [0.0], [1.0], [0.0]], hidden.device()).unwrap();
        for beta in [0.5f64, 1.0, 4.0] {
            let n = 20_000;
            let mut mean = 0.0;
            for poem in 0..n {
                let mut relaxed = relaxed(&table, vec![2], beta as f32, false);
                relaxed.noise = vec![(poem, 0)];
                let out = relaxed_embedding(&hidden, &embedding, &bias, relaxed).unwrap();
                let grads = out.sum_all().unwrap().backward().unwrap();
                mean += f64::from(grads.get(&bias).unwrap().to_vec1::<f32>().unwrap()[2]) / n as f64;
            }
            let quantile = |i: usize| (i as f64 + 0.5) / 1e6;
            let logistic = |u: f64| (u / (1.0 - u)).ln();
            let slope = |x: f64| beta / (1.0 + (-beta * x).exp()) / (1.0 + (beta * x).exp());
            let exact = (0..1_000_000).map(|i| slope(0.7 + logistic(quantile(i)))).sum::<f64>() / 1e6;
            // The slope lies between 0 and beta / 4, so its mean over n seeds deviates by at most beta / 8 / sqrt(n).
            assert!((mean - exact).abs() < 4.0 * beta / 8.0 / (n as f64).sqrt(), "beta {beta}: {mean} {exact}");
        }
    }
}
