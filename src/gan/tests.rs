//! The training loop: which turns a step has, on which poems, and what a failed one leaves behind.

use candle_core::Error;

use super::*;
use crate::corpus::Form;
use crate::gan::data::Bucket;
use crate::generator::{Rules, SpecialTokens};
use crate::nn::params::Weights;
use crate::nn::threads;

const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };
const VOCAB: usize = 20;

/// A dataset of 64 couplets, and models that train on it from the first step against each other.
fn gan(alter: impl Fn(&mut Config)) -> Gan {
    threads::prepare();
    let mut config = Config::preset("tiny").unwrap();
    (config.training.pretrain_steps, config.training.adversarial_steps) = (0, 8);
    (config.training.d_warmup_steps, config.training.batch_tokens) = (0, 40);
    let discriminator = &mut config.discriminator;
    (discriminator.rhyme, discriminator.couplet) = (false, false);
    (discriminator.lexical, discriminator.theme) = (false, false);
    alter(&mut config);
    let token = |poem: u32, position: u32| 4 + (poem * 7 + position * 3) % (VOCAB as u32 - 4);
    let line = |poem: u32, line: u32| (0..3).map(move |position| token(poem, 3 * line + position));
    let poem = |poem: u32| [3].into_iter().chain(line(poem, 0)).chain([1]).chain(line(poem, 1)).chain([2]).collect();
    let form = Form::Fixed { width: 3, lines: 2 };
    let rules = Rules::new(form, &config.model);
    let bucket = Bucket { form, tag: 3, rules, training: (0..64).map(poem).collect(), held_out: Vec::new() };
    let dataset = Dataset::of_buckets(vec![bucket], SPECIAL, &config);
    let models = Models::new(&config, VOCAB, None).unwrap();
    Gan::new(config, dataset, models, Cursor::default())
}

/// One step, and the names of its turns.
fn step(gan: &mut Gan, number: u64) -> (StepReport, Vec<String>) {
    let mut turns = Vec::new();
    let report = gan.step(number, |turn| {
        turns.push(match turn {
            Turn::Discriminator { number, .. } => format!("D{number}"),
            Turn::Generator { .. } => "G".to_string(),
        });
        Ok::<_, Error>(())
    });
    (report.unwrap(), turns)
}

fn numbers(weights: Weights) -> Vec<f32> {
    weights.values().flat_map(|tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap()).collect()
}

/// Weights of the generator, of the discriminator, and averaged.
fn weights(gan: &Gan) -> [Vec<f32>; 3] {
    let models = &gan.models;
    [models.generator.snapshot().unwrap(), models.discriminator.snapshot().unwrap(), models.average.weights.clone()]
        .map(|weights| numbers(weights.iter().map(|(name, x)| (name.clone(), x.copy().unwrap())).collect()))
}

#[test]
fn the_discriminator_has_n_critic_turns_on_fresh_poems() {
    let mut gan = gan(|config| config.training.n_critic = 3);
    let (report, turns) = step(&mut gan, 1);
    assert_eq!(turns, ["D1", "D2", "D3", "G"]);
    assert_eq!(gan.batches.cursor(), Cursor { epoch: 0, batch: 3 });
    // Four couplets in each of three minibatches, eight tokens each, real and generated; once more generated for G.
    assert_eq!(report.tokens, 3 * 2 * 4 * 8 + 4 * 8);
}

#[test]
fn discriminator_warmup_is_at_most_half_of_the_phase() {
    let mut gan = gan(|config| config.training.d_warmup_steps = 100);
    let turns = (1..=8).map(|number| step(&mut gan, number).1.join(" ")).collect::<Vec<_>>();
    assert_eq!(turns, ["D1", "D1", "D1", "D1", "D1 G", "D1 G", "D1 G", "D1 G"]);
}

#[test]
fn a_step_with_numbers_that_are_not_finite_changes_nothing() {
    for beta in [1.0, f64::INFINITY] {
        let mut gan = gan(|config| (config.training.n_critic, config.training.frequency_weight) = (2, 0.5));
        step(&mut gan, 1);
        let frequencies = |gan: &Gan| numbers(gan.models.generated_frequencies.clone());
        let (before, counted) = (weights(&gan), frequencies(&gan));
        assert!(!counted.is_empty());
        (gan.config.training.beta_start, gan.config.training.beta_end) = (beta, beta);
        let (report, _) = step(&mut gan, 2);
        assert_eq!(report.record.undone, beta.is_infinite());
        assert_eq!(weights(&gan) == before, beta.is_infinite());
        assert_eq!(frequencies(&gan) == counted, beta.is_infinite());
        assert_eq!(gan.models.discriminator_adam.updates, if beta.is_infinite() { 2 } else { 4 });
    }
}

#[test]
fn after_a_broken_discriminator_the_generator_has_no_turn() {
    let mut gan = gan(|_| ());
    let name = "line.score.bias";
    let broken = gan.models.discriminator.frozen()[name].affine(0.0, f64::NAN).unwrap();
    gan.models.discriminator.set(name, &broken).unwrap();
    let generator = weights(&gan)[0].clone();
    let (report, turns) = step(&mut gan, 1);
    assert!(report.record.undone && turns == ["D1"], "{turns:?}");
    assert!(weights(&gan)[0] == generator);
}

#[test]
fn dropout_begins_when_the_poems_are_no_longer_new() {
    let losses = |dropout, after| {
        let mut gan = gan(|config| {
            (config.model.dropout, config.training.dropout_after) = (dropout, after);
            (config.training.pretrain_steps, config.training.learning_rate) = (1000, 1e-12);
        });
        let minibatches = gan.dataset.minibatches() as u64;
        let loss = |number| step(&mut gan, number).0.record.likelihood_loss.unwrap();
        (1..=3 * minibatches)
            .map(loss)
            .collect::<Vec<f32>>()
            .chunks(minibatches as usize)
            .map(<[f32]>::to_vec)
            .collect()
    };
    let (without, with, later): (Vec<_>, Vec<_>, Vec<_>) = (losses(0.0, 0), losses(0.5, 0), losses(0.5, 2));
    assert_eq!(later[..2], without[..2]);
    assert_eq!(later[2], with[2]);
    assert!((0..3).all(|pass| with[pass].iter().zip(&without[pass]).all(|(with, without)| with != without)));
}

#[test]
fn learning_rates_are_scaled() {
    let moved = |scales: LrScales| {
        let mut gan = gan(|_| ());
        gan.lr_scales = scales;
        let before = weights(&gan);
        let (report, _) = step(&mut gan, 1);
        let after = weights(&gan);
        let record = report.record;
        assert_eq!(record.learning_rate, (1e-4 * scales.all) as f32);
        assert_eq!(record.discriminator_learning_rate, Some((1e-3 * scales.all * scales.discriminator) as f32));
        let distance = |i: usize| before[i].iter().zip(&after[i]).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>();
        [distance(0), distance(1)]
    };
    let [generator, discriminator] = moved(LrScales::ONE);
    let [slow_generator, slow_discriminator] = moved(LrScales { all: 0.5, discriminator: 0.5 });
    assert!((slow_generator / generator - 0.5).abs() < 0.05, "{slow_generator} {generator}");
    assert!((slow_discriminator / discriminator - 0.25).abs() < 0.05, "{slow_discriminator} {discriminator}");
}

/// Every step and every turn draws other poems.
#[test]
fn samples_are_fresh_in_each_step_and_turn() {
    let mut gan = gan(|_| ());
    let minibatch = gan.batches.next(&gan.dataset);
    let sample = |step, turn| {
        let steps = Steps::new(&gan.config, &gan.dataset, step, LrScales::ONE, &gan.compute);
        steps.sample(&gan.models, &minibatch, turn).unwrap().tokens
    };
    assert_eq!(sample(1, 0), sample(1, 0));
    assert_ne!(sample(1, 0), sample(1, 1));
    assert_ne!(sample(1, 0), sample(2, 0));
    let seeds = Steps::new(&gan.config, &gan.dataset, 1, LrScales::ONE, &gan.compute).token_dropout_seeds(0, &(0..3));
    assert_ne!(seeds.real, seeds.fake);
}
