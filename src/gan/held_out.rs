//! The loss on poems that training never sees.

use candle_core::Result;

use crate::config::Config;
use crate::gan::data::Dataset;
use crate::generator::Generator;
use crate::nn::params::Weights;

/// Held-out poems of each form that are evaluated during training, at most; all of them would take too long.
pub const MAX_POEMS: usize = 256;

/// Held-out loss in nats per token that the form leaves open (per character in fixed Chinese forms).
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOut {
    /// Over all tokens of all forms.
    pub loss: f32,
    /// By form, in the order of the buckets.
    pub forms: Vec<(String, f32)>,
}

/// Evaluates `weights` on at most `limit` held-out poems of each form; `None` if there are none at all.
pub fn evaluate(config: &Config, dataset: &Dataset, weights: &Weights, limit: usize) -> Result<Option<HeldOut>> {
    let generator = Generator::new(&config.model, dataset.special, weights.clone());
    let (mut forms, mut all) = (Vec::new(), (0.0, 0));
    for bucket in &dataset.buckets {
        let poems = &bucket.held_out[..bucket.held_out.len().min(limit)];
        let (mut sum, mut count) = (0.0, 0);
        for batch in dataset.batches_of(poems) {
            let nll = generator.nll(&batch, bucket.rules)?;
            sum += nll.iter().map(|poem| poem.nats).sum::<f64>();
            count += nll.iter().map(|poem| poem.units).sum::<usize>();
        }
        if count > 0 {
            forms.push((bucket.form.to_string(), (sum / count as f64) as f32));
            all = (all.0 + sum, all.1 + count);
        }
    }
    Ok((all.1 > 0).then(|| HeldOut { loss: (all.0 / all.1 as f64) as f32, forms }))
}
