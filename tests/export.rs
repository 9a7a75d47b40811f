//! `poetgan export` through the real binary: the files of a run made by hand, and those of a real one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, quick};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const STARTED: &str = r#"{"event":"started","run":"runs/made","corpus":{"path":"a <b>.txt","forms":[["7x4",9]],
"held_out":2,"left_out":0},"model":{"generator":"lstm","generator_parameters":1000000,"discriminator_parameters":500000,
"threads":2},"step":0,"total_steps":4,"pretrain_steps":2,"settings":[["model.width","32"]],"runtime_settings":[]}"#;
const BINS: &str = "[1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2]";

/// A run of four steps in two processes in `runs/made`.
fn made() -> Folder {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("runs/made")).unwrap();
    folder.write("runs/made/metrics.jsonl", metrics());
    let samples = [sample(0, "春眠不觉晓", "null"), sample(3, "<script>alert(1)</script>&", "0.25")];
    folder.write("runs/made/samples.jsonl", samples.join("\n"));
    folder.write("runs/made/config.toml", "[sampling]\nname = \"<&>\"\n");
    folder.write("runs/made/tokenizer.json", "{}");
    folder
}

/// Events of every kind, one that nobody knows and a torn line.
fn metrics() -> String {
    let adversarial = format!(
        r#","generator_loss":0.75,"discriminator_loss":1.25,"d_real":0.6,"d_fake":0.4,"discriminator_grad_norm":2,
"beta":3,"discriminator_learning_rate":0.125,"real_histogram":{BINS},"fake_histogram":{BINS}"#
    );
    let events = [
        STARTED.to_string(),
        step(1, "pretraining", 10.0, r#","likelihood_loss":5"#),
        step(2, "pretraining", 20.0, r#","likelihood_loss":4"#),
        r#"{"event":"held_out","step":2,"loss":4.5,"forms":[["5x4",4.25],["7x4",4.75]]}"#.to_string(),
        r#"{"event":"quality","step":2,"form":"7x4","figures":[{"name":"rhyme","model":0.5,"real":0.875}]}"#
            .to_string(),
        r#"{"event":"checkpoint","step":2,"path":"checkpoints/step-00000002"}"#.to_string(),
        r#"{"event":"from_the_future","step":2}"#.to_string(),
        STARTED.replace("\"step\":0", "\"step\":2"),
        step(3, "adversarial", 27.0, &adversarial),
        r#"{"event":"turn","step":3,"turn":{"of":"generator","loss":0.5}}"#.to_string(),
        r#"{"event":"changed","step":3,"setting":"beta","from":3.0,"to":4.0}"#.to_string(),
        r#"{"event":"note","step":3,"note":"look <here> & there"}"#.to_string(),
        r#"{"event":"notice","step":3,"notice":{"kind":"step_undone"}}"#.to_string(),
        r#"{"event":"paused","step":3}"#.to_string(),
        r#"{"event":"resumed","step":3}"#.to_string(),
        step(4, "adversarial", 29.0, &adversarial),
        r#"{"event":"finished","step":4,"reason":"steps_done"}"#.to_string(),
        r#"{"event":"failed","step":4,"message":"no <luck>"}"#.to_string(),
    ];
    let lines: Vec<String> = events.iter().map(|event| event.replace('\n', "")).collect();
    lines.join("\n") + "\n{\"event\":\"st"
}

fn step(step: u64, phase: &str, elapsed: f32, rest: &str) -> String {
    format!(
        r#"{{"event":"step","step":{step},"phase":"{phase}","total_steps":4,"progress":0.5,"elapsed_s":{elapsed},
"eta_s":null,"tokens_per_s":100,"generator_grad_norm":1.5,"learning_rate":0.25{rest}}}"#
    )
}

fn sample(step: u64, line: &str, score: &str) -> String {
    format!(
        r#"{{"event":"sample","step":{step},"temperature":0.8,"poems":[{{"form":"7x4","seed":1,"score":{score},"lines":[
{{"text":"{line}","score":{score},"attributions":[0.5]}}]}}]}}"#
    )
    .replace('\n', "")
}

/// What stands in a folder.
fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The only file of events in a folder.
fn event_file(folder: &Path) -> Vec<u8> {
    let name = names(folder).into_iter().find(|name| name.starts_with("events.out.tfevents.")).unwrap();
    fs::read(folder.join(name)).unwrap()
}

/// CRC-32C bit by bit, so that the program's own is held against another one.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 })
    })
}

/// The messages in a file of TFRecords, whose checksums must be right.
fn records(mut bytes: &[u8]) -> Vec<&[u8]> {
    let masked = |bytes: &[u8]| crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes();
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert_eq!(bytes[8..12], masked(&bytes[..8]));
        let record = &bytes[12..12 + length];
        assert_eq!(bytes[12 + length..16 + length], masked(record));
        records.push(record);
        bytes = &bytes[16 + length..];
    }
    records
}

/// The fields of a protocol buffer: number and bytes; a varint becomes eight bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let n = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let (head, rest) = bytes.split_at(n);
        *bytes = rest;
        head.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f))
    }
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let length = match key & 7 {
            0 => {
                fields.push((key >> 3, varint(&mut bytes).to_le_bytes().to_vec()));
                continue;
            }
            1 => 8,
            2 => varint(&mut bytes) as usize,
            5 => 4,
            other => panic!("wire type {other}"),
        };
        fields.push((key >> 3, bytes[..length].to_vec()));
        bytes = &bytes[length..];
    }
    fields
}

fn field(bytes: &[u8], number: u64) -> Vec<u8> {
    fields(bytes).into_iter().find(|(found, _)| *found == number).unwrap_or_else(|| panic!("no field {number}")).1
}

/// A field of eight bytes.
fn double(bytes: &[u8], number: u64) -> f64 {
    f64::from_le_bytes(field(bytes, number).try_into().unwrap())
}

#[test]
fn the_checksum_of_these_tests_is_that_of_castagnoli() {
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
}

#[test]
fn tables_hold_every_number() {
    let folder = made();
    let told = folder.done("export made --csv");
    let names = ["steps.csv", "held_out.csv", "quality.csv"].map(|name| format!("runs/made/export/{name}\n"));
    assert_eq!(told, names.concat());
    let bins = BINS[1..BINS.len() - 1].replace(',', " ");
    let steps = format!(
        "step,phase,total_steps,progress,elapsed_s,eta_s,tokens_per_s,likelihood_loss,generator_loss,discriminator_loss,\
         d_real,d_fake,generator_grad_norm,discriminator_grad_norm,beta,learning_rate,discriminator_learning_rate,\
         real_histogram,fake_histogram\n\
         1,pretraining,4,0.5,10,,100,5,,,,,1.5,,,0.25,,,\n\
         2,pretraining,4,0.5,20,,100,4,,,,,1.5,,,0.25,,,\n\
         3,adversarial,4,0.5,27,,100,,0.75,1.25,0.6,0.4,1.5,2,3,0.25,0.125,{bins},{bins}\n\
         4,adversarial,4,0.5,29,,100,,0.75,1.25,0.6,0.4,1.5,2,3,0.25,0.125,{bins},{bins}\n"
    );
    assert_eq!(folder.read("runs/made/export/steps.csv"), steps);
    assert_eq!(folder.read("runs/made/export/held_out.csv"), "step,form,loss\n2,all,4.5\n2,5x4,4.25\n2,7x4,4.75\n");
    assert_eq!(folder.read("runs/made/export/quality.csv"), "step,form,figure,model,real\n2,7x4,rhyme,0.5,0.875\n");
}

/// What an event file holds: step, seconds since the first record, and the value.
#[derive(Default)]
struct Board {
    scalars: BTreeMap<String, Vec<(u64, f64, f32)>>,
    texts: Vec<(u64, f64, String, String)>,
    histograms: Vec<(u64, String, Vec<u8>)>,
    /// The start of a session of hyperparameters.
    hparams: Vec<Vec<u8>>,
}

impl Board {
    fn read(folder: &Path) -> Board {
        let (bytes, mut board) = (event_file(folder), Board::default());
        let records = records(&bytes);
        assert_eq!(field(records[0], 3), b"brain.Event:2");
        for record in &records[1..] {
            let time = double(record, 1) - double(records[0], 1);
            let step = u64::from_le_bytes(field(record, 2).try_into().unwrap());
            fields(&field(record, 5)).iter().for_each(|(_, value)| board.add(step, time, value));
        }
        board
    }

    fn add(&mut self, step: u64, time: f64, value: &[u8]) {
        let tag = String::from_utf8(field(value, 1)).unwrap();
        let has = |wanted: u64| fields(value).iter().any(|(number, _)| *number == wanted);
        if has(2) {
            let value = f32::from_le_bytes(field(value, 2).try_into().unwrap());
            self.scalars.entry(tag).or_default().push((step, time, value));
        } else if has(5) {
            self.histograms.push((step, tag, field(value, 5)));
        } else if tag == "_hparams_/session_start_info" {
            let plugin = field(&field(value, 9), 1);
            assert_eq!(field(&plugin, 1), b"hparams");
            self.hparams.push(field(&field(&plugin, 2), 3));
        } else {
            assert_eq!(field(&field(&field(value, 9), 1), 1), b"text");
            self.texts.push((step, time, tag, String::from_utf8(field(&field(value, 8), 8)).unwrap()));
        }
    }
}

#[test]
fn tensorboard_gets_curves_texts_and_settings() {
    let folder = made();
    let begun = fs::metadata(folder.path("runs/made/tokenizer.json")).unwrap().modified().unwrap();
    let begun = begun.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let told = folder.done("export ./runs/made --tensorboard -o board");
    assert_eq!(told, format!("board/events.out.tfevents.{begun}.poetgan\n"));
    let Board { scalars, texts, hparams, .. } = Board::read(&folder.path("board"));
    // Seconds are those of both processes.
    assert_eq!(scalars["loss/likelihood_loss"], [(1, 10.0, 5.0), (2, 20.0, 4.0)]);
    assert_eq!(scalars["loss/generator_loss"], [(3, 27.0, 0.75), (4, 29.0, 0.75)]);
    assert_eq!(scalars["held_out/all"], [(2, 20.0, 4.5)]);
    assert_eq!(scalars["held_out/7x4"], [(2, 20.0, 4.75)]);
    assert_eq!((scalars["quality/rhyme"][0].2, scalars["quality/rhyme_real"][0].2), (0.5, 0.875));
    assert_eq!(scalars.len(), 13 + 3 + 2, "{:?}", scalars.keys());
    let poem = "Temperature 0.8\n\n7x4\n\n    春眠不觉晓\n\n".to_string();
    let settings = "    model.width = 32\n".to_string();
    // Both processes have told their settings; they are one session of hyperparameters.
    assert_eq!(texts[0], (0, 0.0, "settings".to_string(), settings.clone()));
    assert_eq!(texts[1], (0, 0.0, "samples".to_string(), poem));
    assert_eq!(texts[2], (2, 20.0, "settings".to_string(), settings));
    assert_eq!((texts.len(), texts[3].0, texts[3].1), (4, 3, 27.0));
    let width = field(&hparams[0], 1);
    assert_eq!((field(&width, 1), double(&field(&width, 2), 2)), (b"model.width".to_vec(), 32.0));
    assert_eq!((hparams.len(), double(&hparams[0], 5)), (1, begun as f64));
}

#[test]
fn tensorboard_gets_histograms() {
    let folder = made();
    folder.done("export made --tensorboard -o board");
    let Board { histograms, .. } = Board::read(&folder.path("board"));
    let found: Vec<(u64, &str)> = histograms.iter().map(|(step, tag, _)| (*step, tag.as_str())).collect();
    let [length, real, fake] = ["samples/line_length", "discriminator/real_scores", "discriminator/fake_scores"];
    assert_eq!(found, [(0, length), (3, real), (3, fake), (3, length), (4, real), (4, fake)]);
    // One score in the first bin and two in the last, of twenty from 0 to 1.
    let scores = &histograms[1].2;
    assert_eq!([1, 2, 3].map(|number| double(scores, number)), [0.0, 1.0, 3.0]);
    let numbers = |bytes: &[u8]| bytes.chunks(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect::<Vec<_>>();
    let [limits, counts] = [6, 7].map(|number| numbers(&field(scores, number)));
    assert_eq!((limits.len(), limits[0], limits[19]), (20, 0.05, 1.0));
    assert_eq!((counts[0], counts[1..19].iter().sum::<f64>(), counts[19]), (1.0, 0.0, 2.0));
    // A line of five characters.
    assert_eq!([1, 2, 4].map(|number| double(&histograms[0].2, number)), [4.5, 5.5, 5.0]);
}

#[test]
fn a_second_export_replaces_the_first() {
    let folder = made();
    let first = folder.done("export made");
    let before = names(&folder.path("runs/made/export"));
    assert_eq!((folder.done("export made"), before.len(), first.lines().count()), (first.clone(), 6, 6));
    assert_eq!(names(&folder.path("runs/made/export")), before);
}

#[test]
fn the_page_loads_nothing_and_escapes_text() {
    let folder = made();
    assert_eq!(folder.done("export made --html -o out"), "out/report.html\n");
    // The name of SVG looks like an address, but nobody looks there.
    let page = folder.read("out/report.html").replace("http://www.w3.org/2000/svg", "");
    for word in ["<script", "src=", "href=", "url(", "http:", "https:", "@import", "<link"] {
        assert!(!page.contains(word), "{word}: {page}");
    }
    assert_eq!(page.matches("<svg").count(), 5, "{page}");
    for text in [
        "a &lt;b&gt;.txt: 9 training poems (7x4 9), 2 held out",
        "<dd>4 of 4 (adversarial), after 0:29 of training</dd>",
        "<dd>2 steps of pretraining, then 2 of adversarial training</dd>",
        "step 3  note: look &lt;here&gt; &amp; there",
        "step 3  numbers are not finite: step undone, learning rate halved",
        "step 3  beta: 3 -&gt; 4",
        "step 4  failed: no &lt;luck&gt;",
        "<p>春眠不觉晓</p>",
        "<p style=\"--score:25%\">&lt;script&gt;alert(1)&lt;/script&gt;&amp;<small>0.25</small></p>",
        "<tr><th scope=\"row\">rhyme<small>how well the lines that should rhyme do, 0 to 1</small></th><td>0.500</td>\
         <td>0.875</td></tr>",
        "<span class=\"dashed\">real poems 0.875</span>",
        "<pre>[sampling]\nname = &quot;&lt;&amp;&gt;&quot;\n</pre>",
        "prefers-color-scheme: dark",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[test]
fn the_page_is_chinese_by_option_and_by_locale() {
    let folder = made();
    let export = |flags: &str, locale: &str| {
        let mut command = folder.command(&format!("export made --html {flags}"));
        assert!(command.env("LC_ALL", locale).status().unwrap().success());
        folder.read("runs/made/export/report.html")
    };
    let pages = [export("--lang zh", "C"), export("", "zh_CN.UTF-8")];
    assert_eq!(pages[0], pages[1]);
    for text in [
        "<html lang=\"zh-Hans\">",
        "<dd>a &lt;b&gt;.txt：训练诗 9 首（7x4 9），留出 2 首，因罕见词元未采用 0 首</dd>",
        "<dd>第 4 步，共 4 步（对抗训练），已训练 0:29</dd>",
        "<h2>质量</h2>",
        "<tr><th scope=\"row\">押韵<small>应押韵的句押得如何，0 至 1</small></th><td>0.500</td><td>0.875</td></tr>",
        "<figcaption>押韵 <span class=\"one\">生成的诗 0.500</span> <span class=\"dashed\">真诗 0.875</span>",
        "<li>第 3 步  备注：look &lt;here&gt; &amp; there</li>",
    ] {
        assert!(pages[0].contains(text), "{text}: {}", pages[0]);
    }
    for page in [export("", "C"), export("--lang en", "zh_CN.UTF-8")] {
        assert!(page.contains("<html lang=\"en\">") && page.contains("<h2>Quality</h2>"), "{page}");
    }
}

#[test]
fn the_page_shows_an_evaluation_where_there_is_one() {
    let folder = made();
    let json = r#"{"model":"m","corpus":"c","temperature":1.0,"forms":{"7x4":{"counts":{},"alarms":["it <repeats>"],
        "model":{"rhyme":0.9,"rhyme_interval":[0.8,0.95]},"real":{"rhyme":0.97}}}}"#;
    folder.write("runs/made/eval.json", json);
    folder.done("export made --html");
    let page = folder.read("runs/made/export/report.html");
    assert!(page.contains("<th scope=\"col\">model</th><th scope=\"col\">real</th>"), "{page}");
    assert!(page.contains("<td>0.900 (0.800-0.950)</td><td>0.970</td>"), "{page}");
    assert!(page.contains("it &lt;repeats&gt;") && !page.contains("<h2>Quality</h2>"), "{page}");
    folder.write("runs/made/eval.json", "");
    let said = folder.mistake("export made --html");
    assert!(said.starts_with("poetgan: runs/made/eval.json: not JSON ("), "{said}");
    assert!(said.ends_with("; write it again with poetgan eval --json, or delete it"), "{said}");
}

#[test]
fn what_cannot_be_exported_is_a_mistake() {
    let folder = made();
    let said = folder.mistake("export other");
    let advice = "name a run below runs/, or the path of a run directory";
    assert_eq!(said, format!("poetgan: runs/other: not a run (no metrics.jsonl); {advice}"));
    let said = folder.mistake("export made -o poems.txt");
    assert!(said.starts_with("poetgan: cannot write into poems.txt: "), "{said}");
    assert!(said.ends_with("; name another folder with -o DIR"), "{said}");
    for nothing in ["", "no event\n{}\n"] {
        folder.write("runs/made/metrics.jsonl", nothing);
        let said = folder.mistake("export made");
        let told = "runs/made/metrics.jsonl: the journal has no readable events";
        assert!(said.starts_with(&format!("poetgan: {told}; ")), "{said}");
    }
    assert!(!folder.path("runs/made/export").exists());
}

#[cfg(unix)]
#[test]
fn a_run_is_exported_while_it_trains() {
    let folder = Folder::new();
    folder.write("long.toml", quick("checkpoint_every = 10\nsample_every = 10\nheld_out_every = 10"));
    let mut training = folder.start("train poems.txt --config long.toml --steps 1000000 --plain");
    let journal = folder.journal("poems");
    journal.until_step(25);
    folder.done("export poems");
    let steps = folder.read("runs/poems/export/steps.csv");
    assert!(steps.lines().count() > 25 && steps.ends_with('\n'), "{steps}");
    let page = folder.read("runs/poems/export/report.html");
    assert!(page.contains("<svg") && page.contains("<h2>The same seeds through training</h2>"), "{page}");
    assert!(records(&event_file(&folder.path("runs/poems/export"))).len() > 25);
    // The trainer has not noticed.
    let step = journal.last_step();
    journal.until_step(step + 5);
    assert!(!training.has_ended());
    training.send("TERM");
    assert!(training.wait().success());
}
