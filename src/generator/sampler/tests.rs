//! Sampling against the graph, and poems against their batches.

use super::*;
use crate::config::Config;
use crate::corpus::Form;
use crate::generator::repeats::{logit_biases, with_repeats};
use crate::generator::restrictions::Prefix;
use crate::generator::{Dropout, Generator, init};
use crate::nn::gumbel::Key;
use crate::nn::params::Params;
use proptest::prelude::*;

const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };

fn model(kind: GeneratorKind) -> (ModelConfig, Params) {
    let config: Config = toml::from_str(include_str!("../../../presets/base.toml")).unwrap();
    let mut config = config.model;
    (config.generator, config.width, config.transformer.layers, config.transformer.hidden) = (kind, 32, 2, 48);
    (config.lstm.hidden, config.max_line, config.max_lines, config.max_poem) = (24, 6, 4, 20);
    let mut params = Params::new(5);
    init(&config, 40, &mut params).unwrap();
    // Large weights make the distributions differ from place to position.
    let tenfold = params.frozen().into_iter().map(|(name, w)| (name, (w * 10.0).unwrap()));
    let sharp: Weights = tenfold.filter(|(name, _)| !name.contains("block") && !name.contains("lstm")).collect();
    let mut weights = params.snapshot().unwrap();
    weights.extend(sharp);
    params.load(&weights).unwrap();
    for name in ["repeat.adjacent", "repeat.apart"] {
        params.normal(name, &[40], 1.0).unwrap();
    }
    (config, params)
}

fn request<'a>(config: &ModelConfig, form: Form, seeds: &'a [u64]) -> Request<'a> {
    Request { tag: 3, rules: Rules::new(form, config), seeds, temperature: 1.0, top_p: 1.0, theme: None, moved: &[] }
}

/// A draw of a token that the rules leave open.
struct Step {
    key: Key,
    /// Of the graph, with the biases of repeats, [vocab].
    logits: Vec<f32>,
    /// The tokens that the rules allow.
    allowed: Vec<usize>,
    token: usize,
}

/// The draws of a batch of the form `free`, computed by the graph.
fn steps(config: &ModelConfig, params: &Params, sampler: &Sampler, seeds: &[u64], batch: &Sequences) -> Vec<Step> {
    let generator = Generator::new(config, SPECIAL, params.frozen());
    let hidden: Vec<f32> = generator.hidden(batch, Dropout::OFF).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let mut logits = Vec::new();
    sampler.output.apply(&mut logits, &hidden, batch.count * batch.time);
    let (targets, positions) = (batch.targets(), batch.positions(SPECIAL));
    let parameters: Vec<f32> = with_repeats(&params.frozen()).unwrap().to_vec1().unwrap();
    let biases = logit_biases(batch, SPECIAL, Rules::new(Form::Free, config), 40);
    let step = |(row, logits): (usize, &mut [f32])| {
        let (poem, t) = (row / batch.time, row % batch.time);
        let allowed = Rules::new(Form::Free, config).allowed(positions[row], t + 1);
        for bias in biases.row(row) {
            let [a, b] = bias.parameters.map(|parameter| parameters[parameter as usize]);
            logits[bias.token as usize] += a + b;
        }
        let special = [(allowed.line, SPECIAL.line as usize), (allowed.end, SPECIAL.end as usize)];
        let special = special.into_iter().filter(|(is_allowed, _)| *is_allowed).map(|(_, token)| token);
        Step {
            key: Key { seed: seeds[poem], position: t },
            logits: logits.to_vec(),
            allowed: special.chain(SPECIAL.first_letter..if allowed.content { 40 } else { 0 }).collect(),
            token: targets[row] as usize,
        }
    };
    let rows = logits.chunks_exact_mut(40).enumerate().filter(|(row, _)| batch.is_real()[*row]);
    rows.map(step).filter(|step| step.allowed.len() > 1).collect()
}

/// The noise of each step is replayed on the graph's logits: the same tokens must win.
#[test]
fn sampler_and_graph_agree() {
    for kind in [GeneratorKind::Transformer, GeneratorKind::Lstm] {
        let (config, params) = model(kind);
        let sampler = Sampler::new(&config, SPECIAL, &params.frozen()).unwrap();
        let seeds = [1, 2, 3, 4, 5, 6];
        let batch = sampler.sample(request(&config, Form::Free, &seeds));
        for Step { key, mut logits, allowed, token } in steps(&config, &params, &sampler, &seeds, &batch) {
            gumbel::add_gumbel(&mut logits, key);
            assert!(allowed.iter().all(|&other| logits[other] <= logits[token] + 1e-4), "{kind:?} {key:?}");
        }
    }
}

/// The same for the tokens of the nucleus, which the rules come before.
#[test]
fn tokens_are_drawn_from_the_nucleus_of_the_allowed_ones() {
    let (config, params) = model(GeneratorKind::Transformer);
    let sampler = Sampler::new(&config, SPECIAL, &params.frozen()).unwrap();
    let seeds: Vec<u64> = (0..30).collect();
    let (temperature, top_p) = (3.0, 0.8);
    let batch = sampler.sample(Request { temperature, top_p, ..request(&config, Form::Free, &seeds) });
    let (mut cut, mut special) = (0, 0);
    for Step { key, mut logits, mut allowed, token } in steps(&config, &params, &sampler, &seeds, &batch) {
        logits.iter_mut().for_each(|logit| *logit /= temperature);
        let total: f32 = allowed.iter().map(|&token| logits[token].exp()).sum();
        // From the most probable one on, until the mass is reached. The slack is for sums in another order.
        allowed.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
        let mut mass = 0.0;
        let is_short = |token: &&usize| {
            let before = mass;
            mass += logits[**token].exp() / total;
            before < top_p - 1e-4
        };
        let nucleus: Vec<usize> = allowed.iter().take_while(is_short).copied().collect();
        let mut perturbed = logits.clone();
        gumbel::add_gumbel(&mut perturbed, key);
        assert!(nucleus.iter().all(|&other| perturbed[other] <= perturbed[token] + 1e-4), "{key:?}");
        assert!(logits[token] >= logits[nucleus[nucleus.len() - 1]] - 1e-3, "{key:?}: outside the nucleus");
        cut += usize::from(allowed.iter().any(|&other| perturbed[other] > perturbed[token] + 1e-4));
        special += usize::from(token < SPECIAL.first_letter);
    }
    assert!(cut > 20 && special > 5, "{cut} {special}");
}

#[test]
fn a_poem_of_a_batch_is_the_poem_of_its_seed() {
    for kind in [GeneratorKind::Transformer, GeneratorKind::Lstm] {
        let (config, params) = model(kind);
        let sampler = Sampler::new(&config, SPECIAL, &params.frozen()).unwrap();
        for form in [Form::Fixed { width: 5, lines: 3 }, Form::Lines(3), Form::Free] {
            let all: Vec<u64> = (10..21).collect();
            let batch = sampler.sample(request(&config, form, &all));
            for (i, &seed) in all.iter().enumerate() {
                let alone = sampler.sample(request(&config, form, &[seed]));
                assert_eq!(alone.poem(0), batch.poem(i));
            }
        }
    }
}

#[test]
fn samples_keep_their_form() {
    let (config, params) = model(GeneratorKind::Transformer);
    let sampler = Sampler::new(&config, SPECIAL, &params.frozen()).unwrap();
    let seeds: Vec<u64> = (0..40).collect();
    let batch = sampler.sample(request(&config, Form::Fixed { width: 5, lines: 3 }, &seeds));
    assert!((0..40).all(|i| batch.poem(i).len() == 19 && batch.poem(i)[6] == 1 && batch.poem(i)[18] == 2));
    let batch = sampler.sample(request(&config, Form::Lines(3), &seeds));
    assert!((0..40).all(|i| batch.poem(i).iter().filter(|&&t| t == 1).count() == 2));
    assert!(batch.tokens.iter().all(|&t| t != 0), "the unknown token is never sampled");
}

#[test]
fn peaks_hold_the_token_and_change_no_poem() {
    let (config, params) = model(GeneratorKind::Transformer);
    let sampler = Sampler::new(&config, SPECIAL, &params.frozen()).unwrap();
    let seeds: Vec<u64> = (0..12).collect();
    for form in [Form::Fixed { width: 5, lines: 3 }, Form::Free] {
        let request = request(&config, form, &seeds);
        let (batch, peaks) = sampler.sample_with_peaks(request, Some(30.0));
        assert_eq!(batch, sampler.sample(request));
        let mut found = 0;
        for (poem, peaks) in peaks.iter().enumerate() {
            assert_eq!(peaks.len() + 1, batch.lengths[poem]);
            for (peaks, &token) in peaks.iter().zip(&batch.poem(poem)[1..]) {
                let Some(peaks) = peaks else { continue };
                let top = peaks.tokens.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
                assert_eq!(top.0, token, "the most probable token is the one that was drawn");
                found += 1;
            }
        }
        assert!(found > 60, "{found}");
        assert!(sampler.sample_with_peaks(request, Some(1.0)).1.iter().all(Vec::is_empty));
    }
}

#[test]
fn only_the_component_of_the_direction_is_moved() {
    let (config, params) = model(GeneratorKind::Transformer);
    let sampler = Sampler::new(&config, SPECIAL, &params.frozen()).unwrap();
    let seeds = [4, 5];
    let form = Form::Fixed { width: 5, lines: 3 };
    let plain = sampler.sample(request(&config, form, &seeds));
    let moved = |moved| sampler.sample(Request { moved: &[moved], ..request(&config, form, &seeds) });
    let there = moved((3, 2.5));
    assert_eq!((plain.z.len(), there.z.len()), (2 * config.z_dim, 2 * config.z_dim));
    for (index, (before, after)) in plain.z.iter().zip(&there.z).enumerate() {
        assert_eq!(*after, if index % config.z_dim == 3 { before + 2.5 } else { *before }, "{index}");
    }
    assert!((0..config.z_dim).any(|direction| moved((direction, 50.0)).tokens != plain.tokens), "the poem follows");
    assert_eq!(moved((3, 0.0)), plain);
    assert_eq!(moved((config.z_dim, 2.5)), plain, "a direction that does not exist moves nothing");
}

/// A poem that is drawn again from its seventh token on, where the token that was there is then forbidden, is the one that is
/// drawn with this token forbidden from the beginning.
#[test]
fn a_poem_drawn_again_has_no_trace_of_the_first_time() {
    for kind in [GeneratorKind::Transformer, GeneratorKind::Lstm] {
        let (config, params) = model(kind);
        let sampler = Sampler::new(&config, SPECIAL, &params.frozen()).unwrap();
        let seeds: Vec<u64> = (0..12).collect();
        let request = request(&config, Form::Free, &seeds);
        let first = sampler.sample(request);
        let forbid = |prefix: &Prefix, logits: &mut [f32]| {
            if prefix.tokens.len() == 6 {
                first
                    .poem(prefix.index)
                    .get(6)
                    .into_iter()
                    .for_each(|&token| logits[token as usize] = f32::NEG_INFINITY);
            }
        };
        let at_once =
            sampler.sample_restricted(request, Restrictions { mask: Some(&forbid), ..Restrictions::default() });
        let later = |prefix: &Prefix, logits: &mut [f32]| {
            if prefix.redrawn == 6 {
                forbid(prefix, logits)
            }
        };
        let redo = |prefix: &Prefix, _| (prefix.redrawn == 0 && prefix.tokens.len() == 11).then_some(6);
        let restrictions = Restrictions { mask: Some(&later), redo: Some(&redo), ..Restrictions::default() };
        let again = sampler.sample_restricted(request, restrictions);
        let mut n_long = 0;
        for poem in (0..12).filter(|&poem| first.poem(poem).len() > 11) {
            assert_eq!(again.0.poem(poem), at_once.0.poem(poem), "{kind:?}");
            assert_eq!(again.1[poem], at_once.1[poem], "{kind:?}");
            n_long += 1;
        }
        assert!(n_long > 3, "{kind:?}: {n_long}");
    }
}

fn any_form() -> impl Strategy<Value = Form> {
    prop_oneof![
        (1usize..7, 1usize..5).prop_map(|(width, lines)| Form::Fixed { width, lines }),
        (1usize..5).prop_map(Form::Lines),
        Just(Form::Free),
    ]
}

/// What a poem must be, read without the sampler's rules: its lines, none of which holds a mark.
fn assert_form(poem: &[u32], form: Form, config: &ModelConfig, special: SpecialTokens) {
    let (first, body) = poem.split_first().unwrap();
    let (last, body) = body.split_last().unwrap();
    assert_eq!((*first, *last), (3, special.end), "{poem:?}");
    let lines: Vec<&[u32]> = body.split(|&token| token == special.line).collect();
    let least = if matches!(form, Form::Fixed { .. }) { special.first_letter } else { special.first_content };
    assert!(lines.iter().all(|line| line.iter().all(|&token| token as usize >= least)), "{poem:?}");
    if let Form::Fixed { width, lines: n_lines } = form {
        assert!(lines.len() == n_lines && lines.iter().all(|line| line.len() == width), "{poem:?}");
        return;
    }
    // Only a poem that has no room left may end anywhere.
    let is_cut = poem.len() == config.max_poem;
    assert!(poem.len() <= config.max_poem && lines.iter().all(|line| line.len() <= config.max_line), "{poem:?}");
    assert!(is_cut || lines.iter().all(|line| !line.is_empty()), "{poem:?}");
    match form {
        Form::Lines(n_lines) => assert!(lines.len() == n_lines || (is_cut && lines.len() < n_lines), "{poem:?}"),
        _ => assert!(lines.len() <= config.max_lines, "{poem:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_sample_has_its_form(
        form in any_form(),
        temperature in 0.05f32..20.0,
        top_p in 0.001f32..1.0,
        first_seed in 0u64..10_000,
        first_letter in 4usize..20,
        is_lstm: bool,
    ) {
        let kind = if is_lstm { GeneratorKind::Lstm } else { GeneratorKind::Transformer };
        let (config, params) = model(kind);
        let special = SpecialTokens { first_letter, ..SPECIAL };
        let sampler = Sampler::new(&config, special, &params.frozen()).unwrap();
        let seeds: Vec<u64> = (first_seed..first_seed + 8).collect();
        let batch = sampler.sample(Request { temperature, top_p, ..request(&config, form, &seeds) });
        (0..8).for_each(|poem| assert_form(batch.poem(poem), form, &config, special));
    }
}
