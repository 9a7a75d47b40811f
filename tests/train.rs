//! Training through the real binary: what it promises of its bytes, its numbers and its run directory. Interruptions
//! are in `resume.rs`.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, assert_equal, json, quick};
use poetgan::run::event::{Event, Phase};
use poetgan::run::notice::FinishReason;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn the_end_says_which_checkpoint_is_the_best_and_what_to_do_next() {
    let folder = Folder::new();
    let out = folder.done("train poems.txt --config quick.toml --plain --run a");
    let best = folder.read("runs/a/best").trim().trim_start_matches("step-").parse::<u64>().unwrap();
    let said = format!("the best checkpoint, which write uses, is that of step {best}: ");
    assert_eq!(out.matches(&said).count(), 1, "{out}");
    let (log, end) = out.split_once("all steps are done\n").unwrap();
    assert!(log.contains("notice      step 60  the best checkpoint"), "{out}");
    let poems = folder.done("write --model runs/a --seed 1 -n 2");
    let commands = ["write", "eval ", "sweep"].map(|command| format!("poetgan {command} --model runs/a"));
    assert!(end.starts_with(&format!("\n{poems}")), "{end}");
    assert!(commands.iter().all(|command| end.contains(command)), "{end}");
    let json = folder.done("train poems.txt --config quick.toml --json --run b");
    assert!(json.lines().all(|line| line.starts_with('{')), "events only");
}

#[test]
fn equal_runs_give_equal_bytes() {
    let folder = Folder::new();
    fs::copy("corpora/sonnets.txt", folder.path("sonnets.txt")).unwrap();
    for corpus in ["poems.txt", "sonnets.txt"] {
        let words = format!("train {corpus} --config quick.toml --steps 20 --plain --threads 2 --run");
        let [one, other, third] = ["one", "other", "third"].map(|name| folder.journal(&format!("{corpus}-{name}")));
        folder.done(&format!("{words} {corpus}-one"));
        folder.done(&format!("{words} {corpus}-other"));
        assert_equal(&one.tensors(20), &other.tensors(20));
        assert_eq!(one.state(20), other.state(20));
        folder.done(&format!("{words} {corpus}-third --seed 1"));
        assert!(one.tensors(20).iter().all(|(name, bytes)| third.tensors(20)[name] != *bytes));
    }
}

#[test]
fn every_loss_relaxation_and_generator_trains_to_the_end() {
    let folder = Folder::new();
    folder.write("bare.toml", "[discriminator]\npoem = false\nrhyme = false\n");
    let mut runs = vec![
        "--pretrain-steps 0 --adversarial-steps 6".to_string(),
        "--pretrain-steps 3 --adversarial-steps 0".to_string(),
        "--steps 6 --n-critic 3".to_string(),
        "--steps 6 --config bare.toml".to_string(),
    ];
    for generator in ["transformer", "lstm"] {
        for loss in ["standard", "relativistic", "hinge", "wasserstein"] {
            for relaxation in ["straight-through", "soft"] {
                let kind = format!("--generator {generator} --loss {loss} --relaxation {relaxation}");
                runs.push(format!("{kind} --pretrain-steps 2 --adversarial-steps 3"));
            }
        }
    }
    for (index, flags) in runs.iter().enumerate() {
        let out = folder.done(&format!("train poems.txt --preset tiny --run r{index} --json {flags}"));
        let events: Vec<Event> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let steps = events.iter().filter_map(|event| if let Event::Step(step) = event { Some(step) } else { None });
        for step in steps {
            let adversarial = [step.generator_loss, step.discriminator_loss, step.d_real, step.d_fake];
            let numbers = match step.phase {
                Phase::Pretraining => vec![step.likelihood_loss],
                Phase::Adversarial => adversarial.to_vec(),
            };
            assert!(numbers.iter().all(|number| number.is_some_and(f32::is_finite)), "{flags}: {step:?}");
        }
        let Some(Event::Finished { step, .. }) = events.last() else { panic!("{flags}: {:?}", events.last()) };
        assert!(folder.journal(&format!("r{index}")).checkpoints().contains(step), "{flags}");
    }
}

#[test]
fn json_has_every_event_in_order() {
    let folder = Folder::new();
    let out = folder.done("train poems.txt --config quick.toml --json");
    let events: Vec<Event> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        matches!(events[0], Event::Started { step: 0, total_steps: 60, pretrain_steps: 40, .. }),
        "{:?}",
        events[0]
    );
    let steps: Vec<_> =
        events.iter().filter_map(|e| if let Event::Step(s) = e { Some(s.step) } else { None }).collect();
    assert_eq!(steps, (1..=60).collect::<Vec<_>>());
    let checkpoints = events.iter().filter(|event| matches!(event, Event::Checkpoint { .. }));
    assert_eq!(checkpoints.count(), 6);
    assert!(events.iter().any(|event| matches!(event, Event::HeldOut { .. })));
    assert!(events.iter().any(|event| matches!(event, Event::Sample { .. })));
    let last = Event::Finished { step: 60, reason: FinishReason::StepsDone };
    assert_eq!(events.last(), Some(&last));
    // A finished run has nothing left to do, and says so.
    let again = folder.done("train poems.txt --config quick.toml --json");
    assert_eq!(again.lines().last().map(|line| serde_json::from_str(line).unwrap()), Some(last));
    assert!(!again.contains("\"event\":\"step\""), "{again}");
}

#[test]
fn the_run_directory_records_what_was_done() {
    let folder = Folder::new();
    let out = folder.done("train poems.txt --config quick.toml --seed 7 --plain");
    let run = folder.journal("poems");
    assert_eq!(run.checkpoints().last(), Some(&60));
    assert!(folder.read("runs/poems/config.toml").contains("seed = 7"));
    let corpus = json(&folder.path("runs/poems/corpus.json"));
    assert_eq!((&corpus["path"], &corpus["poems"]), (&"poems.txt".into(), &60.into()));
    let tokenizer = json(&folder.path("runs/poems/tokenizer.json"));
    assert!(tokenizer["model"]["vocab"]["<end>"].is_number());
    let best = folder.read("runs/poems/best");
    assert!(run.0.join("checkpoints").join(best.trim()).is_dir(), "{best}");
    for word in ["run ", "corpus ", "held-out ", "checkpoint ", "step ", "samples ", "finished "] {
        assert!(out.lines().any(|line| line.starts_with(word)), "no line '{word}'\n{out}");
    }
    assert!(!out.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn poems_that_are_left_out_are_reported() {
    let folder = Folder::new();
    // From poem `first` on, each ends with a character of its own.
    let strange = |n: usize, first: usize| -> String {
        let text = common::quatrains(n);
        let poems = text.trim_end().split("\n\n").enumerate().map(|(i, poem)| {
            let mut poem: Vec<char> = poem.trim_end().chars().collect();
            if i >= first {
                *poem.last_mut().unwrap() = char::from_u32(0x3400 + i as u32).unwrap();
            }
            poem.into_iter().collect::<String>()
        });
        poems.collect::<Vec<_>>().join("\n\n")
    };
    // Three marks, two forms, and every character of the first 25 poems.
    let known = 5 + common::quatrains(25).chars().filter(|c| *c != '\n').collect::<BTreeSet<_>>().len();
    folder.write("many.txt", strange(65, 25));
    let out = folder.done(&format!("train many.txt --preset tiny --steps 2 --plain --vocab-size {known}"));
    assert!(out.contains("40 of 65 poems are left out: they hold tokens too rare"), "{out}");
    assert!(out.contains("lower tokenizer.min_count or raise tokenizer.vocab_size"), "{out}");
    folder.write("few.txt", strange(20, 0));
    let out = folder.done("train few.txt --preset tiny --steps 2 --plain");
    assert!(out.contains("no held-out loss, so the newest checkpoint counts as the best"), "{out}");
    let usual = folder.done("train poems.txt --preset tiny --steps 2 --plain");
    assert!(!usual.contains("no held-out loss") && !usual.contains("are left out"), "{usual}");
}

#[test]
fn the_time_limit_ends_a_long_schedule() {
    let folder = Folder::new();
    let out = folder.done("train poems.txt --preset tiny --steps 1000000 --time-limit 1s --plain");
    assert!(out.contains("time limit reached; the same command resumes the run"), "{out}");
    let last = folder.journal("poems").steps().len() as u64;
    assert!((1..1_000_000).contains(&last));
    assert!(folder.journal("poems").checkpoints().contains(&last));
}

#[test]
fn a_changed_corpus_or_model_is_refused_with_the_ways_out() {
    let folder = Folder::trained();
    let run = folder.journal("poems");
    let before = run.tensors(20);
    let words = "train poems.txt --config quick.toml --plain --steps 30";
    let model = folder.mistake(&format!("{words} --generator lstm"));
    assert!(model.contains("model.generator: run has \"transformer\", now \"lstm\""), "{model}");
    let training = folder.mistake(&format!("{words} --loss hinge"));
    assert!(training.contains("training.loss") && training.contains("--allow-changes"), "{training}");
    folder.write("poems.txt", common::quatrains(61));
    let corpus = folder.mistake(words);
    assert!(corpus.contains("corpus: run has poems.txt (") && corpus.contains("now poems.txt ("), "{corpus}");
    for said in [model, training, corpus] {
        assert!(said.contains("runs/poems: ") && said.contains("--fresh") && said.contains("--run NAME"), "{said}");
    }
    // Nothing has been touched: what was trained on before still goes on.
    assert_equal(&run.tensors(20), &before);
    folder.write("poems.txt", common::quatrains(60));
    folder.done(words);
    folder.done("train poems.txt --plain --steps 40 --loss hinge --allow-changes");
    assert_eq!(run.checkpoints().last(), Some(&40));
}

#[test]
fn the_discriminator_may_change_before_adversarial_training() {
    let folder = Folder::new();
    folder.write("narrow.toml", "preset = \"tiny\"\n[discriminator]\nfilters = 8\n");
    folder.done("train poems.txt --preset tiny --run r --pretrain-steps 4 --adversarial-steps 0 --plain");
    let out =
        folder.done("train poems.txt --config narrow.toml --run r --pretrain-steps 4 --adversarial-steps 4 --plain");
    assert!(out.contains("discriminator settings changed; its weights are reinitialised"), "{out}");
    // What was saved before and what was saved after can both write.
    for model in ["runs/r", "runs/r/checkpoints/step-00000004", "runs/r/checkpoints/step-00000008"] {
        assert!(!folder.done(&format!("write --model {model}")).is_empty());
    }
}

#[test]
fn features_of_tokens_may_change_during_pretraining() {
    let folder = Folder::new();
    folder.done("train poems.txt --preset tiny --run r --pretrain-steps 3 --adversarial-steps 0 --plain");
    folder.write("wide.toml", "preset = \"tiny\"\n[discriminator]\ncouplet_embed = 8\n");
    let out =
        folder.done("train poems.txt --config wide.toml --run r --pretrain-steps 6 --adversarial-steps 2 --plain");
    assert!(out.contains("discriminator settings changed; its weights are reinitialised"), "{out}");
    assert_eq!(folder.journal("r").checkpoints().last(), Some(&8));
}

/// Neither the features nor the optimiser of what tokens share are in the first checkpoint.
#[test]
fn features_of_tokens_may_be_added_during_pretraining() {
    let folder = Folder::new();
    folder.write("bare.toml", "preset = \"tiny\"\n[discriminator]\nrhyme = false\ncouplet = false\n");
    folder.done("train poems.txt --config bare.toml --run r --pretrain-steps 3 --adversarial-steps 0 --plain");
    let out = folder.done("train poems.txt --preset tiny --run r --pretrain-steps 6 --adversarial-steps 2 --plain");
    assert!(out.contains("discriminator settings changed; its weights are reinitialised"), "{out}");
    assert_eq!(folder.journal("r").checkpoints().last(), Some(&8));
}

/// The checkpoint of a run with another loss has no singular vectors.
#[test]
fn the_loss_may_change_to_one_with_spectral_normalisation() {
    let folder = Folder::new();
    folder.done("train poems.txt --preset tiny --run r --pretrain-steps 3 --adversarial-steps 2 --plain");
    folder.done(
        "train poems.txt --preset tiny --run r --pretrain-steps 3 --adversarial-steps 4 --loss wasserstein --allow-changes \
         --plain",
    );
    assert_eq!(folder.journal("r").checkpoints().last(), Some(&7));
}

#[test]
fn fresh_moves_the_old_run_aside() {
    let folder = Folder::trained();
    let before = folder.journal("poems").tensors(20);
    let words = "train poems.txt --preset tiny --steps 3 --plain --fresh --generator lstm";
    let out = folder.done(words);
    assert!(out.contains("the earlier run was moved to runs/poems.old-1"), "{out}");
    assert_equal(&folder.journal("poems.old-1").tensors(20), &before);
    assert_eq!(folder.journal("poems").steps(), [1, 2, 3]);
    assert!(!folder.journal("poems").checkpoints().contains(&20));
    folder.done(words);
    assert_eq!(folder.journal("poems.old-2").steps(), [1, 2, 3]);
}

#[test]
fn numbers_that_are_not_finite_end_in_one_line_and_spare_the_checkpoints() {
    let folder = Folder::new();
    folder.write("hot.toml", quick("generator_learning_rate = 1e30\ncheckpoint_every = 1"));
    let said = folder.mistake("train poems.txt --config hot.toml --plain");
    assert!(said.contains("runs/poems: 8 steps in a row up to step ") && said.contains("not finite"), "{said}");
    let events = folder.journal("poems").events();
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["step"]),
        (&"failed".into(), &(*folder.journal("poems").steps().last().unwrap()).into())
    );
    // The adversarial phase begins after step 40 and degrades the weights at once, so no later checkpoint is best.
    assert_eq!(folder.journal("poems").checkpoints().last(), Some(&40));
    assert!(folder.done("write --model runs/poems --seed 1 --form 5x4").chars().count() > 20);
    folder.done("train poems.txt --config quick.toml --plain --allow-changes");
    assert_eq!(folder.journal("poems").checkpoints().last(), Some(&60));
}

#[test]
fn numbers_that_are_not_finite_from_the_start_leave_no_checkpoint() {
    let folder = Folder::new();
    folder.write("hot.toml", quick("learning_rate = 1e30\ncheckpoint_every = 1"));
    let said = folder.mistake("train poems.txt --config hot.toml --plain");
    assert!(said.contains("not finite") && said.contains("--fresh"), "{said}");
    assert_eq!(folder.journal("poems").checkpoints(), [0u64; 0]);
    folder.done("train poems.txt --config quick.toml --plain --fresh --steps 3");
}
