//! How likely the held-out poems are under a model.

use anyhow::Result;

use crate::generator::Generator;
use crate::train::data::{Bucket, Dataset};
use crate::write::Model;

/// What a model needs for one held-out poem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    pub nats: f64,
    /// Tokens that the form leaves open.
    pub units: usize,
}

/// The cost of every held-out poem of a bucket.
pub fn costs(model: &Model, dataset: &Dataset, bucket: &Bucket) -> Result<Vec<Cost>> {
    let generator = Generator::new(&model.config.model, dataset.marks, model.generator.clone());
    let mut costs = Vec::with_capacity(bucket.held_out.len());
    for batch in dataset.batches_of(&bucket.held_out) {
        let open = batch.open_targets(bucket.rules, dataset.marks);
        let losses = generator.token_losses(&batch)?;
        for (losses, open) in losses.chunks(batch.time.max(1)).zip(open.chunks(batch.time.max(1))) {
            let counted = losses.iter().zip(open).filter(|(_, open)| **open);
            let nats = counted.clone().map(|(loss, _)| f64::from(*loss)).sum();
            costs.push(Cost { nats, units: counted.count() });
        }
    }
    Ok(costs)
}
