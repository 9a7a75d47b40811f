//! State of the latent screen: a poem moved along one direction of z.

use crate::run::event::{Command, REACH, SamplePoem};

/// The poems of a seed along one direction of z, at the amounts of [`REACH`].
#[derive(Clone, Debug, Default)]
pub struct LatentTraversal {
    pub step: u64,
    pub direction: usize,
    /// Number of directions.
    pub n_directions: usize,
    pub poems: Vec<(f32, SamplePoem)>,
}

#[derive(Clone, Copy, Debug)]
pub struct LatentView {
    pub seed: u64,
    pub direction: usize,
    /// Index in [`REACH`].
    pub position: usize,
}

impl Default for LatentView {
    fn default() -> LatentView {
        LatentView { seed: 1, direction: 0, position: REACH.len() / 2 }
    }
}

impl LatentView {
    /// The command that requests what is shown.
    pub fn request(self) -> Command {
        Command::Latent { seed: self.seed, direction: self.direction }
    }

    pub fn step(&mut self, further: bool) {
        self.position =
            if further { (self.position + 1).min(REACH.len() - 1) } else { self.position.saturating_sub(1) };
    }

    /// Selects the next direction and returns the command that requests it. `n_directions` is known from the first
    /// traversal on.
    pub fn change_direction(&mut self, down: bool, n_directions: Option<usize>) -> Command {
        let last = n_directions.map_or(self.direction, |n_directions| n_directions.saturating_sub(1));
        self.direction = if down { (self.direction + 1).min(last) } else { self.direction.saturating_sub(1) };
        self.request()
    }

    /// Selects the next seed and returns the command that requests it.
    pub fn change_seed(&mut self, down: bool) -> Command {
        self.seed = if down { self.seed.saturating_add(1) } else { self.seed.saturating_sub(1) };
        self.request()
    }
}
