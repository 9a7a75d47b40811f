//! Text in encodings other than UTF-8: decoded if the encoding is certain, else reported with a command that converts it.

use std::borrow::Cow;
use std::path::Path;
use std::str::Utf8Error;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// Fewest bytes above ASCII for a detection, in text that is mostly ASCII and in other text. Without this bound three of 7,600 pieces
/// of Chinese verse of 24 characters were misread, and none of 7,400 pieces of 48 characters.
const FEWEST_ACCENTS: usize = 8;
const FEWEST_BYTES: usize = 100;
/// Number of bytes used for the detection, from the first one on that is not UTF-8.
const SAMPLE: usize = 1 << 18;

/// The text of a file and its encoding.
#[derive(Debug)]
pub struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub encoding: &'static Encoding,
}

/// Why text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingProblem {
    /// Probably in this encoding, but not certainly, or with invalid bytes.
    Uncertain(&'static Encoding),
    /// UTF-32, by the name that `iconv` has for it; it is not supported.
    Utf32(&'static str),
    /// UTF-8 with a few bad bytes.
    DamagedUtf8,
    /// UTF-8 that ends in the middle of a character.
    TruncatedUtf8,
}

impl EncodingProblem {
    /// Advice for the file at `path`, as the end of a sentence.
    pub fn advice(self, path: &Path) -> String {
        // The output must not overwrite the input.
        let (from, to) = (path.display(), path.with_extension("utf8.txt"));
        let iconv = |options: &str| format!("`iconv {options} -t UTF-8 \"{from}\" > \"{}\"`", to.display());
        let convert = |name| iconv(&format!("-f {name}"));
        match self {
            EncodingProblem::Uncertain(encoding) => {
                let name = encoding.name();
                format!("it is probably {name}, but that is not certain: if it is, convert it with {}", convert(name))
            }
            EncodingProblem::Utf32(name) => format!("it is {name}: convert it with {}", convert(name)),
            EncodingProblem::DamagedUtf8 => format!(
                "most of it is UTF-8, so some bytes are damaged: correct them, or drop them with {}",
                iconv("-c -f UTF-8")
            ),
            EncodingProblem::TruncatedUtf8 => "it ends in the middle of a character: the file may be truncated".into(),
        }
    }
}

/// Decodes UTF-16, with or without a byte-order mark; `None` if `bytes` are something else.
pub fn utf16(bytes: &[u8]) -> Result<Option<Decoded<'_>>, EncodingProblem> {
    match bytes {
        // The first of these begins with the mark of UTF-16 LE.
        [0xff, 0xfe, 0, 0, ..] => return Err(EncodingProblem::Utf32("UTF-32LE")),
        [0, 0, 0xfe, 0xff, ..] => return Err(EncodingProblem::Utf32("UTF-32BE")),
        _ => {}
    }
    match Encoding::for_bom(bytes) {
        Some((encoding, length)) if encoding != UTF_8 => {
            let decoded = read(&bytes[length..], encoding).ok_or(EncodingProblem::Uncertain(encoding))?;
            Ok(Some(decoded))
        }
        _ if bytes.contains(&0) => {
            // In the wrong byte order the text has no line ends.
            let is_text =
                |text: &str| text.contains(['\n', '\r']) && !text.contains(|c: char| c.is_control() && c > '\r');
            let orders = [UTF_16LE, UTF_16BE].into_iter().filter_map(|encoding| read(bytes, encoding));
            Ok(orders.into_iter().find(|decoded| is_text(&decoded.text)))
        }
        _ => Ok(None),
    }
}

/// Decodes text that is not Unicode, as `error` shows, if its encoding is certain: there are enough bytes, all are valid,
/// the words are plausible, and neither the odd nor the even lines alone suggest another plausible text.
pub fn legacy(bytes: &[u8], error: Utf8Error) -> Result<Decoded<'_>, EncodingProblem> {
    if let Some(damage) = damage(bytes, error) {
        return Err(damage);
    }
    let sample = sample(bytes, error.valid_up_to());
    let encoding = guess(sample);
    let uncertain = EncodingProblem::Uncertain(encoding);
    let foreign = sample.iter().filter(|byte| !byte.is_ascii()).count();
    if foreign < if 3 * foreign < sample.len() { FEWEST_ACCENTS } else { FEWEST_BYTES } {
        return Err(uncertain);
    }
    let plausible = |encoding| read(bytes, encoding).filter(|decoded| has_words(&decoded.text));
    let decoded = plausible(encoding).ok_or(uncertain)?;
    let lines = || sample.split_inclusive(|byte| matches!(byte, b'\n' | b'\r'));
    let halves = [lines().step_by(2).collect::<Vec<_>>(), lines().skip(1).step_by(2).collect()];
    let agrees = |half: &Vec<&[u8]>| {
        let other = guess(&half.concat());
        other == encoding || plausible(other).is_none_or(|other| other.text == decoded.text)
    };
    if halves.iter().all(agrees) { Ok(decoded) } else { Err(uncertain) }
}

/// UTF-8 that is truncated, or that has a few invalid bytes.
fn damage(bytes: &[u8], error: Utf8Error) -> Option<EncodingProblem> {
    let offset = error.valid_up_to();
    let around = &bytes[offset.saturating_sub(SAMPLE)..bytes.len().min(offset + SAMPLE)];
    let (mut good, mut bad) = (0, 0);
    for chunk in around.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    if error.error_len().is_none() && good > 0 {
        return Some(EncodingProblem::TruncatedUtf8);
    }
    (good > 10 * bad).then_some(EncodingProblem::DamagedUtf8)
}

/// Whole lines from that of `offset` on.
fn sample(bytes: &[u8], offset: usize) -> &[u8] {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = bytes[..offset].iter().rposition(is_end).map_or(0, |end| end + 1);
    let rest = &bytes[start..];
    let most = rest.len().min(SAMPLE);
    let end = if most < rest.len() { rest[..most].iter().rposition(is_end).map_or(most, |end| end + 1) } else { most };
    &rest[..end]
}

/// The most likely encoding of text that is not Unicode.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    // The detector has one name for both; this is the larger one.
    if encoding == GBK { GB18030 } else { encoding }
}

/// The text of `bytes`; none where they hold what the encoding does not have, or a control character that no text uses
/// and that `encoding_rs` lets pass.
fn read<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Option<Decoded<'a>> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let is_unused = |c: char| matches!(c, '\0' | '\u{80}'..='\u{9f}');
    (!text.contains(is_unused)).then_some(Decoded { text, encoding })
}

/// Whether foreign text is mostly letters, and small letters are followed by capitals at most now and then and by a sign
/// such as ½ never: taking an encoding for another one gives other texts.
fn has_words(text: &str) -> bool {
    let foreign = text.chars().filter(|c| !c.is_ascii()).count();
    let letters = text.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).count();
    if 2 * foreign > text.chars().count() && 3 * letters < 2 * foreign {
        return false;
    }
    let mut capitals = 0;
    for (before, c) in text.chars().zip(text.chars().skip(1)).filter(|(before, _)| before.is_lowercase()) {
        if !c.is_ascii() && c.is_numeric() {
            return false;
        }
        capitals += usize::from(c.is_uppercase() && !(before.is_ascii() && c.is_ascii()));
    }
    capitals * 20 <= foreign
}
