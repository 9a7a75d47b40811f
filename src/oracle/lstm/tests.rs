use super::super::weights;
use super::*;
use crate::random;
use rand::RngCore;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A file of the published oracle.
fn published(name: &str) -> PathBuf {
    let folder = std::env::var("POETGAN_PUBLISHED").expect("POETGAN_PUBLISHED names the folder of the oracle");
    Path::new(&folder).join("oracle").join(name)
}

fn assert_near(value: f64, expected: f64, places: i32) {
    assert!((value - expected).abs() <= 0.5000001 * 10f64.powi(-places), "{value} is not {expected}");
}

#[test]
#[ignore = "needs SeqGAN's published oracle in POETGAN_PUBLISHED, see tests/golden/README.md"]
fn the_published_oracle_scores_what_it_should() {
    threads::prepare();
    let oracle = weights::read(&published("seqgan_oracle.safetensors")).unwrap();
    assert!(oracle.is_published() && oracle.vocab() == 5000);
    let zeros = vec![vec![0; 20]];
    assert_near(oracle.mean_nll(&zeros), 13.9742, 4);
    for (loss, expected) in oracle.token_losses(&zeros)[0].iter().zip([12.34765, 12.61492, 13.28080, 13.68758]) {
        assert_near(f64::from(*loss), expected, 4);
    }
    assert_near(oracle.mean_nll(&[(0..20).map(|t| 37 * t % 5000).collect()]), 10.96770, 4);
    let mut rng = random::stream(3, "test", 0);
    let mut uniform = || (0..20).map(|_| random::below(&mut rng, 5000) as u32).collect();
    assert!((oracle.mean_nll(&(0..2000).map(|_| uniform()).collect::<Vec<_>>()) - 11.42).abs() < 0.03);
}

#[test]
#[ignore = "needs SeqGAN's published oracle in POETGAN_PUBLISHED, see tests/golden/README.md"]
fn samples_of_another_program_score_what_they_should() {
    threads::prepare();
    let oracle = weights::read(&published("seqgan_oracle.safetensors")).unwrap();
    for (time, expected) in [(20, 5.7555), (40, 5.7240)] {
        let name = format!("oracle_samples_len{time}_n2000_seed1234.txt");
        let text = std::fs::read_to_string(published(&name)).unwrap();
        let line = |line: &str| line.split_whitespace().map(|token| token.parse().unwrap()).collect();
        let samples: Vec<Vec<u32>> = text.lines().map(line).collect();
        assert_eq!((samples.len(), samples[0].len()), (2000, time));
        assert_near(oracle.mean_nll(&samples), expected, 4);
    }
    // Our own samples are as likely as theirs: the mean of 40,000 tokens has a standard error of about 0.014.
    let seeds: Vec<u64> = (0..2000).collect();
    assert!((oracle.mean_nll(&oracle.sample(&seeds, 20)) - 5.752).abs() < 0.05);
}

#[derive(Deserialize)]
struct Golden {
    sequences: Vec<Vec<u32>>,
    losses: Vec<Vec<f64>>,
    own_nll: f64,
    own_deviation: f64,
}

#[test]
fn a_small_oracle_scores_and_samples_as_in_numpy() {
    threads::prepare();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let oracle = weights::read(&folder.join("oracle.safetensors")).unwrap();
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(folder.join("oracle.json")).unwrap()).unwrap();
    for (losses, expected) in oracle.token_losses(&golden.sequences).iter().zip(&golden.losses) {
        assert_eq!(losses.len(), expected.len());
        assert!(losses.iter().zip(expected).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-5), "{losses:?} {expected:?}");
    }
    // Four standard errors of the mean of so many sequences.
    let seeds: Vec<u64> = (0..4000).collect();
    let found = oracle.mean_nll(&oracle.sample(&seeds, 20));
    let far = 4.0 * golden.own_deviation / (seeds.len() as f64).sqrt();
    assert!((found - golden.own_nll).abs() < far, "{found} is not {} ± {far}", golden.own_nll);
}

/// Without any data: against the equations, one by one in double precision.
#[test]
fn scores_are_those_of_the_equations() {
    threads::prepare();
    let (vocab, width) = (7, 3);
    let oracle = weights::random_of(5, vocab, width).unwrap();
    let draw = |name: &str, n: usize| -> Vec<f64> {
        random::normal(&mut random::stream(5, name, 0), n).into_iter().map(f64::from).collect()
    };
    let (embedding, gates) = (draw("oracle embedding", 21), draw("oracle gates", 72));
    let (gate_bias, output, bias) =
        (draw("oracle gate bias", 12), draw("oracle output", 21), draw("oracle output bias", 7));
    let tokens = [4u32, 0, 6, 6, 2];
    let (mut cell, mut state, mut before) = ([0.0; 3], [0.0; 3], 0usize);
    let losses = &oracle.token_losses(&[tokens.to_vec()])[0];
    for (&token, &loss) in tokens.iter().zip(losses) {
        let x: Vec<f64> = embedding[before * 3..before * 3 + 3].iter().chain(&state).copied().collect();
        let gate = |column: usize| gate_bias[column] + (0..6).map(|row| x[row] * gates[row * 12 + column]).sum::<f64>();
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        for k in 0..3 {
            cell[k] = sigmoid(gate(3 + k)) * cell[k] + sigmoid(gate(k)) * gate(6 + k).tanh();
            state[k] = sigmoid(gate(9 + k)) * cell[k].tanh();
        }
        let logit = |token: usize| bias[token] + (0..3).map(|k| state[k] * output[k * 7 + token]).sum::<f64>();
        let total: f64 = (0..7).map(|token| logit(token).exp()).sum();
        assert!((f64::from(loss) - (total.ln() - logit(token as usize))).abs() < 2e-6);
        before = token as usize;
    }
}

#[test]
fn samples_follow_the_law_of_the_oracle() {
    threads::prepare();
    let oracle = weights::random_of(2, 40, 8).unwrap();
    let n = 40_000;
    let mut rng = random::stream(9, "test", 0);
    let seeds: Vec<u64> = (0..n).map(|_| rng.next_u64()).collect();
    let samples = oracle.sample(&seeds, 2);
    let chi_square = |counts: &[usize], law: &[f64]| -> f64 {
        let n = counts.iter().sum::<usize>() as f64;
        counts.iter().zip(law).map(|(&count, p)| (count as f64 - n * p).powi(2) / (n * p)).sum()
    };
    let count = |tokens: &mut dyn Iterator<Item = u32>| {
        let mut counts = vec![0; 40];
        tokens.for_each(|token| counts[token as usize] += 1);
        counts
    };
    let law = |before: &[u32]| -> Vec<f64> {
        let probability = |token| {
            let tokens = [before, &[token]].concat();
            f64::from(-oracle.token_losses(&[tokens])[0][before.len()]).exp()
        };
        (0..40).map(probability).collect()
    };
    let first = law(&[]);
    assert!((first.iter().sum::<f64>() - 1.0).abs() < 1e-5);
    let counts = count(&mut samples.iter().map(|tokens| tokens[0]));
    // With 39 degrees of freedom a value above 73 has a probability of 0.001.
    assert!(chi_square(&counts, &first) < 73.0, "{}", chi_square(&counts, &first));
    let usual = (0..40).max_by_key(|&token| counts[token as usize]).unwrap();
    let mut after = samples.iter().filter(|tokens| tokens[0] == usual).map(|tokens| tokens[1]);
    let counts = count(&mut after);
    assert!(counts.iter().sum::<usize>() > 1000 && chi_square(&counts, &law(&[usual])) < 73.0);
}

#[test]
fn a_sequence_depends_on_its_seed_alone() {
    threads::prepare();
    let oracle = weights::random_of(2, 40, 8).unwrap();
    let seeds: Vec<u64> = (100..250).collect();
    let all = oracle.sample(&seeds, 6);
    assert_eq!(oracle.sample(&[seeds[77]], 6)[0], all[77]);
    assert_eq!(oracle.token_losses(&all)[149], oracle.token_losses(&all[149..])[0]);
    assert!(oracle.sample(&[], 6).is_empty() && oracle.mean_nll(&[]).is_nan());
    assert!(!oracle.is_published());
}
