//! A class embedding, learned from co-occurrences of tokens within lines and in adjacent lines of the corpus: a short
//! vector for each token that distinguishes it from tokens of other poems at the same position. In Tang verse the classes
//! correspond to tones and to semantic fields (numbers, colours, directions). The couplet head uses the embedding frozen,
//! and is initialised with the learned bilinear forms.

use candle_core::{Device, Result, Tensor};
use rand::RngCore;

use super::grid::TAIL;
use super::rhyme::unit_rows;
use crate::nn::adam::{Adam, Rate};
use crate::nn::gan_loss::softplus;
use crate::nn::params::{Params, Weights, get};
use crate::random;

/// Tokens of a line, from its end, [TAIL]; `None` is padding.
pub type LineTail = [Option<u32>; TAIL];

/// Approximate number of lines per minibatch.
const LINES: usize = 1024;
/// Bounds on the steps and on the uses of each poem.
const STEPS: usize = 1200;
const EPOCHS: usize = 40;
/// At most this many held-out poems are evaluated.
const EVALUATED: usize = 1024;
const LEARNING_RATE: f64 = 0.02;
/// At most this many lines of a poem are used.
const MOST_LINES: usize = 16;
/// Share of the tokens that are exchanged in them for the evaluation.
const EXCHANGED: f32 = 0.2;
/// Kinds of related pairs of tokens: within a line, within a couplet, and between couplets.
pub(super) const PAIRS: [&str; 3] = ["couplet.line", "couplet.odd", "couplet.even"];
/// Weight of a poem's loss in its score.
pub(super) const SCALE: &str = "couplet.score";

/// The learned embedding.
pub struct Classes {
    /// The class embedding of every token, [vocab, columns], rows of length 1.
    pub table: Tensor,
    /// Initial weights of the head: the bilinear forms, and a scale that grows with the held-out accuracy.
    pub pair_weights: Weights,
    /// Accuracy on held-out poems, half of them with exchanged tokens; `None` without such poems.
    pub accuracy: Option<f32>,
}

/// Adds the initial weights of the head.
pub fn init(columns: usize, params: &mut Params) -> Result<()> {
    params.constant(SCALE, &[1, 1], 1.0)?; // two axes, so that spectral norm applies
    init_company(columns, params)
}

fn init_company(columns: usize, params: &mut Params) -> Result<()> {
    let width = TAIL * columns;
    PAIRS.iter().try_for_each(|name| params.normal(name, &[width, width], 0.01))
}

/// The weights that [`learn`] initialises.
pub(super) fn learned_names() -> impl Iterator<Item = &'static str> {
    PAIRS.into_iter().chain([SCALE])
}

/// Scores of the poems, [count], for the classes of their lines' ends x [count, lines, TAIL * columns], zeros for padding:
/// the loss of each token given the rest of its poem, as in [`learn`], averaged over the poem and scaled by the standard
/// deviation of such a mean.
pub fn scores(weights: &Weights, x: &Tensor, tokens: &[f32]) -> Result<Tensor> {
    let roots = tokens.iter().map(|tokens| -tokens.max(1.0).sqrt()).collect();
    let roots = Tensor::from_vec(roots, tokens.len(), &Device::Cpu)?;
    (misfit(weights, x, tokens)? * roots)?.broadcast_mul(&get(weights, SCALE)?.flatten_all()?)
}

/// The mean logistic loss of the margins of a poem's tokens, [count].
fn misfit(weights: &Weights, x: &Tensor, tokens: &[f32]) -> Result<Tensor> {
    let (count, found, width) = x.dims3()?;
    // Lines of zeros add nothing; with four lines there are pairs of each kind, and so a gradient for each.
    let lines = found.next_multiple_of(2).max(4);
    let x = x.pad_with_zeros(1, 0, lines - found)?;
    let margins = (&x * contexts(weights, &x)?)?.reshape((count, lines * TAIL, width / TAIL))?.sum(2)?;
    // Padding has a margin of 0, and so a loss of ln 2.
    let padding = tokens.iter().map(|tokens| (lines * TAIL) as f32 - tokens).collect();
    let padding = (Tensor::from_vec(padding, count, &Device::Cpu)? * 2f64.ln())?;
    let tokens: Vec<f32> = tokens.iter().map(|tokens| tokens.max(1.0)).collect();
    (softplus(&margins.neg()?)?.sum(1)? - padding)? / Tensor::from_vec(tokens, count, &Device::Cpu)?
}

/// Learns the embedding from the last tokens of each line of each poem.
///
/// # Errors
/// A failed tensor operation.
pub fn learn(
    training: &[Vec<LineTail>],
    held_out: &[Vec<LineTail>],
    vocab: usize,
    columns: usize,
    seed: u64,
) -> Result<Classes> {
    let mut params = Params::new(seed);
    params.normal("classes", &[vocab, columns], 1.0 / (columns as f32).sqrt())?;
    init_company(columns, &mut params)?;
    let mut adam = Adam::new(&params, 0.9, 0.999);
    let lines = training.iter().map(|poem| cut(poem).len()).sum::<usize>() / training.len().max(1);
    let minibatch = (LINES / lines.max(1)).max(2);
    let steps = (EPOCHS * training.len() / minibatch).min(STEPS);
    for step in 0..steps {
        let mut rng = random::stream(seed, "exchanged tokens", step as u64);
        let poems: Vec<&[LineTail]> = (0..minibatch).map(|_| pick(training, &mut rng)).collect();
        let loss = token_loss(&params, &Exchange::new(&poems, vocab, &mut rng))?;
        let learning_rate = LEARNING_RATE * (1.0 - step as f64 / steps as f64);
        adam.update(&params, &[loss.backward()?], Rate { learning_rate, weight_decay: 0.0, clip: f64::INFINITY })?;
    }
    let accuracy = accuracy(&params, vocab, held_out, seed)?;
    let table = unit_rows(&get(&params.frozen(), "classes")?)?;
    let mut pair_weights = params.frozen();
    let trust = accuracy.map_or(0.0, |accuracy| (2.0 * accuracy - 1.0).max(0.0)); // 0 at chance
    pair_weights.insert(SCALE.to_string(), Tensor::from_slice(&[trust], (1, 1), &Device::Cpu)?);
    Ok(Classes { table, pair_weights, accuracy })
}

/// Logistic loss of the margin by which each token fits the rest of its poem better than the exchanged one: the
/// pseudo-likelihood of Besag (1975), with one negative token instead of all.
fn token_loss(params: &Params, exchange: &Exchange) -> Result<Tensor> {
    let weights = params.trainable();
    let table = table(&weights)?;
    let x = exchange.embed(&table, &exchange.own)?;
    let change = (&x - exchange.embed(&table, &exchange.other)?)?;
    let (count, lines, width) = x.dims3()?;
    let margins = (change * contexts(&weights, &x)?)?.reshape((count * lines * TAIL, width / TAIL))?.sum(1)?;
    let both = Tensor::from_slice(&exchange.both, exchange.both.len(), &Device::Cpu)?;
    let known = exchange.both.iter().sum::<f32>().max(1.0);
    (softplus(&margins.neg()?)? * both)?.sum_all()? / f64::from(known)
}

/// The preferred class at each position given the rest of the poem, for x [count, lines, width]: a bilinear form for each kind of
/// [`PAIRS`], where no token is its own pair_weights.
fn contexts(weights: &Weights, x: &Tensor) -> Result<Tensor> {
    let (count, lines, width) = x.dims3()?;
    let within = get(weights, PAIRS[0])?;
    let columns = width / TAIL;
    let others = (0..width * width).map(|i| if i / width / columns == i % width / columns { 0.0f32 } else { 1.0 });
    let others = Tensor::from_vec(others.collect(), (width, width), &Device::Cpu)?;
    let within = ((&within + within.t()?)? * others)?;
    // One product for both lines of a couplet, [2 width, 2 width].
    let of_two = |same: &Tensor, other: &Tensor| -> Result<Tensor> {
        Tensor::cat(&[Tensor::cat(&[same, other], 1)?, Tensor::cat(&[&other.t()?, same], 1)?], 0)
    };
    let mapped = |x: &Tensor, weight: &Tensor| -> Result<Tensor> {
        let lines = x.dim(1)?;
        let pairs = x.contiguous()?.reshape((count * lines / 2, 2 * width))?;
        pairs.matmul(weight)?.reshape((count, lines, width))
    };
    let couplets = mapped(x, &of_two(&within, &get(weights, PAIRS[1])?)?)?;
    let between = mapped(&x.narrow(1, 1, lines - 2)?, &of_two(&within.zeros_like()?, &get(weights, PAIRS[2])?)?)?;
    couplets + between.pad_with_zeros(1, 1, 1)?
}

/// The class of each token, of length 1, and zeros for padding, [vocab + 1, columns].
fn table(weights: &Weights) -> Result<Tensor> {
    unit_rows(&get(weights, "classes")?)?.pad_with_zeros(0, 0, 1)
}

/// Share of the poems that fit better than the same poems with some tokens exchanged.
fn accuracy(params: &Params, vocab: usize, held_out: &[Vec<LineTail>], seed: u64) -> Result<Option<f32>> {
    let poems: Vec<&[LineTail]> = held_out.iter().take(EVALUATED).map(|poem| cut(poem)).collect();
    if poems.len() < 2 {
        return Ok(None);
    }
    let rng = &mut random::stream(seed, "exchanged test", 0);
    let exchange = Exchange::new(&poems, vocab, rng);
    let some = exchange.own.iter().zip(&exchange.other);
    let some =
        some.map(|(&own, &other)| if random::uniform(rng) < EXCHANGED { other } else { own }).collect::<Vec<_>>();
    let (weights, tokens) = (params.frozen(), exchange.tokens(vocab));
    let table = table(&weights)?;
    let misfit = |of: &[u32]| misfit(&weights, &exchange.embed(&table, of)?, &tokens)?.to_vec1::<f32>();
    let (real, exchanged) = (misfit(&exchange.own)?, misfit(&some)?);
    // Ties count half.
    let right =
        real.iter().zip(&exchanged).map(|(real, exchanged)| 0.5 + 0.5 * f32::from(exchanged.total_cmp(real) as i8));
    Ok(Some(right.sum::<f32>() / poems.len() as f32))
}

fn pick<'a>(poems: &'a [Vec<LineTail>], rng: &mut impl RngCore) -> &'a [LineTail] {
    cut(&poems[random::below(rng, poems.len())])
}

fn cut(poem: &[LineTail]) -> &[LineTail] {
    &poem[..poem.len().min(MOST_LINES)]
}

/// The tokens of poems, and for each of them one from the same position of another poem; [poems * lines * TAIL], with the
/// number after the last token for padding.
struct Exchange {
    poems: usize,
    own: Vec<u32>,
    other: Vec<u32>,
    /// 1 if there are both, else 0.
    both: Vec<f32>,
}

impl Exchange {
    fn new(poems: &[&[LineTail]], vocab: usize, rng: &mut impl RngCore) -> Exchange {
        // The layout of `scores`, for `contexts`.
        let lines = poems.iter().map(|poem| poem.len()).max().unwrap_or(1).next_multiple_of(2).max(4);
        let token = |poem: usize, place: usize| poems[poem].get(place / TAIL).and_then(|line| line[place % TAIL]);
        let mut exchange = Exchange { poems: poems.len(), own: Vec::new(), other: Vec::new(), both: Vec::new() };
        for (poem, place) in (0..poems.len()).flat_map(|poem| (0..lines * TAIL).map(move |place| (poem, place))) {
            let (own, other) = (token(poem, place), token(random::below(rng, poems.len()), place));
            exchange.own.push(own.unwrap_or(vocab as u32));
            exchange.other.push(own.and(other).or(own).unwrap_or(vocab as u32));
            exchange.both.push(if own.and(other).is_some() { 1.0 } else { 0.0 });
        }
        exchange
    }

    /// Tokens of each poem, without padding.
    fn tokens(&self, vocab: usize) -> Vec<f32> {
        let places = self.own.len() / self.poems;
        self.own.chunks(places).map(|own| own.iter().filter(|&&token| token != vocab as u32).count() as f32).collect()
    }

    /// Classes of `tokens`, from [`table`], zeros for padding, [poems, lines, TAIL * columns].
    fn embed(&self, table: &Tensor, tokens: &[u32]) -> Result<Tensor> {
        let columns = table.dim(1)?;
        let x = table.index_select(&Tensor::from_slice(tokens, tokens.len(), &Device::Cpu)?, 0)?;
        x.reshape((self.poems, tokens.len() / (self.poems * TAIL).max(1), TAIL * columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::ops::check;

    /// Tokens below 40 and others alternate within each line, and so do the first tokens of lines.
    fn poems(n: usize, seed: u64) -> Vec<Vec<LineTail>> {
        let mut rng = random::stream(seed, "poems", 0);
        let mut poem = |kind: usize| {
            let mut line = |line: usize| {
                let mut tail: LineTail = [None; TAIL];
                for (place, token) in tail.iter_mut().enumerate().skip(TAIL - 5) {
                    *token = Some((40 * ((kind + line + place) % 2) + random::below(&mut rng, 40)) as u32);
                }
                tail
            };
            (0..4).map(&mut line).collect()
        };
        (0..n).map(|i| poem(i % 2)).collect()
    }

    #[test]
    fn classes_are_learned_from_what_stands_together() {
        crate::nn::threads::prepare();
        let classes = learn(&poems(1000, 1), &poems(200, 2), 80, 4, 0).unwrap();
        // One in 30 poems keeps its pattern by chance when a fifth of its twenty tokens are exchanged.
        assert!(classes.accuracy.unwrap() > 0.9, "{:?}", classes.accuracy);
        assert_eq!(classes.pair_weights[SCALE].to_vec2::<f32>().unwrap(), [[2.0 * classes.accuracy.unwrap() - 1.0]]);
        let table = classes.table.to_vec2::<f32>().unwrap();
        let cosine = |a: usize, b: usize| table[a].iter().zip(&table[b]).map(|(x, y)| x * y).sum::<f32>();
        let mean = |b: usize| (0..40).map(|a| cosine(a, b + (a + 7) % 40)).sum::<f32>() / 40.0;
        assert!(mean(0) > mean(40) + 0.5, "{} {}", mean(0), mean(40));
    }

    fn random_company() -> Params {
        let mut params = Params::new(3);
        let width = 2 * TAIL;
        PAIRS.iter().for_each(|name| params.normal(name, &[width, width], 1.0).unwrap());
        params.constant(SCALE, &[1, 1], 0.5).unwrap();
        params
    }

    /// By the definition: every pair of tokens in a line, in the lines of a couplet, and between couplets.
    fn margin(weights: &Weights, x: &[Vec<f32>], line: usize, place: usize) -> f32 {
        let pair = |name: &str, (a, i): (usize, usize), (b, j): (usize, usize)| -> f32 {
            let weight = weights[name].to_vec2::<f32>().unwrap();
            let products = (0..2).flat_map(|p| (0..2).map(move |q| (2 * i + p, 2 * j + q)));
            products.map(|(p, q)| x[a][p] * weight[p][q] * x[b][q]).sum()
        };
        let (this, mut sum) = ((line, place), 0.0);
        for other in 0..TAIL {
            if other != place {
                sum += pair(PAIRS[0], this, (line, other)) + pair(PAIRS[0], (line, other), this);
            }
            if line + 1 < x.len() {
                sum += pair(PAIRS[1 + line % 2], this, (line + 1, other));
            }
            if line > 0 {
                sum += pair(PAIRS[2 - line % 2], (line - 1, other), this);
            }
        }
        sum
    }

    #[test]
    fn scores_are_those_of_the_definition() {
        let weights = random_company().frozen();
        for lines in 1..6 {
            let x = (check::normal(&[1, lines, 2 * TAIL], 4).as_detached_tensor() * 0.3).unwrap();
            let rows = x.squeeze(0).unwrap().to_vec2::<f32>().unwrap();
            let places = (0..lines).flat_map(|line| (0..TAIL).map(move |place| (line, place)));
            let losses = places.map(|(line, place)| (1.0 + (-margin(&weights, &rows, line, place)).exp()).ln());
            let tokens = (lines * TAIL) as f32;
            let expected = -0.5 * losses.sum::<f32>() / tokens.sqrt();
            let found = scores(&weights, &x, &[tokens]).unwrap().to_vec1::<f32>().unwrap()[0];
            assert!((found - expected).abs() < 1e-4 * expected.abs().max(1.0), "{lines}: {found} {expected}");
        }
    }

    #[test]
    fn padding_and_empty_poems_count_nothing() {
        let weights = random_company().frozen();
        let x = check::normal(&[2, 3, 2 * TAIL], 4).as_detached_tensor();
        let mut elements = x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        // The first poem has two lines of six tokens, the second none.
        let is_padding = |i: usize| i / (2 * TAIL) > 1 || (i / 2) % TAIL < 2;
        elements.iter_mut().enumerate().filter(|(i, _)| is_padding(*i)).for_each(|(_, x)| *x = 0.0);
        let x = Tensor::from_vec(elements, (2, 3, 2 * TAIL), &Device::Cpu).unwrap();
        let short = x.narrow(0, 0, 1).unwrap().narrow(1, 0, 2).unwrap();
        let found = scores(&weights, &x, &[12.0, 0.0]).unwrap().to_vec1::<f32>().unwrap();
        let alone = scores(&weights, &short, &[12.0]).unwrap().to_vec1::<f32>().unwrap();
        assert!((found[0] - alone[0]).abs() < 1e-5 && found[1].abs() < 1e-4, "{found:?} {alone:?}");
    }

    #[test]
    fn poems_without_company_are_no_error() {
        let classes = learn(&[], &[], 4, 8, 0).unwrap();
        assert_eq!((classes.table.dims(), classes.accuracy), (&[4, 8][..], None));
    }
}
