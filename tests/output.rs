//! What `write` prints and writes: formats, scripts, files, cards, and what it tells beside them.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs;
use std::io::BufReader;

use common::{Ended, Folder, quick};
use resvg::usvg::{Options, Tree};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

const WRITE: &str = "write --model builtin --seed 42 --form 七绝";

/// The output and what is told beside it, of a call that must succeed.
fn told(folder: &Folder, words: &str) -> (String, String) {
    let Ended { code, out, err } = folder.run(words);
    assert_eq!(code, Some(0), "{words}: {err}");
    (out, err)
}

#[test]
fn the_model_and_the_seed_are_told_unless_quiet() {
    let folder = Folder::trained();
    let (poem, err) = told(&folder, "write --form 7x4");
    let (rest, seed) = err.trim_end().rsplit_once(' ').unwrap();
    assert_eq!(rest, "model: runs/poems, step 20, seed");
    assert_eq!(told(&folder, &format!("write --form 7x4 --seed {seed} --quiet")), (poem, String::new()));
    let err = |words: &str| told(&folder, words).1;
    assert_eq!(err("write --seed 3 -n 300 --json"), "model: runs/poems, step 20, seeds 3 to 302\n");
    assert_eq!(err("write --model builtin --seed 3 -q"), "");
    assert_eq!(err("write --model builtin --seed 3 --lang zh"), "模型：builtin，种子 3\n");
    assert_eq!(err("write --seed 3 --lang zh"), "模型：runs/poems，第 20 步，种子 3\n");
    assert_eq!(err("between --from 2 --to 1 --steps 2"), "model: runs/poems, step 20, seeds 2 to 1\n");
    assert_eq!(err("between --from 2 --to 1 --steps 2 -q"), "");
}

#[test]
fn a_run_is_named_as_for_watch() {
    let folder = Folder::trained();
    folder.write("other.toml", quick("seed = 5"));
    folder.done("train poems.txt --config other.toml --steps 5 --run other --plain");
    let write = |model: &str| folder.done(&format!("write --seed 1 --model {model}"));
    assert_eq!(write("poems"), write("runs/poems"));
    assert_ne!(write("poems"), write("other"));
    // A file or folder of the same name does not hide the run.
    fs::create_dir(folder.path("poems")).unwrap();
    assert_eq!(write("poems"), write("runs/poems"));
    assert!(folder.mistake("write --model ./poems").contains("./poems: has no checkpoint yet"));
    assert!(folder.done("pack poems -o a.safetensors").contains("from runs/poems"));
}

#[test]
fn a_refused_form_names_the_model_and_who_has_the_form() {
    let folder = Folder::trained();
    let said = folder.mistake("write --form 五律");
    let known = "poetgan: --form 5x8: runs/poems, step 20 was not trained on it; its forms are ";
    assert!(said.starts_with(known) && said.ends_with("; --model builtin has it"), "{said}");
    assert_eq!(said, folder.mistake("write --form 五律 --acrostic 春夏 -o x.txt"), "before everything else");
    assert_eq!(said, folder.mistake("between --from 1 --to 2 --form 五律"));
    let said = folder.mistake("write --form 6x6");
    assert!(said.starts_with("poetgan: --form 6x6: runs/poems, step 20") && !said.contains("builtin"), "{said}");
    let said = folder.mistake("write --form 五律 --lang zh");
    assert!(said.contains("--form 5x8：runs/poems（第 20 步）未训练过这种体裁；它的体裁有 "), "{said}");
    assert!(said.ends_with("；--model builtin 有这种体裁"), "{said}");
    folder.write("line.txt", "月\n");
    let said = folder.mistake("revise line.txt --line 1 --model poems");
    let of_poem = "poetgan: the form of this poem, lines:1: runs/poems, step 20 was not trained on it; its forms are ";
    assert!(said.starts_with(of_poem) && !said.contains("--form"), "{said}");
    let said = folder.mistake("revise line.txt --line 1 --model poems --lang zh");
    assert!(said.contains("此诗的体裁 lines:1：runs/poems（第 20 步）未训练过这种体裁"), "{said}");
}

#[test]
fn nothing_is_written_over_what_a_command_reads() {
    let folder = Folder::trained();
    folder.done("pack poems -o m.st");
    folder.write("part.json", "");
    let files = ["m.st", "poems.txt", "runs/poems/config.toml"].map(|name| folder.path(name));
    let before = files.each_ref().map(|path| fs::read(path).unwrap());
    let (read, of_run) = ("this command reads it", "it lies in the folder of a run");
    for (words, why) in [
        ("write --model m.st --seed 1 -q -o ./m.st", read),
        ("write --model m.st --seed 1 -q --png runs/../m.st", read),
        ("write --model poems --seed 1 -q -o runs/poems/config.toml", of_run),
        ("write --model builtin --seed 1 -q -o a.txt --svg ./a.txt", "it is named twice"),
        ("pack m.st -o ./m.st", read),
        ("pack poems --corpus poems.txt -o ./poems.txt", read),
        ("pack poems -o runs/poems/config.toml", of_run),
        ("pack poems -o runs/poems/checkpoints/a.st", of_run),
        ("eval poems.txt --model m.st --shard 1/2 -o ./m.st", read),
        ("eval --model poems --shard 1/2 -o ./poems.txt", read),
        ("sweep poems.txt --model poems --checkpoint last --svg ./poems.txt", read),
        ("sweep --model poems --checkpoint last --svg a.svg --png ./a.svg", "it is named twice"),
        ("merge part.json --svg ./part.json", read),
    ] {
        let said = folder.mistake(words);
        assert!(said.starts_with("poetgan: cannot write ") && said.ends_with("; check the path"), "{words}: {said}");
        assert!(said.contains(why), "{words}: {said}");
    }
    assert!(files.each_ref().map(|path| fs::read(path).unwrap()) == before);
    let said = folder.mistake("pack poems -o runs/poems/config.toml --lang zh");
    assert_eq!(said, "poetgan: 无法写入 runs/poems/config.toml：在运行目录之中；请检查路径");
    fs::create_dir(folder.path("runs/poems/export")).unwrap();
    folder.done("pack poems -o runs/poems/export/m.st");
}

#[test]
fn every_format_has_the_same_poem() {
    let folder = Folder::new();
    let text = folder.done(WRITE);
    let lines: Vec<&str> = text.lines().collect();
    let jsonl = folder.done(&format!("{WRITE} --jsonl"));
    assert_eq!(jsonl, folder.done(&format!("{WRITE} --json")));
    assert!(folder.done("write --help").contains("[alias: --jsonl]"));
    assert!(folder.done("write --help --lang zh").contains("[别名：--jsonl]"));
    let object: Value = serde_json::from_str(&jsonl).unwrap();
    assert_eq!(object["text"].as_str().unwrap(), lines.join("\n"));
    let markdown = format!("## 七绝, seed 42\n\n{}\n", lines.join("  \n"));
    assert_eq!(folder.done(&format!("{WRITE} --markdown")), markdown);
    assert!(folder.done(&format!("{WRITE} --markdown --lang zh")).starts_with("## 七绝，种子 42\n"));
    let two = folder.done(&format!("{WRITE} --markdown -n 2"));
    assert!(two.starts_with(&format!("{markdown}\n## 七绝, seed 43\n\n")), "{two}");
    let vertical = folder.done(&format!("{WRITE} --vertical"));
    let rows: Vec<Vec<char>> = vertical.lines().map(|row| row.chars().collect()).collect();
    assert_eq!(rows.len(), 8, "{vertical}");
    for (index, line) in lines.iter().enumerate() {
        // Every second place is a gap; the first line is the last column.
        let column: String = rows.iter().map(|row| row[6 - 2 * index]).collect();
        assert_eq!(column, *line);
    }
    let two = folder.done(&format!("{WRITE} --vertical -n 2"));
    assert!(two.starts_with(&format!("{vertical}\n")) && two.lines().count() == 17, "{two}");
}

#[test]
fn columns_fit_into_80_columns_and_need_a_script_that_has_them() {
    let folder = Folder::new();
    let verse = |poem: u32, line: u32| [1, 2].map(|n| char::from_u32(0x4e00 + (7 * poem + n * line) % 60).unwrap());
    let poem = |poem: u32| (0..24).map(|line| String::from_iter(verse(poem, line)) + "\n").collect::<String>();
    folder.write("long.txt", (0..60).map(poem).collect::<Vec<_>>().join("\n"));
    folder.done("train long.txt --config quick.toml --steps 2 --plain --run long");
    let text = folder.done("write --model long --seed 1 --form lines:24 --vertical");
    assert!(text.lines().all(|line| line.width() <= 80), "{text}");
    // 20 columns, an empty line, and the other four.
    assert_eq!(text.lines().filter(|line| line.is_empty()).count(), 1, "{text}");
    fs::copy("corpora/sonnets.txt", folder.path("sonnets.txt")).unwrap();
    folder.done("train sonnets.txt --config quick.toml --steps 2 --plain --run sonnets");
    let said = folder.mistake("write --model sonnets --vertical -o x.txt");
    let expected = "poetgan: --vertical: only Chinese, Japanese and Korean poems are written so; leave it out";
    assert_eq!((said.as_str(), folder.path("x.txt").exists()), (expected, false));
    let said = folder.mistake("write --model sonnets --vertical --lang zh");
    assert_eq!(said, "poetgan: --vertical：只有中文、日文与韩文诗可以竖排；请去掉它");
}

#[test]
fn formats_that_exclude_each_other_are_refused() {
    let folder = Folder::new();
    for flags in ["--json --markdown", "--vertical --jsonl", "--markdown --vertical", "--traditional --simplified"] {
        let said = folder.mistake(&format!("write {flags}"));
        assert!(said.contains("cannot be used with") && said.ends_with("; see poetgan write --help"), "{said}");
    }
    let said = folder.mistake("write -n 2 --svg a.svg");
    let expected = "poetgan: --svg, --png: a card has one poem; leave out --count, or name the --seed of one poem";
    assert_eq!((said.as_str(), folder.path("a.svg").exists()), (expected, false));
    assert!(folder.mistake("write -n 2 --png a.png --lang zh").contains("一张诗笺只有一首诗"));
}

#[test]
fn a_file_takes_the_place_of_the_standard_output() {
    let folder = Folder::new();
    for flags in ["", "--json", "--markdown", "--vertical", "-n 3 --traditional"] {
        let expected = folder.done(&format!("{WRITE} {flags}"));
        folder.write("poem.txt", "an older and longer text ".repeat(99));
        assert_eq!(folder.done(&format!("{WRITE} {flags} -o poem.txt")), "");
        assert_eq!(folder.read("poem.txt"), expected, "{flags}");
    }
    let before = folder.read("poem.txt");
    folder.mistake("write --model builtin --form 9x9 --output poem.txt");
    assert_eq!(folder.read("poem.txt"), before, "a failure leaves the file");
    fs::create_dir(folder.path("folder")).unwrap();
    for (flags, message) in [
        ("-o no/poem.txt", "cannot write no/poem.txt: its folder does not exist; check the path"),
        ("-o folder", "cannot write folder: it is a folder; check the path"),
        ("--svg no/a.svg", "cannot write no/a.svg: its folder does not exist; check the path"),
        ("--svg a --png a", "cannot write a: it is named twice; check the path"),
        ("--png a.svg", "cannot write a.svg: --png writes a PNG image; check the path"),
        ("--svg a.JPG", "cannot write a.JPG: --svg writes an SVG image; check the path"),
    ] {
        assert_eq!(folder.mistake(&format!("{WRITE} {flags}")), format!("poetgan: {message}"));
    }
    let said = folder.mistake(&format!("{WRITE} -o no/poem.txt --lang zh"));
    assert_eq!(said, "poetgan: 无法写入 no/poem.txt：所在的文件夹不存在；请检查路径");
    let names: Vec<_> = fs::read_dir(folder.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "nothing is left over: {names:?}");
}

#[test]
fn either_script_is_written_and_understood() {
    let folder = Folder::new();
    let start = "--start 举头望";
    let plain = folder.done(&format!("{WRITE} {start}"));
    let traditional = folder.done(&format!("{WRITE} {start} --traditional"));
    assert!(plain.starts_with("举头望") && traditional.starts_with("舉頭望"), "{plain}{traditional}");
    assert_eq!(plain.chars().count(), traditional.chars().count());
    assert_eq!(folder.done(&format!("{WRITE} {start} --simplified")), plain);
    let object: Value = serde_json::from_str(&folder.done(&format!("{WRITE} {start} --traditional --json"))).unwrap();
    assert_eq!(object["text"].as_str().unwrap(), traditional.trim_end());
    assert!(object["lines"][0].as_str().unwrap().starts_with("舉頭望"), "{object}");
    assert!(
        folder.done(&format!("{WRITE} {start} --traditional --markdown")).starts_with("## 七絕, seed 42\n\n舉頭望")
    );
    // What the user gives is in the characters of the model or in those of the other script.
    for (other, own) in [
        ("--start 舉頭望", "--start 举头望"),
        ("--theme 戰馬", "--theme 战马"),
        ("--axis 戰=2", "--axis 战=2"),
        ("--line 2=低頭思故鄉夢裏", "--line 2=低头思故乡梦里"),
        ("--acrostic 風雲際會", "--acrostic 风云际会"),
        ("--contain 馬 --avoid 風 --rhyme 東", "--contain 马 --avoid 风 --rhyme 东"),
    ] {
        assert_eq!(folder.done(&format!("{WRITE} {other}")), folder.done(&format!("{WRITE} {own}")), "{other}");
    }
}

/// The text of every element `text` of a card, in the order of the file.
fn texts(svg: &str) -> Vec<String> {
    let parts = svg.split("<text").skip(1).map(|part| part.split("</text>").next().unwrap());
    parts.map(|part| part.split_once('>').unwrap().1.to_string()).collect()
}

#[test]
fn a_card_holds_the_poem_its_form_and_its_seed() {
    let folder = Folder::new();
    let poem = folder.done(&format!("{WRITE} --svg card.svg --traditional"));
    let svg = folder.read("card.svg");
    let size = Tree::from_str(&svg, &Options::default()).unwrap().size();
    assert!(size.width() > 300.0 && size.height() > 300.0, "{size:?}");
    let found = texts(&svg);
    let characters: String = poem.chars().filter(|c| c.is_alphanumeric()).collect();
    assert_eq!(found[1..29].concat(), characters, "a character each, without stops");
    assert_eq!((found[0].as_str(), found[29].as_str(), found.len()), ("poetgan · 七絕", "42", 30));
    assert!(svg.contains("font-family=\"&apos;Noto Serif CJK TC&apos;, ") && svg.contains(", serif\""), "{svg}");
    assert_eq!(poem, folder.done(&format!("{WRITE} --traditional")), "the poem is printed as well");
    // Lines, for a script that has no columns, and signs of XML.
    folder
        .write("verse.txt", (0..40).map(|i| format!("I <saw> {i} & \"more\"\nthan {i} swans\n\n")).collect::<String>());
    folder.done("train verse.txt --config quick.toml --steps 2 --plain --run verse --tokenizer word");
    let poem = folder.done("write --model verse --seed 812345 --svg card.svg --temperature 5");
    let svg = folder.read("card.svg");
    assert!(Tree::from_str(&svg, &Options::default()).is_ok(), "{svg}");
    let found: Vec<String> =
        texts(&svg).iter().map(|text| text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).collect();
    let lines: Vec<&str> = poem.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(found[1..=lines.len()], lines[..], "{svg}");
    assert_eq!(found[lines.len() + 1..], ["812", "345"]);
}

/// Width, height and number of colours of a PNG.
fn picture(folder: &Folder, name: &str) -> (u32, u32, usize) {
    let file = fs::File::open(folder.path(name)).unwrap();
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let colours: std::collections::BTreeSet<&[u8]> = pixels.chunks(4).collect();
    (info.width, info.height, colours.len())
}

#[test]
fn a_card_in_pixels_says_its_font_or_which_packages_have_one() {
    let folder = Folder::new();
    let words = format!("{WRITE} --png card.png --svg card.svg");
    let Ended { code, out, err } = folder.run(&words);
    if code == Some(0) {
        assert!(err.starts_with("model: builtin, seed 42\nfont: ") || err.starts_with("font: "), "{err}");
        let (width, height, colours) = picture(&folder, "card.png");
        assert!(width > 600 && height > 600 && colours > 20, "{width} x {height}, {colours} colours");
        assert_eq!(folder.run(&format!("{words} -q")).err, "");
    } else {
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(err.contains("install fonts-noto-cjk"), "{err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_font_for_its_characters_nothing_is_written() {
    let folder = Folder::new();
    fs::create_dir(folder.path("none")).unwrap();
    folder.write("fonts.conf", format!("<fontconfig><dir>{}</dir></fontconfig>", folder.path("none").display()));
    let run = |words: &str| {
        let mut command = folder.command(words);
        let output = command.env("FONTCONFIG_FILE", folder.path("fonts.conf")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, out, err) = run(&format!("{WRITE} --png card.png --svg card.svg -o poem.txt"));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.starts_with("poetgan: --png: no font of this system has '") && err.lines().count() == 1, "{err}");
    assert!(err.contains("'; install fonts-noto-cjk (Debian, Ubuntu), ") && err.ends_with(", or use --svg\n"), "{err}");
    let files = ["card.png", "card.svg", "poem.txt"].map(|name| folder.path(name).exists());
    assert_eq!(files, [false; 3]);
    let (_, _, err) = run(&format!("{WRITE} --png card.png --lang zh"));
    assert!(err.starts_with("poetgan: --png：此系统没有含“") && err.ends_with("，或用 --svg\n"), "{err}");
    // Latin letters are in the font of the program.
    fs::copy("corpora/sonnets.txt", folder.path("sonnets.txt")).unwrap();
    folder.done("train sonnets.txt --config quick.toml --steps 2 --plain --run sonnets");
    let (code, _, err) = run("write --model sonnets --seed 1 --form lines:14 --png card.png");
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("font: Ubuntu"), "{err}");
    assert!(picture(&folder, "card.png").2 > 20);
}
