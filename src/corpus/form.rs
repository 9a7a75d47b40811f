//! Forms of verse: the number of lines, and of characters per line.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use super::{MIN_POEMS, Poem, punctuate};

/// Fewest poems of a form for it to be learned: a number, and one poem in `SMALLEST_SHARE`.
const FEWEST: usize = 8;
const SMALLEST_SHARE: usize = 500;

/// The form of a poem. `7x4` is four lines of seven characters; `lines:14` is fourteen lines of any length; `free` is
/// anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    Fixed {
        width: usize,
        lines: usize,
    },
    Lines(usize),
    #[default]
    Free,
}

/// Chinese names of the classical forms.
const NAMES: [(&str, Form); 8] = [
    ("五绝", Form::Fixed { width: 5, lines: 4 }),
    ("七绝", Form::Fixed { width: 7, lines: 4 }),
    ("五律", Form::Fixed { width: 5, lines: 8 }),
    ("七律", Form::Fixed { width: 7, lines: 8 }),
    ("五絕", Form::Fixed { width: 5, lines: 4 }),
    ("七絕", Form::Fixed { width: 7, lines: 4 }),
    ("五言绝句", Form::Fixed { width: 5, lines: 4 }),
    ("七言绝句", Form::Fixed { width: 7, lines: 4 }),
];

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Fixed { width, lines } => write!(f, "{width}x{lines}"),
            Form::Lines(lines) => write!(f, "lines:{lines}"),
            Form::Free => write!(f, "free"),
        }
    }
}

impl FromStr for Form {
    type Err = String;

    fn from_str(text: &str) -> Result<Form, String> {
        let text = text.trim();
        if let Some((_, form)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(*form);
        }
        if text == "free" {
            return Ok(Form::Free);
        }
        let count = |digits: &str| digits.parse::<usize>().ok().filter(|n| (1..=999).contains(n));
        if let Some(lines) = text.strip_prefix("lines:").and_then(count) {
            return Ok(Form::Lines(lines));
        }
        if let Some((width, lines)) = text.split_once(['x', 'X', '×'])
            && let (Some(width), Some(lines)) = (count(width), count(lines))
        {
            return Ok(Form::Fixed { width, lines });
        }
        Err(format!("'{text}' is not a form; write 7x4 (characters x lines), 七绝, 五律, lines:14 or free"))
    }
}

/// Fewest poems of a form that is drawn without being asked for: as many as a corpus needs as a whole. With fewer, less than
/// one poem is held out on average, so that nothing measures whether the form was learned.
pub const FEWEST_LEARNED: u64 = MIN_POEMS as u64;

/// Those of several forms with enough poems to be drawn without being asked for; if none has enough, the most frequent.
pub fn learned<T>(forms: impl IntoIterator<Item = T>, poems: impl Fn(&T) -> u64) -> Vec<T> {
    let mut forms: Vec<T> = forms.into_iter().collect();
    let most = forms.iter().map(&poems).max().unwrap_or(0);
    forms.retain(|form| poems(form) >= FEWEST_LEARNED.min(most));
    forms
}

/// Sets forms with too few poems to free, since a rare form tag cannot be learned. Lines of fixed forms get their
/// punctuation back, since those of free verse are printed as they are.
pub(super) fn free_rare_forms(poems: &mut [Poem]) {
    let mut counts = HashMap::<Form, usize>::new();
    for poem in poems.iter() {
        *counts.entry(poem.form).or_default() += 1;
    }
    let fewest = FEWEST.max(poems.len().div_ceil(SMALLEST_SHARE));
    for poem in poems.iter_mut().filter(|poem| counts[&poem.form] < fewest) {
        if poem.form.width().is_some() {
            poem.lines = punctuate(&poem.lines);
        }
        poem.form = Form::Free;
    }
}

impl Form {
    /// The Chinese name of a classical form, in simplified characters.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(_, form)| *form == self).map(|(name, _)| *name)
    }

    /// Number of lines, if the form determines it.
    pub fn lines(self) -> Option<usize> {
        match self {
            Form::Fixed { lines, .. } | Form::Lines(lines) => Some(lines),
            Form::Free => None,
        }
    }

    /// Characters per line, if the form determines them.
    pub fn width(self) -> Option<usize> {
        match self {
            Form::Fixed { width, .. } => Some(width),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_survive_a_round_trip() {
        for name in ["7x4", "lines:14", "free"] {
            assert_eq!(name.parse::<Form>().unwrap().to_string(), name);
        }
        assert_eq!("七绝".parse(), Ok(Form::Fixed { width: 7, lines: 4 }));
        assert_eq!("5×8".parse(), "五律".parse::<Form>());
        let name = |form: &str| form.parse::<Form>().unwrap().name();
        assert_eq!((name("7x4"), name("七絕"), name("lines:14")), (Some("七绝"), Some("七绝"), None));
        assert!("7x0".parse::<Form>().unwrap_err().contains("'7x0' is not a form"));
    }

    #[test]
    fn forms_of_a_dozen_poems_are_not_drawn() {
        let counts = |counts: &[u64]| learned(counts.to_vec(), |count| *count);
        assert_eq!(counts(&[152, 12, 20, 19]), [152, 20]);
        assert_eq!(counts(&[12, 15, 8]), [15], "the most frequent");
        assert_eq!(counts(&[1, 1]), [1, 1], "unknown numbers");
        assert!(counts(&[]).is_empty());
    }

    #[test]
    fn rare_forms_become_free() {
        let poem = |form| Poem { lines: vec!["一二三".into(), "四五六".into()], form, ..Poem::default() };
        let mut poems = vec![poem(Form::Lines(2)); 8];
        poems.extend(vec![poem(Form::Fixed { width: 3, lines: 2 }); 7]);
        free_rare_forms(&mut poems);
        assert_eq!(poems[7], poem(Form::Lines(2)));
        assert_eq!((poems[8].form, poems[8].lines[1].as_str()), (Form::Free, "四五六。"));
    }
}
