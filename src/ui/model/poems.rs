//! Poems as the screens have them: without what would upset a terminal, and with marks that tell something.

use crate::run::event::SamplePoem;
use crate::ui::text;

/// Done once here rather than in every frame. A mark stays with its character where cleaning keeps their number.
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

/// Sets the marks against their mean: a token that is hidden makes almost any poem look less real, so what tells is which
/// characters do more for it than the others.
fn centre(poem: &mut SamplePoem) {
    let marks = || poem.lines.iter().flat_map(|line| &line.attributions);
    let mean = marks().sum::<f32>() / marks().count().max(1) as f32;
    for mark in poem.lines.iter_mut().flat_map(|line| &mut line.attributions) {
        *mark -= mean;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::ScoredLine;

    #[test]
    fn marks_are_set_against_the_mean_of_their_poem() {
        let line = |marks: &[f32]| ScoredLine {
            text: "春眠".into(),
            score: None,
            attributions: marks.to_vec(),
            tones: String::new(),
        };
        let lines = vec![line(&[1.0, 2.0]), line(&[3.0, 6.0])];
        let shown = cleaned(SamplePoem { form: "7x4".into(), seed: 1, lines, score: None, nearest: Vec::new() });
        assert_eq!(
            (&shown.lines[0].attributions[..], &shown.lines[1].attributions[..]),
            (&[-2.0, -1.0][..], &[0.0, 3.0][..])
        );
    }
}
