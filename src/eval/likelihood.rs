//! How likely the held-out poems are under a model.

use anyhow::Result;

use crate::gan::data::{Bucket, Dataset};
use crate::generator::{Cost, Generator};
use crate::write::Model;

/// The cost of every held-out poem of a bucket.
pub fn costs(model: &Model, dataset: &Dataset, bucket: &Bucket) -> Result<Vec<Cost>> {
    let generator = Generator::new(&model.config.model, dataset.marks, model.generator.clone());
    let mut costs = Vec::with_capacity(bucket.held_out.len());
    for batch in dataset.batches_of(&bucket.held_out) {
        costs.extend(generator.costs(&batch, bucket.rules)?);
    }
    Ok(costs)
}
