//! `poetgan eval` and `poetgan sweep` through the real binary.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

fn poetgan(folder: &Path, arguments: &[&str]) -> std::process::Output {
    Command::cargo_bin("poetgan").unwrap().current_dir(folder).args(arguments).output().unwrap()
}

fn project(file: &str) -> String {
    format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))
}

/// Quick evaluation of the built-in model on quatrains.
fn evaluation(more: &[&str]) -> Value {
    let folder = TempDir::new().unwrap();
    let corpus = project("corpora/tang.txt");
    let arguments = ["eval", &corpus, "--form", "5x4", "--samples", "300", "--quick", "--json"];
    let output = poetgan(folder.path(), &[&arguments, more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn figures_have_baselines_and_intervals() {
    let report = evaluation(&[]);
    let figure = |column: &str, metric: &str| report["forms"]["5x4"][column][metric].as_f64().unwrap();
    for column in ["model", "real", "shuffled", "bigram"] {
        let ngrams = ["bleu_2", "self_bleu_3", "distinct_2", "seen_4gram", "copied_line"];
        let of_poems =
            ["rhyme", "tone_alternation", "coherence", "coherence_auc", "repeated_rhyme", "repeated_char_poem"];
        for metric in ngrams.into_iter().chain(of_poems) {
            let value = figure(column, metric);
            assert!((0.0..=1.0).contains(&value), "{column} {metric} {value}");
            let interval = &report["forms"]["5x4"][column][format!("{metric}_interval")];
            let (low, high) = (interval[0].as_f64().unwrap(), interval[1].as_f64().unwrap());
            assert!(low <= value && value <= high, "{column} {metric} {value} {interval}");
        }
    }
    // Each baseline lacks what it should.
    assert!(figure("real", "rhyme") > 0.6 && figure("shuffled", "rhyme") < 0.2 && figure("bigram", "rhyme") < 0.2);
    assert!(figure("real", "tone_alternation") > 0.8 && figure("shuffled", "tone_alternation") > 0.8);
    assert!(figure("real", "learned_rhyme") > figure("shuffled", "learned_rhyme") + 0.1);
    assert!(figure("real", "coherence") > 0.62 && (figure("shuffled", "coherence") - 0.5).abs() < 0.06);
    assert!((figure("real", "coherence_auc") - 0.5).abs() < 1e-9 && figure("shuffled", "coherence_auc") > 0.6);
    assert!(figure("real", "repeated_rhyme") < 0.02);
    assert!(figure("real", "repeated_char_poem") < figure("bigram", "repeated_char_poem"));
    assert!(figure("model", "nll_heldout") + 0.3 < figure("bigram", "nll_heldout"));
    assert_eq!(report["forms"]["5x4"]["real"]["nll_heldout"], Value::Null);
    // Poems tell about their z, and nothing about that of others.
    assert!(figure("model", "z_bits") > 3.0 && figure("shuffled", "z_bits").abs() < 0.6);
    assert!(figure("real", "z_bits") > figure("model", "z_bits"));
    assert!(figure("model", "theme_response") > 0.85 && figure("model", "theme_axes") >= 5.0);
    let axes = report["forms"]["5x4"]["axes"]["model"].as_array().unwrap();
    assert!(axes.len() == 16 && axes.iter().all(|axis| axis["spearman"].as_f64().unwrap() <= 1.0), "{axes:?}");
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    assert_eq!(evaluation(&["--seed", "5"]), evaluation(&["--seed", "5"]));
}

#[test]
fn every_metric_is_explained() {
    let folder = TempDir::new().unwrap();
    let explained = |lang| {
        let output = poetgan(folder.path(), &["eval", "--explain", "--lang", lang]);
        String::from_utf8(output.stdout).unwrap()
    };
    let (text, chinese) = (explained("en"), explained("zh"));
    for metric in [
        "nll_heldout",
        "bleu_5",
        "self_bleu_2",
        "distinct_3",
        "c2st_accuracy",
        "dui_nian",
        "learned_rhyme",
        "coherence",
        "z_bits",
        "theme_response",
        "theme_axes",
    ] {
        assert!(text.contains(&format!("{metric}: ")) && chinese.contains(&format!("{metric}：")), "{metric}");
    }
}

#[test]
fn user_errors_take_one_line() {
    let folder = TempDir::new().unwrap();
    let (tang, sonnets) = (project("corpora/tang.txt"), project("corpora/sonnets.txt"));
    let cases: [(&[&str], &str); 4] = [
        (&["eval"], "does not record the corpus it was trained on"),
        (&["eval", "nowhere.txt"], "nowhere.txt"),
        (&["eval", &tang, "--form", "3x3"], "--form 3x3"),
        (&["sweep", &sonnets], "no checkpoint of the end of pretraining"),
    ];
    for (arguments, message) in cases {
        let output = poetgan(folder.path(), arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{said}");
        assert!(said.contains(message), "{said}");
    }
}

/// A run in the adversarial phase keeps the end of pretraining, and the sweep compares with it.
#[test]
fn a_sweep_compares_with_the_pretraining() {
    let folder = TempDir::new().unwrap();
    let train =
        ["--preset", "tiny", "--run", "adversarial", "--pretrain-steps", "30", "--adversarial-steps", "6", "--plain"];
    let corpus = project("corpora/tang.txt");
    let output = poetgan(folder.path(), &[&["train", &corpus][..], &train].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(log.contains("quality") && log.contains("distinct-2") && log.contains("(real "), "{log}");
    assert!(folder.path().join("runs/adversarial/pretrained").exists());

    let sweep = [
        "sweep",
        "--model",
        // Not the best checkpoint, which may be one of pretraining after six adversarial steps.
        "runs/adversarial/checkpoints/step-00000036",
        "--form",
        "5x4",
        "--samples",
        "60",
        "--svg",
        "sweep.svg",
        "--png",
        "sweep.png",
    ];
    let output = poetgan(folder.path(), &[&sweep[..], &["--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let plane = &report["planes"][0];
    assert_eq!((plane["model"].as_array().unwrap().len(), plane["pretrained"].as_array().unwrap().len()), (10, 10));
    assert!(plane["verdict"].as_str().unwrap().starts_with("rhyme: "), "{plane}");
    let picture = std::fs::read_to_string(folder.path().join("sweep.svg")).unwrap();
    let bitmap = std::fs::read(folder.path().join("sweep.png")).unwrap();
    assert!(bitmap.starts_with(b"\x89PNG"));
    assert!(picture.starts_with("<svg") && picture.contains("pretrained"));
    let text = String::from_utf8(poetgan(folder.path(), &sweep).stdout).unwrap();
    assert!(text.contains("temperature") && text.contains(plane["verdict"].as_str().unwrap()), "{text}");
}

/// With enough held-out poems, a sweep also uses the trees of the two-sample test.
#[test]
fn a_sweep_uses_the_classifier_unless_quick() {
    let folder = TempDir::new().unwrap();
    // The second line is the first one reversed, which is not learned in thirty steps.
    let word = |n: usize| ["ka", "lo", "mi", "ne", "su", "ta", "vo", "wi", "xe"][n % 9];
    let poem = |n: usize| {
        let (a, b) = (word(n).to_string() + word(n / 9), word(n / 81).to_string() + word(n / 729));
        format!("{a} {b}\n{b} {a}\n\n")
    };
    std::fs::write(folder.path().join("poems.txt"), (0..4800).map(poem).collect::<String>()).unwrap();
    let train = "train poems.txt --preset tiny --run adversarial --pretrain-steps 30 --adversarial-steps 4 --plain";
    let output = poetgan(folder.path(), &train.split(' ').collect::<Vec<_>>());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let qualities = |more: &str| -> Vec<(String, Value)> {
        let sweep = format!("sweep --model runs/adversarial/checkpoints/step-00000034 --samples 240 --json {more}");
        let output = poetgan(folder.path(), &sweep.split_whitespace().collect::<Vec<_>>());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let planes = report["planes"].as_array().unwrap();
        planes.iter().map(|plane| (plane["quality"].as_str().unwrap().to_string(), plane["model"].clone())).collect()
    };
    let names = |more| qualities(more).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let mut expected = vec!["learned_rhyme", "coherence", "unrepeated_rhyme", "unrepeated_char_poem"];
    assert_eq!(names("--quick"), expected);
    let found = qualities("");
    expected.push("c2st_error");
    assert_eq!(found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), expected);
    for point in found[4].1.as_array().unwrap() {
        let of = |name: &str| point["quality"][name].clone();
        let error = of("value").as_f64().unwrap();
        assert!((0.0..0.3).contains(&error), "such poems differ from real ones: {point}");
        let interval: (f64, f64) = serde_json::from_value(of("interval")).unwrap();
        assert!(interval.0 <= error && error <= interval.1, "{point}");
    }
}
