//! A guess at the encoding of text that is not UTF-8, good enough to tell a person which command converts it.

use std::path::Path;

use super::script::is_letter;

/// How much text is looked at for a guess, in bytes.
const SAMPLE: usize = 1 << 16;

/// The likely encoding of text that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
    Gb18030,
    Big5,
    ShiftJis,
    EucJp,
    EucKr,
    Windows1252,
    /// UTF-8 with a few bad bytes.
    DamagedUtf8,
    /// UTF-8 that ends in the middle of a character.
    TruncatedUtf8,
    Unknown,
}

impl Encoding {
    /// What the text probably is and what to do, as the end of a sentence.
    pub fn advice(self, path: &Path) -> String {
        // The result must not be written over the file that is read.
        let (from, to) = (path.display(), path.with_extension("utf8.txt"));
        let iconv = |options: &str| format!("`iconv {options} -t UTF-8 \"{from}\" > \"{}\"`", to.display());
        let convert =
            |name: &str, code: &str| format!("it looks like {name}: convert it with {}", iconv(&format!("-f {code}")));
        match self {
            Encoding::Utf16Le => convert("UTF-16 LE", "UTF-16LE"),
            Encoding::Utf16Be => convert("UTF-16 BE", "UTF-16BE"),
            Encoding::Utf32Le => convert("UTF-32 LE", "UTF-32LE"),
            Encoding::Utf32Be => convert("UTF-32 BE", "UTF-32BE"),
            Encoding::Gb18030 => convert("GB18030 (GBK)", "GB18030"),
            Encoding::Big5 => convert("Big5", "BIG5"),
            Encoding::ShiftJis => convert("Shift-JIS", "SHIFT_JIS"),
            Encoding::EucJp => convert("EUC-JP", "EUC-JP"),
            Encoding::EucKr => convert("EUC-KR", "EUC-KR"),
            Encoding::Windows1252 => convert("Windows-1252 (Latin-1)", "WINDOWS-1252"),
            Encoding::DamagedUtf8 => format!(
                "most of it is UTF-8, so some bytes are damaged: correct them, or drop them with {}",
                iconv("-c -f UTF-8")
            ),
            Encoding::TruncatedUtf8 => "it ends in the middle of a character: the file may be cut off".into(),
            Encoding::Unknown => "its encoding is unknown: save it as UTF-8 in the editor it comes from".into(),
        }
    }

    /// UTF-32 and UTF-16 by their byte-order marks; UTF-16 also by what it says if it is read so: mostly letters, and
    /// more ASCII (blanks and line ends at least) than in the other order of the bytes.
    pub(super) fn wide(bytes: &[u8]) -> Option<Encoding> {
        match bytes {
            // Before UTF-16, whose mark this one begins with.
            [0xff, 0xfe, 0, 0, ..] => return Some(Encoding::Utf32Le),
            [0, 0, 0xfe, 0xff, ..] => return Some(Encoding::Utf32Be),
            [0xff, 0xfe, ..] => return Some(Encoding::Utf16Le),
            [0xfe, 0xff, ..] => return Some(Encoding::Utf16Be),
            _ => {}
        }
        if !bytes.contains(&0) {
            return None;
        }
        let (le, be) = (Reading::of(bytes, u16::from_le_bytes), Reading::of(bytes, u16::from_be_bytes));
        let (better, encoding) = if le.ascii > be.ascii { (le, Encoding::Utf16Le) } else { (be, Encoding::Utf16Be) };
        (better.ascii > 0 && better.plausible * 10 > better.all * 9).then_some(encoding)
    }

    /// The likely encoding of `bytes`, which are not UTF-8 at `offset`.
    pub(super) fn guess(bytes: &[u8], offset: usize) -> Encoding {
        let around = &bytes[offset.saturating_sub(SAMPLE)..bytes.len().min(offset + SAMPLE)];
        let (mut good, mut bad) = (0, 0);
        for chunk in around.utf8_chunks() {
            good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            bad += chunk.invalid().len();
        }
        // A character of UTF-8 has at most four bytes.
        if bytes.len() - offset < 4 && good > 0 {
            return Encoding::TruncatedUtf8;
        }
        if good > 10 * bad { Encoding::DamagedUtf8 } else { guess_legacy(around) }
    }
}

/// What bytes say if they are read as UTF-16.
#[derive(Default)]
struct Reading {
    all: usize,
    plausible: usize,
    ascii: usize,
}

impl Reading {
    fn of(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Reading {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        let mut reading = Reading::default();
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or('\0');
            reading.all += 1;
            reading.ascii += usize::from(matches!(c, ' '..='~' | '\t' | '\n' | '\r'));
            reading.plausible +=
                usize::from(is_letter(c) || c.is_ascii_punctuation() || c.is_whitespace() || is_cjk_punctuation(c));
        }
        reading
    }
}

fn is_cjk_punctuation(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff5e}')
}

/// An encoding with characters of one and two bytes: which pairs (lead, trail) are its punctuation, kana and most
/// frequent characters, and which are characters at all.
type Zones = (Encoding, fn(u8, u8) -> bool, fn(u8, u8) -> bool);

/// Where two fit equally well the later one is narrower, and so more likely.
const ZONES: [Zones; 5] = [
    (
        Encoding::Big5,
        |lead, _| matches!(lead, 0xa1 | 0xa4..=0xc6),
        |lead, trail| matches!((lead, trail), (0xa1..=0xf9, 0x40..=0x7e | 0xa1..=0xfe)),
    ),
    (
        Encoding::Gb18030,
        |lead, trail| matches!((lead, trail), (0xa1 | 0xa3 | 0xb0..=0xd7, 0xa1..=0xfe)),
        |lead, trail| matches!((lead, trail), (0x81..=0xfe, 0x30..=0x39 | 0x40..=0x7e | 0x80..=0xfe)),
    ),
    (
        Encoding::ShiftJis,
        |lead, _| matches!(lead, 0x81..=0x83 | 0x88..=0x97),
        |lead, trail| matches!((lead, trail), (0x81..=0x9f | 0xe0..=0xfc, 0x40..=0x7e | 0x80..=0xfc)),
    ),
    (
        Encoding::EucJp,
        |lead, _| matches!(lead, 0xa1 | 0xa4 | 0xa5 | 0xb0..=0xcf),
        |lead, trail| matches!((lead, trail), (0xa1..=0xf4, 0xa1..=0xfe)),
    ),
    (
        Encoding::EucKr,
        |lead, _| matches!(lead, 0xa1 | 0xb0..=0xc8),
        |lead, trail| matches!((lead, trail), (0xa1..=0xfd, 0xa1..=0xfe)),
    ),
];

fn guess_legacy(bytes: &[u8]) -> Encoding {
    if stands_alone(bytes) {
        return Encoding::Windows1252;
    }
    let shares = ZONES.iter().map(|(encoding, common, valid)| (*encoding, share_of_common(bytes, *common, *valid)));
    let best = shares.max_by(|a, b| a.1.total_cmp(&b.1));
    best.filter(|(_, share)| *share > 0.5).map_or(Encoding::Unknown, |(encoding, _)| encoding)
}

/// Share of common pairs among all pairs; 0 if more than one in fifty is no character.
fn share_of_common(bytes: &[u8], common: fn(u8, u8) -> bool, valid: fn(u8, u8) -> bool) -> f64 {
    let (mut n_pairs, mut n_common, mut n_wrong) = (0, 0, 0);
    let mut rest = bytes;
    while let [lead, trail, ..] = *rest {
        let width = if lead >= 0x80 && valid(lead, trail) { 2 } else { 1 };
        if lead >= 0x80 {
            n_pairs += 1;
            n_common += usize::from(width == 2 && common(lead, trail));
            n_wrong += usize::from(width == 1);
        }
        rest = &rest[width..];
    }
    if n_wrong * 50 > n_pairs { 0.0 } else { n_common as f64 / n_pairs.max(1) as f64 }
}

/// Whether the bytes above ASCII are few and mostly apart, as the accented letters of western languages are.
fn stands_alone(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|&&byte| byte >= 0x80).count();
    let pairs = bytes.windows(2).filter(|pair| pair[0] >= 0x80 && pair[1] >= 0x80).count();
    high > 0 && high * 4 < bytes.len() && pairs * 4 < high
}
