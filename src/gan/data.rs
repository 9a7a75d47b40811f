//! The corpus as minibatches: every batch holds poems of one form, about the same number of tokens, and every epoch
//! goes through all poems once, in an order that the seed and the epoch fix.

use std::ops::Range;

use rayon::prelude::*;

use super::token_frequencies::{CorpusFrequencies, FormPoems};
use crate::config::Config;
use crate::corpus::{Corpus, Form, LeftOut, Poem};
use crate::generator::{Rules, Sequences, SpecialTokens, segments};
use crate::random;
use crate::run::state::Cursor;
use crate::theme::{FormSegments, Themes};
use crate::tokenizer::Tokenizer;

/// Most training poems from which co-occurrences are counted.
const COUNTED: usize = 1 << 17;
/// Poems of one form that are sorted by length together: long enough to fill batches without much padding.
const WINDOW: usize = 512;

/// All poems of one form, as tokens.
pub struct Bucket {
    pub form: Form,
    pub tag: u32,
    pub rules: Rules,
    pub training: Vec<Vec<u32>>,
    pub held_out: Vec<Vec<u32>>,
}

impl Bucket {
    fn poems(&self) -> FormPoems<'_> {
        FormPoems { tag: self.tag, is_fixed: self.rules.is_fixed(), poems: &self.training }
    }
}

/// A corpus, ready to train on.
pub struct Dataset {
    pub special: SpecialTokens,
    pub buckets: Vec<Bucket>,
    /// Poems with a token that is too rare for the vocabulary, and held-out ones of a form without training poems.
    pub left_out: LeftOut,
    z_dim: usize,
    /// Whether z is drawn; else it is 0.
    has_z: bool,
    /// Themes of poems, for z; `None` for z ~ N(0, I).
    pub themes: Option<Themes>,
    /// Token frequencies of the training poems, if the generator is held to them.
    pub frequencies: Option<CorpusFrequencies>,
    batch_tokens: usize,
    seed: u64,
}

/// Real poems of one form.
pub struct Minibatch {
    /// The form tag.
    pub tag: u32,
    pub rules: Rules,
    pub real: Sequences,
    /// Passes over all poems before this one.
    pub pass: u64,
}

impl Minibatch {
    /// Some of the poems.
    pub fn part(&self, poems: Range<usize>) -> Minibatch {
        Minibatch { real: self.real.part(poems), ..*self }
    }
}

/// The poems of one minibatch: a bucket and indices into it.
struct Picks {
    bucket: usize,
    poems: Vec<usize>,
}

/// The minibatches in their order, from a cursor on.
pub struct Batches {
    cursor: Cursor,
    epoch: Vec<Picks>,
}

/// Ids of the special tokens.
pub fn special_tokens(tokenizer: &Tokenizer) -> SpecialTokens {
    SpecialTokens {
        line: Tokenizer::LINE,
        stanza: tokenizer.stanza(),
        end: Tokenizer::END,
        first_content: tokenizer.n_special(),
        first_letter: tokenizer.first_letter(),
    }
}

impl Dataset {
    pub fn new(corpus: &Corpus, tokenizer: &Tokenizer, config: &Config) -> Dataset {
        let special = special_tokens(tokenizer);
        let encode = |poems: &[Poem]| -> Vec<(Form, Option<Vec<u32>>)> {
            poems.par_iter().map(|poem| (poem.form, tokenizer.encode(poem))).collect()
        };
        let (training, held_out) = (encode(&corpus.training), encode(&corpus.held_out));
        let lost = |poems: &[(Form, Option<Vec<u32>>)]| poems.iter().filter(|(_, tokens)| tokens.is_none()).count();
        let of_form = |poems: &[(Form, Option<Vec<u32>>)], tag: u32| -> Vec<Vec<u32>> {
            let poems = poems.iter().filter_map(|(_, tokens)| tokens.as_ref()).filter(|tokens| tokens[0] == tag);
            poems.flat_map(|tokens| pieces(tokens, special, config)).collect()
        };
        let buckets = tokenizer.forms().iter().map(|&(form, tag)| Bucket {
            form,
            tag,
            rules: Rules::new(form, &config.model),
            training: of_form(&training, tag),
            held_out: of_form(&held_out, tag),
        });
        let dataset = Dataset::of_buckets(buckets.collect(), special, config);
        let has_bucket = |tokens: &Vec<u32>| dataset.buckets.iter().any(|bucket| bucket.tag == tokens[0]);
        let untrained = held_out.iter().filter_map(|(_, tokens)| tokens.as_ref()).filter(|tokens| !has_bucket(tokens));
        let left_out = LeftOut { training: lost(&training), held_out: lost(&held_out) + untrained.count() };
        Dataset { left_out, ..dataset }
    }

    /// A dataset of poems that are tokens already. Buckets without training poems are left out.
    pub fn of_buckets(buckets: Vec<Bucket>, special: SpecialTokens, config: &Config) -> Dataset {
        let buckets: Vec<Bucket> = buckets.into_iter().filter(|bucket| !bucket.training.is_empty()).collect();
        let frequencies = (config.training.frequency_weight > 0.0).then(|| {
            let forms = buckets.iter().map(Bucket::poems);
            CorpusFrequencies::new(&forms.collect::<Vec<_>>(), special)
        });
        Dataset {
            special,
            frequencies,
            buckets,
            left_out: LeftOut::default(),
            z_dim: config.model.z_dim,
            has_z: true,
            themes: None,
            batch_tokens: config.training.batch_tokens,
            seed: config.training.seed,
        }
    }

    /// The same dataset with z = 0 for every poem: a language model, whose poems have one likelihood.
    pub fn without_z(self) -> Dataset {
        Dataset { has_z: false, ..self }
    }

    /// Number of training poems.
    pub fn n_training(&self) -> usize {
        self.buckets.iter().map(|bucket| bucket.training.len()).sum()
    }

    /// The batches from `cursor` on.
    pub fn batches(&self, cursor: Cursor) -> Batches {
        Batches { cursor, epoch: self.epoch(cursor.epoch) }
    }

    /// All of `poems`, in their order, as batches for evaluation; their z are always the same.
    pub fn batches_of<'a>(&'a self, poems: &'a [Vec<u32>]) -> impl Iterator<Item = Sequences> + 'a {
        self.chunks_of(poems).enumerate().map(|(index, poems)| self.held_out_batch(poems, index))
    }

    /// The poems of each batch of [`Dataset::batches_of`].
    pub fn chunks_of<'a>(&self, poems: &'a [Vec<u32>]) -> impl Iterator<Item = &'a [Vec<u32>]> + use<'a> {
        let longest = poems.iter().map(Vec::len).max().unwrap_or(1);
        poems.chunks((self.batch_tokens / longest).max(1))
    }

    /// The batch with this index, from its poems.
    pub fn held_out_batch(&self, poems: &[Vec<u32>], index: usize) -> Sequences {
        let poems: Vec<&[u32]> = poems.iter().map(Vec::as_slice).collect();
        self.sequences(&poems, "held-out noise", index as u64)
    }

    /// A batch of these poems, with fresh z from the stream (`name`, `index`).
    pub fn sequences(&self, poems: &[&[u32]], name: &str, index: u64) -> Sequences {
        let size = poems.len() * self.z_dim;
        let mut z = match self.has_z {
            true => random::normal(&mut random::stream(self.seed, name, index), size),
            false => vec![0.0; size],
        };
        if let Some(themes) = &self.themes {
            for (poem, z) in poems.iter().zip(z.chunks_mut(self.z_dim)) {
                themes.enter(z, &themes.of_poem(poem[0], &self.segments(poem)));
            }
        }
        Sequences::new(poems, z, self.special)
    }

    /// The segments of a poem that carry its theme.
    pub fn segments(&self, poem: &[u32]) -> Vec<Vec<u32>> {
        let bucket = self.buckets.iter().find(|bucket| bucket.tag == poem[0]);
        segments(poem, self.special, bucket.is_some_and(|bucket| bucket.rules.is_fixed()))
    }

    /// The training poems of a form from which co-occurrences are counted: all of them, or evenly spread ones of a corpus that
    /// has more than [`COUNTED`], where the rest would add little but time.
    pub fn counted<'a>(&self, bucket: &'a Bucket) -> impl Iterator<Item = &'a Vec<u32>> {
        let total = self.buckets.iter().map(|bucket| bucket.training.len()).sum::<usize>();
        let before = move |index: usize| index * COUNTED.min(total) / total.max(1);
        bucket
            .training
            .iter()
            .enumerate()
            .filter(move |(index, _)| before(index + 1) > before(*index))
            .map(|(_, poem)| poem)
    }

    /// The segments of the counted training poems.
    pub fn training_segments(&self) -> Vec<FormSegments> {
        let poems = |bucket: &Bucket| {
            let counted: Vec<&Vec<u32>> = self.counted(bucket).collect();
            counted.par_iter().map(|poem| self.segments(poem)).collect()
        };
        self.buckets.iter().map(|bucket| FormSegments { tag: bucket.tag, poems: poems(bucket) }).collect()
    }

    /// Minibatches of an epoch.
    pub fn minibatches(&self) -> usize {
        self.epoch(0).len()
    }

    fn epoch(&self, epoch: u64) -> Vec<Picks> {
        let mut rng = random::stream(self.seed, "epoch", epoch);
        let mut picks = Vec::new();
        for (bucket, Bucket { training, .. }) in self.buckets.iter().enumerate() {
            let mut order: Vec<usize> = (0..training.len()).collect();
            random::shuffle(&mut rng, &mut order);
            for window in order.chunks_mut(WINDOW) {
                window.sort_by_key(|&poem| training[poem].len());
                let lengths = |poems: &[usize]| poems.iter().map(|&poem| training[poem].len()).collect::<Vec<_>>();
                for range in fill(&lengths(window), self.batch_tokens) {
                    picks.push(Picks { bucket, poems: window[range].to_vec() });
                }
            }
        }
        random::shuffle(&mut rng, &mut picks);
        picks
    }
}

impl Batches {
    /// The next minibatch.
    pub fn next(&mut self, dataset: &Dataset) -> Minibatch {
        if self.cursor.batch as usize >= self.epoch.len() {
            self.cursor = Cursor { epoch: self.cursor.epoch + 1, batch: 0 };
            self.epoch = dataset.epoch(self.cursor.epoch);
        }
        let picks = &self.epoch[self.cursor.batch as usize];
        let bucket = &dataset.buckets[picks.bucket];
        let poems: Vec<&[u32]> = picks.poems.iter().map(|&poem| bucket.training[poem].as_slice()).collect();
        let Cursor { epoch: pass, batch } = self.cursor;
        self.cursor.batch += 1;
        let real = dataset.sequences(&poems, "real noise", (pass << 32) + batch);
        Minibatch { tag: bucket.tag, rules: bucket.rules, real, pass }
    }

    pub fn cursor(&self) -> Cursor {
        self.cursor
    }
}

/// Cuts a row of rising lengths into the fewest ranges of about equal size whose padded size is at most `tokens`.
fn fill(lengths: &[usize], tokens: usize) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < lengths.len() {
        let mut end = start + 1;
        while end < lengths.len() && (end + 1 - start) * lengths[end] <= tokens {
            end += 1;
        }
        ranges.push(start..end);
        start = end;
    }
    ranges
}

/// Cuts a poem that is longer than the model takes at line ends; each piece gets the form tag of the whole.
fn pieces(tokens: &[u32], special: SpecialTokens, config: &Config) -> Vec<Vec<u32>> {
    let (max_lines, max_poem) = (config.model.max_lines, config.model.max_poem);
    let mut pieces = Vec::new();
    let mut piece = vec![tokens[0]];
    let mut lines = 0;
    // What ends the line before: a line end, or that of a stanza.
    let mut mark = special.line;
    for line in tokens[1..].split_inclusive(|&token| special.ends_line(token) || token == special.end) {
        let (line, next) = match line.split_last() {
            Some((&last, line)) if (last as usize) < special.first_content => (line, last),
            _ => (line, special.line),
        };
        if line.is_empty() {
            continue;
        }
        if lines > 0 && (lines == max_lines || piece.len() + line.len() + 2 > max_poem) {
            piece.push(special.end);
            pieces.push(std::mem::replace(&mut piece, vec![tokens[0]]));
            lines = 0;
        }
        if lines > 0 {
            piece.push(mark);
        }
        piece.extend_from_slice(line);
        lines += 1;
        mark = next;
    }
    piece.push(special.end);
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };

    /// A dataset whose poem number i is the token i + 4 `lengths[i]` times; odd ones have a form of their own.
    fn dataset(lengths: &[usize], batch_tokens: usize) -> Dataset {
        let mut config = Config::preset("tiny").unwrap();
        config.training.batch_tokens = batch_tokens;
        let rules = Rules::new(Form::Free, &config.model);
        let poem = |(i, &length): (usize, &usize)| {
            let content = std::iter::repeat_n(i as u32 + 4, length);
            std::iter::once(3).chain(content).chain([SPECIAL.end]).collect::<Vec<u32>>()
        };
        let poems: Vec<Vec<u32>> = lengths.iter().enumerate().map(poem).collect();
        let of = |odd: usize| poems.iter().skip(odd).step_by(2).cloned().collect();
        let bucket = |odd| Bucket { form: Form::Free, tag: 3, rules, training: of(odd), held_out: Vec::new() };
        Dataset::of_buckets(vec![bucket(0), bucket(1)], SPECIAL, &config)
    }

    #[test]
    fn pieces_keep_their_stanzas() {
        let special = SpecialTokens { stanza: Some(3), first_content: 5, first_letter: 5, ..SPECIAL };
        let mut config = Config::preset("tiny").unwrap();
        let poem = [4, 5, 6, 1, 7, 3, 8, 1, 9, 2];
        assert_eq!(pieces(&poem, special, &config), [poem]);
        config.model.max_lines = 3;
        assert_eq!(pieces(&poem, special, &config), [vec![4, 5, 6, 1, 7, 3, 8, 2], vec![4, 9, 2]]);
        config.model.max_lines = 2;
        assert_eq!(pieces(&poem, special, &config), [vec![4, 5, 6, 1, 7, 2], vec![4, 8, 1, 9, 2]]);
    }

    proptest! {
        #[test]
        fn ranges_are_full_but_not_overfull(mut lengths in prop::collection::vec(1usize..50, 1..80), tokens in 1usize..300) {
            lengths.sort_unstable();
            let ranges = fill(&lengths, tokens);
            let covered: Vec<usize> = ranges.iter().flat_map(Clone::clone).collect();
            prop_assert_eq!(covered, (0..lengths.len()).collect::<Vec<_>>());
            for range in &ranges {
                let longest = lengths[range.end - 1];
                prop_assert!(range.len() == 1 || range.len() * longest <= tokens);
                if let Some(next) = lengths.get(range.end) {
                    prop_assert!((range.len() + 1) * next > tokens, "{:?} could hold one more", range);
                }
            }
        }

        #[test]
        fn an_epoch_has_every_poem_once(lengths in prop::collection::vec(1usize..30, 2..60), batch_tokens in 40usize..400) {
            let dataset = dataset(&lengths, batch_tokens);
            for epoch in 0..2 {
                let mut batches = dataset.batches(Cursor { epoch, batch: 0 });
                let mut seen = vec![0; lengths.len()];
                while seen.iter().sum::<usize>() < lengths.len() {
                    let Minibatch { real, .. } = batches.next(&dataset);
                    prop_assert_eq!(batches.cursor().epoch, epoch);
                    prop_assert!(real.count == 1 || real.tokens.len() <= batch_tokens);
                    let numbers: Vec<usize> = (0..real.count).map(|i| real.poem(i)[1] as usize - 4).collect();
                    prop_assert!(numbers.iter().all(|number| number % 2 == numbers[0] % 2), "one form per minibatch");
                    numbers.into_iter().for_each(|number| seen[number] += 1);
                }
                prop_assert!(seen.iter().all(|&times| times == 1));
                batches.next(&dataset);
                prop_assert_eq!(batches.cursor().epoch, epoch + 1);
            }
        }

        /// A run that resumes at a cursor sees the minibatches of one that was not interrupted.
        #[test]
        fn a_cursor_resumes_the_minibatches(lengths in prop::collection::vec(1usize..30, 2..40), done in 0usize..50) {
            let dataset = dataset(&lengths, 60);
            let mut batches = dataset.batches(Cursor::default());
            (0..done).for_each(|_| drop(batches.next(&dataset)));
            let mut resumed = dataset.batches(batches.cursor());
            for _ in 0..10 {
                prop_assert_eq!(batches.next(&dataset).real, resumed.next(&dataset).real);
            }
        }
    }
}
