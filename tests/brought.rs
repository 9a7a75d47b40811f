//! Files of the kinds that users bring, other than those of `layouts.rs`: their poems, in order, or a refusal that names them.

#![allow(clippy::panic, reason = "a helper that fails fails its test")]
// The lint exempts test functions, but not the functions that they share.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use poetgan::corpus::{self, CorpusError, Format, ReadOptions, Survey};
use poetgan::inspect::{self, InspectOptions};
use poetgan::lang::Lang;

const N: usize = 24;

fn survey(name: &str, bytes: &[u8]) -> Result<Survey, CorpusError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    corpus::survey(&[path], &ReadOptions::default(), false)
}

/// A verse that no other poem has.
fn verse(poem: usize, line: usize) -> String {
    let words = ["rose", "night", "river", "moon", "stone", "bird", "candle", "shadow", "harbour", "winter", "orchard"];
    let word = |i: usize| words[(7 * poem + 3 * line + i * (poem + 1)) % words.len()];
    format!("the {} and the {} of {} {}", word(0), word(1), word(2), "abcdefghijklmnopqrstuvwxyz".split_at(poem + 1).0)
}

/// Two stanzas of two verses.
fn stanzas(poem: usize) -> [String; 2] {
    [0, 2].map(|line| format!("{}\n{}", verse(poem, line), verse(poem, line + 1)))
}

fn expected() -> Vec<Vec<String>> {
    (0..N).map(|poem| (0..4).map(|line| verse(poem, line)).collect()).collect()
}

/// All poems, each written by its number.
fn written(poem: impl Fn(usize) -> String) -> String {
    (0..N).map(poem).collect()
}

fn roman(number: usize) -> String {
    let tens = ["", "X", "XX"][number / 10];
    format!("{tens}{}", ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][number % 10])
}

fn capital(poem: usize) -> String {
    format!("The Song of {}", ["Day", "Night", "Dusk", "Dawn"][poem % 4].repeat(1 + poem / 4))
}

fn assert_reads(name: &str, text: &str, format: Format) {
    let survey = survey(name, text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let poems: Vec<Vec<String>> = survey.poems.iter().map(|poem| poem.text()).collect();
    let head: String = text.chars().take(300).collect();
    assert_eq!((survey.reading.layout().0, poems), (format, expected()), "{name}: {head}");
    let (reading, lines) = (&survey.reading, &survey.reading.lines);
    assert_eq!(reading.found, reading.kept + reading.duplicates + reading.left_out.values().sum::<usize>(), "{name}");
    if !matches!(format, Format::Json | Format::Csv | Format::Tsv | Format::Html) {
        let marks: usize = lines.marks.values().sum();
        assert_eq!(lines.total, lines.blank + lines.verses + marks, "{name}: {lines:?}");
    }
}

#[test]
fn framed_poems_are_read() {
    let stanzas = |poem| stanzas(poem).join("\n\n");
    for (open, close) in
        [("BEGIN POEM", "END POEM"), ("=== BEGIN ===", "=== END ==="), ("[poem]", "[/poem]"), ("<poem>", "</poem>")]
    {
        let text = written(|poem| format!("{open}\n{}\n{close}\n\n", stanzas(poem)));
        assert_reads(open, &text, Format::Framed);
    }
    let org = written(|poem| format!("* {}\n#+BEGIN_VERSE\n{}\n#+END_VERSE\n\n", capital(poem), stanzas(poem)));
    assert_reads("org", &format!("#+TITLE: Poems\n\n{org}"), Format::Framed);
}

#[test]
fn songs_and_numbered_stanzas_are_read() {
    let parts = |poem: usize, names: [&str; 2]| {
        let [first, last] = stanzas(poem);
        format!("{}\n{first}\n\n{}\n{last}\n\n\n", names[0], names[1])
    };
    let song = |poem| format!("# {}\n{}", capital(poem), parts(poem, ["[Verse 1: A Singer]", "[Chorus]"]));
    assert_reads("headers", &written(song), Format::BlankLines);
    assert_reads("gaps", &written(|poem| parts(poem, ["[Verse 1]", "[Chorus x2]"])), Format::BlankLines);
    let numbered = |poem| format!("{}\n\n{}", capital(poem).to_uppercase(), parts(poem, ["I.", "II."]));
    assert_reads("roman stanzas", &written(numbered), Format::TitleLines);
    let sonnet = |poem: usize| format!("  {}.\n\n{}\n\n", roman(poem + 1), stanzas(poem).join("\n\n"));
    assert_reads("roman titles", &format!("THE SONNETS\n\nby A. B.\n\n\n{}", written(sonnet)), Format::Numbered);
    let recurring = |poem| format!("стих {}\n\n{}\n\n", poem + 1, stanzas(poem).join("\n\n"));
    assert_reads("words with numbers", &written(recurring), Format::Numbered);
}

#[test]
fn fields_and_front_matter_are_no_verses() {
    let stanzas = |poem| stanzas(poem).join("\n\n");
    let fields = |poem| format!("Title: {}\nAuthor: A. B.\n\n{}\n\n\n", capital(poem), stanzas(poem));
    assert_reads("fields", &written(fields), Format::BlankLines);
    let ruled = |poem| format!("Title: {}\nAuthor: A. B.\nPoem:\n{}\n-----\n", capital(poem), stanzas(poem));
    assert_reads("rules", &written(ruled), Format::Separators);
    let front = |poem| format!("---\ntitle: {}\ndate: 1900-01-01\n---\n\n{}\n\n", capital(poem), stanzas(poem));
    assert_reads("front matter", &written(front), Format::BlankLines);
    // As the files of a site, one poem each.
    let folder = tempfile::tempdir().unwrap();
    (0..N).for_each(|poem| fs::write(folder.path().join(format!("{poem:02}.md")), front(poem)).unwrap());
    let survey = corpus::survey(&corpus::files_of(folder.path()).unwrap(), &ReadOptions::default(), false).unwrap();
    assert_eq!(survey.poems.iter().map(|poem| poem.text()).collect::<Vec<_>>(), expected());
    assert_eq!(survey.poems[3].title, Some(capital(3)));
    let bracketed = |poem| format!("[{}]\n{}\n\n", capital(poem), stanzas(poem));
    assert_reads("brackets", &written(bracketed), Format::BookTitles);
}

#[test]
fn markup_of_wikis_and_outlines_is_read() {
    let lines =
        |poem: usize, sign: &str| (0..4).map(|line| format!("{sign}{}\n", verse(poem, line))).collect::<String>();
    assert_reads("wiki", &written(|poem| format!("== {} ==\n{}\n", capital(poem), lines(poem, ":"))), Format::Markdown);
    let doku = |poem| format!("====== {} ======\n\n{}\n", capital(poem), lines(poem, "").replace('\n', "\\\\ \n"));
    assert_reads("dokuwiki", &written(doku), Format::Markdown);
    assert_reads("outline", &written(|poem| format!("** {}\n{}\n", capital(poem), lines(poem, ""))), Format::Markdown);
    assert_reads("quotation", &written(|poem| format!("{}\n", lines(poem, "> "))), Format::BlankLines);
    let contents: String = (0..N).map(|poem| format!("  {} .... {poem}\n", capital(poem))).collect();
    let book = written(|poem| format!("{}\n\n{}\n\n\n", capital(poem).to_uppercase(), stanzas(poem).join("\n\n")));
    assert_reads("contents", &format!("POEMS\n\nby A. B.\n\nCONTENTS\n\n{contents}\n\n{book}"), Format::TitleLines);
}

#[test]
fn json_of_every_hand_is_read_in_its_order() {
    let lines = |poem: usize| (0..4).map(|line| format!("{:?}", verse(poem, line))).collect::<Vec<_>>().join(", ");
    let keyed: Vec<String> = (0..N).map(|poem| format!("\"{}\": [{}]", N - poem, lines(poem))).collect();
    assert_reads("keys", &format!("{{{}}}", keyed.join(",\n")), Format::Json);
    let commented = written(|poem| format!("// {poem}\n{{\"title\": \"t\", \"lines\": [{},],}},\n", lines(poem)));
    assert_reads("comments", &format!("// poems\n[\n{commented}]\n"), Format::Json);
    let bare = written(|poem| format!("{{title: 't', lines: [{}]}},\n", lines(poem)));
    assert_reads("bare keys", &format!("[\n{bare}]\n"), Format::Json);
    let chat = |poem: usize| {
        let answer = stanzas(poem).join("\\n").replace('\n', "\\n");
        format!(
            "{{\"messages\": [{{\"role\": \"user\", \"content\": \"Write a poem\"}}, {{\"role\": \"assistant\", \"content\": \"{answer}\"}}]}}\n"
        )
    };
    assert_reads("chat", &written(chat), Format::Json);
}

#[test]
fn other_files_are_refused_by_name() {
    let stanza = |poem: usize| stanzas(poem)[0].clone();
    let chords = written(|poem| format!("Am     G/B  C7\n{}\n\n", stanza(poem)));
    let in_verses = written(|poem| format!("{{title: A}}\n[Am]{}\n\n", stanza(poem).replace("\nthe", "\n[G7]the")));
    let asciidoc = written(|poem| format!("== A\n\n[verse]\n____\n{}\n____\n\n", stanza(poem)));
    let yaml = written(|poem| format!("- |\n  {}\n", stanza(poem).replace('\n', "\n  ")));
    let python = format!("POEMS = [\n{}]\n", written(|poem| format!("\"\"\"{}\"\"\",\n", stanza(poem))));
    let gettext = written(|poem| format!("msgid \"{}\"\nmsgstr \"{}\"\n\n", verse(poem, 0), verse(poem, 1)));
    let latex =
        written(|poem| format!("\\begin{{verse}}\n{}\\\\\n\\end{{verse}}\n", stanza(poem).replace('\n', "\\\\\n")));
    let org = format!("#+TITLE: Poems\n{}", written(|poem| format!("* {}\n{}\n\n", capital(poem), stanza(poem))));
    let mut tar = vec![0; 600];
    tar[257..262].copy_from_slice(b"ustar");
    for (kind, bytes) in [
        ("lyrics with chords", chords.into_bytes()),
        ("lyrics with chords", in_verses.into_bytes()),
        ("AsciiDoc", asciidoc.into_bytes()),
        ("YAML", yaml.into_bytes()),
        ("source code", python.into_bytes()),
        ("gettext", gettext.into_bytes()),
        ("LaTeX", latex.into_bytes()),
        ("Org", org.into_bytes()),
        ("a tar archive", tar),
        ("an e-book (EPUB)", b"PK\x03\x04\x0a\0\0\0\0\0mimetypeapplication/epub+zip".to_vec()),
        ("a Word document", b"PK\x03\x04\x14\0\x06\0[Content_Types].xml\0word/document.xml".to_vec()),
    ] {
        let error = survey("poems.txt", &bytes).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(kind) && error.contains("poems.txt: "), "{kind}: {error}");
    }
}

#[test]
fn a_file_that_is_one_line_is_refused_or_read() {
    let poem = "a verse of eight words, or of seven. ".repeat(20);
    let text = poem.repeat((17 << 20) / poem.len());
    let error = survey("poems.txt", text.as_bytes()).err().unwrap().to_string();
    assert!(error.contains("poems.txt:1: the line has more than 16 MB"), "{error}");
    let with_tokens = format!("{poem}<|endoftext|>").repeat(text.len() / poem.len());
    let survey_of = |name: &str, text: &str| survey(name, text.as_bytes()).unwrap().reading;
    let reading = survey_of("poems.txt", &with_tokens);
    assert_eq!((reading.layout().0, reading.kept + reading.duplicates), (Format::Separators, text.len() / poem.len()));
    assert_eq!(survey_of("poems.json", &format!("[\"a b\", {text:?}]")).kept, 2);
}

/// What `poetgan corpus` says of a file or a folder.
fn report(path: &Path, clean: bool, lang: Lang) -> String {
    let (paths, reading) = (vec![path.into()], ReadOptions::default());
    let mut out = Vec::new();
    inspect::run(&InspectOptions { paths, reading, json: false, convert: None, clean, lang }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn all_that_is_in_a_folder_is_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let poem = |poem: usize| stanzas(poem).join("\n") + "\n\n";
    write("a.txt", written(poem).as_bytes());
    let utf16: Vec<u8> = written(|i| poem(i).to_uppercase()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    write("b.txt", &utf16);
    write("c.txt", b"\x7fELF\x02\x01\x01\x00\x00\x00\x00");
    write("cover.png", b"\x89PNG");
    write("README.md", b"About the poems");
    let english = report(folder.path(), false, Lang::En);
    for words in [
        "3 files, 2 read\n  left out: ",
        "  1 in UTF-16LE\n  1 in UTF-8\n  not read: 1 with an ending that is not one of text\n",
        "  not read: 1 about the collection (README and the like)\n",
        "encoding: UTF-16LE, UTF-8\n",
    ] {
        assert!(english.contains(words), "{words}: {english}");
    }
    let chinese = report(folder.path(), false, Lang::Zh);
    assert!(
        chinese.contains("  未读：1 个文件的扩展名不是文本的\n") && chinese.contains("编码：UTF-16LE、UTF-8\n"),
        "{chinese}"
    );
}

#[test]
fn dropped_lines_and_invisible_characters_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.txt");
    let [start, end] = ["START", "END"].map(|word| format!("*** {word} OF THE PROJECT GUTENBERG EBOOK ***\n\n\n"));
    let book = |poems: std::ops::Range<usize>| {
        let poems = poems.map(|poem| stanzas(poem).join("\n") + "\n\n").collect::<String>();
        format!("{start}{poems}{end}a licence\n")
    };
    let books = book(0..N / 2) + &book(N / 2..N);
    fs::write(&path, books.replacen("the ", "the\u{202e} ", 1)).unwrap();
    let survey = corpus::survey(std::slice::from_ref(&path), &ReadOptions::default(), false).unwrap();
    assert_eq!(survey.poems.iter().map(|poem| poem.text()).collect::<Vec<_>>(), expected());
    let listed = report(&path, true, Lang::En);
    assert!(listed.contains("books.txt:4: invisible: the\\u{202e} ") && listed.contains(" -> the "), "{listed}");
    assert_eq!(listed.matches(": frame: a licence -> ").count(), 2, "{listed}");
    let counted = report(&path, false, Lang::Zh);
    assert!(counted.contains("改动：6 行，去除诗外的许可、说明与目录\n"), "{counted}");
    assert!(counted.contains("改动：1 行，去除控制字符与不可见字符\n"), "{counted}");
}

#[test]
fn invisible_characters_of_escapes_are_listed_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poems.json");
    let line = |escaped: &str, poem: usize| format!("{{\"text\": \"a{escaped} rose {poem}{escaped}\"}}\n");
    let of_lines = written(|poem| format!("{{\"lines\": [\"{}\", \"x\\u200by\"]}}\n", verse(poem, 0)));
    for text in [written(|poem| line("\\u200b", poem)), written(|poem| line("\u{200b}", poem)), of_lines] {
        fs::write(&path, text).unwrap();
        let listed = report(&path, true, Lang::En);
        assert_eq!(listed.matches(": invisible: ").count(), N, "{listed}");
    }
}

#[test]
fn poems_of_signs_are_a_warning_and_not_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emoji.txt");
    let sign = |i: usize| char::from_u32(0x1f300 + i as u32).unwrap();
    fs::write(&path, written(|poem| format!("{}🌸\n🌸{}\n\n", sign(poem), sign(poem + 1)))).unwrap();
    let said = report(&path, false, Lang::En);
    assert!(said.contains("warning: 24 (100.0 %) have no letters"), "{said}");
    let error = corpus::read(&path, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, CorpusError::NoLetters { .. }), "{error}");
}
