//! The information that a generated poem keeps of its z: the squared error between its theme and what z says of it, a
//! Gaussian bound on their mutual information with unit variance (InfoGAN, Chen et al. 2016). A poem's theme is linear in
//! its tokens, so the loss reads it from the relaxed tokens.

use candle_core::{Device, Result, Tensor};

use crate::config::AXES;
use crate::generator::{Rules, Sequences, SpecialTokens, segment_places};
use crate::theme::Themes;

/// The embedding of the discriminator, [vocab, columns], followed by the theme coordinates of each token.
pub(super) fn with_themes(table: &Tensor, themes: Option<&Themes>) -> Result<Tensor> {
    let Some(themes) = themes else { return Ok(table.clone()) };
    Tensor::cat(&[table, &Tensor::from_slice(themes.table(), (table.dim(0)?, AXES), &Device::Cpu)?], 1)
}

/// Mean over poems and over the dimensions of z that hold themes, for relaxed tokens `x` [count * time, columns] whose
/// last columns are theme coordinates.
pub(super) fn squared_error(
    themes: &Themes,
    x: &Tensor,
    poems: &Sequences,
    special: SpecialTokens,
    rules: Rules,
) -> Result<Tensor> {
    let (count, time, dims) = (poems.count, poems.time, themes.dims());
    let coordinates = x.narrow(1, x.dim(1)? - AXES, dims)?.reshape((count, time, dims))?;
    let shares: Vec<f32> = (0..count).flat_map(|poem| shares(poems.poem(poem), time, special, rules)).collect();
    let shares = Tensor::from_vec(shares, (count, time, 1), &Device::Cpu)?;
    let means = coordinates.broadcast_mul(&shares)?.sum(1)?; // [count, dims]
    let (mean, inverse) = themes.whitening(poems.tokens[0]);
    let row = |values: &[f32]| Tensor::from_slice(&values[..dims], (1, dims), &Device::Cpu);
    let found = means.broadcast_sub(&row(&mean)?)?.broadcast_mul(&row(&inverse)?)?;
    let z_dim = poems.z.len() / count;
    let wanted = poems.z.chunks(z_dim).flat_map(|z| z.iter().zip(&themes.keep).map(|(z, keep)| z * keep));
    let wanted = Tensor::from_vec(wanted.collect::<Vec<f32>>(), (count, dims), &Device::Cpu)?;
    // Dimensions of noise alone ask for nothing.
    let asked: Vec<f32> = themes.keep.iter().map(|&keep| if keep > 0.0 { 1.0 } else { 0.0 }).collect();
    let n_asked = f64::from(asked.iter().sum::<f32>().max(1.0));
    let errors = (found - wanted)?.sqr()?.broadcast_mul(&row(&asked)?)?;
    errors.sum_all()? / (n_asked * count as f64)
}

/// The share of each target in the mean of its poem's theme, [time].
fn shares(poem: &[u32], time: usize, special: SpecialTokens, rules: Rules) -> Vec<f32> {
    let places = segment_places(poem, special, rules.is_fixed()).concat();
    let mut shares = vec![0.0; time];
    for &place in places.iter().filter(|&&place| place <= time) {
        shares[place - 1] = 1.0 / places.len() as f32;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::corpus::Form;
    use crate::theme::{self, FormSegments, ThemeSettings};

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };

    /// Half of the poems have the tokens 4 to 6, half 7 to 9.
    fn themes() -> Themes {
        let poem = |i: u32| vec![vec![4 + 3 * (i % 2), 5 + 3 * (i % 2)], vec![5 + 3 * (i % 2), 6 + 3 * (i % 2)]];
        let forms = [FormSegments { tag: 3, poems: (0..800).map(poem).collect() }];
        theme::learn(&forms, 12, ThemeSettings { dims: 2, keep: 0.9 }).unwrap()
    }

    /// The error of a poem with its own theme in z, and with the opposite one.
    #[test]
    fn a_poem_that_follows_its_z_has_no_error() {
        let themes = themes();
        let poem: &[u32] = &[3, 4, 5, 11, 1, 6, 11, 2];
        let rules = Rules::new(Form::Free, &Config::preset("tiny").unwrap().model);
        let theme = themes.of_poem(3, &crate::generator::segments(poem, SPECIAL, false));
        let error = |sign: f32| {
            let z = theme[..2].iter().zip(&themes.keep).map(|(x, keep)| sign * x / keep.max(0.1)).collect();
            let poems = Sequences::new(&[poem], z, SPECIAL);
            let table =
                with_themes(&Tensor::zeros((12, 1), candle_core::DType::F32, &Device::Cpu).unwrap(), Some(&themes));
            let targets = Tensor::new(poems.targets(), &Device::Cpu).unwrap();
            let x = table.unwrap().index_select(&targets, 0).unwrap();
            squared_error(&themes, &x, &poems, SPECIAL, rules).unwrap().to_scalar::<f32>().unwrap()
        };
        assert!(error(1.0) < 1e-8, "{}", error(1.0));
        let asked = themes.keep.iter().filter(|&&keep| keep > 0.0).count() as f32;
        let expected =
            theme.iter().zip(&themes.keep).map(|(x, keep)| (2.0 * x * f32::from(*keep > 0.0)).powi(2)).sum::<f32>();
        assert!((error(-1.0) - expected / asked).abs() < 1e-3 * expected, "{} {expected}", error(-1.0));
    }
}
