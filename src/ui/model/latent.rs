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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_along_other_directions_stay() {
        let mut view = LatentView::of_seed(5);
        view.step(true);
        view.step(true);
        let Command::Latent(request) = view.change_direction(true, Some(3)) else { panic!("another command") };
        assert_eq!(request, LatentRequest { seed: 5, direction: 1, form: 0, moved: vec![(0, 2.0)] });
        view.step(false);
        assert_eq!((view.position_of(0), view.position()), (MIDDLE + 2, MIDDLE - 1));
        assert_eq!(view.wanted().moved, [(0, 2.0)], "the selected one is not among the others");
        view.change_direction(false, Some(3));
        assert_eq!((view.wanted().direction, view.wanted().moved), (0, vec![(1, -1.0)]));
        view.reset();
        assert_eq!(view.wanted(), LatentRequest { seed: 5, ..LatentRequest::default() });
    }

    #[test]
    fn only_what_was_requested_is_an_answer() {
        let poem = SamplePoem {
            form: "7x4".into(),
            seed: 5,
            lines: Vec::new(),
            score: None,
            nearest: Vec::new(),
            stanzas: Vec::new(),
        };
        let poems = vec![(0.0, poem)];
        let traversal = LatentTraversal { direction: 1, n_directions: 3, poems, ..LatentTraversal::default() };
        let request = LatentRequest { seed: 5, direction: 1, ..LatentRequest::default() };
        assert!(traversal.answers(&request));
        for other in [
            LatentRequest { seed: 6, ..request.clone() },
            LatentRequest { direction: 2, ..request.clone() },
            LatentRequest { form: 1, ..request.clone() },
            LatentRequest { moved: vec![(0, 1.0)], ..request },
        ] {
            assert!(!traversal.answers(&other), "{other:?}");
        }
    }
}
