//! The precision of the matrix products of training: which one a run has, and how close both are.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::collections::BTreeMap;

use common::{Folder, json};
use poetgan::config::{Config, GeneratorKind};
use poetgan::corpus;
use poetgan::gan::data::Dataset;
use poetgan::gan::models::Models;
use poetgan::generator::{Dropout, Generator};
use poetgan::nn::precision::Precision;
use poetgan::nn::threads;
use poetgan::run::state::Cursor;
use poetgan::tokenizer::Tokenizer;

/// Gradients of one likelihood step of the default preset on Tang poems, by the names of the weights.
fn gradients(kind: GeneratorKind, precision: Precision) -> BTreeMap<String, Vec<f32>> {
    let mut config = Config::preset("base").unwrap();
    config.model.generator = kind;
    config.training.batch_tokens = 512;
    let corpus = corpus::read("corpora/tang.txt".as_ref(), &Default::default()).unwrap();
    let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training).unwrap();
    let dataset = Dataset::new(&corpus, &tokenizer, &config);
    let models = Models::new(&config, tokenizer.vocab_size(), None).unwrap();
    let minibatch = dataset.batches(Cursor::default()).next(&dataset);
    let weights = models.generator.trainable();
    let generator = Generator::new(&config.model, dataset.special, weights.clone()).with_precision(precision);
    let dropout = Dropout { rate: config.model.dropout, seed: 3 };
    let loss = generator.likelihood_loss(&minibatch.real, minibatch.rules, 1e-3, dropout).unwrap();
    let grads = generator.backward(&loss).unwrap();
    let values = |weight| grads.get(weight).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    weights.iter().map(|(name, weight)| (name.clone(), values(weight))).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn gradients_in_bfloat16_point_where_those_in_32_bits_do() {
    if !Precision::Bf16.is_available() {
        return eprintln!("this processor does not multiply bfloat16: nothing is tested");
    }
    threads::prepare();
    for kind in [GeneratorKind::Transformer, GeneratorKind::Lstm] {
        let (rounded, exact) = (gradients(kind, Precision::Bf16), gradients(kind, Precision::F32));
        let all = |gradients: &BTreeMap<String, Vec<f32>>| gradients.values().flatten().copied().collect::<Vec<f32>>();
        let whole = cosine(&all(&rounded), &all(&exact));
        println!("{kind:?}: {whole}");
        assert!((0.999..1.0 - 1e-9).contains(&whole), "{kind:?}: {whole}");
        for (name, exact) in exact {
            let cosine = cosine(&rounded[&name], &exact);
            println!("{kind:?} {name}: {cosine}");
            assert!(cosine > 0.998, "{kind:?} {name}: {cosine}");
        }
    }
}

#[test]
fn a_run_records_its_precision_and_says_it_at_the_start() {
    let folder = Folder::new();
    let train = |run: &str, options: &str| {
        folder.done(&format!("train poems.txt --config quick.toml --run {run} --steps 20 --plain {options}"))
    };
    let recorded = |run: &str| folder.journal(run).state(20)["state"]["precision"].clone();
    let fastest = Precision::fastest().to_string();
    let (auto, plain) = (train("auto", ""), train("plain", "--precision f32"));
    assert!(auto.contains(&format!("matrix products in {fastest}\n")), "{auto}");
    assert!(plain.contains("matrix products in f32\n"), "{plain}");
    assert_eq!((recorded("auto"), recorded("plain")), (fastest.as_str().into(), "f32".into()));
    let is_rounded = Precision::fastest() == Precision::Bf16;
    assert_eq!(folder.journal("auto").tensors(20) != folder.journal("plain").tensors(20), is_rounded);
}

/// A run of a machine without the instructions goes on as it began; the setting can be changed.
#[test]
fn a_resumed_run_keeps_its_precision_unless_the_setting_changes() {
    let folder = Folder::new();
    let words = |run: &str, steps: u64| {
        format!(
            "train poems.txt --config quick.toml --run {run} --pretrain-steps 20 --adversarial-steps {steps} --plain"
        )
    };
    folder.done(&words("a", 0));
    let path = folder.journal("a").checkpoint(20).join("state.json");
    let mut state = json(&path);
    state["state"]["precision"] = "f32".into();
    std::fs::write(&path, state.to_string()).unwrap();
    let said = folder.done(&words("a", 10));
    assert!(said.contains("matrix products in f32\n"), "{said}");
    assert_eq!(folder.journal("a").state(30)["state"]["precision"], "f32");

    folder.done(&format!("{} --precision f32", words("b", 0)));
    let refused = folder.mistake(&format!("{} --precision auto", words("b", 10)));
    assert!(refused.contains("training.precision"), "{refused}");
    let said = folder.done(&format!("{} --precision auto --allow-changes", words("b", 10)));
    assert!(said.contains(&format!("matrix products in {}\n", Precision::fastest())), "{said}");

    // A process that was killed before its first checkpoint leaves the new setting in config.toml.
    folder.done(&format!("{} --precision f32", words("c", 0)));
    let config = folder.read("runs/c/config.toml");
    let changed = config.replace("precision = \"f32\"", "precision = \"auto\"");
    assert_ne!(config, changed);
    folder.write("runs/c/config.toml", changed);
    let said = folder.done(&words("c", 10));
    assert!(said.contains(&format!("matrix products in {}\n", Precision::fastest())), "{said}");
}
