//! Corpus files in other encodings than UTF-8: read where the encoding is certain, refused in one line where it is not,
//! and never read as what they are not.

// The lint exempts test functions, but not the functions that they share.
#![allow(clippy::unwrap_used, clippy::panic)]

mod poems;

use std::fs;
use std::path::Path;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, ISO_8859_2, ISO_8859_15, KOI8_R, MACINTOSH, SHIFT_JIS,
    WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
};
use poems::{CHINESE, ENGLISH, FRENCH, GERMAN, GREEK, JAPANESE, KOREAN, POLISH, RUSSIAN, TRADITIONAL};
use poetgan::corpus::{self, CorpusError, EncodingProblem, Poem};

/// A text in an encoding, and the number of its first characters that are enough to be certain of that.
struct Case {
    text: &'static str,
    encoding: &'static Encoding,
    enough: usize,
}

const CASES: [Case; 14] = [
    Case { text: CHINESE, encoding: GBK, enough: 60 },
    Case { text: CHINESE, encoding: GB18030, enough: 60 },
    Case { text: TRADITIONAL, encoding: BIG5, enough: 85 },
    Case { text: TRADITIONAL, encoding: GB18030, enough: 60 },
    Case { text: JAPANESE, encoding: SHIFT_JIS, enough: 70 },
    Case { text: JAPANESE, encoding: EUC_JP, enough: 70 },
    Case { text: KOREAN, encoding: EUC_KR, enough: 80 },
    Case { text: ENGLISH, encoding: WINDOWS_1252, enough: 600 },
    Case { text: FRENCH, encoding: WINDOWS_1252, enough: 300 },
    Case { text: GERMAN, encoding: WINDOWS_1252, enough: 450 },
    Case { text: POLISH, encoding: WINDOWS_1250, enough: 200 },
    Case { text: POLISH, encoding: ISO_8859_2, enough: 200 },
    Case { text: RUSSIAN, encoding: WINDOWS_1251, enough: 140 },
    Case { text: GREEK, encoding: WINDOWS_1253, enough: 140 },
];

fn poems(bytes: &[u8]) -> Result<Vec<Poem>, CorpusError> {
    corpus::poems(Path::new("poems.txt"), bytes)
}

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let (bytes, _, has_failed) = encoding.encode(text);
    assert!(!has_failed, "{}: {text}", encoding.name());
    bytes.into_owned()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// The first `n` characters.
fn prefix(text: &str, n: usize) -> String {
    text.chars().take(n).collect()
}

/// Line, offset and problem of bytes that are refused.
fn refused(bytes: &[u8]) -> (usize, usize, EncodingProblem) {
    match poems(bytes) {
        Err(CorpusError::Encoding { line, offset, problem, .. }) => (line, offset, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_beginning_of_a_file_is_read_rightly_or_refused_with_its_place() {
    for Case { text, encoding, enough } in CASES {
        for n in 1..=text.chars().count() {
            let beginning = prefix(text, n);
            let right = poems(beginning.as_bytes()).unwrap();
            match poems(&encoded(&beginning, encoding)) {
                Ok(found) => assert_eq!(found, right, "{} {n}: {beginning}", encoding.name()),
                Err(CorpusError::Encoding { problem: EncodingProblem::Uncertain(_), line, .. }) => {
                    assert!(n < enough, "{} {n}: {beginning}", encoding.name());
                    let first = beginning.lines().position(|line| !line.is_ascii()).unwrap();
                    assert_eq!(line, first + 1);
                }
                Err(error) => panic!("{} {n}: {error}", encoding.name()),
            }
        }
    }
}

#[test]
fn every_beginning_of_a_utf8_file_is_read_as_utf8() {
    for text in [CHINESE, TRADITIONAL, JAPANESE, KOREAN, ENGLISH, FRENCH, GERMAN, RUSSIAN, POLISH, GREEK] {
        for n in 1..=text.chars().count() {
            let beginning = prefix(text, n);
            let found = poems(beginning.as_bytes()).unwrap();
            assert_eq!(found, poems(format!("\u{feff}{beginning}").as_bytes()).unwrap());
            // Cut within a character it is refused as what it is, unless that is its first one above ASCII.
            let bytes = beginning.as_bytes();
            if beginning.ends_with(|c: char| !c.is_ascii()) && beginning.chars().filter(|c| !c.is_ascii()).count() > 1 {
                assert_eq!(refused(&bytes[..bytes.len() - 1]).2, EncodingProblem::TruncatedUtf8, "{beginning}");
            }
        }
    }
}

#[test]
fn encodings_of_other_machines_are_not_taken_for_those_of_this_one() {
    for (text, encoding) in [(FRENCH, MACINTOSH), (GERMAN, MACINTOSH), (FRENCH, ISO_8859_15)] {
        for n in 1..=text.chars().count() {
            let beginning = prefix(text, n);
            if let Ok(found) = poems(&encoded(&beginning, encoding)) {
                assert_eq!(found, poems(beginning.as_bytes()).unwrap(), "{} {n}", encoding.name());
            }
        }
    }
    for encoding in [IBM866, KOI8_R] {
        let text = RUSSIAN.replace('ё', "е");
        assert_eq!(poems(&encoded(&text, encoding)).unwrap(), poems(text.as_bytes()).unwrap());
    }
}

#[test]
fn a_long_text_is_told_by_its_first_foreign_lines_and_every_byte_counts() {
    let text = format!("{}{}", "Nothing but ASCII.\n".repeat(30_000), CHINESE.repeat(3_000));
    let mut bytes = encoded(&text, GB18030);
    assert_eq!(poems(&bytes).unwrap(), poems(text.as_bytes()).unwrap());
    bytes.extend([0xff, 0xff, b'\n']);
    assert_eq!(refused(&bytes), (30_001, 570_000, EncodingProblem::Uncertain(GB18030)));
}

#[test]
fn utf16_is_read_with_and_without_a_mark() {
    for text in [CHINESE, JAPANESE, KOREAN, FRENCH, RUSSIAN, "One fish\ntwo fish\n"] {
        let right = poems(text.as_bytes()).unwrap();
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(poems(&utf16(text, bytes)).unwrap(), right);
            let marked = utf16(&format!("\u{feff}{text}"), bytes);
            assert_eq!(poems(&marked).unwrap(), right);
            // Half of a character is missing.
            assert!(matches!(refused(&marked[..marked.len() - 1]), (1, 0, EncodingProblem::Uncertain(_))));
        }
    }
}

#[test]
fn what_is_known_of_a_corpus_names_its_encoding() {
    let tang: String = fs::read_to_string("corpora/tang.txt").unwrap().split_inclusive("\n\n").take(300).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poems.txt");
    let read = |bytes: Vec<u8>| {
        fs::write(&path, bytes).unwrap();
        corpus::read(&path, &Default::default()).unwrap()
    };
    let right = read(tang.clone().into_bytes());
    assert_eq!(right.info.encoding, "UTF-8");
    let foreign = [
        (encoded(&tang, GB18030), "gb18030"),
        (utf16(&format!("\u{feff}{tang}"), u16::to_le_bytes), "UTF-16LE"),
        (utf16(&tang, u16::to_be_bytes), "UTF-16BE"),
    ];
    for (bytes, name) in foreign {
        let found = read(bytes);
        assert_eq!(found.info.encoding, name);
        assert_eq!((found.training, found.held_out), (right.training.clone(), right.held_out.clone()));
    }
}

#[test]
fn what_is_not_certain_is_named_with_its_place_and_a_command() {
    let few = encoded("roses\nune rose à l'été\n", WINDOWS_1252);
    assert_eq!(refused(&few), (2, 15, EncodingProblem::Uncertain(WINDOWS_1252)));
    let message = poems(&few).unwrap_err().to_string();
    assert_eq!(
        message,
        "poems.txt:2: the text is not UTF-8 at byte 15; it is probably windows-1252, but that is not certain: if it is, \
         convert it with `iconv -f windows-1252 -t UTF-8 \"poems.txt\" > \"poems.utf8.txt\"`"
    );
    let mut damaged = CHINESE.as_bytes().to_vec();
    damaged[40] = 0xff;
    assert_eq!(refused(&damaged), (2, 40, EncodingProblem::DamagedUtf8));
    let utf32: Vec<u8> = format!("\u{feff}{CHINESE}").chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    assert_eq!(refused(&utf32), (1, 0, EncodingProblem::Utf32("UTF-32LE")));
    let utf32: Vec<u8> = format!("\u{feff}{CHINESE}").chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    assert_eq!(refused(&utf32), (1, 0, EncodingProblem::Utf32("UTF-32BE")));
}
