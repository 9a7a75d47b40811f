//! What is shown on each screen, for the help.

use crate::ui::model::screens::Screen;
use crate::ui::text::words::{Lang, translate};

/// Names of what a screen shows, and their meaning.
pub fn legend(screen: Screen) -> &'static [(&'static str, &'static str)] {
    match screen {
        Screen::Adversarial => &[
            ("G, D", "losses of generator and discriminator"),
            ("D(real)", "score histogram of real poems, upwards"),
            ("D(fake)", "score histogram of generated poems, downwards"),
            ("D 0.80", "AUC of the scores: 0.5 is chance, 1 separates all"),
            ("bars", "D's score of each line, 0 fake to 1 real"),
            ("beta", "inverse temperature of the relaxation"),
        ],
        Screen::Samples => &[
            ("numbers", "D's score of a line; above, that of the whole poem"),
            ("- / ?", "tones: level, oblique, either"),
            ("nearest", "the training poem with most in common"),
        ],
        Screen::Curves => &[
            ("L, H", "likelihood loss of minibatches and held-out poems"),
            ("grad", "norm of the gradient before it is clipped"),
            ("AUC", "AUC of the scores: 0.5 is chance, 1 separates all"),
        ],
        Screen::Quality => &[
            ("rhyme", "how well the lines that should rhyme do, 0 to 1"),
            ("distinct-2", "share of different pairs of neighbouring tokens"),
            ("copied", "share of lines found in the corpus"),
            ("coherence", "a second part fits its first one; chance is 0.5"),
            ("rhyme twice", "share of poems that use a rhyme word twice"),
            ("char twice", "share of poems that use a character twice"),
            ("z bits", "what z decides about the theme of a poem, in bits"),
            ("R P ●", "real poems, the end of pretraining, now"),
        ],
        Screen::Latent => &[
            ("z[0]", "a direction of z; its slider is in standard deviations"),
            ("words", "what poems are about at either end of the direction"),
            ("bars", "share of the characters that change"),
        ],
        Screen::Log => &[],
    }
}

/// What a figure of the quality checks means, in a few words.
pub fn figure_meaning(name: &str, lang: Lang) -> Option<&'static str> {
    let (_, meaning) = legend(Screen::Quality).iter().find(|(known, _)| *known == name)?;
    Some(translate(lang, meaning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meaning_has_chinese_words() {
        for (_, meaning) in Screen::ALL.into_iter().flat_map(legend) {
            assert_ne!(translate(Lang::Zh, meaning), *meaning, "no Chinese for it");
        }
    }
}
