//! Themes, axes and ways between seeds through the real binary, with a model of poems about two topics.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, TOPICS, quick, topics};
use poetgan::corpus::Form;
use poetgan::gan::data::special_tokens;
use poetgan::generator::{Request, Rules, Sampler};
use poetgan::write::{DEFAULT_TEMPERATURE, DEFAULT_TOP_P, Model};
use serde_json::Value;

fn trained() -> Folder {
    let folder = Folder::new();
    folder.write("topics.txt", topics(600));
    folder.write("topics.toml", quick("checkpoint_every = 10").replace("batch_tokens = 256", "batch_tokens = 1024"));
    folder.done("train topics.txt --config topics.toml --pretrain-steps 80 --adversarial-steps 0 --plain");
    folder
}

fn objects(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Characters of the first topic less those of the second.
fn lean(poems: &str) -> i64 {
    let count = |topic: &str| poems.chars().filter(|&c| topic.contains(c)).count() as i64;
    count(TOPICS[0]) - count(TOPICS[1])
}

#[test]
fn themes_and_axes_move_poems() {
    let folder = trained();
    let write = |flags: &str| folder.done(&format!("write --seed 3 -n 40 --select 1 {flags}"));
    let [moon, war] = ["--theme 月,秋", "--theme 战"].map(write);
    assert_eq!(moon, write("--theme 月秋"), "the same every time, and commas only separate words");
    assert!(lean(&moon) > lean(&war), "{} {}", lean(&moon), lean(&war));
    let texts: std::collections::BTreeSet<&str> = moon.split("\n\n").collect();
    assert_eq!(texts.len(), 40, "every seed has a poem of its own");
    let [to_moon, to_war, plain] = ["--axis 月=+3", "--axis 月=-3", ""].map(write);
    assert!(lean(&to_moon) > lean(&plain) && lean(&plain) > lean(&to_war), "towards the end of the word");
    assert_eq!(to_moon, write("--axis 月=+1 --axis 月=+2"), "moves add up");
    assert!([to_moon, to_war].contains(&write("--axis 0=+3")), "the first axis tells the topics");
}

#[test]
fn unknown_words_and_axes_are_answered_with_known_ones() {
    let folder = trained();
    let said = folder.mistake("write --theme 月龘");
    assert!(said.contains("'龘'") && said.contains("words that it knows: "), "{said}");
    let said = folder.mistake("write --axis 龘=+1");
    assert!(said.contains("the axes are 0 ("), "{said}");
    let said = folder.mistake("write --axis 999=+1");
    assert!(said.contains("the directions 0 to"), "{said}");
    assert!(folder.mistake("write --axis 月").contains("such as war=+2"));
    folder.write("none.toml", quick("checkpoint_every = 10") + "[model]\ntheme_dims = 0\n");
    folder.done("train topics.txt --config none.toml --steps 10 --run none --plain");
    for command in ["write --theme 月", "explore"] {
        let said = folder.mistake(&format!("{command} --model runs/none"));
        assert!(said.contains("this model has no themes"), "{said}");
    }
}

#[test]
fn without_a_terminal_explore_lists_the_axes() {
    let folder = trained();
    let table = folder.done("explore");
    assert!(table.starts_with("axis  correlation  negative end"), "{table}");
    assert_eq!(table, folder.done("explore --list"));
    let axes = objects(&folder.done("explore --json"));
    assert_eq!(axes.len() + 1, table.lines().count());
    let of_topic =
        |end: &Value, topic: &str| end.as_array().unwrap().iter().all(|word| topic.contains(word.as_str().unwrap()));
    let (negative, positive) = (&axes[0]["negative"][0], &axes[0]["positive"][0]);
    let ends = [negative, positive].map(|word| Value::Array(vec![word.clone()]));
    assert!(
        (of_topic(&ends[0], TOPICS[0]) && of_topic(&ends[1], TOPICS[1]))
            || (of_topic(&ends[0], TOPICS[1]) && of_topic(&ends[1], TOPICS[0])),
        "{table}"
    );
}

#[test]
fn the_ends_of_a_way_have_the_z_of_their_seeds() {
    let folder = trained();
    let poems = objects(&folder.done("between --from 3 --to 4 --steps 5 --form 7x4 --json"));
    let shares: Vec<f64> = poems.iter().map(|poem| poem["share"].as_f64().unwrap()).collect();
    assert_eq!(shares, [0.0, 0.25, 0.5, 0.75, 1.0]);
    let first = folder.done("write --seed 3 --select 1 --form 7x4");
    assert_eq!(first, format!("{}\n", poems[0]["text"].as_str().unwrap()), "the poem of the first seed");

    let model = Model::open(&folder.path("runs/topics")).unwrap();
    let special = special_tokens(&model.tokenizer);
    let sampler = Sampler::new(&model.config.model, special, &model.generator).unwrap();
    let form = Form::Fixed { width: 7, lines: 4 };
    let request = Request {
        tag: model.tokenizer.form_token(form).unwrap(),
        rules: Rules::new(form, &model.config.model),
        seeds: &[3],
        temperature: DEFAULT_TEMPERATURE,
        top_p: DEFAULT_TOP_P,
        theme: None,
        moved: &[],
    };
    let (from, to) = (sampler.z_of(3, request), sampler.z_of(4, request));
    let moved: Vec<(usize, f32)> = to.iter().zip(&from).map(|(to, from)| to - from).enumerate().collect();
    let last = sampler.sample(Request { moved: &moved, ..request });
    assert!(last.z.iter().zip(&to).all(|(a, b)| (a - b).abs() < 1e-5));
    let lines = model.tokenizer.decode(last.poem(0));
    assert_eq!(
        model.tokenizer.render(&lines, &[], form),
        poems[4]["text"].as_str().unwrap(),
        "the z of the second seed"
    );

    let still = objects(&folder.done("between --from 3 --to 3 --steps 3 --form 7x4 --json"));
    assert!(still.iter().all(|poem| poem["text"] == poems[0]["text"]), "no way from a seed to itself");
    let text = folder.done("between --from 3 --to 4 --steps 2 --form 7x4");
    assert!(text.starts_with(&format!("0 %\n{first}\n100 %\n")), "{text}");
}
