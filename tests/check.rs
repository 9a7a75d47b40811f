//! `poetgan check` through the real binary.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use assert_cmd::Command;
use serde_json::Value;

const GOOD: &str = "白日依山尽，\n黄河入海流。\n欲穷千里目，\n更上一层楼。\n";
const OLD: &str = "# 静夜思 | 李白\n床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。\n";

fn check(arguments: &[&str], input: impl Into<Vec<u8>>) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("poetgan").unwrap();
    let output = command.arg("check").args(arguments).write_stdin(input).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_good_poem_is_marked_and_has_no_fault() {
    for arguments in [&[][..], &["-"]] {
        let (code, said, _) = check(arguments, GOOD);
        assert_eq!(code, Some(0));
        let rows =
            ["  1  白日依山尽  ●●○○●", "  4  更上一层楼  ", "●○○  下平声十一尤", "rhyme 下平声十一尤; 4 of 4 lines"];
        assert!(rows.iter().all(|row| said.contains(row)), "{said}");
        assert!(said.ends_with("1 poem, 1 of regulated form, 1 without fault\n"), "{said}");
        assert!(!said.contains('\x1b'), "no colour without a terminal");
    }
}

#[test]
fn faults_are_named_with_their_lines() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{OLD}\n{GOOD}\n白日依山尽\n入河入海流\n欲穷千里目\n更上一层天\n")).unwrap();
    let (code, said, _) = check(&[file.path().to_str().unwrap()], "");
    assert_eq!(code, Some(0));
    for words in [
        "静夜思 | 李白, 5x4",
        "should be",
        "失粘  lines 2, 3",
        "失对  lines 3, 4",
        "重字  lines 3, 4: 头",
        "孤平  line 2",
        "出韵  line 4: 天",
        "3 poems, 3 of regulated form, 1 without fault",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn json_has_an_object_a_poem() {
    let (_, said, _) = check(&["--json"], format!("{OLD}\n{GOOD}\nRoses are red,\nviolets are blue\n"));
    let poems: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(poems.len(), 3);
    assert_eq!(poems[0]["title"], "静夜思 | 李白");
    assert_eq!((&poems[0]["dui_nian"], &poems[1]["dui_nian"]), (&false.into(), &true.into()));
    assert_eq!(poems[1]["lines"][0]["tones"], "ZZPPZ");
    assert_eq!(poems[1]["rhyme_group"], "下平聲十一尤");
    assert_eq!(poems[1]["faults"], Value::Array(vec![]));
    let fault = &poems[0]["faults"][0];
    assert!(fault["name"].is_string() && fault["lines"][0].as_u64().unwrap() >= 1, "{fault}");
    assert_eq!(poems[2]["regulated"], false);
}

#[test]
fn other_verse_takes_one_line() {
    let (code, said, _) = check(&[], "Shall I compare thee to a summer's day?\nThou art more lovely\n");
    assert_eq!(code, Some(0));
    assert!(said.contains("not Chinese; only Chinese verse can be checked"), "{said}");
    let (code, said, _) = check(&[], "大江东去，浪淘尽，千古风流人物。\n故垒西边，人道是，三国周郎赤壁。\n");
    assert_eq!(code, Some(0));
    assert!(said.contains("is not a regulated form"), "{said}");
    assert!(said.contains("line 1: 大江东去 has 4 characters, not 5"), "{said}");
    let (_, said, _) = check(&[], "床前明月光，\n疑是地上霜。\n举头望x月，\n低头思故乡。\n");
    assert!(said.contains("line 3: 'x' in 举头望x月 is not a Chinese character"), "{said}");
}

#[test]
fn user_errors_take_one_line() {
    let cases: [(&[&str], &[u8], &str); 4] = [
        (&["no/such.txt"], b"", "no/such.txt: there is no such file"),
        (&["src"], b"", "src: this is a folder"),
        (&[], b" \n\n", "standard input: the file contains no text"),
        (&[], b"\x1f\x8b\x08\x00", "standard input: this is a gzip archive"),
    ];
    for (arguments, input, message) in cases {
        let (code, out, said) = check(arguments, input);
        assert_eq!((code, said.lines().count(), out.as_str()), (Some(2), 1, ""), "{said}");
        assert!(said.contains(message), "{said}");
    }
}
