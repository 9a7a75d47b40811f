//! The theme that words ask for: `--theme 秋月`.

use super::{AxisEnds, Themes};
use crate::config::{AXES, TokenizerKind};
use crate::corpus::script::is_han;
use crate::tokenizer::Tokenizer;

/// A theme from words is as long as that of a poem with a clear theme: at this quantile of the training poems.
const CLEAR: f32 = 0.9;
/// Words that are suggested instead of an unknown one.
const SUGGESTIONS: usize = 5;
/// A space in tokens of words and of BPE.
const BLANK: char = '▁';

/// A word without coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    pub word: String,
    /// Words with coordinates: those of similar spelling, or for a language without spaces some clear ones.
    pub near: Vec<String>,
}

impl Themes {
    /// The tokens with coordinates of each word of `text`. Spaces and commas separate words; with tokens of characters every
    /// Chinese character is one as well, and other scripts, such as Thai, keep their words whole.
    ///
    /// # Errors
    /// The first word without coordinates.
    pub fn words_of(&self, text: &str, tokenizer: &Tokenizer) -> Result<Vec<Vec<u32>>, UnknownWord> {
        let is_separator = |c: char| c.is_whitespace() || ",，、;；".contains(c);
        let parts = text.split(is_separator).filter(|part| !part.is_empty());
        let words: Vec<String> = match tokenizer.kind() {
            TokenizerKind::Char => parts.flat_map(characters).map(String::from).collect(),
            _ => parts.map(str::to_string).collect(),
        };
        let tokens = |word: String| {
            let known = self.tokens_of(&word, tokenizer);
            known.ok_or_else(|| UnknownWord { near: self.near(&word, tokenizer), word })
        };
        words.into_iter().map(tokens).collect()
    }

    /// The theme of a poem of the form `tag` that words ask for, [dims]: the direction of the theme that is expected of a
    /// poem with such words, as long as the themes of poems with a clear theme. `words` holds the tokens of each.
    pub fn of_words(&self, tag: u32, words: &[Vec<u32>]) -> Vec<f32> {
        let (mean, scale) = self.whitening(tag);
        let mut sum = vec![0f32; self.dims()];
        // What the coordinates of one segment tell about the next one is less by the correlation along the axis.
        for tokens in words {
            for (axis, sum) in sum.iter_mut().enumerate() {
                let coordinate = |token: &u32| self.table[*token as usize * AXES + axis];
                let word = tokens.iter().map(coordinate).sum::<f32>() / tokens.len().max(1) as f32;
                *sum += self.correlations[axis] * (word - mean[axis]) * scale[axis];
            }
        }
        // An axis that is not kept is noise.
        sum.iter_mut().zip(&self.keep).filter(|(_, keep)| **keep == 0.0).for_each(|(sum, _)| *sum = 0.0);
        let length = norm(&sum);
        if length > 0.0 {
            let ratio = self.clear_length(tag) / length;
            sum.iter_mut().for_each(|x| *x *= ratio);
        }
        sum
    }

    /// Length of the theme of a poem with a clear theme, in standard deviations.
    fn clear_length(&self, tag: u32) -> f32 {
        let kept = |row: &[f32]| -> Vec<f32> {
            row.iter().zip(&self.keep).filter(|(_, keep)| **keep > 0.0).map(|(x, _)| *x).collect()
        };
        let mut lengths: Vec<f32> =
            self.centres(tag).chunks_exact(self.dims().max(1)).map(|row| norm(&kept(row))).collect();
        lengths.sort_by(f32::total_cmp);
        let at = (CLEAR * lengths.len() as f32) as usize;
        // Without poems: the expected length of N(0, I).
        lengths.get(at).copied().unwrap_or_else(|| (kept(&self.keep).len() as f32).sqrt())
    }

    /// The tokens of a word that have coordinates; `None` without any. The case is that of the word, else lower case.
    fn tokens_of(&self, word: &str, tokenizer: &Tokenizer) -> Option<Vec<u32>> {
        let letters = word.chars().count();
        let of_characters = tokenizer.kind() == TokenizerKind::Char;
        // A single letter of a longer word says nothing about it, unless all tokens are letters.
        let is_part = |token: &u32| {
            let text = tokenizer.token_text(*token).unwrap_or_default();
            let is_long = text.trim_start_matches(BLANK).chars().count() > 1;
            self.is_known(*token) && (letters == 1 || is_long || of_characters)
        };
        let known = |word: &str| -> Option<Vec<u32>> {
            let tokens: Vec<u32> = tokenizer.encode_line(word)?.into_iter().filter(is_part).collect();
            (!tokens.is_empty()).then_some(tokens)
        };
        known(word).or_else(|| known(&word.to_lowercase()))
    }

    fn near(&self, word: &str, tokenizer: &Tokenizer) -> Vec<String> {
        if tokenizer.kind() == TokenizerKind::Char {
            return self.examples(tokenizer);
        }
        let wanted = word.to_lowercase();
        let tokens = (0..tokenizer.vocab_size() as u32).filter(|token| self.is_known(*token));
        let mut words: Vec<(usize, u32, &str)> = tokens
            .filter_map(|token| {
                let word = tokenizer.token_text(token)?.strip_prefix(BLANK)?;
                let is_word = word.chars().count() > 1 && word.chars().all(char::is_alphabetic);
                is_word.then(|| (strsim::osa_distance(&wanted, &word.to_lowercase()), token, word))
            })
            .collect();
        words.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| self.share(b.1).total_cmp(&self.share(a.1))).then(a.1.cmp(&b.1))
        });
        words.iter().take(SUGGESTIONS).map(|(_, _, word)| (*word).to_string()).collect()
    }

    /// Clear words: the ends of the first axes.
    fn examples(&self, tokenizer: &Tokenizer) -> Vec<String> {
        let ends = (0..self.dims()).flat_map(|axis| {
            let AxisEnds { positive, negative } = self.ends(axis, 1);
            positive.into_iter().chain(negative)
        });
        let mut examples: Vec<String> = Vec::new();
        for word in ends.filter_map(|token| tokenizer.token_text(token)) {
            if examples.len() < SUGGESTIONS && !examples.iter().any(|other| other == word) {
                examples.push(word.to_string());
            }
        }
        examples
    }

    /// Logarithm of the share of segments with the token.
    fn share(&self, token: u32) -> f32 {
        self.log_shares[token as usize]
    }
}

/// The Chinese characters of a text, and the runs of other characters between them.
fn characters(text: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| is_han(*c)) {
        parts.extend([&text[start..at], &text[at..at + c.len_utf8()]]);
        start = at + c.len_utf8();
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|x| x * x).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use compact_str::CompactString;

    use super::*;
    use crate::config::TokenizerConfig;
    use crate::corpus::{Form, Poem};
    use crate::random;
    use crate::theme::{FormSegments, ThemeSegments, ThemeSettings, learn};

    const ENGLISH: [&str; 3] = [
        "moon star night cloud frost autumn",
        "king war sword shield army horse",
        "the of and to in that with for but not who all",
    ];
    const THAI: [&str; 3] = ["รัก น้ำ ดี ป่า", "หมู่ ฟ้า ซึ่ง ฉัน", "ก ข ค ง จ ช"];
    const CHINESE: [&str; 3] = ["月 星 夜 云 霜 秋", "王 战 剑 兵 军 马", "不 人 一 有 无 来 自 何 时 此 相 上"];

    /// Poems of two lines about one of two topics; every second word is about none.
    fn themes(words: [&str; 3], kind: TokenizerKind) -> (Themes, Tokenizer, u32) {
        let space = if kind == TokenizerKind::Char { "" } else { " " };
        let rng = &mut random::stream(1, "test", 0);
        let poem = |_| {
            let topic = random::below(rng, 2);
            let mut line = || {
                let mut pick = |from: usize| {
                    let words: Vec<&str> = words[from].split(' ').collect();
                    words[random::below(rng, words.len())]
                };
                (0..8).map(|i| pick(if i % 2 == 0 { topic } else { 2 })).collect::<Vec<_>>().join(space)
            };
            Poem { lines: vec![line().into(), line().into()], form: Form::Lines(2), ..Poem::default() }
        };
        let poems: Vec<Poem> = (0..1500).map(poem).collect();
        let tokenizer = Tokenizer::train(&TokenizerConfig { kind, vocab_size: 200, min_count: 1 }, &poems).unwrap();
        let tag = tokenizer.forms()[0].1;
        let segments = |poem: &Poem| -> ThemeSegments {
            let segment = |line: &CompactString| {
                let mut tokens = tokenizer.encode_line(line).unwrap();
                tokens.sort_unstable();
                tokens.dedup();
                tokens
            };
            poem.lines.iter().map(segment).collect()
        };
        let forms = [FormSegments { tag, poems: poems.iter().map(segments).collect() }];
        let settings = ThemeSettings { dims: 4, keep: 0.9 };
        (learn(&forms, tokenizer.vocab_size(), settings).unwrap(), tokenizer, tag)
    }

    #[test]
    fn words_of_a_topic_ask_for_a_clear_poem_about_it() {
        for (words, kind, [first, second]) in
            [(ENGLISH, TokenizerKind::Word, ["moon, autumn", "Sword"]), (CHINESE, TokenizerKind::Char, ["月秋", "剑"])]
        {
            let (themes, tokenizer, tag) = themes(words, kind);
            let theme = |text: &str| themes.of_words(tag, &themes.words_of(text, &tokenizer).unwrap());
            assert_eq!(themes.words_of(first, &tokenizer).unwrap().len(), 2);
            let kept = |theme: &[f32]| {
                norm(
                    &theme
                        .iter()
                        .zip(&themes.keep)
                        .map(|(x, keep)| if *keep > 0.0 { *x } else { 0.0 })
                        .collect::<Vec<_>>(),
                )
            };
            let (one, other) = (theme(first), theme(second));
            assert!(one[0] * other[0] < 0.0 && one[0].abs() > 0.7 * norm(&one), "{one:?} {other:?}");
            let lengths: Vec<f32> = themes.centres(tag).chunks(4).map(kept).collect();
            let shorter = lengths.iter().filter(|length| **length < kept(&one)).count() as f32;
            assert!((shorter / lengths.len() as f32 - CLEAR).abs() < 0.01 && (norm(&other) - norm(&one)).abs() < 1e-3);
            // A poem of such words alone lies in the same direction.
            let poem = themes.of_poem(tag, &themes.words_of(first, &tokenizer).unwrap());
            assert!(poem[0] * one[0] > 0.0);
        }
    }

    #[test]
    fn unknown_words_are_answered_with_near_ones() {
        let (themes, tokenizer, _) = super::tests::themes(ENGLISH, TokenizerKind::Word);
        let UnknownWord { word, near } = themes.words_of("star, swrd", &tokenizer).unwrap_err();
        assert_eq!((word.as_str(), near[0].as_str(), near.len()), ("swrd", "sword", SUGGESTIONS));
        let (themes, tokenizer, _) = super::tests::themes(CHINESE, TokenizerKind::Char);
        let UnknownWord { word, near } = themes.words_of("月龘", &tokenizer).unwrap_err();
        assert_eq!(word, "龘");
        assert!(!near.is_empty() && near.iter().all(|word| themes.words_of(word, &tokenizer).is_ok()), "{near:?}");
        assert_eq!(themes.words_of(" ，", &tokenizer), Ok(Vec::new()));
    }

    #[test]
    fn words_of_scripts_without_spaces_stay_whole() {
        assert_eq!(characters("月รัก夜น้ำดี"), ["月", "รัก", "夜", "น้ำดี"]);
        let (themes, tokenizer, tag) = super::tests::themes(THAI, TokenizerKind::Char);
        let words = themes.words_of("รัก, น้ำดี", &tokenizer).unwrap();
        assert_eq!(words.len(), 2);
        assert!(words.iter().all(|tokens| tokens.len() > 1));
        assert!(themes.of_words(tag, &words).iter().all(|x| x.is_finite()));
        let UnknownWord { word, near } = themes.words_of("รัก โญฏ", &tokenizer).unwrap_err();
        assert_eq!(word, "โญฏ");
        assert!(!near.is_empty());
    }

    #[test]
    fn a_theme_of_no_words_or_of_an_unknown_form_is_a_number() {
        let (themes, tokenizer, tag) = super::tests::themes(CHINESE, TokenizerKind::Char);
        let words = themes.words_of("月", &tokenizer).unwrap();
        assert!(themes.of_words(99, &words).iter().chain(&themes.of_words(tag, &[])).all(|x| x.is_finite()));
    }
}
