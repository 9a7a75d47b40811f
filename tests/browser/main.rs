//! The page of a run in a real browser: whole, without complaints, loaded from nowhere, and legible on a phone.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

#[path = "../common/mod.rs"]
mod common;
mod devtools;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use common::{Folder, quick, topics};
use devtools::Browser;
use serde_json::Value;

const MEASURE: &str = include_str!("measure.js");
const PHONE: (u32, u32) = (375, 800);
const DESKTOP: (u32, u32) = (1280, 900);
/// Pixels of the smallest letters.
const LEAST_LETTERS: f64 = 14.0;
const SECTIONS: [&str; 8] =
    ["Poems", "Quality", "Themes", "Curves", "The same seeds through training", "Commands", "Events", "Settings"];

/// A run through both phases, with themes.
fn trained() -> Folder {
    let folder = Folder::new();
    folder.write("topics.txt", topics(600));
    let settings = quick("checkpoint_every = 10\nsample_every = 10\nheld_out_every = 10\nd_warmup_steps = 2");
    folder.write("topics.toml", settings.replace("batch_tokens = 256", "batch_tokens = 1024"));
    folder.done("train topics.txt --config topics.toml --plain");
    folder
}

/// The exported page.
fn page(folder: &Folder, flags: &str) -> PathBuf {
    folder.done(&format!("export topics --html {flags}"));
    fs::canonicalize(folder.path("runs/topics/export/report.html")).unwrap()
}

/// A browser; without one it is told on the standard error, past the capture of the test harness.
fn browser(folder: &Folder) -> Option<Browser> {
    let program = devtools::find();
    if program.is_none() {
        let advice = "install Chromium (Debian: chromium), or name it with POETGAN_BROWSER";
        let told = format!("\nSKIPPED: no Chromium found, so the page is not tested in a browser; {advice}\n");
        io::stderr().write_all(told.as_bytes()).unwrap();
    }
    program.map(|program| Browser::start(&program, &folder.path("")))
}

/// Opens the page and checks what holds in every window; returns its measures.
fn checked(browser: &mut Browser, page: &std::path::Path, size: (u32, u32)) -> Value {
    browser.open(page, size);
    let found = browser.value(MEASURE);
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
    assert_eq!(browser.requests(), [format!("file://{}", page.display())], "nothing else is loaded");
    assert_eq!(found["window"], size.0, "{found}");
    assert!(found["page"].as_u64() <= Some(size.0.into()), "wider than the window: {found}");
    assert_eq!(found["outside"], Value::Array(Vec::new()));
    assert!(found["smallest"]["size"].as_f64() >= Some(LEAST_LETTERS - 0.01), "{}", found["smallest"]);
    found
}

#[test]
fn the_page_is_whole_and_legible() {
    let folder = trained();
    let Some(mut browser) = browser(&folder) else { return };
    let path = page(&folder, "");
    for size in [PHONE, DESKTOP] {
        let found = checked(&mut browser, &path, size);
        assert_eq!(found["sections"], Value::from(SECTIONS.to_vec()));
        assert_eq!((&found["language"], found["axes"].as_u64() > Some(0)), (&"en".into(), true), "{found}");
        let charts: Vec<u64> =
            found["charts"].as_array().unwrap().iter().map(|width| width.as_u64().unwrap()).collect();
        assert!(charts.len() >= 6 && charts.iter().all(|width| *width >= 330), "{charts:?}");
        // Six newest poems, three at each axis, and those of other steps.
        assert!(found["poems"].as_u64() > Some(12), "{found}");
    }
    let chinese = checked(&mut browser, &page(&folder, "--lang zh"), PHONE);
    assert_eq!((&chinese["language"], &chinese["sections"][0]), (&"zh-Hans".into(), &"诗".into()));
    let told = chinese["sections"].as_array().unwrap().iter().filter_map(Value::as_str);
    assert_eq!(told.filter(|title| title.is_ascii()).count(), 0, "{chinese}");
}

#[test]
fn a_table_with_many_columns_stays_in_its_place() {
    let folder = trained();
    let Some(mut browser) = browser(&folder) else { return };
    let column = |value: f64| {
        let interval = [value - 0.01, value + 0.01];
        serde_json::json!({"rhyme": value, "rhyme_interval": interval, "coherence_auc": value})
    };
    let form = serde_json::json!({"counts": {}, "alarms": ["poems repeat themselves"], "model": column(0.8),
        "pretrained": column(0.6), "real": column(0.9), "shuffled": column(0.1), "bigram": column(0.2)});
    let evaluation = serde_json::json!({"model": "m".repeat(90), "corpus": "c", "forms": {"7x4": form}});
    folder.write("runs/topics/eval.json", evaluation.to_string());
    for size in [PHONE, DESKTOP] {
        let found = checked(&mut browser, &page(&folder, ""), size);
        assert_eq!(found["sections"][1], "Evaluation");
    }
    let is_scrolled = "(() => { const box = document.querySelector('table').parentElement; return box.scrollWidth > \
                       box.clientWidth })()";
    assert_eq!(browser.value(is_scrolled), false, "on a desktop it fits");
}

#[test]
fn the_page_is_dark_where_the_user_wants_it_and_light_on_paper() {
    let folder = trained();
    let Some(mut browser) = browser(&folder) else { return };
    let path = page(&folder, "");
    let mut paper = |medium: &str, scheme: &str| {
        browser.set_media(medium, scheme);
        let found = checked(&mut browser, &path, DESKTOP);
        let rgb = found["paper"].as_str().unwrap().trim_matches(|c: char| !c.is_ascii_digit()).to_string();
        rgb.split(", ").map(|part| part.parse::<u32>().unwrap()).sum::<u32>()
    };
    assert!(paper("screen", "light") > 700 && paper("screen", "dark") < 100);
    assert!(paper("print", "dark") > 700, "printed as in the light scheme");
}

/// The tests above find nothing when all is well; this shows that they would find something.
#[test]
fn what_is_wrong_with_a_page_is_found() {
    let folder = Folder::new();
    let Some(mut browser) = browser(&folder) else { return };
    let policy =
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">";
    let viewport = "<meta name=\"viewport\" content=\"width=device-width\">";
    let wide = "<p style=\"width: 900px; font-size: 9px\">wide</p>";
    let page = |head: &str, body: &str| {
        format!("<!DOCTYPE html><html><head>{viewport}{head}</head><body>{body}</body></html>")
    };
    folder.write("wrong.html", page(policy, &format!("{wide}<img src=\"x.png\"><script>1</script>")));
    let path = fs::canonicalize(folder.path("wrong.html")).unwrap();
    browser.open(&path, PHONE);
    let found = browser.value(MEASURE);
    assert!(found["page"].as_u64() > Some(800) && found["outside"].as_array().unwrap().len() == 1, "{found}");
    assert_eq!((&found["smallest"]["size"], &found["smallest"]["text"]), (&9.into(), &"wide".into()));
    assert_eq!(browser.complaints().len(), 2, "an image and a script are blocked: {:?}", browser.complaints());
    folder.write("wrong.html", page("", "<img src=\"x.png\">"));
    browser.open(&path, PHONE);
    assert_eq!(browser.requests().len(), 2, "{:?}", browser.requests());
}
