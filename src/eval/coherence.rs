//! Figures of whole poems, for `eval` and `sweep`: coherence, and words that occur twice.

use super::PoemText;
use super::report::Figure;
use crate::corpus::Form;
use crate::metrics::coherence::{self, CoherenceStatistics, Segments};
use crate::metrics::{Verse, bootstrap, repeats};

/// Coherence and repetitions of some poems of one form, by name, with their intervals. Figures that do not apply to the
/// form are left out; `coherence_auc` compares with `real` poems.
pub fn figures(
    statistics: &CoherenceStatistics,
    form: Form,
    poems: (&[PoemText], &[Verse]),
    real: &[PoemText],
    seed: u64,
) -> Vec<(&'static str, Figure)> {
    let (texts, verses) = poems;
    let segments =
        |texts: &[PoemText]| -> Vec<Segments> { texts.iter().map(|lines| statistics.segments(form, lines)).collect() };
    let (own, real, pairs) = (segments(texts), segments(real), coherence::pairs(form));
    let below = coherence::below(&statistics.fits(&real, &pairs), &statistics.fits(&own, &pairs));
    let each = |repeats: &dyn Fn(&Verse) -> bool| verses.iter().map(|verse| f64::from(repeats(verse))).collect();
    let values: [(&'static str, Vec<f64>); 5] = [
        ("coherence", statistics.wins(&own, &pairs)),
        ("coherence_1_4", statistics.wins(&own, &coherence::outer_pairs(form))),
        ("coherence_auc", if real.is_empty() { Vec::new() } else { below }),
        ("repeated_rhyme", each(&|verse| repeats::repeats_rhyme(form, verse))),
        ("repeated_char_poem", each(&|verse| repeats::repeats_word(verse))),
    ];
    let some = values.into_iter().filter(|(_, values)| !values.is_empty());
    some.map(|(name, values)| (name, bootstrap::mean(&values, seed).into())).collect()
}
