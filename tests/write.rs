//! Writing through the real binary, with models that have trained for an instant.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Ended, Folder, quick};
use poetgan::write::Model;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;

fn objects(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn a_poem_is_the_same_alone_and_in_any_batch() {
    let folder = Folder::trained();
    for form in ["", "--form 5x4", "--form 7x4 --temperature 0.7"] {
        let alone = |seed: u64, flags: &str| folder.done(&format!("write {form} {flags} --seed {seed}"));
        let together = folder.done(&format!("write {form} --seed 42 -n 5"));
        let poems: Vec<String> = (42..47).map(|seed| alone(seed, "")).collect();
        assert_eq!(together, poems.join("\n"), "a blank line between two poems");
        assert_eq!(poems.iter().collect::<BTreeSet<_>>().len(), 5, "every seed has a poem of its own");
        let together = folder.done(&format!("write {form} --seed 42 --count 5 --json"));
        assert_eq!(together, (42..47).map(|seed| alone(seed, "--json")).collect::<String>());
        let texts = objects(&together).iter().map(|poem| format!("{}\n", poem["text"].as_str().unwrap())).collect();
        assert_eq!(poems, Vec::from_iter::<Vec<String>>(texts), "text and JSON hold the same poems");
        // More poems than are sampled at a time, on several threads.
        let many = objects(&folder.done(&format!("write {form} --seed 10 -n 300 --json --threads 2")));
        assert_eq!(many[32..37], objects(&together));
    }
}

#[test]
fn a_selection_keeps_the_draft_with_the_highest_score() {
    let folder = Folder::new();
    let drafts = |select: u32| {
        objects(&folder.done(&format!("write --seed 5 -n 6 --form 7x4 --json --select-by best --select {select}")))
    };
    let score = |poem: &Value| poem["score"].as_f64().unwrap();
    let (one, two, eight) = (drafts(1), drafts(2), drafts(8));
    for ((one, two), eight) in one.iter().zip(&two).zip(&eight) {
        assert!(score(one) <= score(two) && score(two) <= score(eight), "{one} {two} {eight}");
        assert_eq!(one["seed"], eight["seed"]);
    }
    assert!(one.iter().zip(&eight).any(|(one, eight)| one["text"] != eight["text"]));
    assert_eq!(eight, drafts(8));
    let usual = "--temperature 0.7 --select 8 --select-by draw";
    let [usual, default] =
        [usual, ""].map(|flags| folder.done(&format!("write --seed 5 -n 6 --form 7x4 --json {flags}")));
    assert_eq!(usual, default);
}

#[test]
fn without_a_run_the_model_inside_writes() {
    let folder = Folder::new();
    let poem = folder.done("write --seed 42 --form 七绝");
    let lines: Vec<&str> = poem.lines().collect();
    assert_eq!(lines.len(), 4, "{poem}");
    for (line, stop) in lines.iter().zip(['，', '。', '，', '。']) {
        assert!(line.chars().count() == 8 && line.ends_with(stop), "{poem}");
    }
    let together = objects(&folder.done("write --seed 40 -n 40 --json --form 七绝"));
    assert_eq!(poem, format!("{}\n", together[2]["text"].as_str().unwrap()));
    assert!(together[2]["score"].as_f64().is_some_and(|score| (0.0..=1.0).contains(&score)));
}

#[test]
fn a_seed_chooses_its_form() {
    let folder = Folder::trained();
    let free = objects(&folder.done("write --seed 0 -n 40 --json"));
    let forms: BTreeSet<&str> = free.iter().map(|poem| poem["form"].as_str().unwrap()).collect();
    assert_eq!(forms, ["5x4", "7x4"].into());
    for form in forms {
        let asked = objects(&folder.done(&format!("write --seed 0 -n 40 --json --form {form}")));
        let same = free.iter().zip(&asked).filter(|(free, _)| free["form"] == form);
        assert!(same.clone().count() > 5);
        same.for_each(|(free, asked)| assert_eq!(free, asked));
    }
}

#[test]
fn a_form_of_a_dozen_poems_is_written_only_if_asked_for() {
    let folder = Folder::trained();
    let mut model = Model::open(&folder.path("runs/poems")).unwrap();
    for (form, count) in &mut model.forms {
        *count = if form.width() == Some(5) { 12 } else { 300 };
    }
    folder.write("rare.safetensors", model.pack().unwrap());
    let forms = |flags: &str| -> BTreeSet<String> {
        let poems = objects(&folder.run(&format!("write --model rare.safetensors --seed 0 -n 40 --json {flags}")).out);
        poems.iter().map(|poem| poem["form"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!((forms(""), forms("--form 5x4")), (["7x4".into()].into(), ["5x4".into()].into()));
    let said = |form: &str| folder.run(&format!("write --model rare.safetensors -q --seed 0 --form {form}")).err;
    assert!(
        said("5x4").contains("warning: the corpus of this model has only 12 poems of the form 5x4"),
        "{}",
        said("5x4")
    );
    assert_eq!(said("7x4"), "");
}

#[test]
fn the_forms_of_the_model_inside_are_drawn_as_ever() {
    let folder = Folder::new();
    let poems = objects(&folder.done("write --model builtin -n 16 --seed 1 --select 1 --json"));
    let forms: Vec<&str> = poems.iter().map(|poem| poem["form"].as_str().unwrap()).collect();
    let expected = "5x4 5x8 7x4 7x4 7x8 5x8 5x4 7x8 7x8 5x8 5x8 5x8 5x8 7x8 7x4 5x4";
    assert_eq!(forms.join(" "), expected);
}

#[test]
fn a_form_is_kept_to_the_character() {
    let folder = Folder::trained();
    for (form, name, width) in [("七绝", "7x4", 7), ("7x4", "7x4", 7), ("五绝", "5x4", 5)] {
        let poems = objects(&folder.done(&format!("write --form {form} --seed 5 -n 20 --json --temperature 3")));
        for (poem, seed) in poems.iter().zip(5..) {
            let keys: Vec<_> = poem.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys.len(), 6, "{keys:?}");
            assert_eq!((poem["seed"].as_u64(), poem["form"].as_str()), (Some(seed), Some(name)));
            let lines = strings(&poem["lines"]);
            assert_eq!(lines.len(), 4);
            assert!(lines.iter().all(|line| line.chars().count() == width), "{lines:?}");
            let [a, b, c, d] = lines[..] else { panic!() };
            assert_eq!(poem["text"].as_str().unwrap(), format!("{a}，\n{b}。\n{c}，\n{d}。"));
            let scores = poem["line_scores"].as_array().unwrap();
            assert_eq!(scores.len(), 4);
            let is_probability = |score: &Value| (0.0..=1.0).contains(&score.as_f64().unwrap());
            assert!(scores.iter().all(is_probability) && is_probability(&poem["score"]), "{poem}");
        }
    }
}

#[test]
fn unknown_forms_are_answered_with_the_known_ones() {
    let folder = Folder::trained();
    let said = folder.mistake("write --form 8x8");
    assert!(said.contains("--form 8x8") && said.contains("5x4") && said.contains("7x4"), "{said}");
    assert_eq!(said, folder.mistake("write --form 8x8 --json -n 3"));
}

#[test]
fn temperature_makes_bolder() {
    let folder = Folder::trained();
    let characters = |flags: &str| -> BTreeSet<char> {
        folder.done(&format!("write --seed 1 -n 30 --form 7x4 {flags}")).chars().collect()
    };
    let (cold, usual, hot) = (characters("--temperature 0.05"), characters(""), characters("--temperature 4"));
    assert!(cold.len() < usual.len() && cold.len() < hot.len(), "{} {} {}", cold.len(), usual.len(), hot.len());
}

#[test]
fn marks_and_unknown_tokens_are_never_written() {
    let folder = Folder::trained();
    let known: BTreeSet<char> = folder.read("poems.txt").chars().chain("，。".chars()).collect();
    let written = folder.done("write --seed 0 -n 200 --temperature 5");
    assert_eq!(written.chars().filter(|c| !known.contains(c)).collect::<String>(), "");

    fs::copy("corpora/sonnets.txt", folder.path("sonnets.txt")).unwrap();
    let known: BTreeSet<char> = folder.read("sonnets.txt").chars().collect();
    for kind in ["bpe", "word", "char"] {
        let flags = format!("--config quick.toml --steps 2 --tokenizer {kind} --vocab-size 9000 --run {kind} --plain");
        folder.done(&format!("train sonnets.txt {flags}"));
        let written = folder.done(&format!("write --model runs/{kind} --seed 0 -n 16 --temperature 5"));
        // The corpus is cleaned of typewriter's quotation marks and the like; marks of ours would stand in <>.
        let strange: String = written.chars().filter(|c| !known.contains(c)).collect();
        assert_eq!(strange, "", "{kind}");
        assert!(written.lines().count() > 16, "{written}");
    }
}

#[test]
fn a_model_is_a_run_a_checkpoint_or_a_packed_file() {
    let folder = Folder::trained();
    let best = folder.read("runs/poems/best");
    let expected = folder.done("write --seed 3 -n 3");
    let checkpoint = format!("runs/poems/checkpoints/{}", best.trim());
    for model in ["runs/poems", "runs/poems/", checkpoint.as_str()] {
        assert_eq!(folder.done(&format!("write --seed 3 -n 3 --model {model}")), expected, "{model}");
    }
    let said = folder.done("pack runs/poems -o small.safetensors");
    assert!(said.starts_with("small.safetensors: ") && said.lines().count() == 1, "{said}");
    folder.done(&format!("pack {checkpoint} --output again.safetensors"));
    let bytes = ["small", "again"].map(|name| fs::read(folder.path(&format!("{name}.safetensors"))).unwrap());
    assert!(bytes[0] == bytes[1], "packing twice gives the same bytes");
    // Half the precision gives nearly the same poems, and all that belongs to them.
    let packed = objects(&folder.done("write --model small.safetensors --seed 3 -n 3 --json"));
    let whole = objects(&folder.done("write --seed 3 -n 3 --json"));
    for (packed, whole) in packed.iter().zip(&whole) {
        assert_eq!((&packed["seed"], &packed["form"]), (&whole["seed"], &whole["form"]));
        assert!((packed["score"].as_f64().unwrap() - whole["score"].as_f64().unwrap()).abs() < 0.2);
    }
}

#[test]
fn a_checkpoint_of_a_run_is_chosen_by_name_or_step() {
    let folder = Folder::new();
    folder.done("train poems.txt --config quick.toml --plain --run a");
    let steps = folder.journal("a").checkpoints();
    let write = |choice: &str| folder.done(&format!("write --seed 3 -n 3 {choice}"));
    let at = |step: u64| write(&format!("--model runs/a/checkpoints/step-{step:08}"));
    let (best, last) = (folder.read("runs/a/best"), *steps.last().unwrap());
    let best: u64 = best.trim().trim_start_matches("step-").parse().unwrap();
    assert_eq!(write("--checkpoint best"), at(best));
    assert_eq!(write("--model a --checkpoint best"), at(best), "a run by its name");
    assert_eq!((write("--checkpoint last"), last), (at(last), 60));
    assert_eq!(write("--model runs/a --checkpoint pretrained"), at(40));
    assert_eq!(write("--checkpoint 40"), at(40));
    assert_ne!(at(40), at(60));
    folder.done("pack runs/a --checkpoint last -o last.safetensors");
    assert!(fs::metadata(folder.path("last.safetensors")).unwrap().is_file());
    let steps: Vec<String> = steps.iter().map(u64::to_string).collect();
    let said = folder.mistake("write --checkpoint 41");
    assert_eq!(
        said,
        format!("poetgan: runs/a: has no checkpoint of step 41; it has those of steps {}", steps.join(", "))
    );
    let said = folder.mistake("write --model last.safetensors --checkpoint last");
    assert_eq!(said, "poetgan: last.safetensors: is no run directory, and --checkpoint is for runs");
    let said = folder.mistake("write --model builtin --checkpoint last");
    assert_eq!(said, "poetgan: the built-in model has no checkpoints; name a run with --model");
    assert!(folder.mistake("write --checkpoint first").contains("best, last, pretrained or the number of a step"));
    assert_ne!(write("--model builtin"), write(""));
}

#[test]
fn paths_without_a_model_are_user_errors() {
    let folder = Folder::trained();
    fs::create_dir(folder.path("empty")).unwrap();
    let cases = [
        ("nowhere", "does not exist"),
        ("empty", "has no checkpoint yet"),
        ("poems.txt", "is not a packed model"),
        ("runs", "has no checkpoint yet"),
    ];
    for (model, why) in cases {
        for command in ["write --model", "pack -o x.safetensors"] {
            let said = folder.mistake(&format!("{command} {model}"));
            assert!(said.starts_with(&format!("poetgan: {model}: {why}")), "{said}");
        }
    }
    assert!(!folder.path("x.safetensors").exists());
    if cfg!(unix) {
        let said = folder.mistake("write --model /dev/null");
        assert!(said.starts_with("poetgan: /dev/null: is neither a file nor a folder; --model takes"), "{said}");
    }
}

#[test]
fn a_damaged_best_checkpoint_is_passed_over() {
    let folder = Folder::trained();
    let mut steps = folder.journal("poems").checkpoints();
    let path = |step: u64| folder.path(&format!("runs/poems/checkpoints/step-{step:08}"));
    // Two checkpoints, whatever was the best one.
    let newer = steps.pop().unwrap();
    let older = newer - 1;
    steps.iter().for_each(|&step| fs::remove_dir_all(path(step)).unwrap());
    fs::create_dir_all(path(older)).unwrap();
    for file in fs::read_dir(path(newer)).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), path(older).join(file.file_name())).unwrap();
    }
    let state = path(newer).join("state.json");
    let mut json: Value = serde_json::from_str(&fs::read_to_string(&state).unwrap()).unwrap();
    json["state"]["pointers"]["best"] = older.into();
    fs::write(&state, json.to_string()).unwrap();
    let weights = |step: u64| format!("runs/poems/checkpoints/step-{step:08}/average.safetensors");
    let expected = folder.done(&format!("write --seed 1 --model runs/poems/checkpoints/step-{newer:08}"));
    folder.write(&weights(older), "nonsense");
    let ended = folder.run("write --quiet --seed 1 --model runs/poems");
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), expected.as_str()), "{}", ended.err);
    let notice = "average.safetensors has 8 of ";
    assert!(ended.err.starts_with("poetgan: checkpoint runs/poems/checkpoints/step-"), "{}", ended.err);
    assert!(ended.err.contains(notice) && ended.err.lines().count() == 1, "{}", ended.err);
    folder.write(&weights(newer), "nonsense");
    let said = folder.mistake("write --model runs/poems");
    assert!(said.contains("no checkpoint can be used (") && said.contains(notice), "{said}");
}

#[test]
fn a_damaged_newest_checkpoint_is_told() {
    let folder = Folder::trained();
    folder.write("runs/poems/checkpoints/step-00000020/average.safetensors", "half");
    let damaged = "poetgan: checkpoint runs/poems/checkpoints/step-00000020 is damaged: average.safetensors has 4 of ";
    for command in ["write --seed 1 -q", "pack -o a.safetensors poems", "between --from 1 --to 2 --steps 2 -q"] {
        let Ended { code, err, .. } = folder.run(&format!("{command} --checkpoint last"));
        assert!(code == Some(0) && err.lines().count() == 1, "{command}: {err}");
        let older = err.trim_end().rsplit_once("; using runs/poems/checkpoints/step-").unwrap().1;
        assert!(err.starts_with(damaged) && older.ends_with(" instead"), "{command}: {err}");
    }
    let err = folder.run("write --seed 1 -q --checkpoint last --lang zh").err;
    assert!(err.contains("step-00000020 已损坏：") && err.contains("；改用 runs/poems/"), "{err}");
}

#[test]
fn a_damaged_index_of_phrases_stops_only_those_who_need_it() {
    let folder = Folder::trained();
    let path = folder.path("runs/poems/phrases.bin");
    let whole = fs::read(&path).unwrap();
    folder.write("runs/poems/phrases.bin", "half");
    let said = "poetgan: runs/poems/phrases.bin: the index of phrases is truncated; resume its run with poetgan train, \
                which writes the index anew, or ";
    assert_eq!(folder.mistake("write --seed 1"), format!("{said}use --avoid-copying off"));
    assert_eq!(folder.mistake("pack poems -o a.safetensors"), format!("{said}name the poems with --corpus"));
    folder.done("write --seed 1 --avoid-copying off");
    folder.done("between --from 1 --to 2 --steps 2");
    folder.done("pack poems --corpus poems.txt -o a.safetensors");
    folder.done("train poems.txt --plain");
    assert!(fs::read(&path).unwrap() == whole, "a resumed run writes it anew");
}

#[test]
fn a_packed_model_that_is_truncated_or_does_not_fit_is_a_user_error() {
    let folder = Folder::trained();
    let mut model = Model::open(&folder.path("runs/poems")).unwrap();
    let whole = model.pack().unwrap();
    for length in [5, 1000, whole.len() - 1] {
        folder.write("cut.safetensors", &whole[..length]);
        let said = folder.mistake("write --model cut.safetensors");
        assert!(said.starts_with("poetgan: cut.safetensors: is truncated or damaged; --model takes"), "{said}");
    }
    model.config.model.z_dim = 9;
    folder.write("odd.safetensors", model.pack().unwrap());
    let said = folder.mistake("write --model odd.safetensors");
    assert!(said.contains("weights do not fit its settings: 'noise.weight' is [8, 32], not [9, 32]"), "{said}");
    model.config.model.transformer.heads = 3;
    folder.write("odd.safetensors", model.pack().unwrap());
    let said = folder.mistake("write --model odd.safetensors");
    assert!(
        said.contains("odd.safetensors: is not a packed model (model.transformer.heads: 3 does not divide"),
        "{said}"
    );
}

#[test]
fn the_newest_run_writes_unless_another_is_named() {
    let folder = Folder::trained();
    folder.write("other.toml", quick("seed = 5"));
    folder.done("train poems.txt --config other.toml --steps 5 --run other --plain");
    let of = |flags: &str| folder.done(&format!("write --seed 1 {flags}"));
    assert_eq!(of(""), of("--model runs/other"));
    assert_ne!(of(""), of("--model runs/poems"));
    folder.done("train poems.txt --config quick.toml --steps 25 --plain");
    assert_eq!(of(""), of("--model runs/poems"));
}

#[test]
fn without_a_seed_every_call_writes_something_else() {
    let folder = Folder::trained();
    let poems: BTreeSet<String> = (0..4).map(|_| folder.done("write --form 7x4 -n 2")).collect();
    assert!(poems.len() > 1, "{poems:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::trained();
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = folder.command("write --quiet --seed 1 -n 1000000");
    let mut child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    drop(command);
    // As `head -1` does: read a line, then leave.
    let mut line = String::new();
    let mut reader = std::io::BufReader::new(reader);
    std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
    drop(reader);
    assert!(line.ends_with("，\n"), "{line}");
    let status = common::until("it has ended", || child.try_wait().unwrap());
    let output = child.wait_with_output().unwrap();
    assert_eq!((status.code(), output.stderr), (Some(0), Vec::new()));
}
