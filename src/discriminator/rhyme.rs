//! A rhyme embedding, learned from the line ends of a corpus: ends of lines that rhyme attract each other, ends of
//! different poems repel. It needs no dictionary, so it works for any language. The rhyme head uses it frozen; a
//! discriminator that learns rhyme by itself memorises poems instead (after the structured adversary of Jhamtani et al.
//! 2019, "RhymeGAN").

use candle_core::{DType, Device, Result, Tensor};

use super::endings::Endings;
use crate::metrics::rhyme::RhymeScheme;
use crate::nn::adam::{Adam, Rate};
use crate::nn::gan_loss::softplus;
use crate::nn::params::{Params, Weights, get};
use crate::random;

const MINIBATCH: usize = 1024;
const STEPS: usize = 400;
/// With endings far fewer are enough; more of them learn the pairs by heart.
const FEWEST_STEPS: usize = 100;
const EPOCHS: usize = 50;
const LEARNING_RATE: f64 = 0.02;

/// The rhyme embedding of every token, [vocab, columns], rows of length 1.
pub struct RhymeEmbedding {
    pub table: Tensor,
    /// Accuracy on held-out pairs, half of them rhymes; `None` without such pairs.
    pub accuracy: Option<f32>,
}

/// Pairs of line ends, and whether they come from one poem.
#[derive(Default)]
struct Pairs {
    first: Vec<u32>,
    second: Vec<u32>,
    rhymes: Vec<f32>,
}

/// The end of a line: its last token and the whole word, of which the token may be only a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineEnd {
    pub token: u32,
    pub word: u32,
}

/// The ends of lines that rhyme.
#[derive(Default)]
pub struct RhymingEnds {
    /// Pairs of the last tokens of different words that end rhyming lines of one poem.
    pub pairs: Vec<(u32, u32)>,
    /// The ends of all rhyming lines.
    pub singles: Vec<u32>,
}

/// What the embedding is made for.
pub struct RhymeSettings<'a> {
    pub vocab: usize,
    pub columns: usize,
    pub seed: u64,
    /// The last letters of each token; `None` where spelling tells nothing of the sound.
    pub endings: Option<&'a Endings>,
}

/// Learns the embedding. Without training pairs it is random, or all zeros with endings: then nothing rhymes.
///
/// # Errors
/// A failed tensor operation.
pub fn learn(training: &RhymingEnds, held_out: &RhymingEnds, settings: &RhymeSettings) -> Result<RhymeEmbedding> {
    let RhymeSettings { vocab, columns, seed, endings } = *settings;
    if training.pairs.is_empty() && endings.is_some() {
        return Ok(RhymeEmbedding {
            table: Tensor::zeros((vocab, columns), DType::F32, &Device::Cpu)?,
            accuracy: None,
        });
    }
    let params = init(settings)?;
    let mut adam = Adam::new(&params, 0.9, 0.999);
    let steps = match (training.pairs.len(), endings) {
        (0, _) => 0,
        (_, None) => STEPS,
        (pairs, Some(_)) => (2 * EPOCHS * pairs / MINIBATCH).clamp(FEWEST_STEPS, STEPS),
    };
    for step in 0..steps {
        let pairs = training.draw(MINIBATCH, &mut random::stream(seed, "rhyme pairs", step as u64));
        let sign =
            Tensor::from_vec(pairs.rhymes.iter().map(|rhymes| 1.0 - 2.0 * rhymes).collect(), MINIBATCH, &Device::Cpu)?;
        let loss = softplus(&(logits(&params, &pairs, endings)? * sign)?)?.mean_all()?;
        let learning_rate = LEARNING_RATE * (1.0 - step as f64 / steps as f64);
        adam.update(&params, &[loss.backward()?], Rate { learning_rate, weight_decay: 0.0, clip: f64::INFINITY })?;
    }
    let all: Vec<u32> = (0..vocab as u32).collect();
    let table = rows(&params.frozen(), &all, endings)?;
    Ok(RhymeEmbedding { table, accuracy: accuracy(&params, held_out, settings)? })
}

fn init(settings: &RhymeSettings) -> Result<Params> {
    let RhymeSettings { vocab, columns, seed, endings } = *settings;
    let mut params = Params::new(seed);
    let deviation = 1.0 / (columns as f32).sqrt();
    // With endings a token of its own is only a correction.
    params.normal("rhyme", &[vocab, columns], if endings.is_some() { 0.1 * deviation } else { deviation })?;
    if let Some(endings) = endings {
        params.normal("endings", &[endings.count(), columns], deviation)?;
    }
    // Logit of a pair: scale * cosine + shift.
    params.vector("scale", vec![8.0])?;
    params.vector("shift", vec![-4.0])?;
    Ok(params)
}

/// Logits of the pairs, [pairs].
fn logits(params: &Params, pairs: &Pairs, endings: Option<&Endings>) -> Result<Tensor> {
    let weights = params.trainable();
    let cosine = (rows(&weights, &pairs.first, endings)? * rows(&weights, &pairs.second, endings)?)?.sum(1)?;
    cosine.broadcast_mul(&get(&weights, "scale")?)?.broadcast_add(&get(&weights, "shift")?)
}

/// The embedding of `tokens`, [tokens, columns], rows of length 1.
fn rows(weights: &Weights, tokens: &[u32], endings: Option<&Endings>) -> Result<Tensor> {
    let select =
        |table: &Tensor, ids: &[u32]| table.index_select(&Tensor::from_slice(ids, ids.len(), &Device::Cpu)?, 0);
    let own = select(&get(weights, "rhyme")?, tokens)?;
    let Some(endings) = endings else { return unit_rows(&own) };
    // The row after the last one is that of a missing ending.
    let table = get(weights, "endings")?.pad_with_zeros(0, 0, 1)?;
    let ids: Vec<u32> = tokens.iter().flat_map(|&token| endings.of_token(token)).copied().collect();
    let shared = select(&table, &ids)?.reshape((tokens.len(), ids.len() / tokens.len().max(1), table.dim(1)?))?;
    unit_rows(&(own + shared.sum(1)?)?)
}

/// The rows of x, scaled to length 1.
pub(super) fn unit_rows(x: &Tensor) -> Result<Tensor> {
    x.broadcast_div(&(x.sqr()?.sum_keepdim(1)? + 1e-8)?.sqrt()?)
}

fn accuracy(params: &Params, held_out: &RhymingEnds, settings: &RhymeSettings) -> Result<Option<f32>> {
    if held_out.pairs.is_empty() {
        return Ok(None);
    }
    let pairs = held_out.draw(4 * MINIBATCH, &mut random::stream(settings.seed, "rhyme test", 0));
    let logits: Vec<f32> = logits(params, &pairs, settings.endings)?.to_vec1()?;
    let right = logits.iter().zip(&pairs.rhymes).filter(|(logit, rhymes)| (**logit > 0.0) == (**rhymes > 0.5)).count();
    Ok(Some(right as f32 / pairs.rhymes.len() as f32))
}

impl RhymingEnds {
    /// Even lines of the same poem, as in Chinese verse; `poems` are the line ends of each.
    pub fn of_even_lines(poems: &[Vec<u32>]) -> RhymingEnds {
        let mut ends = RhymingEnds::default();
        for poem in poems {
            let even: Vec<u32> = poem.iter().skip(1).step_by(2).copied().collect();
            for (i, &a) in even.iter().enumerate() {
                ends.pairs.extend(even[i + 1..].iter().filter(|&&b| b != a).map(|&b| (a, b)));
            }
            ends.singles.extend(even);
        }
        ends
    }

    /// The lines that rhyme by `scheme`; `poems` are the ends of the lines of each, `None` for a line without one.
    pub fn of_scheme(poems: &[Vec<Option<LineEnd>>], scheme: &RhymeScheme) -> RhymingEnds {
        let mut ends = RhymingEnds::default();
        for poem in poems {
            let pairs = scheme.pairs(poem.len());
            let of_lines = pairs.iter().filter_map(|&(a, b)| Some((poem[a]?, poem[b]?)));
            ends.pairs.extend(of_lines.filter(|(a, b)| a.word != b.word).map(|(a, b)| (a.token, b.token)));
            let rhymes = |line: &usize| pairs.iter().any(|&(a, b)| a == *line || b == *line);
            ends.singles.extend((0..poem.len()).filter(rhymes).filter_map(|line| Some(poem[line]?.token)));
        }
        ends
    }

    /// `n` pairs, half of them rhymes.
    fn draw(&self, n: usize, rng: &mut impl rand::RngCore) -> Pairs {
        let mut pairs = Pairs::default();
        let mut push = |a, b, rhymes| {
            pairs.first.push(a);
            pairs.second.push(b);
            pairs.rhymes.push(rhymes);
        };
        for _ in 0..n / 2 {
            let (a, b) = self.pairs[random::below(rng, self.pairs.len())];
            push(a, b, 1.0);
            push(
                self.singles[random::below(rng, self.singles.len())],
                self.singles[random::below(rng, self.singles.len())],
                0.0,
            );
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens rhyme when they are equal modulo 7.
    fn poems(n: usize, seed: u64) -> Vec<Vec<u32>> {
        let mut rng = random::stream(seed, "poems", 0);
        let mut token = |class: usize| (random::below(&mut rng, 12) * 7 + class) as u32;
        (0..n).map(|i| (0..8).map(|line| token(if line % 2 == 1 { i % 7 } else { line })).collect()).collect()
    }

    fn settings(vocab: usize, endings: Option<&Endings>) -> RhymeSettings<'_> {
        RhymeSettings { vocab, columns: 16, seed: 0, endings }
    }

    #[test]
    fn rhyme_is_learned_from_line_ends() {
        crate::nn::threads::prepare();
        let [training, held_out] = [poems(500, 1), poems(100, 2)].map(|poems| RhymingEnds::of_even_lines(&poems));
        let rhyme = learn(&training, &held_out, &settings(84, None)).unwrap();
        // One random pair in seven rhymes by chance, which limits the accuracy to 1 - 1/14.
        assert!(rhyme.accuracy.unwrap() > 0.9, "{:?}", rhyme.accuracy);
        let table = rhyme.table.to_vec2::<f32>().unwrap();
        let cosine = |a: usize, b: usize| table[a].iter().zip(&table[b]).map(|(x, y)| x * y).sum::<f32>();
        assert!(cosine(3, 10) > 0.8 && cosine(3, 11) < 0.5);
    }

    #[test]
    fn words_are_the_same_as_a_whole() {
        let others = vec![crate::metrics::rhyme::RhymePlace::Last { distance: 1 }];
        let scheme = RhymeScheme { others, ..RhymeScheme::default() };
        let pairs = |ends: [(u32, u32); 2]| {
            let poem = ends.map(|(token, word)| Some(LineEnd { token, word })).to_vec();
            RhymingEnds::of_scheme(&[poem], &scheme).pairs
        };
        // `n|ight` and `l|ight` are different words, `Night` and `night` are not.
        assert_eq!(pairs([(7, 1), (7, 2)]), [(7, 7)]);
        assert_eq!(pairs([(7, 1), (8, 2)]), [(7, 8)]);
        assert!(pairs([(7, 1), (8, 1)]).is_empty());
    }

    #[test]
    fn poems_without_pairs_are_no_error() {
        let none = RhymingEnds::default();
        let rhyme = learn(&RhymingEnds::of_even_lines(&[vec![1]]), &none, &settings(4, None)).unwrap();
        assert_eq!((rhyme.table.dims(), rhyme.accuracy), (&[4, 16][..], None));
        let endings = Endings::new(["a", "b", "c", "d"].into_iter());
        let silent = learn(&none, &none, &settings(4, Some(&endings))).unwrap();
        assert_eq!(silent.table.to_vec2::<f32>().unwrap(), vec![vec![0.0; 16]; 4]);
    }

    /// Words of 40 rhyming syllables; those that begin with a vowel occur in held-out poems only.
    #[test]
    fn words_that_were_never_seen_rhyme_by_their_endings() {
        crate::nn::threads::prepare();
        let rimes: Vec<String> = (0..40)
            .map(|i| {
                format!("{}{}", ["a", "e", "i", "o", "u"][i % 5], ["t", "n", "ld", "r", "st", "m", "ck", "ng"][i / 5])
            })
            .collect();
        let words: Vec<String> = "bcdfghjklmpqvaeiou"
            .chars()
            .flat_map(|begin| rimes.iter().map(move |rime| format!("{begin}{rime}")))
            .collect();
        let endings = Endings::new(words.iter().map(String::as_str));
        // Crossed rhymes: tokens with the same remainder rhyme.
        let poems = |n: usize, begins: std::ops::Range<usize>, seed: u64| -> Vec<Vec<Option<LineEnd>>> {
            let mut rng = random::stream(seed, "crossed", 0);
            let mut poem = || {
                let (a, b) = (random::below(&mut rng, 40), random::below(&mut rng, 40));
                [a, b, a, b]
                    .map(|rime| (40 * (begins.start + random::below(&mut rng, begins.len())) + rime) as u32)
                    .map(|word| Some(LineEnd { token: word, word }))
                    .to_vec()
            };
            (0..n).map(|_| poem()).collect()
        };
        let mut scheme = RhymeScheme::default();
        let places = [(0, 2), (1, 3)].map(|(a, b)| crate::metrics::rhyme::RhymePlace::Lines(a, b));
        scheme.by_lines.insert(4, places.to_vec());
        let [training, held_out] =
            [poems(300, 0..13, 1), poems(200, 13..18, 2)].map(|poems| RhymingEnds::of_scheme(&poems, &scheme));
        let seen_only = learn(&training, &held_out, &settings(words.len(), None)).unwrap().accuracy.unwrap();
        let with_endings =
            learn(&training, &held_out, &settings(words.len(), Some(&endings))).unwrap().accuracy.unwrap();
        assert!(with_endings > 0.95 && seen_only < 0.6, "{with_endings} {seen_only}");
    }
}
