//! The lexical head: counts of common and rare tokens of a poem, and of repeated ones, which filters over adjacent tokens
//! cannot count. Real poems have more rare tokens than samples of a language model, and fewer repetitions.

use candle_core::{D, Device, Result, Tensor};

use crate::nn::ops::{Activation, Precision, linear};
use crate::nn::params::{Params, Weights, get};
use crate::random;

/// Frequency bands: the most frequent tokens, which make up half of all text, then half of the rest, and so on.
pub(super) const BANDS: usize = 8;
/// Columns of a random unit vector that identifies the token (Johnson and Lindenstrauss 1984).
const IDENTITY: usize = 56;
/// Columns of the table.
pub const COLUMNS: usize = BANDS + IDENTITY;
/// Two tokens with a cosine above this are equal; for different tokens its standard deviation is 0.13.
pub(super) const SAME: f64 = 0.7;
/// Kinds of pairs of equal tokens: next to each other in a line, further apart in it, in different lines, and at the ends of
/// lines.
pub(super) const PAIRS: usize = 4;
const HIDDEN: usize = 32;

/// The features of each token, [vocab, COLUMNS], from its count in the corpus.
pub fn table(counts: &[u64], seed: u64) -> Result<Tensor> {
    let mut rng = random::stream(seed, "identities of tokens", 0);
    let bands = bands(counts);
    let rows = bands.iter().flat_map(|&band| {
        let identity = random::normal(&mut rng, IDENTITY);
        let length = identity.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        let band = (0..BANDS).map(move |index| if index == band { 1.0 } else { 0.0 });
        band.chain(identity.into_iter().map(move |x| x / length)).collect::<Vec<f32>>()
    });
    Tensor::from_vec(rows.collect(), (counts.len(), COLUMNS), &Device::Cpu)
}

/// The band of each token.
fn bands(counts: &[u64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&token| std::cmp::Reverse(counts[token]));
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let (mut bands, mut rest) = (vec![BANDS - 1; counts.len()], total);
    for token in order {
        // The first token of the rest always counts, so that the rest is never empty.
        let halvings = (total / rest.max(1.0)).log2() as usize;
        bands[token] = halvings.min(BANDS - 1);
        rest -= counts[token] as f64;
    }
    bands
}

/// The share of all text in each band.
pub(super) fn expected(band: usize) -> f32 {
    0.5f32.powi((band + 1).min(BANDS - 1) as i32)
}

/// Adds the initial weights of the head.
pub fn init(params: &mut Params) -> Result<()> {
    params.linear("lexical.hidden", BANDS + PAIRS, HIDDEN, 1.0)?;
    params.linear("lexical.score", HIDDEN, 1, 1.0)
}

/// Rows of the table for the tokens of poems, zeros for padding.
pub struct PoemTokens {
    /// Line by line, [count * lines, width, COLUMNS].
    pub lines: Tensor,
    /// In a row, [count, longest poem, COLUMNS].
    pub poems: Tensor,
    /// The last letter of each line, [count, RHYME_LINES, COLUMNS].
    pub ends: Tensor,
}

/// Scores [count] for the tokens of poems, and how many each poem has.
pub fn scores(weights: &Weights, poems: &PoemTokens, tokens: &[f32]) -> Result<Tensor> {
    let tokens: Vec<f32> = tokens.iter().map(|tokens| tokens.max(1.0)).collect();
    let features = Tensor::cat(&[rarity(&poems.poems, &tokens)?, repeats(poems, &tokens)?], 1)?; // [count, BANDS + PAIRS]
    let dense = |name: &str, x: &Tensor, activation| {
        let (weight, bias) = (get(weights, &format!("{name}.weight"))?, get(weights, &format!("{name}.bias"))?);
        linear(x, &weight, &bias, activation, Precision::F32)
    };
    let hidden = dense("lexical.hidden", &features, Activation::LeakyRelu)?;
    dense("lexical.score", &hidden, Activation::None)?.flatten_all()
}

/// Excess of tokens in each band over the expectation, in standard deviations of a Poisson distribution, [count, BANDS].
fn rarity(x: &Tensor, tokens: &[f32]) -> Result<Tensor> {
    let counts = x.narrow(D::Minus1, 0, BANDS)?.sum(1)?;
    let expected = tokens.iter().flat_map(|tokens| (0..BANDS).map(move |band| tokens * expected(band)));
    let expected = Tensor::from_vec(expected.collect::<Vec<f32>>(), counts.shape(), &Device::Cpu)?;
    (counts - &expected)? / expected.sqrt()?
}

/// Pairs of equal tokens of each kind, per token, [count, PAIRS].
fn repeats(poems: &PoemTokens, tokens: &[f32]) -> Result<Tensor> {
    let count = tokens.len();
    let by_poem = |pairs: Tensor| pairs.reshape((count, ()))?.sum(1);
    let adjacent = by_poem(pairs(&poems.lines, |a, b| a + 1 == b)?)?;
    let apart = by_poem(pairs(&poems.lines, |a, b| a + 1 < b)?)?;
    let across = ((pairs(&poems.poems, |a, b| a < b)? - &adjacent)? - &apart)?;
    let ends = pairs(&poems.ends, |a, b| a < b)?;
    // Short Chinese poems have about one pair per twenty tokens, which scales it like the other features.
    let scale = Tensor::from_vec(tokens.iter().map(|tokens| 20.0 / tokens).collect(), (count, 1), &Device::Cpu)?;
    Tensor::stack(&[adjacent, apart, across, ends], 1)?.broadcast_mul(&scale)
}

/// Pairs of equal tokens at `counted` places among those of each row x [rows, places, COLUMNS], [rows].
fn pairs(x: &Tensor, counted: impl Fn(usize, usize) -> bool) -> Result<Tensor> {
    let identity = x.narrow(D::Minus1, BANDS, IDENTITY)?.contiguous()?;
    let cosines = identity.matmul(&identity.transpose(1, 2)?.contiguous()?)?; // [rows, places, places]
    let places = x.dim(1)?;
    let once = (0..places * places).map(|pair| if counted(pair / places, pair % places) { 1.0f32 } else { 0.0 });
    let once = Tensor::from_vec(once.collect(), (1, places, places), &Device::Cpu)?;
    (cosines - SAME)?.relu()?.broadcast_mul(&once)?.sum((1, 2))? / (1.0 - SAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LeastGrid;
    use crate::discriminator::Grid;
    use crate::generator::{Sequences, SpecialTokens};

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };

    fn features(poem: &[u32]) -> (Vec<f32>, Vec<f32>) {
        let batch = Sequences::new(&[poem], vec![], SPECIAL);
        let grid = Grid::new(&batch, SPECIAL, LeastGrid { lines: 3, width: 5 });
        let table = table(&[0, 0, 0, 0, 64, 16, 16, 8, 8, 4, 4, 4, 2, 2], 1).unwrap();
        let targets = batch.targets();
        let rows = table.index_select(&Tensor::from_slice(&targets, targets.len(), &Device::Cpu).unwrap(), 0).unwrap();
        let rows = rows.pad_with_zeros(0, 0, 1).unwrap();
        let read = |places: &[u32], first: usize| {
            let places = Tensor::from_slice(places, places.len(), &Device::Cpu).unwrap();
            rows.index_select(&places, 0).unwrap().reshape((first, (), COLUMNS)).unwrap()
        };
        let poems = PoemTokens {
            lines: read(&grid.tokens, grid.lines),
            poems: read(&grid.in_a_row(), 1),
            ends: read(&grid.ends, 1),
        };
        let tokens = [(poem.iter().filter(|&&token| token >= 4).count()) as f32];
        let elements = |x: Tensor| x.flatten_all().unwrap().to_vec1().unwrap();
        (elements(rarity(&poems.poems, &tokens).unwrap()), elements(repeats(&poems, &tokens).unwrap()))
    }

    #[test]
    fn each_band_is_half_of_the_rest() {
        assert_eq!(bands(&[64, 16, 16, 8, 8, 8, 4, 2, 2]), [0, 1, 1, 2, 2, 3, 4, 5, 6]);
        assert_eq!(bands(&[]), [0; 0]);
        assert_eq!((0..BANDS).map(expected).sum::<f32>(), 1.0);
    }

    #[test]
    fn rare_tokens_are_counted() {
        let (plain, _) = features(&[3, 4, 4, 5, 1, 4, 5, 4, 2]);
        let (rare, _) = features(&[3, 4, 12, 5, 1, 13, 5, 4, 2]);
        assert!((plain[0] - (4.0 - 3.0) / 3f32.sqrt()).abs() < 1e-6 && rare[0] < plain[0]);
        assert!(rare[5..].iter().sum::<f32>() > plain[5..].iter().sum::<f32>());
    }

    #[test]
    fn pairs_of_equal_tokens_are_counted() {
        let counted = |poem: &[u32]| features(poem).1;
        assert_eq!(counted(&[3, 4, 5, 6, 1, 7, 8, 2]), [0.0; PAIRS]);
        let scale = 20.0 / 6.0;
        let close =
            |found: Vec<f32>, wanted: [f32; PAIRS]| found.iter().zip(wanted).all(|(x, y)| (x - y * scale).abs() < 1e-4);
        assert!(close(counted(&[3, 4, 4, 6, 1, 7, 8, 9, 2]), [1.0, 0.0, 0.0, 0.0]));
        assert!(close(counted(&[3, 4, 6, 4, 1, 7, 8, 9, 2]), [0.0, 1.0, 0.0, 0.0]));
        assert!(close(counted(&[3, 4, 5, 6, 1, 7, 4, 4, 2]), [1.0, 0.0, 2.0, 0.0]));
        assert!(close(counted(&[3, 4, 5, 6, 1, 7, 8, 6, 2]), [0.0, 0.0, 1.0, 1.0]));
    }
}
