//! The discriminator without a graph against the one with a graph, and every instruction set against the others.

use candle_core::Device;

use super::*;
use crate::discriminator::Discriminator;
use crate::discriminator::tests::{SPECIAL, config, parts, with_heads};

const POEM: [u32; 12] = [3, 5, 6, 7, 1, 8, 9, 10, 1, 9, 5, 2];
/// Fewer lines than a filter is wide, more than the rhyme head compares, lines longer than the couplet head reads, and a
/// poem without a token.
const OTHERS: [&[u32]; 4] = [
    &[3, 5, 2],
    &[3, 5, 1, 6, 1, 7, 1, 8, 1, 9, 1, 5, 1, 6, 1, 7, 1, 8, 1, 9, 1, 5, 1, 6, 1, 7, 1, 8, 1, 9, 1, 5, 1, 6, 1, 7, 2],
    &[3, 5, 6, 7, 8, 9, 10, 11, 5, 6, 7, 8, 1, 9, 9, 9, 1, 6, 5, 4, 4, 2],
    &[3, 2],
];

/// What the discriminator with a graph says of a poem: its logit and those of its lines, without its target `hidden`.
fn with_graph(config: &DiscriminatorConfig, poem: &[u32], hidden: Option<usize>) -> Logits {
    let (params, frozen_embeddings) = parts(config);
    let batch = Sequences::new(&[poem], vec![], SPECIAL);
    let table: Vec<Vec<f32>> = table(&params.frozen(), Some(&frozen_embeddings)).unwrap().to_vec2().unwrap();
    let mut rows: Vec<Vec<f32>> = batch.targets().iter().map(|&token| table[token as usize].clone()).collect();
    hidden.into_iter().for_each(|place| rows[place].fill(0.0));
    let grid = Grid::new(&batch, SPECIAL, config.least_grid());
    let x = Tensor::new(rows, &Device::Cpu).unwrap();
    let scores = Discriminator::new(config, params.frozen()).scores(&x, &grid, None).unwrap();
    let mut lines: Vec<f32> = scores.lines.flatten_all().unwrap().to_vec1().unwrap();
    lines.truncate(grid.shares.iter().filter(|&&share| share > 0.0).count());
    Logits { poem: scores.poems.to_vec1().unwrap()[0], lines }
}

fn discriminator(config: &DiscriminatorConfig, arch: Arch) -> PackedDiscriminator {
    let (params, frozen_embeddings) = parts(config);
    PackedDiscriminator::with_arch(config, &params.frozen(), Some(&frozen_embeddings), SPECIAL, arch).unwrap()
}

#[test]
fn every_head_scores_as_the_one_with_a_graph() {
    for heads in 0..64 {
        let config = with_heads(heads);
        let discriminator = discriminator(&config, Arch::new());
        for poem in [&POEM[..]].into_iter().chain(OTHERS) {
            let (found, wanted) = (discriminator.logits(poem, None), with_graph(&config, poem, None));
            let pairs = found.lines.iter().zip(&wanted.lines).chain([(&found.poem, &wanted.poem)]);
            assert_eq!(found.lines.len(), wanted.lines.len());
            for (found, wanted) in pairs {
                assert!((found - wanted).abs() < 1e-5 * wanted.abs().max(1.0), "{heads} {poem:?}: {found} {wanted}");
            }
        }
    }
}

#[test]
fn scores_have_the_same_bits_with_every_instruction_set() {
    let config = config();
    let [plain, others @ ..] = &simd::instruction_sets()[..] else { panic!() };
    let scores = |arch| OTHERS.map(|poem| discriminator(&config, arch).logits(poem, None));
    for (name, arch) in others {
        for (found, wanted) in scores(*arch).iter().zip(scores(plain.1)) {
            assert_eq!((found.poem, &found.lines), (wanted.poem, &wanted.lines), "{name}");
        }
    }
}

#[test]
fn an_attribution_is_what_the_poem_loses_without_its_target() {
    let config = config();
    let discriminator = discriminator(&config, Arch::new());
    let (attributions, whole) = (discriminator.attributions(&POEM), with_graph(&config, &POEM, None).poem);
    assert_eq!(attributions.len(), POEM.len() - 1);
    for (place, attribution) in attributions.iter().enumerate() {
        let without = with_graph(&config, &POEM, Some(place)).poem;
        assert!((attribution - (whole - without)).abs() < 1e-4, "{place}: {attribution}, {whole} less {without}");
    }
    assert!(attributions.iter().any(|x| x.abs() > 1e-2), "{attributions:?}");
    assert!(discriminator.attributions(&[5; MAX_ATTRIBUTED + 2]).is_empty());
    assert_eq!(discriminator.attributions(&[5; MAX_ATTRIBUTED + 1]).len(), MAX_ATTRIBUTED);
}
