//! A folder with everything that a stranger may have made: names, corpora, runs, journals, models.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

use std::fs;

use poetgan::run::event::Event;
use serde_json::{Value, json};

use super::common::{CHARACTERS, Folder, quatrains, quick};

/// Stands at the beginning of the lines that would appear if a line end of a text passed.
pub const MARK: &str = "SPOOF";

/// A name for files and arguments: sequences of terminals, C1 controls, marks of direction, line ends, markup, a formula.
pub const EVIL: &str = "=x\u{1b}]0;y\u{7}\u{1b}[31m\u{9b}2J\u{85}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\r\t\nSPOOF\
                        <script>alert(1)<img src=x onerror=\"a\">&\"';";

/// As a text in a file: what a name cannot hold as well.
fn text() -> String {
    format!("{EVIL}\0</script>]]>\u{8}\u{7f}")
}

/// Invisible characters that a corpus may hold anywhere.
const INVISIBLE: &str = "\u{1b}\u{7}\u{9b}\u{202e}\u{2066}\u{200f}\u{61c}";

pub struct Hostile {
    pub folder: Folder,
}

/// The names that stand in braces, and what they are.
fn named(name: &str) -> String {
    match name {
        "evil" => EVIL.to_string(),
        "missing" => format!("missing {EVIL}"),
        "corpus" => format!("corpus{EVIL}.txt"),
        "titles" => format!("titles{EVIL}.md"),
        "table" => format!("table{EVIL}.csv"),
        "binary" => format!("binary{EVIL}.txt"),
        "folder" => format!("folder{EVIL}"),
        "poem" => format!("poem{EVIL}.txt"),
        "toml" => "quick.toml".to_string(),
        "unknown" => format!("unknown{EVIL}.toml"),
        "run" | "words" | "made" | "broken" | "foreign" | "fresh" => format!("runs/{name}{EVIL}"),
        "json_run" => format!("runs/json{EVIL}"),
        "from_run" => format!("runs/from{EVIL}"),
        "packed" | "tokens" | "settings" | "header" => format!("{name}{EVIL}.safetensors"),
        "packed_again" => format!("again{EVIL}.safetensors"),
        "figure" => format!("rhyme{}", text().replace('\0', "")),
        "unknown_figure" => format!("figure{EVIL}"),
        "svg" => format!("out/card{EVIL}.svg"),
        "txt" => format!("out/poem{EVIL}.txt"),
        "export" => format!("out/export{EVIL}"),
        "man" => format!("out/man{EVIL}"),
        "empty" => format!("empty{EVIL}"),
        _ => panic!("{name} is no name"),
    }
}

impl Hostile {
    pub fn new() -> Hostile {
        let hostile = Hostile { folder: Folder::new() };
        hostile.write_corpora();
        hostile.train();
        hostile.make_run();
        hostile.spoil_runs();
        hostile.spoil_models();
        ["out", &named("empty")].iter().for_each(|name| fs::create_dir_all(hostile.folder.path(name)).unwrap());
        hostile
    }

    /// The words of a line, with what stands in braces filled in.
    pub fn words(line: &str) -> Vec<String> {
        let word =
            |word: &str| match word.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
                Some((before, (name, after))) => format!("{before}{}{after}", named(name)),
                None => word.to_string(),
            };
        line.split_whitespace().map(word).collect()
    }

    fn write_corpora(&self) {
        // A poem keeps its form: what is invisible is dropped.
        let hidden = quatrains(1_200).replace('春', &format!("春{INVISIBLE}"));
        self.folder.write(&named("corpus"), &hidden);
        let line = |i: usize| CHARACTERS.chars().skip(i % 20).take(5).collect::<String>();
        let titled = |i: usize| {
            format!("# {i} {}\n\n{}\n{}\n\n", text().replace(['\n', '\0', '\u{2028}'], " "), line(i), line(3 * i + 1))
        };
        self.folder.write(&named("titles"), (0..40).map(titled).collect::<String>());
        let row = |i: usize| format!("{i},\"{}\n{}{INVISIBLE}\"\n", line(i), line(7 * i + 2));
        self.folder.write(
            &named("table"),
            format!("number,\"{}\"\n{}", text().replace('"', "\"\""), (0..40).map(row).collect::<String>()),
        );
        self.folder.write(&named("binary"), format!("{}\n\n", text()).repeat(40));
        self.folder.write(&named("poem"), format!("{}{INVISIBLE}\n{}\n{}\n{}\n", line(0), line(4), line(9), line(13)));
        fs::create_dir(self.folder.path(&named("folder"))).unwrap();
        self.folder.write(&format!("{}/a{EVIL}.txt", named("folder")), &hidden);
        self.folder.write(&format!("{}/b{EVIL}.txt", named("folder")), format!("\0\0{}", text()));
        let key = serde_json::to_string(&text()).unwrap().replace("\\u0000", "");
        self.folder.write(&named("unknown"), format!("[training]\n{key} = {key}\n"));
        self.folder.write("words.txt", words());
        self.folder.write("word.toml", quick("checkpoint_every = 10") + "[tokenizer]\nmin_count = 1\n");
    }

    /// Two real runs, and a packed model of one.
    fn train(&self) {
        self.done(&Hostile::words("train {corpus} --config quick.toml --steps 20 --plain --run {run}"));
        self.done(&Hostile::words(
            "train words.txt --config word.toml --tokenizer word --steps 20 --plain --run {words}",
        ));
        self.done(&Hostile::words("pack {words} -o {packed}"));
    }

    fn done(&self, words: &[String]) -> Vec<u8> {
        let output = self.folder.command("").args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// A run whose journal nobody of ours has written.
    fn make_run(&self) {
        let run = named("made");
        self.copy(&named("run"), &run);
        let mut metrics = self.folder.read(&format!("{run}/metrics.jsonl"));
        let mut samples = self.folder.read(&format!("{run}/samples.jsonl"));
        let (started, steps) =
            (metrics.lines().next().unwrap().to_string(), self.folder.journal(&run["runs/".len()..]).last_step());
        for event in events(&started, steps) {
            let line = serde_json::to_string(&event).unwrap();
            assert!(serde_json::from_str::<Event>(&line).is_ok(), "no event: {line}");
            let is_sample = ["sample", "latent"].iter().any(|kind| event["event"] == *kind);
            let file = if is_sample { &mut samples } else { &mut metrics };
            *file += &(line + "\n");
        }
        self.folder.write(&format!("{run}/metrics.jsonl"), metrics);
        self.folder.write(&format!("{run}/samples.jsonl"), samples);
        let evaluated = self.done(&Hostile::words("eval --model {run} --quick --samples 20 --json"));
        let mut evaluation: Value = serde_json::from_slice(&evaluated).unwrap();
        ["model", "corpus"].iter().for_each(|key| evaluation[*key] = text().into());
        let forms = evaluation["forms"].as_object_mut().unwrap();
        let any = forms.values().next().unwrap().clone();
        forms.insert(text(), any);
        self.folder.write(&format!("{run}/eval.json"), evaluation.to_string());
    }

    fn copy(&self, from: &str, to: &str) {
        let status =
            std::process::Command::new("cp").arg("-r").args([self.folder.path(from), self.folder.path(to)]).status();
        assert!(status.unwrap().success());
    }

    /// Runs whose settings or vocabulary nobody of ours has written.
    fn spoil_runs(&self) {
        let key = serde_json::to_string(&text()).unwrap();
        self.copy(&named("run"), &named("broken"));
        self.folder.write(&format!("{}/config.toml", named("broken")), format!("[training]\n{key} = 1\n"));
        let corpus = json!({"path": text(), "sha256": text(), "forms": {text(): 3}});
        self.folder.write(&format!("{}/corpus.json", named("broken")), corpus.to_string());
        self.copy(&named("run"), &named("foreign"));
        let tokenizer = self.folder.read(&format!("{}/tokenizer.json", named("foreign")));
        self.folder.write(&format!("{}/tokenizer.json", named("foreign")), with_evil_tokens(&tokenizer));
    }

    /// Packed models with other headers.
    fn spoil_models(&self) {
        let packed = fs::read(self.folder.path(&named("packed"))).unwrap();
        let write =
            |name: &str, change: &dyn Fn(&mut Value)| self.folder.write(&named(name), with_header(&packed, change));
        write("tokens", &|header| header["tokenizer"] = with_evil_tokens(header["tokenizer"].as_str().unwrap()).into());
        write("settings", &|header| {
            let key = serde_json::to_string(&text()).unwrap();
            header["config"] = format!("{}\n[{key}]\n{key} = {key}\n", header["config"].as_str().unwrap()).into();
        });
        write("header", &|header| header["forms"] = text().into());
    }
}

/// Poems in English whose words are markup, formulas and quotation marks.
fn words() -> String {
    let words = [
        "<script>alert(1)</script>",
        "=1+2",
        "@SUM",
        "+1",
        "-x",
        "&amp;",
        "]]>",
        "\"'",
        "rose",
        "moon",
        "<img/src=x>",
        "`a`",
    ];
    let line =
        |i: usize| (0..5).map(|j| words[(i * (j + 3) + i / 7 + 5 * j) % words.len()]).collect::<Vec<_>>().join(" ");
    (0..60)
        .map(|poem| {
            format!(
                "the {}\na {}\nso {}\nwe {}\n\n",
                line(4 * poem),
                line(4 * poem + 1),
                line(4 * poem + 2),
                line(4 * poem + 3)
            )
        })
        .collect()
}

/// Events of all kinds with texts of a stranger after step `step`.
fn events(started: &str, step: u64) -> Vec<Value> {
    let (evil, notice) = (text(), |notice: Value| json!({"event": "notice", "step": step, "notice": notice}));
    let unreadable = json!({"result": "unreadable", "reason": evil});
    let line = json!({"text": evil, "score": 0.5});
    let poem = json!({"form": evil, "seed": 1, "lines": [line, line], "score": 0.5, "nearest": [evil, evil]});
    let mut begun: Value = serde_json::from_str(started).unwrap();
    (begun["run"], begun["run_id"], begun["step"]) = (evil.as_str().into(), evil.as_str().into(), step.into());
    begun["corpus"] = json!({"path": evil, "forms": [[evil, 3]], "held_out": 1, "left_out": 1});
    begun["model"]["generator"] = evil.as_str().into();
    begun["settings"] = json!([[evil, evil], ["=1", "=2"]]);
    let mut events = vec![
        begun,
        notice(json!({"kind": "run_moved", "path": evil})),
        notice(json!({"kind": "corpus_read", "layout": evil, "why": evil, "found": 1, "duplicates": 1, "left_out": 1})),
        notice(json!({"kind": "corpus_decoded", "encoding": evil})),
        notice(json!({"kind": "checkpoint_skipped", "reason": evil})),
        notice(json!({"kind": "started_from", "name": evil, "new_tokens": 1, "themes_kept": true})),
        notice(json!({"kind": "setting_refused", "reason": evil})),
        notice(json!({"kind": "rollback_requested", "rollback": unreadable})),
        notice(json!({"kind": "pretraining_ended", "lowest": 1.0, "rollback": unreadable, "total_steps": 30})),
        json!({"event": "note", "step": step, "note": evil}),
        json!({"event": "held_out", "step": step, "loss": 1.0, "forms": [[evil, 1.0], ["=1+2", 2.0]]}),
        json!({"event": "checkpoint", "step": step, "path": evil}),
        json!({"event": "sample", "step": step, "temperature": 1.0, "poems": [poem, poem]}),
        json!({"event": "latent", "step": step, "direction": 0, "of": 4, "poems": [[1.0, poem]],
               "axes": [{"positive": [evil], "negative": [evil]}]}),
    ];
    let named = |name: &str| json!({"name": name, "model": 0.5, "real": 0.25});
    let figures = [named(&format!("rhyme{}", evil.replace('\0', ""))), named(&evil), named("=1+2")];
    events.push(json!({"event": "quality", "step": step, "form": evil, "figures": figures}));
    events.push(json!({"event": "failed", "step": step, "message": evil}));
    events
}

/// A tokenizer of which some tokens are those of a stranger.
fn with_evil_tokens(tokenizer: &str) -> String {
    let mut json: Value = serde_json::from_str(tokenizer).unwrap();
    let vocabulary = json["model"]["vocab"].as_object_mut().unwrap();
    let last = vocabulary.iter().max_by_key(|(_, id)| id.as_u64()).map(|(token, _)| token.clone()).unwrap();
    let id = vocabulary.remove(&last).unwrap();
    vocabulary.insert(text(), id);
    json.to_string()
}

/// A packed model with another header: the length of a JSON object in 8 bytes, the object, the tensors.
fn with_header(packed: &[u8], change: &dyn Fn(&mut Value)) -> Vec<u8> {
    let length = u64::from_le_bytes(packed[..8].try_into().unwrap()) as usize;
    let (head, tensors) = packed[8..].split_at(length);
    let mut json: Value = serde_json::from_slice(head).unwrap();
    let mut header: Value = serde_json::from_str(json["__metadata__"]["poetgan"].as_str().unwrap()).unwrap();
    change(&mut header);
    json["__metadata__"]["poetgan"] = header.to_string().into();
    let mut head = json.to_string().into_bytes();
    head.resize(head.len().next_multiple_of(8), b' ');
    [&(head.len() as u64).to_le_bytes(), head.as_slice(), tensors].concat()
}
