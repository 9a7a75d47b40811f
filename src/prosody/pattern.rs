//! The tone patterns of regulated lines, and deviations from them.

use super::table::Tones;

/// The four kinds of regulated lines, named by the tones of the first two and of the last of five characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 仄仄平平仄
    FirstOblique,
    /// 平平平仄仄
    SecondOblique,
    /// 仄仄仄平平
    FirstLevel,
    /// 平平仄仄平
    SecondLevel,
}

pub const KINDS: [Kind; 4] = [Kind::FirstOblique, Kind::SecondOblique, Kind::FirstLevel, Kind::SecondLevel];

/// A pattern and how a line deviates from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternMatch {
    /// `P` level, `Z` oblique, `*` either; as long as the line.
    pub pattern: &'static str,
    /// Positions, from 0, with the wrong tone.
    pub wrong: Vec<usize>,
}

impl Kind {
    /// The patterns for a line of `width` characters, the usual one first; the second is a deviation that is compensated in
    /// the same line (拗救). None unless the width is five or seven.
    pub fn patterns(self, width: usize) -> &'static [&'static str] {
        let seven: &[&str] = match self {
            Kind::FirstOblique => &["*P*ZPPZ", "*P*ZZPZ"],
            Kind::SecondOblique => &["*Z*PPZZ", "*ZPPZPZ"],
            Kind::FirstLevel => &["*P*ZZPP"],
            Kind::SecondLevel => &["*ZPPZZP", "*Z*PPZP"],
        };
        let five: &[&str] = match self {
            Kind::FirstOblique => &["*ZPPZ", "*ZZPZ"],
            Kind::SecondOblique => &["*PPZZ", "PPZPZ"],
            Kind::FirstLevel => &["*ZZPP"],
            Kind::SecondLevel => &["PPZZP", "*PPZP"],
        };
        match width {
            5 => five,
            7 => seven,
            _ => &[],
        }
    }

    /// Whether a line with these tones is of this kind.
    pub fn fits(self, line: &[Tones]) -> bool {
        self.patterns(line.len()).iter().any(|pattern| wrong(pattern, line).next().is_none())
    }

    /// The kind of the next line of a regulated poem. Inside a couplet (`opposed`) the second characters differ in tone
    /// and the line ends level; between couplets they agree and the line ends oblique.
    pub fn next(self, opposed: bool) -> Kind {
        match (self, opposed) {
            (Kind::FirstOblique | Kind::FirstLevel, true) => Kind::SecondLevel,
            (Kind::SecondOblique | Kind::SecondLevel, true) => Kind::FirstLevel,
            (Kind::FirstOblique | Kind::FirstLevel, false) => Kind::FirstOblique,
            (Kind::SecondOblique | Kind::SecondLevel, false) => Kind::SecondOblique,
        }
    }

    /// The possible kinds of line `number`, from 0: only the first may end in either tone.
    pub fn of_line(number: usize) -> &'static [Kind] {
        match number {
            0 => &KINDS,
            n if n % 2 == 1 => &KINDS[2..],
            _ => &KINDS[..2],
        }
    }
}

/// The pattern of `kinds` with the fewest deviations; `None` if no pattern has the length of the line.
pub fn nearest(line: &[Tones], kinds: &[Kind]) -> Option<PatternMatch> {
    let patterns = kinds.iter().flat_map(|kind| kind.patterns(line.len()));
    let matches = patterns.map(|pattern| PatternMatch { pattern, wrong: wrong(pattern, line).collect() });
    matches.min_by_key(|found| found.wrong.len())
}

/// Whether a line with these tones fits any kind.
pub fn is_regulated(line: &[Tones]) -> bool {
    KINDS.iter().any(|kind| kind.fits(line))
}

/// Whether the second, fourth and sixth characters can alternate in tone.
pub fn alternates(line: &[Tones]) -> bool {
    let feet = || line.iter().skip(1).step_by(2).zip([true, false].into_iter().cycle());
    [true, false].into_iter().any(|first| feet().all(|(tones, even)| tones.can_be(even == first)))
}

/// Whether the line certainly ends in 仄平仄仄平, with a single level tone before the last one (孤平).
pub fn has_lone_level(line: &[Tones]) -> bool {
    ends_with(line, "ZPZZP")
}

/// Whether the last three characters are certainly level (三平尾).
pub fn ends_in_three_level(line: &[Tones]) -> bool {
    ends_with(line, "PPP")
}

fn ends_with(line: &[Tones], pattern: &str) -> bool {
    let Some(end) = line.len().checked_sub(pattern.len()).map(|start| &line[start..]) else { return false };
    end.iter().zip(pattern.chars()).all(|(tones, mark)| !tones.can_be(mark != 'P'))
}

fn wrong<'a>(pattern: &'a str, line: &'a [Tones]) -> impl Iterator<Item = usize> + 'a {
    let misses = |(tones, mark): (&Tones, u8)| mark != b'*' && !tones.can_be(mark == b'P');
    line.iter().zip(pattern.bytes()).enumerate().filter(move |(_, pair)| misses(*pair)).map(|(position, _)| position)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `P`, `Z`, and `*` for both.
    fn line(text: &str) -> Vec<Tones> {
        text.chars().map(|c| Tones { level: c != 'Z', oblique: c != 'P' }).collect()
    }

    #[test]
    fn lines_are_of_their_kinds() {
        let kinds = [("ZZPPZ", 0), ("PPPZZ", 1), ("ZZZPP", 2), ("PPZZP", 3)];
        for (text, kind) in kinds {
            let fitting: Vec<bool> = KINDS.iter().map(|kind| kind.fits(&line(text))).collect();
            assert_eq!(fitting.iter().position(|fits| *fits), Some(kind), "{text}");
            let opposite = if text.as_bytes()[1] == b'P' { "ZZ" } else { "PP" };
            assert!(KINDS[kind].fits(&line(&format!("{opposite}{text}"))), "{text}");
        }
        assert!(!is_regulated(&line("ZPZZP")) && !is_regulated(&line("PZPPP")) && !is_regulated(&line("PPPP")));
        // Compensated deviations: 拗救.
        assert!(["PPZPZ", "ZPPZP", "ZZZPZ"].into_iter().all(|text| is_regulated(&line(text))));
        assert!(is_regulated(&line("*****")));
    }

    #[test]
    fn seven_characters_end_like_five() {
        for kind in KINDS {
            for (five, seven) in kind.patterns(5).iter().zip(kind.patterns(7)) {
                assert_eq!(five[1..], seven[3..]);
            }
            assert_eq!(kind.patterns(5).len(), kind.patterns(7).len());
        }
    }

    #[test]
    fn deviations_are_found() {
        let found = nearest(&line("ZPZZP"), &[Kind::SecondLevel]).unwrap();
        assert_eq!(found, PatternMatch { pattern: "PPZZP", wrong: vec![0] });
        assert_eq!(nearest(&line("PPPZZ"), Kind::of_line(2)).unwrap().wrong, [] as [usize; 0]);
        assert_eq!(nearest(&line("PPPZZ"), Kind::of_line(1)).unwrap().wrong, [4]);
        assert_eq!(nearest(&line("PPPZ"), &KINDS), None);
    }

    #[test]
    fn named_faults_are_certain_ones() {
        assert!(has_lone_level(&line("ZPZZP")) && has_lone_level(&line("PZZPZZP")));
        assert!(!has_lone_level(&line("*PZZP")) && !has_lone_level(&line("PPZZP")) && !has_lone_level(&line("ZP")));
        assert!(ends_in_three_level(&line("ZZPPP")) && !ends_in_three_level(&line("ZZPP*")));
    }

    #[test]
    fn feet_alternate() {
        assert!(alternates(&line("PPPZP")) && alternates(&line("PZPPPZP")) && alternates(&[]));
        assert!(!alternates(&line("PPPPP")) && !alternates(&line("PPPZPZP")));
        assert!(alternates(&line("P*PZP")) && !alternates(&line("PZP*PPP")));
    }
}
