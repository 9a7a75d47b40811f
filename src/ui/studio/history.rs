//! Undo and redo.

/// Most states that are kept.
const MOST: usize = 500;

/// States before and after the one of now.
#[derive(Clone, Debug)]
pub struct UndoHistory<T> {
    before: Vec<T>,
    after: Vec<T>,
}

impl<T> Default for UndoHistory<T> {
    fn default() -> UndoHistory<T> {
        UndoHistory { before: Vec::new(), after: Vec::new() }
    }
}

impl<T: Clone> UndoHistory<T> {
    /// Notes the state of now before it changes. What was undone is forgotten.
    pub fn note(&mut self, now: &T) {
        self.after.clear();
        self.before.push(now.clone());
        if self.before.len() > MOST {
            self.before.remove(0);
        }
    }

    /// The state before, or the one that was undone; `None` if there is none.
    pub fn turn(&mut self, now: &T, back: bool) -> Option<T> {
        let (from, to) = if back { (&mut self.before, &mut self.after) } else { (&mut self.after, &mut self.before) };
        let state = from.pop()?;
        to.push(now.clone());
        Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_come_back_in_both_directions() {
        let mut history = UndoHistory::default();
        [1, 2].iter().for_each(|state| history.note(state));
        assert_eq!((history.turn(&3, true), history.turn(&2, true), history.turn(&1, true)), (Some(2), Some(1), None));
        assert_eq!(history.turn(&1, false), Some(2));
        history.note(&2);
        assert_eq!(history.turn(&9, false), None, "a change forgets what was undone");
        (0..2 * MOST).for_each(|state| history.note(&state));
        assert_eq!(history.before.len(), MOST);
    }
}
