//! Corpus files of every layout, what is wrong with others, and how poems are parted.

// The lint exempts test functions, but not the functions that they share.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use poetgan::corpus::{self, Corpus, CorpusError, CorpusInfo, Form, Format, Poem};
use poetgan::random;

fn file(bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poems.txt");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn read(bytes: impl AsRef<[u8]>) -> Result<Corpus, CorpusError> {
    corpus::read(&file(bytes).1, &Default::default())
}

fn fails(bytes: impl AsRef<[u8]>) -> CorpusError {
    let error = read(bytes).unwrap_err();
    assert!(error.to_string().contains("poems.txt"), "{error}");
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

/// `n` different quatrains of five random Chinese characters a line.
fn quatrains(n: usize) -> Vec<[String; 4]> {
    let mut rng = random::stream(7, "quatrains", 0);
    let mut character = || char::from_u32(0x4e00 + random::below(&mut rng, 3000) as u32).unwrap();
    (0..n).map(|_| [(); 4].map(|()| (0..5).map(|_| character()).collect())).collect()
}

fn between_blank_lines<S: AsRef<str>>(poems: impl IntoIterator<Item = impl IntoIterator<Item = S>>) -> String {
    let poem = |lines: Vec<S>| lines.iter().map(|line| format!("{}\n", line.as_ref())).collect::<String>();
    poems.into_iter().map(|lines| poem(lines.into_iter().collect())).collect::<Vec<_>>().join("\n")
}

fn all(corpus: Corpus) -> Vec<Poem> {
    let mut poems = corpus.training;
    poems.extend(corpus.held_out);
    poems.sort_by_key(|poem| poem.source_line);
    poems
}

fn texts(poems: &[Poem]) -> BTreeSet<String> {
    poems.iter().map(|poem| poem.lines.join("/")).collect()
}

#[test]
fn every_layout_gives_the_same_poems() {
    let poems = quatrains(40);
    let plain = between_blank_lines(poems.iter().map(|lines| lines.iter()));
    let expected = all(read(&plain).unwrap());
    assert_eq!(expected.len(), 40);
    assert_eq!(expected[3].lines, poems[3]);
    assert_eq!(expected[3].form, Form::Fixed { width: 5, lines: 4 });
    let one_line = |[a, b, c, d]: &[String; 4]| format!("{a}，{b}。{c}！{d}？");
    let lines = |line: &dyn Fn(usize, &[String; 4]) -> String| -> String {
        poems.iter().enumerate().map(|(i, poem)| line(i, poem) + "\n").collect()
    };
    let layouts = [
        (Format::BlankLines, plain.replace('\n', "\r\n")),
        (Format::BlankLines, plain.replace('\n', "\r")),
        (Format::BlankLines, format!("\u{feff}{plain}")),
        (Format::BlankLines, plain.replace("\n\n", "　\n \n").replace('\n', "　\n　　")),
        (Format::BlankLines, lines(&|i, [a, b, c, d]| format!("# 诗{i} | 佚名\n{a}，\n{b}。\n{c}，\n{d}。\n"))),
        (Format::BlankLines, lines(&|_, [a, b, c, d]| format!("{a}，{b}。\n{c}，{d}。\n"))),
        (Format::OnePerLine, lines(&|_, poem| one_line(poem))),
        (Format::TitleColon, lines(&|i, poem| format!("诗{i}:{}", one_line(poem)))),
        (Format::TitleColon, lines(&|i, poem| format!("诗{i}：{}", one_line(poem)))),
    ];
    for (format, text) in layouts {
        let corpus = read(&text).unwrap();
        assert_eq!(corpus.info.format, format, "{}", &text[..100]);
        let found = all(corpus);
        assert!(found.iter().map(|poem| (&poem.lines, poem.form)).eq(expected.iter().map(|p| (&p.lines, p.form))));
    }
}

#[test]
fn titles_and_places_are_kept() {
    let text: String = quatrains(20).iter().map(|[a, b, ..]| format!("# 题 | 作者\n{a}，\n{b}。\n\n")).collect();
    let poems = all(read(text).unwrap());
    assert_eq!(poems[2].title.as_deref(), Some("题 | 作者"));
    assert_eq!(poems[2].source_line, 10);
}

#[test]
fn toy_corpora_work() {
    let lines: Vec<String> = (0..26).map(|i| ('a'..='z').cycle().skip(i).take(7).collect()).collect();
    let corpus = read(lines.join("\n")).unwrap();
    assert_eq!((corpus.info.format, corpus.info.poems), (Format::OnePerLine, 26));
    let corpus = read(between_blank_lines(lines.windows(4))).unwrap();
    assert_eq!(corpus.info.forms, [("lines:4".to_string(), 23)].into());
}

#[test]
fn the_poems_that_come_with_the_program_are_read() {
    let tang = corpus::read(Path::new("corpora/tang.txt"), &Default::default()).unwrap();
    let forms: Vec<(&str, usize)> = tang.info.forms.iter().map(|(name, &count)| (name.as_str(), count)).collect();
    assert_eq!(forms, [("5x4", 3944), ("5x8", 14222), ("7x4", 10570), ("7x8", 8098)]);
    let share = tang.held_out.len() as f64 / 36834.0;
    assert!((0.045..0.055).contains(&share), "{share}");
    let known: BTreeSet<String> = tang.training.iter().flat_map(|poem| poem.text()).collect();
    let shared = tang.held_out.iter().flat_map(|poem| &poem.lines).filter(|line| known.contains(line.as_str())).count();
    let n_lines: usize = tang.held_out.iter().map(|poem| poem.lines.len()).sum();
    assert!(shared * 100 < n_lines, "{shared} of {n_lines} held-out lines stand in the training part");
    let sonnets = corpus::read(Path::new("corpora/sonnets.txt"), &Default::default()).unwrap();
    assert_eq!((sonnets.info.poems, sonnets.info.forms["lines:14"]), (154, 152));
    assert!((3..=16).contains(&sonnets.held_out.len()));
}

#[test]
fn the_description_survives_json_and_names_the_file() {
    let (_folder, path) = file(between_blank_lines(quatrains(30)));
    let info = corpus::read(&path, &Default::default()).unwrap().info;
    assert_eq!(serde_json::from_str::<CorpusInfo>(&serde_json::to_string(&info).unwrap()).unwrap(), info);
    assert_eq!(corpus::read(&path, &Default::default()).unwrap().info, info);
    assert_eq!((info.training + info.held_out, info.duplicates), (info.poems, 0));
    let before = info.sha256;
    fs::write(&path, between_blank_lines(quatrains(31))).unwrap();
    assert_ne!(corpus::read(&path, &Default::default()).unwrap().info.sha256, before);
}

#[test]
fn exact_duplicates_are_dropped_and_counted() {
    let mut poems = quatrains(30);
    poems.extend(poems[..10].to_vec());
    let corpus = read(between_blank_lines(poems)).unwrap();
    assert_eq!((corpus.info.poems, corpus.info.duplicates), (30, 10));
}

#[test]
fn the_split_depends_on_the_poem_alone() {
    let mut poems = quatrains(2000);
    let corpus = read(between_blank_lines(&poems)).unwrap();
    assert!((70..=130).contains(&corpus.held_out.len()), "{}", corpus.held_out.len());
    let held_out = texts(&corpus.held_out);
    random::shuffle(&mut random::stream(1, "test", 0), &mut poems);
    assert_eq!(texts(&read(between_blank_lines(&poems)).unwrap().held_out), held_out);
    let half = read(between_blank_lines(&poems[..1000])).unwrap();
    assert!(texts(&half.held_out).is_subset(&held_out));
    assert!(texts(&half.training).is_disjoint(&held_out));
}

#[test]
fn near_duplicates_fall_on_one_side() {
    let poems = quatrains(1200);
    // Every poem with a variant that keeps two lines, and every third with a variant of that variant.
    let mut lines: Vec<Vec<String>> = poems[..400].iter().map(|poem| poem.to_vec()).collect();
    for i in 0..400 {
        let [a, b, ..] = &poems[400 + i];
        lines.push(vec![poems[i][1].clone(), a.clone(), b.clone(), poems[i][3].clone()]);
        if i % 3 == 0 {
            lines.push(vec![a.clone(), poems[800 + i][0].clone(), b.clone(), poems[800 + i][1].clone()]);
        }
    }
    let corpus = read(between_blank_lines(&lines)).unwrap();
    let share = corpus.held_out.len() as f64 / lines.len() as f64;
    assert!((0.02..0.09).contains(&share), "{share}");
    let training: BTreeSet<String> = corpus.training.iter().flat_map(|poem| poem.text()).collect();
    assert!(corpus.held_out.iter().flat_map(|poem| &poem.lines).all(|line| !training.contains(line.as_str())));
}

#[test]
fn a_refrain_does_not_glue_the_corpus_together() {
    let couplets = quatrains(400).into_iter().map(|[a, ..]| [a, "年年岁岁花相似".into()]);
    let corpus = read(between_blank_lines(couplets)).unwrap();
    assert!((8..=40).contains(&corpus.held_out.len()), "{}", corpus.held_out.len());
}

#[test]
fn a_small_corpus_has_a_held_out_poem() {
    for n in 20..40 {
        let corpus = read(between_blank_lines(&quatrains(200)[n..2 * n])).unwrap();
        assert!((1..=n / 4).contains(&corpus.held_out.len()), "{n}: {}", corpus.held_out.len());
    }
}

#[test]
fn what_is_no_file_of_text_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(corpus::read(folder.path(), &Default::default()), Err(CorpusError::EmptyFolder { .. })));
    let missing = corpus::read(&folder.path().join("no.txt"), &Default::default()).unwrap_err();
    assert!(matches!(missing, CorpusError::Missing { .. }));
    assert!(missing.to_string().ends_with("no.txt: there is no such file; give the path of a text file of poems"));
    assert!(matches!(fails(""), CorpusError::Empty { .. }));
    assert!(matches!(fails("\u{feff}\n \u{3000}\r\n\n"), CorpusError::Empty { .. }));
    assert!(matches!(fails("\u{feff}\n \u{3000}\r\n# title\n"), CorpusError::OnlyTitles { .. }));
    assert!(matches!(fails(b"\x1f\x8b\x08\x00\x01"), CorpusError::Binary { kind: "a gzip archive", .. }));
    assert!(matches!(
        fails(b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03"),
        CorpusError::Binary { .. }
    ));
    assert!(fails(between_blank_lines(quatrains(19))).to_string().contains("19 different poems"));
    assert!(matches!(fails("a\nb"), CorpusError::TooFewPoems { found: 2, format: Format::OnePerLine, .. }));
}

proptest::proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(bytes: Vec<u8>, lines: Vec<String>) {
        let _ = read(bytes);
        let _ = read(lines.join("\n").repeat(5));
    }
}
