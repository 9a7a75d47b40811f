//! The arguments that name a model.

use std::path::PathBuf;

use clap::Args;

use crate::write::{CheckpointChoice, ModelChoice};

#[derive(Args)]
pub struct ModelArgs {
    /// Run (name below runs/ or path), checkpoint folder, packed file, or builtin [default: the newest run, else the built-in model]
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,
    /// Checkpoint of the run: best, last, pretrained, or a step [default: best]
    #[arg(long, value_name = "WHICH")]
    checkpoint: Option<CheckpointChoice>,
}

impl ModelArgs {
    pub fn choice(&self) -> ModelChoice {
        ModelChoice { path: self.model.clone(), checkpoint: self.checkpoint }
    }
}
