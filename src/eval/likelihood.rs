//! Likelihood of held-out poems under a model.

use anyhow::Result;

use crate::gan::data::{Bucket, Dataset};
use crate::generator::{Generator, PoemNll};
use crate::write::Model;

/// Negative log-likelihood of every held-out poem of a bucket, in nats.
///
/// # Errors
/// A failed tensor operation.
pub fn nll(model: &Model, dataset: &Dataset, bucket: &Bucket) -> Result<Vec<PoemNll>> {
    let generator = Generator::new(&model.config.model, dataset.special, model.generator.clone());
    let mut nll = Vec::with_capacity(bucket.held_out.len());
    for batch in dataset.batches_of(&bucket.held_out) {
        nll.extend(generator.nll(&batch, bucket.rules)?);
    }
    Ok(nll)
}
