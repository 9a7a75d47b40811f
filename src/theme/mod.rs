//! What poems are about, as coordinates on a few axes that are learned from the corpus: the directions of token
//! co-occurrence in which neighbouring segments of a poem agree most. The first dimensions of z hold such coordinates,
//! the discriminator reads them, and users move along them.
//!
//! [`learn`] makes [`Themes`] from training poems that are cut into segments (see `generator::segments`).

mod axes;
mod pmi;
mod prior;
mod words;

use std::collections::BTreeMap;

use candle_core::{Device, Result, Tensor};

use crate::config::AXES;
use crate::nn::params::{Weights, get, with_prefix};
pub use axes::learn;
pub use words::UnknownWord;

/// Prefix of the tensors of a model's themes among the generator's weights.
const PREFIX: &str = "theme.";

/// Words that name an end of an axis occur in at least this share of all segments.
const NAMING_SHARE: f32 = 0.001;

/// Tokens of a poem that count for its theme, by segment: distinct, without the last one (the rhyme).
pub type ThemeSegments = Vec<Vec<u32>>;

/// The poems of one form, cut into segments.
pub struct FormSegments {
    /// The form tag.
    pub tag: u32,
    pub poems: Vec<ThemeSegments>,
}

/// How themes become part of z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThemeSettings {
    /// Dimensions of z that hold themes.
    pub dims: usize,
    /// Upper bound on the correlation between a dimension of z and the poem's theme, 0 to 1.
    pub keep: f32,
}

/// The themes of a corpus.
#[derive(Clone, Debug)]
pub struct Themes {
    /// Coordinates of each token, [vocab, AXES]; 0 for rare ones.
    table: Vec<f32>,
    /// Canonical correlation between neighbouring segments along each axis, [AXES]; 0 for axes that the corpus lacks.
    pub correlations: Vec<f32>,
    /// Correlation between each of the first dimensions of z and the poem's theme, [dims].
    pub keep: Vec<f32>,
    /// Share of the segments that hold each token, as a natural logarithm, [vocab].
    log_shares: Vec<f32>,
    /// By form tag.
    forms: BTreeMap<u32, FormThemes>,
}

/// The distribution of themes in one form.
#[derive(Clone, Debug)]
struct FormThemes {
    /// Mean and standard deviation of a poem's coordinates, [AXES].
    mean: Vec<f32>,
    deviation: Vec<f32>,
    /// Themes of training poems, the centres of the prior of z, [n, dims].
    centres: Vec<f32>,
}

/// The tokens at the two ends of an axis, the most extreme first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisEnds {
    pub positive: Vec<u32>,
    pub negative: Vec<u32>,
}

impl Themes {
    /// Dimensions of z that hold themes.
    pub fn dims(&self) -> usize {
        self.keep.len()
    }

    /// Coordinates of every token, [vocab, AXES].
    pub fn table(&self) -> &[f32] {
        &self.table
    }

    /// The theme of a poem of the form `tag`: the mean coordinates of the tokens of its segments, less the mean of its
    /// form, in standard deviations of its form, [AXES]. 0 without known tokens or for an unknown form.
    pub fn of_poem(&self, tag: u32, segments: &ThemeSegments) -> Vec<f32> {
        let form = self.forms.get(&tag);
        let Some((form, mean)) = form.zip(axes::mean_row(&self.table, AXES, segments.iter().flatten())) else {
            return vec![0.0; AXES];
        };
        let whitened = mean.iter().zip(form.mean.iter().zip(&form.deviation));
        whitened.map(|(x, (mean, deviation))| (x - mean) / deviation).collect()
    }

    /// Mean and inverse standard deviation of the coordinates of poems of the form `tag`, [AXES] each.
    pub fn whitening(&self, tag: u32) -> (Vec<f32>, Vec<f32>) {
        match self.forms.get(&tag) {
            Some(form) => (form.mean.clone(), form.deviation.iter().map(|deviation| 1.0 / deviation).collect()),
            None => (vec![0.0; AXES], vec![1.0; AXES]),
        }
    }

    /// Replaces the first dimensions of `z` ~ N(0, I) by keep * theme + sqrt(1 - keep^2) * z.
    pub fn enter(&self, z: &mut [f32], theme: &[f32]) {
        for ((z, theme), keep) in z.iter_mut().zip(theme).zip(&self.keep) {
            *z = keep * theme + (1.0 - keep * keep).sqrt() * *z;
        }
    }

    /// The tokens with the largest and the smallest coordinates on `axis` among those that are not rare, `n` each.
    pub fn ends(&self, axis: usize, n: usize) -> AxisEnds {
        let known = |token: &u32| self.log_shares[*token as usize] >= NAMING_SHARE.ln();
        let mut tokens: Vec<u32> = (0..self.log_shares.len() as u32).filter(known).collect();
        let value = |token: &u32| self.table[*token as usize * AXES + axis];
        tokens.sort_by(|a, b| value(b).total_cmp(&value(a)).then(a.cmp(b)));
        let positive = tokens.iter().filter(|token| value(token) > 0.0).take(n).copied().collect();
        let negative = tokens.iter().rev().filter(|token| value(token) < 0.0).take(n).copied().collect();
        AxisEnds { positive, negative }
    }

    /// Whether the token has coordinates.
    pub fn is_known(&self, token: u32) -> bool {
        self.table[token as usize * AXES..][..AXES].iter().any(|&x| x != 0.0)
    }

    /// The tensors of these themes, to be stored among the generator's weights.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn to_weights(&self) -> Result<Weights> {
        let mut weights = Weights::new();
        let mut put = |name: String, values: &[f32], columns: Option<usize>| -> Result<()> {
            let tensor = Tensor::from_slice(values, values.len(), &Device::Cpu)?;
            let tensor = match columns {
                Some(columns) => tensor.reshape((values.len() / columns.max(1), columns))?,
                None => tensor,
            };
            weights.insert(format!("{PREFIX}{name}"), tensor);
            Ok(())
        };
        put("table".to_string(), &self.table, Some(AXES))?;
        put("correlations".to_string(), &self.correlations, None)?;
        put("keep".to_string(), &self.keep, None)?;
        put("log_shares".to_string(), &self.log_shares, None)?;
        for (tag, form) in &self.forms {
            put(format!("{tag}.mean"), &form.mean, None)?;
            put(format!("{tag}.deviation"), &form.deviation, None)?;
            put(format!("{tag}.centres"), &form.centres, Some(self.keep.len()))?;
        }
        Ok(weights)
    }

    /// The themes among the weights of a model; `None` for a model without themes.
    ///
    /// # Errors
    /// An incomplete or misshapen set of tensors.
    pub fn of_weights(weights: &Weights) -> Result<Option<Themes>> {
        let stored = with_prefix(weights, PREFIX);
        if stored.is_empty() {
            return Ok(None);
        }
        let values = |name: &str| get(&stored, name)?.flatten_all()?.to_vec1::<f32>();
        let of_form = |tag: u32| -> Result<(u32, FormThemes)> {
            let [mean, deviation, centres] =
                ["mean", "deviation", "centres"].map(|part| values(&format!("{tag}.{part}")));
            Ok((tag, FormThemes { mean: mean?, deviation: deviation?, centres: centres? }))
        };
        let tags = stored.keys().filter_map(|name| name.strip_suffix(".mean")?.parse::<u32>().ok());
        let themes = Themes {
            table: values("table")?,
            correlations: values("correlations")?,
            keep: values("keep")?,
            log_shares: values("log_shares")?,
            forms: tags.map(of_form).collect::<Result<_>>()?,
        };
        themes.check()?;
        Ok(Some(themes))
    }

    /// The same axes for another vocabulary and another corpus: `old` gives the former id of each token. The prior is that of
    /// `forms`; the moments of known forms stay, so that z keeps its meaning.
    pub fn refitted(&self, old: &[Option<u32>], forms: &[FormSegments]) -> Themes {
        let row =
            |old: &Option<u32>| old.map_or([0.0; AXES].as_slice(), |id| &self.table[id as usize * AXES..][..AXES]);
        let table = old.iter().flat_map(|old| row(old).to_vec()).collect();
        let log_shares = axes::log_shares(forms, old.len());
        let themes = Themes { table, log_shares, forms: BTreeMap::new(), ..self.clone() };
        let moments = |tag: u32| self.forms.get(&old.get(tag as usize).copied().flatten()?).cloned();
        axes::with_forms(themes, forms, moments)
    }

    fn check(&self) -> Result<()> {
        let fits = |form: &FormThemes| {
            form.mean.len() == AXES
                && form.deviation.len() == AXES
                && form.centres.len().is_multiple_of(self.dims().max(1))
        };
        let whole = self.table.len() == AXES * self.log_shares.len() && self.correlations.len() == AXES;
        if !whole || self.dims() > AXES || !self.forms.values().all(fits) {
            candle_core::bail!("the tensors of its themes have the wrong shapes");
        }
        Ok(())
    }
}

/// The weights of a model's themes.
pub fn theme_weights(weights: &Weights) -> Weights {
    weights.iter().filter(|(name, _)| name.starts_with(PREFIX)).map(|(name, x)| (name.clone(), x.clone())).collect()
}

#[cfg(test)]
mod tests;
