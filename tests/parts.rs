//! A minibatch that is cut into parts, one for each thread, against the same minibatch as a whole.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use candle_core::{Device, Tensor};
use poetgan::config::{Config, GeneratorKind, LossKind};
use poetgan::corpus::Form;
use poetgan::gan::compute::Compute;
use poetgan::gan::data::Minibatch;
use poetgan::gan::models::Models;
use poetgan::gan::steps::{LrScales, Steps, Update};
use poetgan::gan::{DiscriminatorUpdate, GeneratorUpdate};
use poetgan::generator::{Rules, Sequences, SpecialTokens};
use poetgan::nn::precision::Precision;
use poetgan::nn::threads;

const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };
const TAG: u32 = 3;
const VOCAB: usize = 30;

fn config(generator: GeneratorKind, loss: LossKind) -> Config {
    let mut config = Config::preset("tiny").unwrap();
    (config.model.generator, config.model.dropout, config.discriminator.token_dropout) = (generator, 0.0, 0.0);
    (config.training.loss, config.training.likelihood_weight) = (loss, 0.7);
    (config.training.pretrain_steps, config.training.beta_start, config.training.beta_end) = (0, 1.5, 1.5);
    config
}

/// Five poems of one to five lines, each line of one to four tokens.
fn real(config: &Config) -> Sequences {
    let poems: Vec<Vec<u32>> = (1..=5u32)
        .map(|lines| {
            let mut poem = vec![TAG];
            for line in 0..lines {
                poem.extend((0..=(line + lines) % 4).map(|i| 4 + (7 * lines + 3 * line + i) % 26));
                poem.push(if line + 1 < lines { SPECIAL.line } else { SPECIAL.end });
            }
            poem
        })
        .collect();
    let poems: Vec<&[u32]> = poems.iter().map(Vec::as_slice).collect();
    Sequences::new(&poems, (0..5 * config.model.z_dim).map(|i| (i as f32).sin()).collect(), SPECIAL)
}

struct Updates {
    pretraining: Update,
    discriminator: DiscriminatorUpdate,
    generator: GeneratorUpdate,
}

/// The three steps, each from fresh models: the first step of Adam turns the least difference of a gradient near 0 into
/// a whole step to the other side.
fn updates(config: &Config) -> Updates {
    let shape = config.frozen_shape(VOCAB).unwrap();
    let fixed: Vec<f32> = (0..shape[0] * shape[1]).map(|i| 0.3 * (i as f32).sin()).collect();
    let fixed = Tensor::from_vec(fixed, shape, &Device::Cpu).unwrap();
    let fresh = || Models::new(config, VOCAB, Some(fixed.clone())).unwrap();
    let rules = Rules::new(Form::Free, &config.model);
    let minibatch = Minibatch { tag: TAG, rules, real: real(config), pass: config.training.dropout_after };
    let (special, lr_scales, compute) = (SPECIAL, LrScales::ONE, &Compute::alone(Precision::F32));
    let steps = Steps { config, special, themes: None, frequencies: None, step: 1, lr_scales, compute };
    let fakes = steps.sample_relaxed(&fresh(), &minibatch, 0).unwrap();
    Updates {
        pretraining: steps.pretrain_step(&mut fresh(), &minibatch, 1e-3).unwrap(),
        discriminator: steps.discriminator_step(&mut fresh(), &minibatch, &fakes.poems, 0).unwrap(),
        generator: steps.generator_step(&mut fresh(), &minibatch, &fakes).unwrap(),
    }
}

fn assert_close(a: f64, b: f64, what: &str) {
    assert!((a - b).abs() <= 1e-4 * (a.abs() + b.abs()).max(1e-3), "{what}: {a} and {b}");
}

#[test]
fn parts_add_up_to_the_whole() {
    // Two parts, one of two poems and one of three, whatever the machine has.
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
    threads::prepare();
    assert_eq!(threads::in_ranges(5, |range| range.len()), [2, 3]);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for generator in [GeneratorKind::Transformer, GeneratorKind::Lstm] {
        for loss in [LossKind::Standard, LossKind::Relativistic, LossKind::Wasserstein] {
            let config = config(generator, loss);
            let (parts, whole) = (updates(&config), alone.install(|| updates(&config)));
            let what = |name: &str| format!("{generator:?} {loss:?} {name}");
            for (a, b, name) in [
                (parts.pretraining, whole.pretraining, "likelihood step"),
                (parts.discriminator.update, whole.discriminator.update, "discriminator step"),
                (parts.generator.update, whole.generator.update, "generator step"),
            ] {
                assert_close(f64::from(a.loss), f64::from(b.loss), &what(&format!("loss of the {name}")));
                assert_close(a.norm, b.norm, &what(&format!("gradient of the {name}")));
            }
            assert_close(parts.discriminator.real.into(), whole.discriminator.real.into(), &what("D(real)"));
            assert_close(parts.discriminator.fake.into(), whole.discriminator.fake.into(), &what("D(fake)"));
            let mixed = |updates: &Updates| f64::from(updates.generator.likelihood_loss.unwrap());
            assert_close(mixed(&parts), mixed(&whole), &what("mixed likelihood"));
        }
    }
}
