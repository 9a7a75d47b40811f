//! Where the user is in the space of the noise vector.

use crate::run::event::{Command, REACH, SamplePoem};

/// A poem at the places of [`REACH`] along one direction.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub step: u64,
    pub direction: usize,
    /// Directions that there are.
    pub of: usize,
    pub poems: Vec<(f32, SamplePoem)>,
}

#[derive(Clone, Copy, Debug)]
pub struct Latent {
    pub seed: u64,
    pub direction: usize,
    /// Index in [`REACH`].
    pub place: usize,
}

impl Default for Latent {
    fn default() -> Latent {
        Latent { seed: 1, direction: 0, place: REACH.len() / 2 }
    }
}

impl Latent {
    /// What has to be asked for to see this.
    pub fn ask(self) -> Command {
        Command::Latent { seed: self.seed, direction: self.direction }
    }

    pub fn go(&mut self, further: bool) {
        self.place = if further { (self.place + 1).min(REACH.len() - 1) } else { self.place.saturating_sub(1) };
    }

    /// The next direction, and the line that has to be asked for. How many there `are` is known from the first line on.
    pub fn turn(&mut self, down: bool, are: Option<usize>) -> Command {
        let last = are.map_or(self.direction, |are| are.saturating_sub(1));
        self.direction = if down { (self.direction + 1).min(last) } else { self.direction.saturating_sub(1) };
        self.ask()
    }

    /// The next seed, and the line that has to be asked for.
    pub fn change_seed(&mut self, down: bool) -> Command {
        self.seed = if down { self.seed.saturating_add(1) } else { self.seed.saturating_sub(1) };
        self.ask()
    }
}
