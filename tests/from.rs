//! `train --from` through the real binary: a run on another corpus that begins with a trained generator.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{CHARACTERS, Folder, assert_equal};
use std::fs;

/// A trained run `poems`, and `other.txt`: poems with a character that its model does not have.
fn folder() -> Folder {
    let folder = Folder::trained();
    let known = CHARACTERS.chars().next().unwrap();
    folder.write("other.txt", folder.read("poems.txt").replace(known, "龘"));
    folder
}

#[test]
fn it_resumes_bit_for_bit_without_the_model_that_it_began_with() {
    let folder = folder();
    let words = "train other.txt --config quick.toml --from poems --pretrain-steps 12 --threads 2 --plain";
    let out = folder.done(&format!("{words} --adversarial-steps 6 --run whole"));
    let began = "generator starts from runs/poems, step 20; 1 new tokens; theme axes kept";
    assert!(out.contains(began), "{out}");
    folder.done(&format!("{words} --adversarial-steps 0 --run torn"));
    fs::remove_dir_all(folder.path("runs/poems")).unwrap();
    let out = folder.done(&format!("{words} --adversarial-steps 6 --run torn"));
    assert!(!out.contains("generator starts from"), "{out}");
    assert_equal(&folder.journal("whole").tensors(18), &folder.journal("torn").tensors(18));
}

#[test]
fn a_run_that_began_otherwise_is_not_resumed() {
    let folder = folder();
    let words = "--config quick.toml --steps 4 --plain --run";
    folder.done(&format!("train other.txt --from poems {words} a"));
    let mistake = folder.mistake("train poems.txt --config quick.toml --steps 20 --plain --from builtin");
    assert!(mistake.contains("this run began without --from, and --from builtin would be ignored"), "{mistake}");
    let mistake = folder.mistake(&format!("train other.txt --from builtin {words} a"));
    assert!(mistake.contains("this run began with --from poems"), "{mistake}");
    let mistake = folder.mistake(&format!("train other.txt --from nowhere {words} b"));
    assert!(mistake.contains("nowhere: does not exist"), "{mistake}");
}

#[test]
fn a_vocabulary_that_cannot_write_the_poems_is_named() {
    let folder = Folder::new();
    let verse = |i: usize| format!("the swan of day {i} is white\nthe night has {i} stars\n\n");
    folder.write("verse.txt", (0..40).map(verse).collect::<String>());
    folder.done("train verse.txt --config quick.toml --steps 2 --tokenizer bpe --plain");
    let mistake = folder.mistake("train poems.txt --config quick.toml --from verse --plain");
    let why = "the vocabulary of the --from model, parts of words, cannot write the others; leave out --from, or name a \
               model of similar poems";
    assert!(mistake.contains("poems are left, and at least 20 are needed: ") && mistake.ends_with(why), "{mistake}");
}

/// Some poems that the built-in model was trained on; a new generator would begin at ln(vocabulary) > 8.
#[test]
fn the_built_in_model_knows_verse_from_the_first_step_on() {
    let folder = Folder::new();
    let tang = fs::read_to_string("corpora/tang.txt").unwrap();
    folder.write("few.txt", tang.split("\n\n").take(300).collect::<Vec<_>>().join("\n\n"));
    let out = folder.done("train few.txt --from builtin --pretrain-steps 1 --adversarial-steps 0 --plain");
    assert!(out.contains("generator starts from builtin; ") && out.contains("theme axes kept"), "{out}");
    let step = folder.journal("few").events().into_iter().find(|event| event["event"] == "step").unwrap();
    assert!(step["likelihood_loss"].as_f64().unwrap() < 5.8, "{step}");
}
