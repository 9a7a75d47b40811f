//! Values of single tokens that differ from row to row, such as what a token adds between its neighbours. Most tokens of a row
//! have none, so they are lists.

use std::ops::Range;
use std::sync::Arc;

/// A token in a list, and the index of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    pub token: u32,
    pub value: u8,
}

/// For each row the values of tokens; 0 for a token in none of its lists, the sum for one in several.
#[derive(Clone, Default)]
pub struct RowValues {
    /// All lists, each sorted by token.
    pub lists: Arc<Vec<Listed>>,
    pub values: Vec<f32>,
    /// The lists of each row, as ranges of `lists`.
    pub rows: Vec<Vec<Range<usize>>>,
}

impl RowValues {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The value of a token of a row.
    pub fn of(&self, row: usize, token: u32) -> f32 {
        let in_list = |list: &Range<usize>| {
            let list = &self.lists[list.clone()];
            let place = list.binary_search_by_key(&token, |listed| listed.token).ok()?;
            Some(self.values[usize::from(list[place].value)])
        };
        self.rows[row].iter().filter_map(in_list).sum()
    }

    /// Adds `scale` times the values of a row to those of all tokens, [vocab].
    pub fn add(&self, row: usize, scale: f32, tokens: &mut [f32]) {
        for list in &self.rows[row] {
            for listed in &self.lists[list.clone()] {
                tokens[listed.token as usize] += scale * self.values[usize::from(listed.value)];
            }
        }
    }
}
