//! The metrics of `eval`: name, purpose in at most four words, and definition.

mod chinese;

use std::io::{self, Write};

use crate::ui::{self, Lang};
use chinese::CHINESE;

/// Columns of the definitions.
const WIDTH: usize = 96;

/// One row of the table.
pub struct Metric {
    /// Its name in JSON and in the table.
    pub key: &'static str,
    /// Its purpose, in at most four words.
    pub short: &'static str,
    /// Its definition, and how to read it.
    pub meaning: &'static str,
}

const fn metric(key: &'static str, short: &'static str, meaning: &'static str) -> Metric {
    Metric { key, short, meaning }
}

/// All metrics, in the order of the table.
pub const METRICS: &[Metric] = &[
    metric(
        "nll_heldout",
        "fit to unseen poems",
        "Negative log-likelihood of held-out poems in nats per unit (character, or token of the vocabulary), over the \
         units that the form does not determine. Lower is better. For the bigram chain: nats per character, smoothed.",
    ),
    metric("nll_heldout_bits", "the same in bits", "nll_heldout divided by ln 2."),
    metric("nll_heldout_poem", "the same per poem", "Negative log-likelihood per poem, in nats."),
    metric(
        "bleu_2",
        "phrases of real poems",
        "BLEU of up to 500 poems with all held-out poems as references: the geometric mean of the shares of 1- and 2-grams \
         that occur in one of them (NLTK's sentence_bleu with smoothing method 1, averaged). Common phrases raise it \
         whether they make sense or not: a bigram chain scores like real poems, so read it together with the diversity. \
         Real poems are taken from the training part, so that none is its own reference.",
    ),
    metric("bleu_3", "phrases of real poems", "The same with n-grams up to three."),
    metric("bleu_4", "phrases of real poems", "The same with n-grams up to four."),
    metric("bleu_5", "phrases of real poems", "The same with n-grams up to five."),
    metric(
        "self_bleu_2",
        "similarity among the poems",
        "BLEU of up to 500 poems with up to 10,000 other poems of the same column as references; a poem is never its own \
         reference. A value above that of real poems means that the model repeats itself. The number of references is the \
         same for all columns, since the score depends on it.",
    ),
    metric("self_bleu_3", "similarity among the poems", "The same with n-grams up to three."),
    metric("self_bleu_4", "similarity among the poems", "The same with n-grams up to four."),
    metric("self_bleu_5", "similarity among the poems", "The same with n-grams up to five."),
    metric(
        "distinct_1",
        "diversity of words",
        "Distinct units divided by all units, over the same number of poems in every column. It falls with that number.",
    ),
    metric("distinct_2", "diversity of phrases", "The same for pairs of adjacent units within a line."),
    metric("distinct_3", "diversity of phrases", "The same for three units in a row."),
    metric(
        "seen_4gram",
        "copying of short phrases",
        "Share of the 4-grams within lines that occur in a training poem. A value far above that of real held-out poems means \
         copying.",
    ),
    metric("copied_line", "copying of whole lines", "Share of the lines that are lines of a training poem."),
    metric(
        "longest_run",
        "longest copied passage",
        "Mean length of the longest run of units that a poem shares with a training poem, across line ends.",
    ),
    metric(
        "rhyme",
        "rhyme as in Tang",
        "Share of poems whose even lines all end in the same level rhyme group of the Pingshui rhyme book. Only for Chinese \
         verse, as are the metrics up to repeated_char_line.",
    ),
    metric("rhyme_any", "rhyme in any tone", "The same with oblique rhyme groups included."),
    metric(
        "rhyme_entropy",
        "variety of rhymes",
        "Entropy, in nats, of the level rhyme groups that the even lines end in. A value far below that of real poems means \
         that many poems share a rhyme.",
    ),
    metric(
        "tone_line",
        "tone pattern of lines",
        "Share of the lines that follow one of the tone patterns of regulated verse, with the usual licences.",
    ),
    metric(
        "tone_alternation",
        "tones alternate in lines",
        "Share of the lines whose 2nd, 4th (and 6th) characters alternate between level and oblique.",
    ),
    metric(
        "dui_nian",
        "tones between lines",
        "Share of the poems whose second characters differ in tone within couplets and agree between them (对 and 粘).",
    ),
    metric(
        "tone_poem",
        "poem is regulated",
        "Share of the poems that follow a tone pattern from the first line to the last.",
    ),
    metric("repeated_char_line", "repeats within lines", "Share of the lines in which a character occurs twice."),
    metric(
        "coherence",
        "couplets fit each other",
        "Share of comparisons in which the second couplet of a poem fits its first couplet better than the second couplet of \
         another poem does; chance is 0.5. The fit is the pointwise mutual information of the words of both, counted over \
         couplets of the same poem in the training poems of all forms; rhyme words are left out. At most 1,000 poems are \
         compared. In verse without fixed line lengths lines take the place of couplets: the mean over all pairs of the \
         first eight lines that are at most three apart. It does not depend on how frequent the words are.",
    ),
    metric("coherence_1_4", "first and last couplet", "The same for couplets 1 and 4 of poems of eight lines."),
    metric(
        "coherence_auc",
        "real poems fit better",
        "Probability that the mean mutual information within a held-out poem is above that within one of these poems; 0.5 \
         for equally coherent ones. Lower means that these poems use more predictable combinations than real ones. The \
         interval does not include the choice of held-out poems.",
    ),
    metric(
        "repeated_rhyme",
        "same rhyme word twice",
        "Share of poems in which the same word ends two even lines; in verse without fixed line lengths, any two lines.",
    ),
    metric(
        "repeated_char_poem",
        "repeats in the poem",
        "Share of poems in which a character (in other scripts a word) occurs twice. Two equal characters in a row within \
         a line count as one.",
    ),
    metric(
        "z_bits",
        "what z decides",
        "Information in bits between z, the noise that a poem is made from, and the theme of the poem: a lower bound, on \
         average over at most 1,000 poems, by a linear probe fitted on nine tenths of them and tested on the rest. It regresses \
         the poem's coordinate along each theme axis on the dimension of z that it correlates with most, and inverts that \
         by Bayes' rule with the known prior of z. Near 0 for a generator that ignores z. shuffled: the same poems with \
         the z of others, so 0. real: held-out poems with the z that likelihood training pairs with them, which is what a \
         generator that follows z as training asks for would have, approximately. For a model without themes the axes are \
         those of the corpus. First drafts, whatever --select says.",
    ),
    metric(
        "theme_response",
        "poems follow z",
        "Mean of Spearman's correlation between nine shifts of z along an axis that carries a theme, -4 to 4, and the \
         poem's own coordinate along this axis, with all else equal; over all such axes and 60 seeds (10 with --quick). 1: \
         the poem follows every step, 0: it ignores them. The values of each axis are in the JSON under axes.",
    ),
    metric(
        "theme_axes",
        "axes that poems follow",
        "Number of axes along which that correlation is at least 0.9 for at least 90 % of the seeds.",
    ),
    metric(
        "learned_rhyme",
        "rhyme in any language",
        "Mean probability, 0 to 1, that the line ends that should rhyme do, estimated from the line ends of the training \
         poems without a rhyme dictionary. Compare it with the columns real and shuffled.",
    ),
    metric(
        "length_distance",
        "lengths as in corpus",
        "Wasserstein-1 distance between the line lengths of these poems and of the training poems, in units.",
    ),
    metric(
        "frechet",
        "as varied as real",
        "Fréchet distance between these poems and held-out ones in the hidden states of a separate language model, trained on \
         real poems that are in no column. It compares means and covariances, so low diversity raises it as well as low \
         quality. Compare it with the column real, which holds other real poems; it falls with the number of poems, which \
         is the same for all columns.",
    ),
    metric(
        "c2st_accuracy",
        "distance from real poems",
        "Accuracy on unseen poems of boosted trees trained to distinguish up to 5,000 of these poems from as many real ones; \
         chance is 0.5. The real ones are held-out and training poems; the statistics behind the features of a poem, real \
         or generated, are counted without the real poems of its fold. A model that copies training poems would look \
         better: see copied_line and c2st_heldout. The columns real and shuffled are compared with half of the real poems.",
    ),
    metric(
        "c2st_heldout",
        "the same, held-out only",
        "Accuracy of a classifier that has only the held-out poems, and as many of these, to train on and to be tested on. \
         Of the three following classifiers, the one with the best validation accuracy counts.",
    ),
    metric(
        "c2st_trees",
        "classifier: boosted trees",
        "Accuracy of gradient boosted trees, held-out poems only, on hand-made features: likelihoods of lines and of the poem under n-gram models \
         and a language model of other real poems, rhyme, tones, parallel positions of couplets, rare characters, \
         repeats.",
    ),
    metric(
        "c2st_discriminator",
        "classifier: discriminator",
        "Accuracy of a network with the discriminator's architecture, trained from scratch, with a rhyme head over an \
         embedding learned from other real poems.",
    ),
    metric(
        "c2st_language",
        "classifier: language model",
        "Accuracy of a transformer language model of other real poems, fine-tuned as a classifier.",
    ),
];

const COLUMNS: &str =
    "Columns: `model`, the model as it is; `pretrained`, the same model at the end of pretraining; `real`, real poems
that the model has not seen; `shuffled`, real lines mixed between poems; `bigram`, a Markov chain of adjacent
units. A metric on which the chain equals the real poems says little. Intervals are 95 % confidence intervals
over the choice of poems.";

const CHINESE_COLUMNS: &str = "列：“模型”（model）；“预训练”（pretrained）为同一模型在预训练结束时；“真诗”（real）为模型未见过的真诗；“换句”
（shuffled）为在诗与诗之间互换的真句；“二元链”（bigram）为相邻单元的马尔可夫链。二元链与真诗相等的指标说明不了什么。区间为就诗的选取而言的 95 % 置信区间。";

/// All metrics in a language, in the order of the table.
pub fn metrics(lang: Lang) -> &'static [Metric] {
    lang.pick(METRICS, CHINESE)
}

/// Prints the definition of every metric.
///
/// # Errors
/// Output that cannot be written.
pub fn print(lang: Lang, out: &mut impl Write) -> io::Result<()> {
    let (columns, colon) = lang.pick((COLUMNS, ": "), (CHINESE_COLUMNS, "："));
    writeln!(out, "{columns}\n")?;
    for Metric { key, short, meaning } in metrics(lang) {
        writeln!(out, "{key}{colon}{short}")?;
        for line in ui::wrap(meaning, WIDTH) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_explained_in_four_words_at_most_and_in_full() {
        for Metric { key, short, meaning } in METRICS {
            assert!(short.split(' ').count() <= 4 && meaning.len() > short.len() - 5, "{key}");
        }
        let mut keys: Vec<&str> = METRICS.iter().map(|metric| metric.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), METRICS.len());
    }

    #[test]
    fn every_metric_is_explained_in_chinese() {
        let keys = |metrics: &[Metric]| metrics.iter().map(|metric| metric.key).collect::<Vec<_>>();
        assert_eq!(keys(METRICS), keys(CHINESE));
        let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(CHINESE.iter().all(|metric| is_chinese(metric.short) && is_chinese(metric.meaning)));
    }
}
