//! `--shard K/N` and `poetgan merge` through the real binary: the parts together are the whole, bit for bit.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, quatrains};
use std::fs;

/// A run in the adversarial phase, whose forms have enough held-out poems to be evaluated.
fn trained(n_poems: usize) -> Folder {
    let folder = Folder::new();
    folder.write("poems.txt", quatrains(n_poems));
    folder.done("train poems.txt --config quick.toml --pretrain-steps 10 --adversarial-steps 4 --plain");
    folder
}

/// The model of the end of training, which differs from that of pretraining.
const MODEL: &str = "--model runs/poems --checkpoint last";

/// Computes all parts of a command at once, and returns their files.
fn parts(folder: &Folder, command: &str, n: usize) -> String {
    let file = |k: usize| format!("part-{k}-of-{n}");
    let children: Vec<_> = (1..=n)
        .map(|k| {
            let mut child = folder.command(&format!("{command} {MODEL} --shard {k}/{n} -o {}", file(k)));
            child.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for (child, k) in children.into_iter().zip(1..) {
        let output = child.wait_with_output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success() && err.is_empty(), "{err}");
        let name = command.split(' ').next().unwrap();
        assert_eq!(out, format!("{}: part {k} of {n} of {name}; poetgan merge joins the parts\n", file(k)));
    }
    (1..=n).rev().map(file).collect::<Vec<_>>().join(" ")
}

#[test]
fn parts_of_write_follow_each_other_to_the_whole() {
    let folder = Folder::new();
    let text = "write --model builtin --form 5x4 --select 2 --seed 7 -n 5";
    for command in [text, &format!("{text} --json"), &format!("{text} --markdown"), &format!("{text} --vertical")] {
        let whole = folder.done(command);
        for n in [1, 3, 7] {
            let part = |k: usize| folder.done(&format!("{command} --shard {k}/{n}"));
            assert_eq!((1..=n).map(part).collect::<String>(), whole, "{n} parts");
        }
    }
    // A file of its own for each part, also for one without poems.
    let parts: Vec<String> = (1..=7)
        .map(|k| {
            folder.done(&format!("{text} --shard {k}/7 -o {k}.txt"));
            folder.read(&format!("{k}.txt"))
        })
        .collect();
    assert!(parts[0].is_empty() && parts.concat() == folder.done(text), "{parts:?}");
    assert!(folder.run(&format!("{text} --shard 2/3")).err.contains("seeds 8 to 9"));
    let said = folder.mistake("write --model builtin -n 5 --shard 1/3");
    assert!(said.contains("--seed"), "{said}");
    // The part of the card's poem may be another one.
    let said = folder.mistake("write --model builtin --seed 1 --shard 1/2 --png a.png");
    assert!(said.contains("'--shard <K/N>' cannot be used with '--png <FILE>'"), "{said}");
}

#[test]
fn parts_of_eval_are_merged_to_the_whole() {
    let folder = trained(600);
    for (options, ns) in
        [("--samples 20 --quick", &[1, 25][..]), ("--samples 30 --form 5x4 --select 2 --top-p 0.9", &[3])]
    {
        let command = format!("eval {options}");
        let table = folder.done(&format!("{command} {MODEL}"));
        let json = folder.done(&format!("{command} {MODEL} --json"));
        assert!(json.contains("\"pretrained\"") && json.contains("theme_response"), "{json}");
        for &n in ns {
            let parts = parts(&folder, &command, n);
            // Nothing but the parts is left of the first report.
            drop(fs::remove_dir_all(folder.path("runs/poems/evaluation")));
            assert_eq!(folder.done(&format!("merge {parts} --json")), json, "{n} parts of {command}");
            assert_eq!(folder.done(&format!("merge {parts}")), table, "{n} parts of {command}");
            let chinese = folder.done(&format!("merge {parts} --lang zh"));
            assert_eq!(chinese, folder.done(&format!("{command} {MODEL} --lang zh")));
        }
    }
}

#[test]
fn parts_of_sweep_are_merged_to_the_whole() {
    let folder = trained(240);
    let command = "sweep --samples 40 --form 5x4";
    let whole = folder.done(&format!("{command} {MODEL} --svg whole.svg --png whole.png"));
    let json = folder.done(&format!("{command} {MODEL} --json"));
    for n in [1, 3, 45] {
        let parts = parts(&folder, command, n);
        assert_eq!(folder.done(&format!("merge {parts} --svg merged.svg --png merged.png")), whole, "{n} parts");
        for kind in ["svg", "png"] {
            let bytes = |name: &str| fs::read(folder.path(&format!("{name}.{kind}"))).unwrap();
            assert!(bytes("whole") == bytes("merged"), "{kind} of {n} parts");
        }
        assert_eq!(folder.done(&format!("merge {parts} --json")), json, "{n} parts");
    }
}

#[test]
fn parts_that_cannot_be_merged_are_named() {
    let folder = trained(240);
    let eval = format!("eval --quick --samples 20 {MODEL}");
    for k in 1..=2 {
        assert!(
            folder.done(&format!("{eval} --shard {k}/2")).starts_with(&format!("eval-part-{k}-of-2.json: part {k}"))
        );
    }
    folder.done(&format!("{eval} --shard 2/2 --seed 9 -o other.json"));
    folder.done(&format!("sweep --samples 40 {MODEL} --shard 2/2"));
    folder.write("empty.json", "");
    folder.write("half.json", folder.read("eval-part-2-of-2.json").split_at(900).0);
    folder.write("poems.json", folder.done("write --model builtin --seed 1 --json"));
    let first = "merge eval-part-1-of-2.json";
    for (words, said) in [
        (format!("{first} none.json"), "cannot read none.json: "),
        (format!("{first} empty.json"), "empty.json: the file is empty"),
        (format!("{first} half.json"), "half.json: the file is damaged or incomplete"),
        (format!("{first} poems.json"), "poems.json: no part of eval or sweep"),
        (first.to_string(), "part 2 of 2, which belongs to eval-part-1-of-2.json, is missing"),
        (format!("{first} other.json"), "other.json: its seed is 9, and that of eval-part-1-of-2.json is 0"),
        (format!("{first} sweep-part-2-of-2.json"), "sweep-part-2-of-2.json: a part of sweep"),
        (format!("{first} {0} {0}", "eval-part-2-of-2.json"), "eval-part-2-of-2.json: part 2 of 2, and so is"),
        (format!("{first} eval-part-2-of-2.json --svg a.svg"), "--svg, --png: only a sweep has a plot"),
        (format!("{eval} --shard 0/2"), "invalid value '0/2' for '--shard <K/N>': '0/2' is not K/N"),
        (format!("{eval} --shard 1/2 -o nowhere/a"), "cannot write nowhere/a: its folder does not exist"),
        (format!("{eval} --shard 1/2 --json"), "the argument '--shard <K/N>' cannot be used with '--json'"),
    ] {
        let found = folder.mistake(&words);
        assert!(found.starts_with(&format!("poetgan: {said}")), "{words}: {found}");
    }
    // Other poems than those of the parts.
    folder.write("poems.txt", quatrains(250));
    let said = folder.mistake(&format!("{first} eval-part-2-of-2.json"));
    assert!(said.contains("eval-part-1-of-2.json: its corpus_sha256 is "), "{said}");
}

#[test]
fn an_interrupted_part_leaves_no_file() {
    let folder = Folder::new();
    folder.write("poems.txt", quatrains(240));
    let mut part = folder.start("eval poems.txt --model builtin --quick --samples 100000 --shard 1/2 -o part.json");
    // At any moment, since the file is written at the end only.
    part.send("INT");
    assert!(!part.wait().success());
    let names = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let left: Vec<String> = fs::read_dir(folder.path(".")).unwrap().map(|entry| names(entry.unwrap())).collect();
    assert!(!left.iter().any(|name| name.starts_with("part")), "{left:?}");
    assert!(folder.mistake("merge part.json").contains("cannot read part.json"));
}
