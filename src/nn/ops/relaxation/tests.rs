//! The relaxation: gradients against differences, hard against soft, few tokens against all.

use super::super::super::peaks;
use super::super::check;
use super::*;
use crate::nn::reference;
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

/// The Gumbel noise of a row.
fn key(position: usize) -> Key {
    Key { seed: 17, position }
}

fn relaxed(table: &Tensor, tokens: Vec<u32>, beta: f32, soft: bool) -> Relaxed {
    let gumbel = (0..tokens.len()).map(key).collect();
    let peaks = vec![None; tokens.len()];
    Relaxed {
        tokens,
        gumbel,
        peaks,
        biases: LogitBiases::default(),
        first_content: 2,
        beta,
        soft,
        table: table.clone(),
        precision: Precision::F32,
    }
}

#[test]
fn soft_gradients_are_right() {
    let c = case(4, 9);
    check::gradients(&[&c.hidden, &c.embedding, &c.bias], 2e-2, || {
        relaxed_embedding(&c.hidden, &c.embedding, &c.bias, relaxed(&c.table, vec![3, 1, 8, 2], 0.7, true))
    });
}

#[test]
fn the_reference_gives_the_same() {
    // More rows than one block, among them special tokens.
    let c = wide_case(600, 50, 1.0);
    let tokens: Vec<u32> = (0..600).map(|row| row * 7 % 50).collect();
    for (beta, soft) in [(0.7, true), (2.0, true), (2.0, false), (10.0, false)] {
        let relaxed = || relaxed(&c.table, tokens.clone(), beta, soft);
        check::reference(
            &[&c.hidden, &c.embedding, &c.bias],
            1e-4,
            || relaxed_embedding(&c.hidden, &c.embedding, &c.bias, relaxed()),
            || reference::relaxed_embedding(&c.hidden, &c.embedding, &c.bias, &relaxed()),
        );
    }
}

#[test]
fn straight_through_gives_the_hard_token_and_the_soft_gradient() {
    let c = case(3, 9);
    let tokens = vec![3, 0, 8];
    let run = |soft| {
        let out =
            relaxed_embedding(&c.hidden, &c.embedding, &c.bias, relaxed(&c.table, tokens.clone(), 1.5, soft)).unwrap();
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
    assert!(hard_grad[3..6].iter().all(|&g| g == 0.0), "a special token has no gradient");
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
        for seed in 0..n {
            let mut relaxed = relaxed(&table, vec![2], beta as f32, false);
            relaxed.gumbel = vec![Key { seed, position: 0 }];
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

/// Hidden states and embeddings whose logits have a deviation of `spread`, as sharp ones of a trained model or flat
/// ones of a fresh model.
fn wide_case(rows: usize, vocab: usize, spread: f64) -> Case {
    let scaled = |shape, seed, factor: f64| {
        Var::from_tensor(&(check::normal(shape, seed).as_detached_tensor() * factor).unwrap()).unwrap()
    };
    Case {
        hidden: scaled(&[rows, 16], 1, 0.25),
        embedding: scaled(&[vocab, 16], 2, spread),
        bias: scaled(&[vocab], 3, spread),
        table: check::normal(&[vocab, 8], 4).as_detached_tensor(),
    }
}

/// The peaks of every row as a sampler finds them, and the tokens it draws.
fn found(c: &Case, beta: f32) -> (Vec<Option<Peaks>>, Vec<u32>) {
    let logits = c.hidden.matmul(&c.embedding.t().unwrap()).unwrap().broadcast_add(&c.bias).unwrap();
    let (mut buffer, rows) = (Vec::new(), logits.to_vec2::<f32>().unwrap());
    let found = rows.iter().enumerate().map(|(row, logits)| {
        let token = gumbel::gumbel_max(logits, key(row), &[], 2, 1.0, simd::Arch::new()).0 as u32;
        (peaks::peaks(logits, key(row), 2, beta, &mut buffer), token)
    });
    found.unzip()
}

/// Result and gradients with these peaks.
fn run(c: &Case, relaxed: Relaxed) -> [Vec<f32>; 4] {
    let out = relaxed_embedding(&c.hidden, &c.embedding, &c.bias, relaxed).unwrap();
    let weights = check::normal(out.dims(), 5).as_detached_tensor();
    let grads = (&out * weights).unwrap().sum_all().unwrap().backward().unwrap();
    let grad = |var: &Var| grads.get(var).unwrap().clone();
    [out, grad(&c.hidden), grad(&c.embedding), grad(&c.bias)]
        .map(|tensor| tensor.flatten_all().unwrap().to_vec1().unwrap())
}

fn relative_error(exact: &[f32], other: &[f32]) -> f32 {
    let square = |sum: f32, x: f32| sum + x * x;
    let difference = exact.iter().zip(other).map(|(a, b)| a - b).fold(0.0, square);
    (difference / exact.iter().copied().fold(0.0, square)).sqrt()
}

#[test]
fn peaks_give_what_all_tokens_give() {
    for (spread, beta) in [(0.02, 2.0), (1.0, 2.0), (3.0, 1.5), (3.0, 2.0), (2.0, 5.0)] {
        let c = wide_case(64, 3000, spread);
        let (peaks, tokens) = found(&c, beta);
        assert!(peaks.iter().flatten().count() > 50, "{spread} {beta}");
        let with =
            |peaks: Vec<Option<Peaks>>| run(&c, Relaxed { peaks, ..relaxed(&c.table, tokens.clone(), beta, true) });
        let (exact, sparse) = (with(vec![None; 64]), with(peaks));
        for (exact, sparse) in exact.iter().zip(&sparse) {
            let error = relative_error(exact, sparse);
            assert!(error < 0.01 && error > 0.0, "spread {spread}, beta {beta}: {error}");
        }
    }
}

#[test]
fn peaks_of_all_tokens_are_exact() {
    let c = case(3, 9);
    let perturbed = |row: usize| {
        let logits = c.hidden.matmul(&c.embedding.t().unwrap()).unwrap().broadcast_add(&c.bias).unwrap();
        let mut logits = logits.to_vec2::<f32>().unwrap()[row].clone();
        gumbel::add_gumbel(&mut logits, key(row));
        logits
    };
    let all = (0..3).map(|row| {
        let weights: Vec<f32> = perturbed(row)[2..].iter().map(|x| (1.5 * x).exp()).collect();
        let total: f32 = weights.iter().sum();
        let tokens = weights.iter().enumerate().map(|(i, weight)| (i as u32 + 2, weight / total)).collect();
        (row != 1).then_some(Peaks { tokens })
    });
    // One row without peaks stands between the others.
    let peaks = all.collect();
    let tokens = vec![3, 4, 8];
    let exact = run(&c, relaxed(&c.table, tokens.clone(), 1.5, true));
    let sparse = run(&c, Relaxed { peaks, ..relaxed(&c.table, tokens, 1.5, true) });
    for (exact, sparse) in exact.iter().zip(&sparse) {
        assert!(relative_error(exact, sparse) < 1e-5);
    }
}
