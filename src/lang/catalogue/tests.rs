#![cfg(test)]

use std::{fs, path::Path};

use super::*;

fn zh(english: &str) -> String {
    message(Lang::Zh, english)
}

#[test]
fn messages_are_translated_with_what_they_hold() {
    for (english, chinese) in [
        (
            "no/such.txt: there is no such file; give the path of a text file of poems",
            "no/such.txt：没有此文件；请给出诗歌文本文件的路径",
        ),
        ("my.toml:3: model.max_line: 0 is too few; 1 at least", "my.toml:3：model.max_line：0 太小；至少为 1"),
        (
            "a b.toml:2: 'model.widht' is unknown; did you mean 'width'?",
            "a b.toml:2：没有“model.widht”；是否想写“width”？",
        ),
        (
            "x: 1 different poem (one poem per line) is too few to train on; at least 20 are needed: add poems, one per \
             line, or put a blank line between two poems of several lines",
            "x：只有 1 首不同的诗（每行一首），太少，不能训练；至少需要 20 首：请补充诗歌，每行一首；若一首诗有多行，请在两首之间空一行",
        ),
        (
            "r: settings differ from this run's: a.b: run has [2, 3], now [2], c: run has 1, now 2 (the run is at step 7), \
             d: run has 1, now 2; use --fresh to start over (the earlier run is kept) or --run NAME for another run; use \
             --allow-changes to resume with them",
            "r：设置与此运行不同：a.b 原为 [2, 3]，现为 [2]；c 原为 1，现为 2（运行已到第 7 步）；d 原为 1，现为 2；可用 \
             --fresh 从头开始（保留之前的运行），或用 --run NAME 另开一次运行；要以新设置继续，请用 --allow-changes",
        ),
        ("40 of 41 lines are title::author::poem", "41 行中有 40 行是 标题::作者::诗"),
        ("9 of 9 rows have 2 fields; poems in column `a b`", "9 行中有 9 行是 2 个字段；诗在 `a b` 列"),
    ] {
        assert_eq!(zh(english), chinese);
        assert_eq!(message(Lang::En, english), english);
    }
}

#[test]
fn constraints_and_keys_are_translated() {
    for (english, chinese) in [
        (
            "--rhyme: needs a form with a number of lines, and free has none; possible with --form lines:14",
            "--rhyme：需要行数确定的体裁，free 不是；用 --form lines:14 则可",
        ),
        (
            "--rhyme: two lines end in 'love'; possible without --rhyme",
            "--rhyme：有两行以“love”结尾；不用 --rhyme 则可",
        ),
        (
            "--acrostic: needs 5 lines, and 7x4 has 4; possible with --form 5x8",
            "--acrostic：需要 5 行，而体裁 7x4 有 4 行；用 --form 5x8 则可",
        ),
        (
            "--tones, --rhyme: in 7x4 no tone pattern or rhyme fits the given characters; poetgan check shows their tones \
             and rhymes",
            "--tones、--rhyme：体裁 7x4：没有平仄格式或韵部适合所给的字；poetgan check 显示其平仄与韵部",
        ),
        ("--line 2=春眠: a line of 7x4 has 7 characters, not 2", "--line 2=春眠：体裁 7x4 每行 7 个字，而不是 2 个"),
        (
            "seed 3: none of its 8 drafts meets all constraints; another --seed or a higher --select may",
            "种子 3：8 稿中没有一稿满足全部要求；可换 --seed 或增大 --select",
        ),
        (
            "cannot sort by 'heldout'; did you mean held-out?; write name, step, or a setting such as training.seed",
            "不能按“heldout”排序（是否想写 held-out？）；请写 name, step，或一项设置，如 training.seed",
        ),
    ] {
        assert_eq!(zh(english), chinese);
        assert_eq!(message(Lang::En, english), english);
    }
}

#[test]
fn what_is_not_in_the_catalogue_stays_english_as_a_whole() {
    for english in ["the moon is full", "x: cannot be read: the moon is full; check its permissions and its disk", ""] {
        assert_eq!(zh(english), english);
    }
}

/// A key of a configuration may be any text. To try all divisions of this message would take hours.
#[test]
fn names_with_separators_are_translated_or_stay_english_in_no_time() {
    let keys = (0..40).map(|i| format!("key_{i}")).collect::<Vec<_>>().join(", ");
    let long = "x: y, z; ".repeat(200);
    for name in ["x: y; x: y; ", "a, b: c, d: e; f", &long] {
        let english = format!("my.toml:2: 'training.{name}' is unknown; there are {keys}");
        let begun = std::time::Instant::now();
        let chinese = zh(&english);
        assert!(chinese == english || chinese == format!("my.toml:2：没有“training.{name}”；有 {keys}"), "{chinese}");
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
    }
}

#[test]
fn both_templates_have_the_same_places() {
    for (english, chinese) in rows() {
        let n_places = english.replace("{w}", "{}").replace("{*}", "{}").matches("{}").count();
        let places: Vec<usize> = (0..9).filter(|place| chinese.contains(&format!("{{{place}}}"))).collect();
        assert!(places.iter().all(|&place| place < n_places), "{english}: {chinese}");
        // The plural of the number of poems, and what the parser expects after a missing value, have no Chinese.
        let may_drop = ["{}: {} different poem", "missing value", "string values"];
        let is_whole = places.len() == n_places || may_drop.iter().any(|start| english.starts_with(start));
        assert!(is_whole, "{chinese} drops something of: {english}");
        assert!(!chinese.contains(['：', '；', '，']) || !chinese.contains("; "), "mixed punctuation: {chinese}");
    }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    OWN.into_iter().chain([libraries::ROWS, JOINED]).flatten()
}

/// The sources of the crate without their tests, comments and the catalogue, and with each text on one line.
fn sources(folder: &Path) -> String {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| !path.ends_with("catalogue") && !path.ends_with("tests.rs") && !path.ends_with("chinese"));
    paths.retain(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "rs"));
    let text = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("\n#[cfg(test)]").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.map(str::trim_start).collect::<Vec<_>>().join("\n").replace("\\\n", "").replace("(\n", "(") + "\n"
    };
    paths.iter().map(|path| if path.is_dir() { sources(path) } else { text(path) }).collect()
}

/// A literal of the sources with every placeholder as `{}`.
fn without_names(literal: &str) -> String {
    let is_name =
        |name: &str| name != "..." && name.chars().all(|c| c.is_ascii_alphanumeric() || "_:.?#<>^$".contains(c));
    let (mut text, mut rest) = (String::new(), literal);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let named = after.split_once('}').filter(|(name, _)| is_name(name));
        let escaped = after.strip_prefix('{').map(|after| ("{", after));
        let (replaced, after) = escaped.unwrap_or(named.map_or(("{", after), |(_, after)| ("{}", after)));
        text.push_str(replaced);
        rest = after;
    }
    (text + rest).replace("}}", "}")
}

#[test]
fn every_template_is_used() {
    let sources = without_names(&sources(Path::new("src")).replace("\\\"", "\""));
    let words = OWN.into_iter().flatten().flat_map(|(english, _)| english.split("{}"));
    let words = words.flat_map(|words| words.split("{w}")).flat_map(|words| words.split("{*}")).map(str::trim);
    let unused: Vec<&str> = words.filter(|words| words.len() > 2 && !sources.contains(words)).collect();
    assert!(unused.is_empty(), "written nowhere: {unused:#?}");
}

/// The beginnings of what is told to the user as an error.
const BEGINNINGS: [&str; 6] =
    ["#[error(\"", "UserError(format!(\"", "UserError(\"", "let message = \"", "let message = format!(\"", "Err(\""];

/// Messages of failures that no user causes.
const INTERNAL: [&str; 3] = ["the tokenizer library failed: {}", "cannot {} {}: {}", "{}"];

#[test]
fn every_error_has_a_chinese_template() {
    let sources = sources(Path::new("src"));
    let known: Vec<String> = rows().map(|(english, _)| english.replace("{w}", "{}").replace("{*}", "{}")).collect();
    let mut messages = Vec::new();
    for beginning in BEGINNINGS {
        for (start, _) in sources.match_indices(beginning) {
            let rest = &sources[start + beginning.len()..];
            let end = rest.match_indices('"').map(|(end, _)| end).find(|&end| !rest[..end].ends_with('\\')).unwrap();
            messages.push(without_names(&rest[..end].replace("\\\"", "\"")));
        }
    }
    assert!(messages.len() > 70, "only {} messages were found", messages.len());
    messages.retain(|english| !known.contains(english) && !INTERNAL.contains(&english.as_str()));
    assert!(messages.is_empty(), "no Chinese for: {messages:#?}");
}
