//! Poems as the screens show them: text that is safe for a terminal, and centred attributions.

use crate::run::event::{AxisWords, SamplePoem};
use crate::ui::text;

/// Done once here rather than in every frame. Attributions are dropped if cleaning changes the number of characters.
pub fn cleaned(mut poem: SamplePoem) -> SamplePoem {
    poem.form = text::clean(&poem.form);
    poem.nearest = poem.nearest.iter().map(|line| text::clean(line)).collect();
    for line in &mut poem.lines {
        let n_characters = line.text.chars().count();
        line.text = text::clean(&line.text);
        line.tones = text::clean(&line.tones);
        if line.text.chars().count() != n_characters {
            line.attributions.clear();
        }
    }
    centre(&mut poem);
    poem
}

/// The same for the words of an axis.
pub fn cleaned_axis(axis: AxisWords) -> AxisWords {
    let clean = |words: Vec<String>| words.iter().map(|word| text::clean(word)).collect();
    AxisWords { positive: clean(axis.positive), negative: clean(axis.negative) }
}

/// Subtracts the mean attribution: masking any token lowers almost every score, so only the differences matter.
fn centre(poem: &mut SamplePoem) {
    let all = || poem.lines.iter().flat_map(|line| &line.attributions);
    let mean = all().sum::<f32>() / all().count().max(1) as f32;
    for attribution in poem.lines.iter_mut().flat_map(|line| &mut line.attributions) {
        *attribution -= mean;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::ScoredLine;

    #[test]
    fn attributions_are_centred() {
        let line = |attributions: &[f32]| ScoredLine {
            text: "春眠".into(),
            score: None,
            attributions: attributions.to_vec(),
            tones: String::new(),
        };
        let lines = vec![line(&[1.0, 2.0]), line(&[3.0, 6.0])];
        let shown = cleaned(SamplePoem {
            form: "7x4".into(),
            seed: 1,
            lines,
            score: None,
            nearest: Vec::new(),
            stanzas: Vec::new(),
        });
        assert_eq!(
            (&shown.lines[0].attributions[..], &shown.lines[1].attributions[..]),
            (&[-2.0, -1.0][..], &[0.0, 3.0][..])
        );
    }
}
