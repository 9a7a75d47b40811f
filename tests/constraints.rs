//! Constraints through the real binary: the poems hold what was asked for, and what cannot be is refused.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::collections::BTreeSet;

use common::Folder;
use poetgan::prosody::score;
use serde_json::Value;

fn poems(folder: &Folder, flags: &str) -> Vec<(Value, Vec<Vec<char>>)> {
    let out = folder.done(&format!("write --model builtin --seed 5 --json {flags}"));
    let object = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let lines = |object: &Value| {
        let lines = object["lines"].as_array().unwrap().iter();
        lines.map(|line| line.as_str().unwrap().chars().collect()).collect()
    };
    out.lines().map(object).map(|object| (object.clone(), lines(&object))).collect()
}

#[test]
fn regulated_acrostics_meet_everything() {
    let folder = Folder::new();
    let constraints = "--acrostic 春江花月 --form 7x4 --rhyme auto --tones strict --no-repeat --avoid 不 --contain 酒";
    for (object, lines) in poems(&folder, &format!("-n 12 {constraints}")) {
        let score = score(&lines);
        let firsts: String = lines.iter().map(|line| line[0]).collect();
        let all: Vec<char> = lines.concat();
        assert_eq!((firsts.as_str(), score.rhyme, score.tone_poem), ("春江花月", true, Some(true)), "{lines:?}");
        assert!(all.contains(&'酒') && !all.contains(&'不'), "{lines:?}");
        assert!(all.iter().enumerate().all(|(i, c)| !all[..i].contains(c)), "{lines:?}");
        let cost = object["cost"].as_f64().unwrap();
        assert!(cost.is_finite() && cost > 0.0, "{object}");
    }
}

#[test]
fn a_beginning_and_a_line_are_kept_and_the_seed_decides_the_rest() {
    let folder = Folder::new();
    let constraints = "-n 3 --form 5x4 --start 明月 --line 4=低头思故乡";
    let first = poems(&folder, constraints);
    for (_, lines) in &first {
        assert!(lines[0].starts_with(&['明', '月']), "{lines:?}");
        assert_eq!(lines[3].iter().collect::<String>(), "低头思故乡");
    }
    assert_ne!(first[0].1, first[1].1);
    assert_eq!(first, poems(&folder, constraints), "the same every time");
    assert!(poems(&folder, "--form 5x4")[0].0.get("cost").is_none(), "without constraints there is no cost");
}

#[test]
fn an_acrostic_chooses_a_form_with_as_many_lines() {
    let folder = Folder::new();
    for (_, lines) in poems(&folder, "-n 6 --acrostic 春夏秋冬风花雪月") {
        assert_eq!(lines.len(), 8, "{lines:?}");
    }
    let lengths: BTreeSet<usize> =
        poems(&folder, "-n 12 --line 4=低头思故乡").iter().map(|(_, lines)| lines.len()).collect();
    assert_eq!(lengths, BTreeSet::from([4, 8]), "a given line says nothing about how many there are");
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = Folder::new();
    for (flags, message) in [
        ("--form 7x4 --acrostic 春夏秋冬年", "--acrostic: needs 5 lines, and 7x4 has 4; possible with --form 5x8"),
        (
            "--form 7x4 --line 1=天天天天天天天 --tones strict",
            "fits the given characters; poetgan check shows their tones and rhymes; possible without --tones",
        ),
        ("--acrostic ，", "--acrostic: no text"),
        ("--line 春", "'春' is not the number of a line"),
        ("--form 7x4 --rhyme 月", "--rhyme 月: it is oblique"),
        ("--form 7x4 --rhyme ight", "--rhyme ight: neither one character nor a final in pinyin"),
        ("--form 7x4 --rhyme 龘", "--rhyme 龘: the rhyme book does not have it"),
        ("--start 床前明月光，疑是", "--start 床前明月光，疑是: '，' stands between two lines"),
        ("--contain 明?月", "--contain 明?月: '?' is for --line and --acrostic"),
        ("--start 明月 --avoid 月", "asked for by another option; possible without --avoid"),
    ] {
        let ended = folder.run(&format!("write --model builtin {flags}"));
        assert!(ended.code == Some(2) && ended.err.contains(message), "{flags}: {}", ended.err);
    }
}

#[test]
fn poems_in_words_begin_as_asked() {
    let folder = Folder::new();
    let couplet = |i: usize| format!("sweet silent night {} moon\nand all the bright {} stars\n", i % 7, i % 5);
    folder.write("songs.txt", (0..80).map(couplet).collect::<Vec<_>>().join("\n"));
    folder.write("word.toml", common::quick("checkpoint_every = 10"));
    folder.done("train songs.txt --config word.toml --tokenizer word --steps 20 --plain");
    let out = folder.done("write --model runs/songs --seed 3 -n 5 --select 1 --acrostic as --avoid stars --json");
    for line in out.lines() {
        let lines = serde_json::from_str::<Value>(line).unwrap()["lines"].clone();
        let begins = |i: usize, letter: char| lines[i].as_str().unwrap().starts_with(letter);
        assert!(begins(0, 'a') && begins(1, 's') && !line.contains("stars"), "{line}");
    }
    // Without a discriminator the drafts are weighted by how well what follows fits.
    folder.write("two.txt", "sweet silent night 1 moon\nand all the bright 2 stars\n");
    let out = folder.done("revise two.txt --line 1 --model runs/songs --checkpoint pretrained --seed 1");
    assert!(out.lines().count() == 2 && out.ends_with("\nand all the bright 2 stars\n"), "{out}");
}

/// Quatrains with crossed rhymes: words with the same last two letters rhyme.
fn crossed_rhymes() -> String {
    let rimes = ["at", "en", "il", "op", "ug", "ar"];
    let word = |i: usize, rime: usize| format!("{}{}", b"bcfhmprs"[i % 8] as char, rimes[rime % 6]);
    let poem = |i: usize| {
        let (a, b) = (i % 6, (i / 6 + 1 + i) % 6);
        let line = |number: usize, rime: usize| {
            format!("{} {}", word(i + 3 * number, i + number), word(i * 5 + number * 3 + i / 7, rime))
        };
        format!("{}\n{}\n{}\n{}\n", line(0, a), line(1, b), line(2, a), line(3, b))
    };
    (0..240).map(poem).collect::<Vec<_>>().join("\n")
}

#[test]
fn lines_rhyme_as_in_the_corpus() {
    let folder = Folder::new();
    folder.write("songs.txt", crossed_rhymes());
    folder.write("word.toml", common::quick("checkpoint_every = 30"));
    folder.done("train songs.txt --config word.toml --tokenizer word --plain");
    let last_words = |flags: &str| -> Vec<Vec<String>> {
        let out = folder.done(&format!("write --form lines:4 --avoid-copying off --select 1 --json {flags}"));
        let words = |line: &str| {
            let lines: Vec<String> =
                serde_json::from_value(serde_json::from_str::<Value>(line).unwrap()["lines"].clone()).unwrap();
            lines.iter().map(|line| line.rsplit(' ').next().unwrap().to_string()).collect()
        };
        out.lines().map(words).collect()
    };
    let rhyme = |a: &String, b: &String| a != b && a[1..] == b[1..];
    let rhymed = |poems: &[Vec<String>]| {
        poems.iter().filter(|words| rhyme(&words[0], &words[2]) && rhyme(&words[1], &words[3])).count()
    };
    assert!(rhymed(&last_words("--model songs -n 20")) < 20, "after so few steps the model does not rhyme by itself");
    assert_eq!(rhymed(&last_words("--model songs -n 20 --rhyme auto")), 20);
    assert_eq!(rhymed(&last_words("--model songs --checkpoint last -n 20 --rhyme auto")), 20);
    // A damaged record disables nothing else, and training repairs it.
    folder.write("runs/songs/rhymes.json", "{");
    assert_eq!(last_words("--model songs -n 2").len(), 2);
    let message = folder.mistake("write --model songs --form lines:4 --rhyme auto");
    assert!(message.contains("does not know which lines rhyme; resume its run once"), "{message}");
    folder.done("train songs.txt --config word.toml --tokenizer word --plain");
    folder.done("pack songs --output songs.safetensors");
    let poems = last_words("--model songs.safetensors -n 5 --rhyme cat");
    assert!(rhymed(&poems) == 5 && poems.iter().all(|words| words[0].ends_with("at")), "{poems:?}");
    assert!(last_words("--model songs -n 5 --rhyme -en").iter().all(|words| words[0].ends_with("en")));
    for (flags, message) in [
        ("--rhyme zebra", "--rhyme: the model knows too few words in -zebra"),
        ("--rhyme ,", "--rhyme ,: no word"),
        ("--tones strict", "--tones: needs Chinese verse"),
        ("--line 1=hen --line 3=bug --rhyme auto", "--rhyme: 'hen' and 'bug' do not rhyme; possible without --rhyme"),
    ] {
        let ended = folder.run(&format!("write --model songs --form lines:4 {flags}"));
        assert!(ended.code == Some(2) && ended.err.contains(message), "{flags}: {}", ended.err);
    }
}

/// Runs of five characters within the lines of the corpus of the built-in model.
fn phrases() -> BTreeSet<String> {
    let text = std::fs::read_to_string("corpora/tang.txt").unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let five = |line: &str| {
        let characters: Vec<char> = line.chars().filter(|c| c.is_alphanumeric()).collect();
        characters.windows(5).map(String::from_iter).collect::<Vec<String>>()
    };
    lines.flat_map(five).collect()
}

#[test]
fn poems_copy_nothing_unless_asked_to() {
    let (folder, phrases) = (Folder::new(), phrases());
    let copied = |flags: &str| {
        let poems = poems(&folder, flags);
        let all = poems.iter().flat_map(|(_, lines)| lines).flat_map(|line| line.windows(5).map(String::from_iter));
        all.filter(|five: &String| phrases.contains(five)).count()
    };
    // Cold and with one draft poems are most like those of the corpus.
    let flags = "-n 200 --form 5x4 --temperature 0.3 --select 1";
    assert!(copied(&format!("{flags} --avoid-copying off")) > 0);
    assert_eq!(copied(flags), 0);
    assert_eq!(copied("-n 100 --acrostic-end 春秋人家 --temperature 0.3"), 0, "given characters complete no phrase");
    // What is given may be copied.
    assert!(poems(&folder, "--form 5x4 --line 1=床前明月光")[0].1[0].starts_with(&['床', '前', '明', '月', '光']));
}

#[test]
fn revised_poems_keep_the_rest() {
    let folder = Folder::new();
    let poem = ["春眠不觉晓", "处处闻啼鸟", "夜来风雨声", "花落知多少"];
    folder.write("poem.txt", format!("{}，\n{}。\n{}，\n{}。\n", poem[0], poem[1], poem[2], poem[3]));
    let lines = |flags: &str| -> Vec<Vec<String>> {
        let out = folder.done(&format!("revise poem.txt --model builtin --seed 7 --json {flags}"));
        let object = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        out.lines().map(|line| serde_json::from_value(object(line)["lines"].clone()).unwrap()).collect()
    };
    let third = lines("--line 3 -n 4");
    assert_eq!(third.len(), 4);
    for version in &third {
        assert_eq!((&version[..2], &version[3][..]), (&[poem[0].to_string(), poem[1].to_string()][..], poem[3]));
        assert!(version[2] != poem[2] && version[2].chars().count() == 5, "{version:?}");
    }
    for version in lines("--mark 夜来[??]声 --mark 知[多]少 -n 3") {
        let characters: Vec<char> = version[2].chars().collect();
        assert_eq!((&characters[..2], characters[4], &version[0][..]), (&['夜', '来'][..], '声', poem[0]));
        assert!(version[3].starts_with("花落知") && version[3].ends_with('少'), "{version:?}");
    }
    assert_eq!(third, lines("--line 3 -n 4"), "the seed decides");
    for (flags, message) in [
        ("poem.txt", "nothing is marked"),
        ("poem.txt --line 5", "--line 5: the poem has 4 lines"),
        ("poem.txt --mark 春[花]", "--mark 春[花]: the poem does not have this text"),
        ("none.txt --line 1", "none.txt"),
    ] {
        let ended = folder.run(&format!("revise --model builtin {flags}"));
        assert!(ended.code == Some(2) && ended.err.contains(message), "{flags}: {}", ended.err);
    }
}
