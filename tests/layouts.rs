//! Files of every layout give the poems they were made of, and the account of what was read adds up.

// The lint exempts test functions, but not the functions that they share.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use poetgan::corpus::{self, CorpusError, Format, LeftOutReason, ReadOptions, Survey};
use poetgan::inspect::converted;
use poetgan::lang::{Lang, message};
use poetgan::random;
use proptest::prelude::*;

/// Writes `text` to a file and reads it.
fn read(text: &str, options: &ReadOptions) -> Result<Survey, CorpusError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poems");
    fs::write(&path, text).unwrap();
    corpus::survey(&[path], options, false)
}

fn lines(survey: &Survey) -> Vec<Vec<String>> {
    survey.poems.iter().map(|poem| poem.text()).collect()
}

fn assert_adds_up(survey: &Survey, text: &str) {
    let reading = &survey.reading;
    let left_out: usize = reading.left_out.values().sum();
    assert_eq!(reading.found, reading.kept + reading.duplicates + left_out, "{reading:?}");
    assert_eq!(reading.kept, survey.poems.len());
    assert_eq!(reading.lines.total, text.lines().count(), "{text}");
    let by_line = [
        Format::BlankLines,
        Format::OnePerLine,
        Format::TitleColon,
        Format::TitleAuthor,
        Format::SpacedCharacters,
        Format::Separators,
        Format::Framed,
        Format::BookTitles,
        Format::Numbered,
    ];
    if by_line.contains(&reading.layout().0) {
        let marks: usize = reading.lines.marks.values().sum();
        assert_eq!(reading.lines.total, reading.lines.blank + marks + reading.lines.verses, "{text}\n{reading:?}");
    }
}

/// `n` different poems of four lines of five random Chinese characters.
fn quatrains(seed: u64, n: usize) -> Vec<Vec<String>> {
    let mut rng = random::stream(seed, "layouts", 0);
    // Not from the first characters, since 一 to 十 are numbers.
    let mut character = || char::from_u32(0x5200 + random::below(&mut rng, 3000) as u32).unwrap();
    (0..n).map(|_| (0..4).map(|_| (0..5).map(|_| character()).collect()).collect()).collect()
}

/// Ways to write a poem with its number from 1, and the layout of the file.
type Writer = (Format, fn(usize, &[String]) -> String);

const WRITERS: [Writer; 25] = [
    (Format::BlankLines, |_, p| format!("{}\n\n", p.join("\n"))),
    (Format::BlankLines, |i, p| format!("# 诗{i} | 人\n{}\n\n{}\n\n", p[..2].join("\n"), p[2..].join("\n"))),
    (Format::OnePerLine, |_, p| format!("{}\n", one_line(p))),
    (Format::OnePerLine, |_, p| format!("{}（一作花）\n", one_line(p))),
    (Format::OnePerLine, |_, p| format!("{}——李白\n", one_line(p))),
    (Format::TitleColon, |i, p| format!("诗 其{i}:{}\n", one_line(p))),
    (Format::TitleAuthor, |i, p| format!("诗{i}::人::{}\n", one_line(p))),
    (Format::SpacedCharacters, |_, p| format!("{}\n", spaced(&one_line(p)))),
    (Format::SpacedCharacters, |_, p| format!("{}\n", spaced(&p.concat()))),
    (Format::SpacedCharacters, |_, p| {
        format!("{}\n", p.iter().map(|line| spaced(line)).collect::<Vec<_>>().join("\t"))
    }),
    (Format::Json, |i, p| format!("{{\"title\": \"诗{i}\", \"paragraphs\": [\"{}\"]}}\n", p.join("，\", \""))),
    (Format::Json, |_, p| format!("{{\"content\": \"{}\"}}\n", p.join("\\n"))),
    (Format::Csv, |i, p| {
        let header = if i == 1 { "title,poem\n" } else { "" };
        format!("{header}诗{i},\"{}\"\n", p.join("\n"))
    }),
    (Format::Tsv, |i, p| format!("{i}\t{}\n", one_line(p))),
    (Format::Separators, |_, p| format!("{}\n%\n", p.join("\n"))),
    (Format::Separators, |_, p| format!("{}\n\n{}\n---\n", p[..2].join("\n"), p[2..].join("\n"))),
    (Format::Separators, |_, p| format!("<|startoftext|>{}<|endoftext|>\n", p.join("\n"))),
    (Format::Framed, |i, p| format!("[poem title=\"诗{i}\"]\n{}\n[/poem]\n\n", p.join("\n"))),
    (Format::Markdown, |i, p| format!("## 诗{i}\n\n{}\n\n", p.join("  \n"))),
    (Format::Markdown, |i, p| format!("#诗{i}\n{}\n\n", p.join("\n"))),
    (Format::BookTitles, |i, p| format!("《诗{i}》\n{}\n\n", p.join("\n"))),
    (Format::Numbered, |i, p| format!("{i}\n\n{}\n\n{}\n\n", p[..2].join("\n"), p[2..].join("\n"))),
    (Format::Numbered, |i, p| format!("{i}. {}\n", one_line(p))),
    (Format::Html, |_, p| format!("&nbsp;{}\n", p.join("<br/>"))),
    (Format::Html, |_, p| format!("<p>{}</p>\n", p.join("<br>\n"))),
];

fn one_line(poem: &[String]) -> String {
    format!("{}。", poem.join("，"))
}

fn spaced(text: &str) -> String {
    text.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

fn written(writer: usize, poems: &[Vec<String>]) -> String {
    (1..).zip(poems).map(|(i, poem)| WRITERS[writer].1(i, poem)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn every_layout_gives_back_its_poems(seed: u64, n in 20usize..40, writer in 0..WRITERS.len(), end in 0usize..4) {
        let poems = quatrains(seed, n);
        let mut text = written(writer, &poems);
        // A repeated poem is a duplicate.
        text.push_str(&WRITERS[writer].1(n + 1, &poems[0]));
        let text = text.replace('\n', ["\n", "\r\n", "\n", "\n"][end]);
        let survey = read(&text, &ReadOptions::default()).unwrap();
        prop_assert_eq!(survey.reading.layout().0, WRITERS[writer].0, "{}", text);
        prop_assert_eq!(lines(&survey), poems);
        let (_, why) = survey.reading.layout();
        prop_assert!(why.contains(|c: char| c.is_ascii_lowercase()), "{why}");
        let chinese = message(Lang::Zh, why);
        prop_assert!(chinese != why && chinese.contains(|c| ('\u{4e00}'..'\u{a000}').contains(&c)), "{chinese}");
        prop_assert_eq!(survey.reading.duplicates, 1);
        assert_adds_up(&survey, &text);
    }

    #[test]
    fn what_is_converted_reads_back_the_same(
        poems in prop::collection::vec(prop::collection::vec("[a-z]{3,8}( [a-z]{3,8}){2,4}", 4..9), 20..30),
        breaks in 0usize..3,
    ) {
        let poem = |lines: &Vec<String>| match breaks {
            0 => format!("{}\n\n", lines.join("\n")),
            1 => format!("# A title\n{}\n\n{}\n\n", lines[..2].join("\n"), lines[2..].join("\n")),
            _ => format!("{}\n\n{}\n%\n", lines[..3].join("\n"), lines[3..].join("\n")),
        };
        let survey = read(&poems.iter().map(poem).collect::<String>(), &ReadOptions::default()).unwrap();
        let text = converted(&survey.poems);
        let again = read(&text, &ReadOptions::default()).unwrap();
        let parts = |survey: &Survey| {
            let part = |poem: &corpus::Poem| (poem.title.clone(), poem.lines.clone(), poem.form, poem.stanzas.clone());
            survey.poems.iter().map(part).collect::<Vec<_>>()
        };
        prop_assert_eq!(parts(&again), parts(&survey));
        prop_assert_eq!(again.reading.layout().0, Format::BlankLines);
    }

    #[test]
    fn no_text_breaks_the_account(
        parts in prop::collection::vec(prop::sample::select(vec![
            "# title\n", "a verse\n", "床前明月光，疑是地上霜。\n", "\n", "%\n", "---\n", "## h\n", "12\n", "《题》\n", "{\"text\": \"a\"}\n",
            "<p>a</p>\n", "a\tb\n", "a,b\n", "（注）\n", "床前□月光\n", "t:床前明月光，疑是地上霜。\n", "\r", "<|endoftext|>", "a::b::c\n", "> q\n",
        ]), 0..60)
    ) {
        let text = parts.concat();
        if let Ok(survey) = read(&text, &ReadOptions::default()) {
            let reading = &survey.reading;
            prop_assert_eq!(reading.found, survey.poems.len() + reading.duplicates + reading.left_out.values().sum::<usize>());
            prop_assert!(survey.poems.iter().all(|poem| poem.lines.iter().all(|line| !line.is_empty())));
        }
    }
}

#[test]
fn other_kinds_of_files_give_the_right_poems() {
    let poems = quatrains(3, 30);
    let with = |change: &dyn Fn(usize, &Vec<String>) -> String| -> String {
        (1..).zip(&poems).map(|(i, poem)| change(i, poem)).collect()
    };
    let stops = |poem: &Vec<String>| format!("{}，\n{}。\n{}，\n{}。\n\n", poem[0], poem[1], poem[2], poem[3]);
    let cases = [
        with(&|_, poem| format!("\u{1b}[32m{}\u{1b}[m\n{}\n\n", poem[0], poem[1..].join("\n"))),
        with(&|_, poem| stops(poem)).replace('\n', "\r"),
        with(&|_, poem| stops(poem)).replace('\n', "\r\r\n"),
        with(&|i, poem| stops(poem).replace('\n', if i % 2 == 0 { "\n" } else { "\r\n" })),
        with(&|_, poem| stops(poem)).replace('\n', "\u{2028}"),
        with(&|_, poem| stops(poem)).replace('\n', "\u{85}"),
        with(&|_, poem| format!("{}\u{c}\n", stops(poem))),
        with(&|i, poem| format!("第{i}首\n{}", stops(poem))),
        with(&|i, poem| format!("《诗{i}》 李白\n{}", stops(poem))),
        with(&|_, poem| format!("床《ゆか》{}", stops(poem))).replace("床《ゆか》", ""),
        format!("[{}]", with(&|_, poem| format!("[\"{}\"],", poem.join("\", \"")))),
        format!("{{\"poems\": [{}{{}}]}}", with(&|_, poem| format!("{{\"lines\": [\"{}\"]}},\n", poem.join("\", \"")))),
        with(&|i, poem| format!("<h2>{i}</h2><div>{}</div>", poem.join("<br>"))),
        with(&|_, poem| format!("{}\n— 李白\n\n", poem.join("\n"))),
        with(&|i, poem| format!("静夜思之诗{i}\n李白\n{}\n\n", poem.join("\n"))),
        with(&|i, poem| format!("静夜思之诗{i}\n{}\n\n", poem.join("\n"))),
        with(&|i, poem| format!("静夜思之诗{i}\n\n\n{}\n\n", poem.join("\n"))),
        with(&|_, poem| format!("- {}\n", one_line(poem))),
        with(&|_, poem| format!("{}\n//\n", poem.join("\n"))),
        with(&|_, poem| format!("{}/{}/{}/{}\n", poem[0], poem[1], poem[2], poem[3])),
        with(&|i, poem| format!("《诗 {i}》{}\n", one_line(poem))),
        with(&|i, poem| format!("诗{i},李白,{}\n", one_line(poem))),
        format!(
            "The Project Gutenberg EBook of a Book\n\n*** START OF THIS PROJECT GUTENBERG EBOOK A BOOK ***\n\n\n{}\n\n*** END OF THIS PROJECT GUTENBERG EBOOK A BOOK ***\n\n1.A. a license\n",
            with(&|_, poem| stops(poem))
        ),
    ];
    for text in cases {
        let survey = read(&text, &ReadOptions::default()).unwrap();
        assert_eq!(lines(&survey), poems, "{}", text.chars().take(300).collect::<String>());
    }
}

#[test]
fn forty_sonnets_with_stanzas_are_forty_poems() {
    let sonnet = |i: usize| {
        let line = |j: usize| format!("line {i} of {j}, which ends in a word\n");
        format!("# Sonnet {i}\n{}", (0..14).map(|j| line(j) + if j % 4 == 3 { "\n" } else { "" }).collect::<String>())
    };
    let text: String = (1..=40).map(|i| sonnet(i) + "\n").collect();
    let survey = read(&text, &ReadOptions::default()).unwrap();
    assert_eq!((survey.poems.len(), survey.reading.with_stanzas), (40, 40));
    assert_eq!((survey.poems[7].lines.len(), &survey.poems[7].stanzas[..]), (14, &[4, 8, 12][..]));
    assert_adds_up(&survey, &text);
}

#[test]
fn haiku_are_split_whatever_their_share_of_kanji() {
    let text =
        "古池や 蛙飛びこむ 水の音\nひねもす のたり のたりかな\n閑さや、岩にしみ入る、蝉の声\n夏草や 兵どもが 夢の跡\n";
    let options = ReadOptions { layout: Some(Format::OnePerLine), ..ReadOptions::default() };
    let survey = read(text, &options).unwrap();
    assert!(survey.poems[..2].iter().chain(&survey.poems[3..]).all(|poem| poem.lines.len() == 3), "{:?}", survey.poems);
    assert_eq!(survey.poems[1].lines, ["ひねもす", "のたり", "のたりかな"]);
}

#[test]
fn poems_with_lost_characters_are_left_out_and_counted() {
    let mut poems = quatrains(5, 30);
    for poem in &mut poems[..7] {
        poem[1] = poem[1].replacen(|_| true, "□", 1);
    }
    let survey = read(&written(0, &poems), &ReadOptions::default()).unwrap();
    assert_eq!(survey.reading.left_out, [(LeftOutReason::LostGlyph, 7)].into());
    assert_eq!(lines(&survey), poems[7..]);
}

#[test]
fn a_folder_is_read_in_the_order_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let poems = quatrains(9, 30);
    for (i, poem) in poems.iter().enumerate() {
        fs::write(
            folder.path().join(format!("{i:02}.txt")),
            format!("{}\n\n{}\n", poem[..2].join("\n"), poem[2..].join("\n")),
        )
        .unwrap();
    }
    fs::write(folder.path().join("README.md"), "About the poems").unwrap();
    fs::write(folder.path().join("cover.png"), b"\x89PNG").unwrap();
    let files = corpus::files_of(folder.path()).unwrap();
    let survey = corpus::survey(&files, &ReadOptions::default(), false).unwrap();
    assert_eq!(survey.reading.layout().0, Format::OnePerFile);
    assert_eq!(lines(&survey), poems);
    let read = corpus::read(folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!((read.info.poems, read.info.sha256.len()), (30, 64));
    // Files of many poems are read one by one, and one that cannot be read is named.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), written(0, &poems[..20])).unwrap();
    fs::write(folder.path().join("b.json"), written(10, &poems[20..])).unwrap();
    fs::write(folder.path().join("c.txt"), "<?xml version=\"1.0\"?>\n<a/>").unwrap();
    let survey = corpus::survey(&corpus::files_of(folder.path()).unwrap(), &ReadOptions::default(), false).unwrap();
    assert_eq!(lines(&survey), poems);
    assert!(survey.reading.files[2].problem.as_ref().unwrap().contains("this looks like XML"));
}

#[test]
fn prose_is_a_warning_and_long_lines_of_a_folder_have_their_file() {
    let prose: String = (0..30).map(|i| format!("{}{i}\n\n", "a sentence of prose ".repeat(20))).collect();
    let survey = read(&prose, &ReadOptions::default()).unwrap();
    assert_eq!(corpus::warnings(&survey.poems)[&corpus::Warning::Prose], 30);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), written(0, &quatrains(1, 20))).unwrap();
    fs::write(folder.path().join("b.txt"), written(0, &quatrains(2, 20))).unwrap();
    let read = corpus::read(folder.path(), &ReadOptions::default()).unwrap();
    let files: Vec<usize> = read.training.iter().chain(&read.held_out).map(|poem| poem.source_file).collect();
    assert_eq!((files.iter().filter(|file| **file == 1).count(), files.len()), (20, 40));
}

#[test]
fn options_override_what_is_recognised() {
    let poems = quatrains(11, 20);
    let options = |layout| ReadOptions { layout: Some(layout), ..ReadOptions::default() };
    let survey = read(&written(0, &poems), &options(Format::OnePerLine)).unwrap();
    assert_eq!(survey.poems.len(), 80);
    let table: String = poems.iter().map(|poem| format!("甲,{},{}\n", one_line(poem), "长".repeat(99))).collect();
    let columns = ReadOptions { column: Some("2".into()), ..options(Format::Csv) };
    assert_eq!(lines(&read(&table, &columns).unwrap()), poems);
    let missing = ReadOptions { column: Some("nope".into()), ..ReadOptions::default() };
    let error = |text: &str, options: &ReadOptions| read(text, options).err().unwrap().to_string();
    let said = error(&format!("title,body\n{table}"), &missing);
    assert!(said.contains("there is no column 'nope' (the header is: title, body)"), "{said}");
    let other = ReadOptions { layout: Some(Format::OnePerLine), ..missing };
    assert!(error(&table, &other).contains("--column is for tables, and --layout one-per-line is none"));
    let script = ReadOptions { script: Some(corpus::Script::Simplified), ..ReadOptions::default() };
    let survey = read(&"舉頭望明月，低頭思故鄉。\n春眠不覺曉，處處聞啼鳥。\n".repeat(2), &script).unwrap();
    assert_eq!(survey.poems[0].lines, ["举头望明月", "低头思故乡"]);
    let wrap = ReadOptions { long_lines: Some(corpus::LongLines::Wrap(12)), ..ReadOptions::default() };
    let survey = read("one two three four\na b\n\nc d\ne f\n", &wrap).unwrap();
    assert_eq!(survey.poems[0].lines, ["one two", "three four", "a b"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let path = PathBuf::from("poems.txt");
    let foreign = corpus::poems(&path, b"<?xml version=\"1.0\"?>\n<poems/>").unwrap_err().to_string();
    assert_eq!(
        foreign,
        "poems.txt: this looks like XML; extract the verses: one per line, with a blank line between two poems"
    );
    let damaged = read("[{\"text\": \"a\"},\n{\"text\": \"b]", &ReadOptions::default()).err().unwrap().to_string();
    assert!(damaged.contains("poems:2: this looks like JSON, but it is damaged"), "{damaged}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prose.txt");
    fs::write(&path, (0..30).map(|i| format!("{}{i}\n\n", "a sentence of prose ".repeat(20))).collect::<String>())
        .unwrap();
    let prose = corpus::read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(prose.contains("this looks like prose") && prose.contains("--wrap 40"), "{prose}");
    fs::write(&path, written(0, &vec![vec!["床前□月光".to_string()]; 30])).unwrap();
    let lost = corpus::read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(lost.contains("none of 30 poems") && lost.contains("30 with a lost character"), "{lost}");
}
