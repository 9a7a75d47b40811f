//! User errors through the real binary: exit code 2, one line with place, error and remedy, and no files left behind that
//! would block the next attempt.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, quatrains};
use std::fs;

const TRAIN: &str = "train poems.txt --config quick.toml --steps 2 --plain";

/// What is wrong with a file, and every part that the message must have.
type Case = (Vec<u8>, &'static [&'static str]);

fn wrong_corpora() -> Vec<Case> {
    // Half of a character is missing at the end.
    let mut utf16: Vec<u8> = format!("\u{feff}{}", quatrains(30)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    utf16.pop();
    let utf32: Vec<u8> =
        format!("\u{feff}{}", quatrains(30)).chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let mut gbk = b"one\ntwo\n".to_vec();
    gbk.extend(b"\xb4\xb2\xc7\xb0\xc3\xf7\xd4\xc2\xb9\xe2\xa3\xac\xd2\xc9\xca\xc7\xb5\xd8\xc9\xcf\xcb\xaa\xa1\xa3\n");
    let long = format!("{}\n{}\n{}\n", quatrains(30), "春花秋月".repeat(5), "春花秋月".repeat(20));
    vec![
        (vec![], &["poems.txt: the file contains no text", "write poems into it"]),
        (b"\xef\xbb\xbf \n\n\t\n".to_vec(), &["poems.txt: the file contains no text"]),
        (b"\x1f\x8b\x08\x00".to_vec(), &["poems.txt: this is a gzip archive, not text", "give a UTF-8 text file"]),
        (b"MZ\x00\x01\x02\x03".to_vec(), &["poems.txt: this is a binary file"]),
        (utf16, &["poems.txt:1: the text is not UTF-8 at byte 0", "probably UTF-16LE", "iconv -f UTF-16LE"]),
        (utf32, &["poems.txt:1: the text is not UTF-8 at byte 0", "UTF-32", "iconv -f UTF-32LE -t UTF-8"]),
        (gbk, &["poems.txt:3: the text is not UTF-8 at byte 8", "probably gb18030", "iconv -f gb18030 -t UTF-8"]),
        (quatrains(30).as_bytes()[..100].to_vec(), &["poems.txt:", "not UTF-8 at byte 99"]),
        (quatrains(19).into(), &["poems.txt: 19 different poems", "at least 20 are needed", "add poems"]),
        ((quatrains(10) + "\n").repeat(9).into(), &["poems.txt: 10 different poems"]),
        (b"# one\n\n# two\n".to_vec(), &["poems.txt: the file contains titles (`# ...`) but no verses"]),
        (
            "床前明月光\n".into(),
            &["poems.txt: 1 different poem (one poem per line) is too few", "poems, one per line, or"],
        ),
        (long.into(), &["poems.txt:152: the line has 80 tokens but the limit is 64", "max_line = 80"]),
        (
            quatrains(30).into(),
            &["poems.txt: 0 of 30 poems are left, and at least 20", "too rare", "tokenizer.min_count", "--vocab-size"],
        ),
    ]
}

#[test]
fn every_invalid_corpus_takes_one_line_and_leaves_no_files() {
    for (content, parts) in wrong_corpora() {
        let folder = Folder::new();
        folder.write("poems.txt", content);
        // Nothing is wrong with the last one itself.
        let flags = if parts.contains(&"too rare") { "--vocab-size 16" } else { "" };
        let said = folder.mistake(&format!("{TRAIN} {flags}"));
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?}: {said}");
        assert!(!folder.path("runs").exists(), "{said}");
        folder.write("poems.txt", quatrains(40));
        folder.done(TRAIN);
        assert_eq!(folder.journal("poems").checkpoints().last(), Some(&2), "{said}");
    }
}

#[test]
fn paths_without_a_file_are_reported() {
    let folder = Folder::new();
    fs::create_dir(folder.path("verse")).unwrap();
    let missing = folder.mistake("train nowhere/poems.txt --plain");
    assert_eq!(missing, "poetgan: nowhere/poems.txt: there is no such file; give the path of a text file of poems");
    let said = folder.mistake("train verse --plain");
    assert_eq!(
        said,
        "poetgan: verse: this folder has no file of text (.txt, .md, .json, .csv, .html, ...); put files of poems into it"
    );
    assert!(!folder.path("runs").exists());
}

/// Escape sequences in verses and in the header of a table, and a mark that reverses the line.
#[test]
fn the_report_on_a_corpus_does_not_steer_the_terminal() {
    let folder = Folder::new();
    let rows: String =
        quatrains(30).split("\n\n").map(|poem| poem.trim().replace('\n', "\u{1b}[2J，") + ",x\n").collect();
    folder.write("hostile.csv", format!("bo\u{1b}]0;x\u{7}dy\u{202e},ti\u{9b}1mtle\n{rows}"));
    for flags in ["", "--clean", "--column 1", "--column nope"] {
        let ended = folder.run(&format!("corpus hostile.csv {flags}"));
        let said = ended.out + &ended.err;
        assert!(said.contains("hostile.csv"), "{said}");
        assert!(!said.chars().any(|c| c == '\u{202e}' || c.is_control() && c != '\n'), "{flags}: {said:?}");
    }
}

#[test]
fn an_invalid_configuration_is_reported_with_its_line() {
    let folder = Folder::new();
    let cases = [
        ("[model]\n\nwidth = = 3", "my.toml:3: "),
        ("[model]\nwidht = 3", "my.toml:2: 'model.widht' is unknown; did you mean 'width'?"),
        ("preset = 'huge'", "my.toml:1: there is no preset 'huge'; the presets are tiny, small, pure, base"),
        ("[training]\nseed = 1\nlearning_rate = 'fast'", "my.toml:3: training.learning_rate: "),
        ("[training]\nlearning_rate = -1.0", "my.toml:2: training.learning_rate: -1 is not above 0"),
        ("[training]\nclip = inf", "my.toml:2: training.clip: inf is not above 0"),
        ("[training]\nadversarial_steps = 0\npretrain_steps = 0", "my.toml:3: training.pretrain_steps: 0, and so is"),
        ("[model]\nmax_line = 0", "my.toml:2: model.max_line: 0 is too few; 1 at least"),
        ("[model]\nz_dim = 9000000000", "my.toml:2: model.z_dim: 9000000000 is too many; 16384 at most"),
        (
            "[training]\n\nwarmup_steps = 9",
            "my.toml:3: 'training.warmup_steps' has been renamed; write 'training.pretrain_steps'",
        ),
        ("[model]\n\nwidth = 16384", "my.toml:3: model: this model has about 5673 million parameters"),
        ("[model]\nmax_line = 8000", "my.toml:2: model.max_poem: 512 is less than model.max_line + 2 = 8002"),
        ("[model]\nmax_lines = 1", "no form of the corpus ("),
    ];
    for (text, message) in cases {
        folder.write("my.toml", text);
        let said = folder.mistake("train poems.txt --config my.toml --plain");
        assert!(said.starts_with(&format!("poetgan: {message}")), "{said}");
    }
    let utf16: Vec<u8> = "\u{feff}[model]\r\nmax_line = 0\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, message) in [
        (utf16.as_slice(), "my.toml:2: model.max_line: 0 is too few; 1 at least"),
        (b"seed = 1\n# \xc6\xdf", "my.toml:2: this is neither UTF-8 nor UTF-16; save the file as UTF-8"),
    ] {
        folder.write("my.toml", bytes);
        assert_eq!(folder.mistake("train poems.txt --config my.toml --plain"), format!("poetgan: {message}"));
    }
    let said = folder.mistake("train poems.txt --config none.toml --plain");
    assert!(said.starts_with("poetgan: cannot read none.toml: ") && said.contains("check the path"), "{said}");
    folder.done(TRAIN);
}

#[test]
fn an_invalid_schedule_or_vocabulary_is_reported() {
    let folder = Folder::new();
    let steps = folder.mistake("train poems.txt --preset tiny --steps 5 --pretrain-steps 6 --plain");
    assert!(steps.starts_with("poetgan: --steps: does not agree with --pretrain-steps"), "{steps}");
    let vocabulary = folder.mistake("train poems.txt --preset tiny --vocab-size 3 --plain");
    assert!(vocabulary.contains("tokenizer.vocab_size: 3 is too few; 16 at least"), "{vocabulary}");
    folder.done(TRAIN);
    let fewer = folder.mistake("train poems.txt --config quick.toml --steps 1 --plain");
    assert!(fewer.contains("--steps: the run has done 2 steps already, more than 1; ask for more"), "{fewer}");
    folder.done("train poems.txt --preset tiny --steps 6 --run long --plain");
    let fewer = folder.mistake("train poems.txt --steps 3 --run long --plain");
    assert_eq!(fewer, "poetgan: --steps: the run has done 6 steps already, more than 3; ask for more");
}

#[test]
fn unknown_arguments_refer_to_the_help() {
    let folder = Folder::new();
    for words in ["train poems.txt --learn-fast", "write --sed 42", "train poems.txt --loss gan", "train", "verse"] {
        let ended = folder.run(words);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{words}");
        assert!(ended.err.contains("--help"), "{words}: {}", ended.err);
    }
    assert!(!folder.path("runs").exists());
}

#[test]
fn a_folder_without_a_run_is_not_touched() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("runs/poems")).unwrap();
    folder.write("runs/poems/thesis.txt", "years of work");
    for flags in ["", "--fresh"] {
        let said = folder.mistake(&format!("{TRAIN} {flags}"));
        assert!(said.contains("runs/poems: ") && said.contains("--run NAME"), "{said}");
    }
    assert_eq!(fs::read_dir(folder.path("runs/poems")).unwrap().count(), 1);
    folder.done(&format!("{TRAIN} --run other"));
}

#[test]
fn a_damaged_run_is_reported_with_its_file() {
    let folder = Folder::trained();
    let words = "train poems.txt --plain --steps 30";
    let (config, tokenizer) = (folder.read("runs/poems/config.toml"), folder.read("runs/poems/tokenizer.json"));
    let other = config.replace("width = 32", "width = 64");
    let damages = [
        ("config.toml", Some("nonsense"), "/config.toml:1: "),
        ("config.toml", Some(other.as_str()), ": the weights do not fit config.toml and tokenizer.json ("),
        ("corpus.json", Some("{"), "/corpus.json: the record of the corpus cannot be used: "),
        ("corpus.json", Some("{}"), "/corpus.json: the record of the corpus cannot be used: it lacks the sha256"),
        ("corpus.json", None, "/corpus.json: the record of the corpus cannot be used: "),
        ("tokenizer.json", Some(&tokenizer[..500]), "/tokenizer.json: the tokenizer cannot be used: "),
        ("tokenizer.json", None, "/tokenizer.json: the tokenizer cannot be used: "),
    ];
    for (file, content, message) in damages {
        let file = format!("runs/poems/{file}");
        let good = folder.read(&file);
        match content {
            Some(content) => folder.write(&file, content),
            None => fs::remove_file(folder.path(&file)).unwrap(),
        }
        for words in [words, "write", "write --model runs/poems"] {
            let said = folder.mistake(words);
            assert!(said.starts_with(&format!("poetgan: runs/poems{message}")), "{words}: {said}");
            assert!(said.ends_with("start over with --fresh or --run NAME"), "{words}: {said}");
        }
        folder.write(&file, good);
    }
    fs::remove_file(folder.path("runs/poems/config.toml")).unwrap();
    let said = folder.mistake(words);
    assert!(said.contains("/config.toml: the configuration of the run cannot be used: it is missing"), "{said}");
    folder.write("runs/poems/config.toml", config);
    // A damaged checkpoint is skipped, with a notice.
    folder.write("runs/poems/checkpoints/step-00000020/generator.safetensors", "half");
    let out = folder.done(words);
    assert!(out.contains("skipped: ") && out.contains("generator.safetensors has 4 of "), "{out}");
    assert_eq!(folder.journal("poems").checkpoints().last(), Some(&30));
}

#[test]
fn watching_without_a_run_is_a_user_error() {
    let folder = Folder::new();
    assert!(folder.mistake("watch").contains("no run below runs/ yet"));
    assert!(folder.mistake("watch nowhere").contains("runs/nowhere: not a run"));
    std::fs::create_dir_all(folder.path("runs/x")).unwrap();
    folder.write("runs/x/metrics.jsonl", "");
    assert!(folder.mistake("watch x").contains("need a terminal"));
}

#[cfg(unix)]
#[test]
fn endless_input_is_reported() {
    let folder = Folder::new();
    for (words, message) in [
        ("train /dev/zero --plain", "/dev/zero: the input does not end; give the path of a text file of poems"),
        (
            "train poems.txt --config /dev/zero --plain",
            "cannot read /dev/zero: the input does not end; check the path of the configuration",
        ),
        ("merge /dev/zero", "cannot read /dev/zero: the input does not end; check the path"),
        ("oracle --weights /dev/zero", "--weights /dev/zero: cannot read it: the input does not end; check the path"),
        ("merge /dev/zero --lang zh", "无法读取 /dev/zero：输入没有尽头；请检查路径"),
    ] {
        assert_eq!(folder.mistake(words), format!("poetgan: {message}"));
    }
    for words in ["check", "revise --line 1 --model builtin"] {
        let output = folder.command(words).stdin(fs::File::open("/dev/zero").unwrap()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let message = "poetgan: standard input: the input does not end; give the path of a file\n";
        assert_eq!((output.status.code(), said.as_str()), (Some(2), message), "{words}");
    }
}
