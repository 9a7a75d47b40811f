//! What the command line asks of `write`, as plain data.

use crate::corpus::Form;
use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq)]
pub struct WriteOptions {
    pub count: u64,
    /// Seed of the first poem; poem k has seed + k.
    pub seed: u64,
    /// `None`: a form of the model's choice.
    pub form: Option<Form>,
    /// `None`: that of the model's configuration.
    pub temperature: Option<f32>,
    /// Drafts of each poem, of which the discriminator chooses one; `None`: [`USUAL_DRAFTS`](super::USUAL_DRAFTS) where the
    /// model has a discriminator, else one.
    pub select: Option<usize>,
    /// A run directory or a checkpoint; `None`: the newest run, else the model inside the program.
    pub model: Option<PathBuf>,
    /// One JSON object a poem instead of text.
    pub json: bool,
}
