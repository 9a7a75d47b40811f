//! The metrics: what each is called, what it is good for in four words, and what it means.

use std::io::{self, Write};

/// One row of the table.
pub struct Metric {
    /// Its name in JSON and in the table.
    pub key: &'static str,
    /// What it is good for.
    pub short: &'static str,
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
        "Nats per unit (character, or token of the vocabulary) that the model needs for poems it has never seen, of those \
         units that the form leaves open. Lower is better. For the bigram chain: nats per character of the chain, smoothed.",
    ),
    metric("nll_heldout_bits", "the same in bits", "nll_heldout divided by ln 2."),
    metric("nll_heldout_poem", "the same per poem", "Nats for a whole poem."),
    metric(
        "bleu_2",
        "phrases of real poems",
        "BLEU of up to 500 poems with all held-out poems as references: the geometric mean of the shares of 1- and 2-grams \
         that stand in one of them (NLTK's sentence_bleu with smoothing method 1, averaged). Chance phrases raise it as \
         well as good ones: a bigram chain scores like real poems, so look at it beside the diversity, never alone. Real \
         poems are taken from the training part, so that none is its own reference.",
    ),
    metric("bleu_3", "phrases of real poems", "The same with n-grams up to three."),
    metric("bleu_4", "phrases of real poems", "The same with n-grams up to four."),
    metric("bleu_5", "phrases of real poems", "The same with n-grams up to five."),
    metric(
        "self_bleu_2",
        "sameness among its poems",
        "BLEU of up to 500 poems with other poems of the same column as references, 10,000 of them if there are so many; a \
         poem is never its own reference. Above that of real poems: the model repeats itself. The number of references \
         is the same for all columns, since the score depends on it.",
    ),
    metric("self_bleu_3", "sameness among its poems", "The same with n-grams up to three."),
    metric("self_bleu_4", "sameness among its poems", "The same with n-grams up to four."),
    metric("self_bleu_5", "sameness among its poems", "The same with n-grams up to five."),
    metric(
        "distinct_1",
        "breadth of its words",
        "Different units divided by all units, over the same number of poems in every column. It falls with the number.",
    ),
    metric("distinct_2", "breadth of its phrases", "The same for pairs of neighbours within a line."),
    metric("distinct_3", "breadth of its phrases", "The same for three in a row."),
    metric(
        "seen_4gram",
        "copying of short phrases",
        "Share of the 4-grams within lines that stand in a training poem. Far above real held-out poems: the model copies.",
    ),
    metric("copied_line", "copying of whole lines", "Share of the lines that are a line of a training poem."),
    metric(
        "longest_run",
        "longest copied passage",
        "Mean length of the longest run of units within a line that a poem shares with a training poem.",
    ),
    metric(
        "rhyme",
        "rhyme as in Tang",
        "Share of poems whose even lines all end in one level rhyme group of the Pingshui book. Chinese verse only, as are \
         the metrics up to repeated_char_line.",
    ),
    metric("rhyme_any", "rhyme of any tone", "The same, where oblique groups count too."),
    metric(
        "tone_line",
        "tone pattern of lines",
        "Share of the lines that keep one of the tone templates of regulated verse, with the usual licences.",
    ),
    metric(
        "tone_alternation",
        "tones alternate in lines",
        "Share of the lines whose 2nd, 4th (and 6th) characters alternate between level and oblique.",
    ),
    metric(
        "dui_nian",
        "tones bind the lines",
        "Share of the poems whose second characters are opposite within couplets and alike between them (对 and 粘).",
    ),
    metric(
        "tone_poem",
        "whole poem is regulated",
        "Share of the poems that keep the tone template from first line to last.",
    ),
    metric("repeated_char_line", "clumsy repeats in lines", "Share of the lines in which a character occurs twice."),
    metric(
        "learned_rhyme",
        "rhyme in any language",
        "How well line ends go together, by what the line ends of the training poems tell; 0 to 1. No table is used. To be \
         judged between the columns real and shuffled.",
    ),
    metric(
        "length_distance",
        "lengths as in corpus",
        "Wasserstein-1 distance between the lengths of lines of these poems and of the training poems, in units: by how much a \
         line would have to change on average.",
    ),
    metric(
        "frechet",
        "as varied as real",
        "Fréchet distance between these poems and held-out ones in the hidden states of a language model of its own, trained \
         on real poems that stand in no column: means and covariances both count, so that a model that writes little but \
         well is far away. To be judged beside the column real, which is other real poems; it falls with the number of \
         poems, which is the same for all columns.",
    ),
    metric(
        "c2st_accuracy",
        "can a judge tell?",
        "Accuracy of a classifier that learned to tell these poems from real ones, on poems that it has not seen: 0.5 means \
         that it cannot. The classifier is the one of several that did best on poems set aside for that choice.",
    ),
    metric(
        "c2st_trees",
        "the judge: boosted trees",
        "The accuracy of gradient boosted trees on features that know what poems are made of: likelihoods of lines and of \
         the poem under n-gram models and a language model of other real poems, rhyme, tones, what stands in the same place of a couplet, rare \
         characters, repeats.",
    ),
    metric(
        "c2st_discriminator",
        "the judge: our discriminator",
        "The accuracy of a network of our discriminator's architecture, trained afresh, with a rhyme head over an embedding \
         learned from other real poems.",
    ),
    metric(
        "c2st_language",
        "the judge: language model",
        "The accuracy of a transformer language model of other real poems that was trained further as a classifier.",
    ),
];

/// Prints what every metric means.
pub fn print(out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "Every metric stands beside the same metric of other texts: `model`, the model as it is; `warmup`, the same model\n\
         after pretraining, from likelihood alone; `real`, poems that the model has not seen; `shuffled`, real lines mixed\n\
         between poems; `bigram`, a chain that knows pairs of neighbours. A metric on which the chain looks like the real\n\
         poems says little. Intervals hold with 95 % probability over the choice of poems.\n"
    )?;
    for Metric { key, short, meaning } in METRICS {
        writeln!(out, "{key}: {short}")?;
        for line in wrapped(meaning, 96) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}

/// The words of a text in lines of at most `width` characters.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines
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
    fn text_is_wrapped() {
        assert_eq!(wrapped("a bc def", 4), ["a bc", "def"]);
    }
}
