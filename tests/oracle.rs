//! `poetgan oracle` through the real binary, with a random oracle and few steps.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::Folder;
use serde_json::Value;

/// The lines of a short run with a random oracle.
fn run(folder: &Folder, words: &str) -> Vec<Value> {
    let small = "--sequences 3000 --time 8 --width 16 --hidden 24 --dropout 0 --batch 128 --samples 400 --every 40";
    let text = folder.done(&format!("oracle --json --threads 2 {small} {words}"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'a>(lines: &'a [Value], what: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["what"] == what).collect()
}

fn number(line: &Value, key: &str) -> f64 {
    line[key].as_f64().unwrap()
}

#[test]
fn likelihood_training_lowers_the_held_out_nll() {
    let folder = Folder::new();
    let lines = run(&folder, "--pretrain-steps 120 --adversarial-steps 3 --learning-rate 0.01");
    assert_eq!((&lines[0]["comparable"], &lines[0]["vocab"]), (&Value::Bool(false), &5000.into()));
    let steps = of(&lines, "step");
    let phases: Vec<(u64, &str)> =
        steps.iter().map(|step| (step["step"].as_u64().unwrap(), step["phase"].as_str().unwrap())).collect();
    let expected =
        [(0, "pretraining"), (40, "pretraining"), (80, "pretraining"), (120, "pretraining"), (123, "adversarial")];
    assert_eq!(phases, expected);
    // An untrained model is uniform: ln 5000 nats.
    assert!((number(steps[0], "nll_held_out") - 5000f64.ln()).abs() < 0.1, "{}", steps[0]);
    assert!(number(steps[3], "nll_held_out") < number(steps[0], "nll_held_out") - 0.3, "{}", steps[3]);
    assert!(number(steps[3], "nll_oracle") < number(steps[0], "nll_oracle") - 0.3, "{}", steps[3]);
    // No model can be better than the oracle itself.
    let own = of(&lines, "oracle")[0];
    assert!(steps.iter().all(|step| number(step, "nll_held_out") > number(own, "nll_held_out")));
    let colder = of(&lines, "inverse_temperature");
    let alphas: Vec<f64> = colder.iter().map(|line| number(line, "inverse_temperature")).collect();
    assert_eq!(alphas, [1.0, 1.5, 2.0, 2.5]);
    assert_eq!(number(colder[0], "nll_oracle"), number(steps[3], "nll_oracle"));
    assert!(number(colder[3], "nll_oracle") < number(colder[0], "nll_oracle"));
    assert!(number(colder[3], "nll_held_out") > number(colder[0], "nll_held_out"));
    assert!(number(colder[3], "distinct_2") < number(colder[0], "distinct_2"));
    let end = of(&lines, "end")[0];
    assert_eq!((end["step"].as_u64(), &end["stopped"]), (Some(123), &Value::Bool(false)));
    assert!(of(&lines, "published").is_empty(), "a random oracle is not comparable");
}

#[test]
fn equal_runs_give_equal_numbers() {
    let folder = Folder::new();
    let figures = |words: &str| -> Vec<[Value; 4]> {
        let keys = ["nll_oracle", "nll_held_out", "distinct_2", "unique"];
        run(&folder, words)[1..].iter().map(|line| keys.map(|key| line[key].clone())).collect()
    };
    let words = "--generator transformer --pretrain-steps 6 --adversarial-steps 4";
    let one = figures(words);
    assert_eq!(one, figures(words));
    assert_ne!(one, figures(&format!("{words} --seed 1")));
    assert_ne!(one, figures(&format!("{words} --oracle-seed 1")));
}

#[test]
fn the_table_says_that_it_is_not_comparable() {
    let folder = Folder::new();
    let words =
        "--sequences 1 --time 5 --width 4 --hidden 4 --batch 1 --samples 1 --pretrain-steps 1 --adversarial-steps 1";
    let text = folder.done(&format!("oracle {words}"));
    for words in ["NOT comparable", "pretraining, 1 steps", "adversarial, 1 steps", "NLL_oracle alone rewards"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("RelGAN"), "{text}");
}

#[test]
fn wrong_files_are_a_user_error_of_one_line() {
    let folder = Folder::new();
    let tensor = |shape: &[usize]| {
        candle_core::Tensor::zeros(shape, candle_core::DType::F32, &candle_core::Device::Cpu).unwrap()
    };
    let mut tensors = std::collections::HashMap::from([("g_embeddings".to_string(), tensor(&[9, 4]))]);
    for gate in ["i", "f", "og", "c"] {
        tensors.insert(format!("W{gate}"), tensor(&[4, 3]));
        tensors.insert(format!("U{gate}"), tensor(&[3, 3]));
        tensors.insert(format!("b{gate}"), tensor(&[3]));
    }
    tensors.insert("Wo".to_string(), tensor(&[3, 9]));
    let write = |name: &str, tensors: &std::collections::HashMap<String, candle_core::Tensor>| {
        candle_core::safetensors::save(tensors, folder.path(name)).unwrap();
    };
    write("lacks.safetensors", &tensors);
    tensors.insert("bo".to_string(), tensor(&[8]));
    write("shape.safetensors", &tensors);
    tensors.insert("bo".to_string(), (tensor(&[9]) + f64::NAN).unwrap());
    write("nan.safetensors", &tensors);
    tensors.insert("bo".to_string(), tensor(&[9]));
    write("good.safetensors", &tensors);
    let whole = std::fs::read(folder.path("good.safetensors")).unwrap();
    std::fs::write(folder.path("cut.safetensors"), &whole[..whole.len() - 5]).unwrap();
    std::fs::write(folder.path("empty.safetensors"), "").unwrap();
    for (name, why) in [
        ("none", "cannot read it"),
        ("empty", "not a complete safetensors file"),
        ("cut", "not a complete safetensors file"),
        ("lacks", "the tensor 'bo' is missing"),
        ("shape", "'bo' is [8], not [9]"),
        ("nan", "'bo' contains numbers that are not finite"),
    ] {
        let said = folder.mistake(&format!("oracle --weights {name}.safetensors"));
        assert!(said.contains(why) && said.contains(name), "{said}");
    }
    let tiny = "--sequences 4 --samples 4 --batch 2 --width 4 --hidden 4 --pretrain-steps 1 --adversarial-steps 0";
    let text = folder.done(&format!("oracle --weights good.safetensors {tiny}"));
    assert!(text.contains("vocab 9") && text.contains("NOT comparable"), "{text}");
    let said = folder.mistake("oracle --generator transformer --width 30");
    assert!(said.contains("--width 30: the transformer has 4 heads"), "{said}");
}

#[test]
#[cfg(unix)]
fn an_interrupt_prints_the_results_so_far() {
    let folder = Folder::new();
    let words = "oracle --sequences 200 --samples 50 --every 1 --pretrain-steps 1000000 --width 8 --hidden 8 --json";
    let mut running = folder.start(words);
    common::until("a step is measured", || folder.read("out.txt").contains("\"step\":1,").then_some(()));
    running.send("INT");
    assert_eq!(running.wait().code(), Some(0));
    let text = folder.read("out.txt");
    let end: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((&end["what"], &end["stopped"]), (&Value::from("end"), &Value::Bool(true)));
    assert_eq!(text.matches("inverse_temperature\":").count(), 4, "{text}");
}
