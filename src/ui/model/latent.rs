//! State of the latent screen: a poem moved along directions of z.

use std::collections::BTreeMap;

use crate::run::event::{AxisWords, Command, LatentRequest, REACH, SamplePoem};

/// The poems of a seed along one direction of z, at the amounts of [`REACH`].
#[derive(Clone, Debug, Default)]
pub struct LatentTraversal {
    pub step: u64,
    pub direction: usize,
    /// Number of directions.
    pub n_directions: usize,
    pub poems: Vec<(f32, SamplePoem)>,
    pub form: usize,
    /// The moves along other directions.
    pub moved: Vec<(usize, f32)>,
    /// The first directions, which are themes; the others are noise.
    pub axes: Vec<AxisWords>,
}

impl LatentTraversal {
    /// Whether it is what was requested.
    pub fn answers(&self, request: &LatentRequest) -> bool {
        let seed = self.poems.first().map(|(_, poem)| poem.seed);
        let LatentRequest { direction, form, moved, .. } = request;
        (seed, self.direction, self.form, &self.moved) == (Some(request.seed), *direction, *form, moved)
    }
}

#[derive(Clone, Debug)]
pub struct LatentView {
    pub seed: u64,
    pub direction: usize,
    /// Index of the form, the most frequent one first.
    pub form: usize,
    /// Of each direction the index in [`REACH`]; others are in the middle.
    positions: BTreeMap<usize, usize>,
}

/// The index of 0 in [`REACH`].
const MIDDLE: usize = REACH.len() / 2;

impl Default for LatentView {
    fn default() -> LatentView {
        LatentView::of_seed(1)
    }
}

impl LatentView {
    /// The poem of a seed, unmoved.
    pub fn of_seed(seed: u64) -> LatentView {
        LatentView { seed, direction: 0, form: 0, positions: BTreeMap::new() }
    }

    /// Index in [`REACH`] of a direction.
    pub fn position_of(&self, direction: usize) -> usize {
        self.positions.get(&direction).copied().unwrap_or(MIDDLE)
    }

    /// Index in [`REACH`] of the selected direction.
    pub fn position(&self) -> usize {
        self.position_of(self.direction)
    }

    /// What is shown.
    pub fn wanted(&self) -> LatentRequest {
        let others = self.positions.iter().filter(|(direction, _)| **direction != self.direction);
        let moved = others.map(|(direction, position)| (*direction, REACH[*position])).collect();
        LatentRequest { seed: self.seed, direction: self.direction, form: self.form, moved }
    }

    /// The command that requests what is shown.
    pub fn request(&self) -> Command {
        Command::Latent(self.wanted())
    }

    pub fn step(&mut self, further: bool) {
        let position = self.position();
        let position = if further { (position + 1).min(REACH.len() - 1) } else { position.saturating_sub(1) };
        if position == MIDDLE {
            self.positions.remove(&self.direction);
        } else {
            self.positions.insert(self.direction, position);
        }
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

    /// Selects the next form and returns the command that requests it.
    pub fn next_form(&mut self) -> Command {
        self.form += 1;
        self.request()
    }

    /// Moves all directions back to the middle and returns the command that requests it.
    pub fn reset(&mut self) -> Command {
        self.positions.clear();
        self.request()
    }
}
