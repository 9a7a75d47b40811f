//! Poems in stanzas, through the real binary: learned, written, resumed.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, assert_equal, quick};
use poetgan::random;
use serde_json::Value;

/// Poems of two stanzas of two lines, below headers.
fn poems(n: usize) -> String {
    let words = ["rose", "sun", "sea", "wind", "star", "moon", "bird", "tree", "snow", "rain"];
    let mut rng = random::stream(1, "stanzas of a test", 0);
    let mut line = || (0..3).map(|_| words[random::below(&mut rng, words.len())]).collect::<Vec<_>>().join(" ");
    (0..n).map(|i| format!("# {i}\n{}\n{}\n\n{}\n{}\n\n", line(), line(), line(), line())).collect()
}

#[test]
fn stanzas_are_learned_and_written_and_a_run_resumes_bit_for_bit() {
    let folder = Folder::new();
    folder.write("stanzas.txt", poems(80));
    folder.write("quick.toml", quick("learning_rate = 0.01"));
    let words = "train stanzas.txt --config quick.toml --pretrain-steps 150 --threads 2 --plain";
    let out = folder.done(&format!("{words} --adversarial-steps 4 --run whole"));
    // The log shows the blank line within a sample.
    assert!(out.contains("\n\n        "), "{out}");
    let written = folder.done("write --model runs/whole --seed 1 --count 20 --select 1 --json");
    let poems: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let has_two = |poem: &&Value| {
        let text: Vec<&str> = poem["text"].as_str().unwrap().lines().collect();
        poem["stanzas"] == serde_json::json!([2]) && poem["lines"].as_array().unwrap().len() == 4 && text[2].is_empty()
    };
    assert!(poems.iter().filter(has_two).count() >= 15, "{written}");
    let text = folder.done("write --model runs/whole --seed 1 --count 1 --select 1");
    assert_eq!(text.trim_end(), poems[0]["text"].as_str().unwrap());

    folder.done(&format!("{words} --adversarial-steps 1 --run torn"));
    folder.done(&format!("{words} --adversarial-steps 4 --run torn"));
    assert_equal(&folder.journal("whole").tensors(154), &folder.journal("torn").tensors(154));
}
