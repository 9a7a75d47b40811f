//! `poetgan bench` through the real binary, on small shapes.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use assert_cmd::Command;
use serde_json::Value;

const SMALL: &str = "--batch 4 --time 6 --vocab 40 --embed 16 --hidden 24 --repeats 3";

fn bench(arguments: &str) -> std::process::Output {
    Command::cargo_bin("poetgan").unwrap().arg("bench").args(arguments.split_whitespace()).output().unwrap()
}

#[test]
fn json_has_the_lines_of_the_scripts() {
    for generator in ["lstm", "transformer"] {
        let output = bench(&format!("--json --generator {generator} --threads 2 {SMALL}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let shape = ["batch", "time", "vocab", "embed", "hidden", "threads"].map(|key| lines[0][key].as_u64().unwrap());
        assert_eq!((shape, lines[0]["generator"].as_str()), ([4, 6, 40, 16, 24, 2], Some(generator)));
        let what: Vec<&str> = lines[1..].iter().map(|line| line["what"].as_str().unwrap()).collect();
        assert_eq!(what, ["mle_step", "g_step", "d_step", "sample", "mle_step_products", "matmul_peak", "memory"]);
        for step in &lines[1..5] {
            let [min, ms, max] = ["min", "ms", "max"].map(|key| step[key].as_f64().unwrap());
            assert!(0.0 < min && min <= ms && ms <= max, "{step}");
            let tokens_per_s = step["tokens_per_s"].as_f64().unwrap();
            // Times are rounded to a microsecond.
            assert!(tokens_per_s > 0.9 * 24.0 / (ms + 0.0005) * 1e3, "{step}");
            let share = step["matmul_share"].as_f64().unwrap();
            assert!((0.0..1.5).contains(&share), "{step}");
        }
        assert!(lines[5]["ms"].as_f64().unwrap() > 0.0 && lines[6]["gflops"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn the_table_ends_with_an_estimate() {
    let output = bench(&format!("--threads 2 --precision f32 {SMALL}"));
    let text = String::from_utf8(output.stdout).unwrap();
    for words in [
        "matrix products in f32",
        "median ms",
        "g_step",
        "mle_step alone",
        "matmul peak",
        "The default schedule",
        "takes about",
        "2700 pretraining steps of",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn invalid_shapes_are_a_user_error_of_one_line() {
    let cases = [
        ("--generator transformer --embed 30", "--embed 30: the transformer has 4 heads"),
        ("--batch 100000 --time 1000", "more than 1000000 tokens"),
        ("--vocab 1000000 --embed 100000", "a weight of more than 100000000 elements"),
        ("--hidden 1000000", "a weight of more than"),
        ("--embed 1000000 --vocab 8 --hidden 8", "a weight of more than"),
    ];
    for (arguments, message) in cases {
        let output = bench(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{said}");
        assert!(said.contains(message), "{said}");
    }
}
