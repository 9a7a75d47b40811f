//! The candidates in the order of their scores.

use std::cmp::Ordering;

use super::exchange::StudioCandidate;

/// The candidates of a request.
#[derive(Clone, Debug, Default)]
pub struct CandidateList {
    /// The best first.
    poems: Vec<StudioCandidate>,
    /// The seed that the user has chosen; the best candidate otherwise, and as long as there is none with this seed.
    chosen: Option<u64>,
    /// The request that they answer, and whether its first answer has come: until then those of the one before are shown.
    number: u64,
    has_begun: bool,
    pub is_written: bool,
    /// Why there are no poems, or fewer.
    pub refused: Option<String>,
}

impl CandidateList {
    /// Expects the poems of another request and returns its number.
    pub fn begin(&mut self) -> u64 {
        self.number += 1;
        (self.has_begun, self.is_written) = (false, false);
        self.number
    }

    /// Whether an answer is of the last request. Removes the poems of the one before with the first answer.
    pub fn is_awaited(&mut self, number: u64) -> bool {
        if number == self.number && !self.has_begun {
            self.has_begun = true;
            self.poems.clear();
            self.refused = None;
        }
        number == self.number
    }

    /// Takes note of why the last request has no (more) poems. Those of the one before stay until the next one is answered.
    pub fn refuse(&mut self, number: u64, why: String) {
        if number == self.number {
            (self.has_begun, self.is_written) = (true, true);
            self.refused = Some(why);
        }
    }

    pub fn add(&mut self, poem: StudioCandidate) {
        let comes_before = |other: &StudioCandidate| rank(other, &poem) == Ordering::Less;
        let place = self.poems.partition_point(comes_before);
        self.poems.insert(place, poem);
    }

    pub fn poems(&self) -> &[StudioCandidate] {
        &self.poems
    }

    /// How many there are of the last request.
    pub fn n_new(&self) -> usize {
        if self.has_begun { self.poems.len() } else { 0 }
    }

    /// The place of the selected candidate.
    pub fn place(&self) -> usize {
        self.poems.iter().position(|poem| Some(poem.seed) == self.chosen).unwrap_or(0)
    }

    pub fn selected(&self) -> Option<&StudioCandidate> {
        self.poems.get(self.place())
    }

    /// Selects the next or the previous candidate.
    pub fn step(&mut self, down: bool) {
        let place = if down { self.place() + 1 } else { self.place().saturating_sub(1) };
        if let Some(poem) = self.poems.get(place) {
            self.chosen = Some(poem.seed);
        }
    }

    /// Keeps the selection where it is when better poems come, or lets it be the best again.
    pub fn hold(&mut self, hold: bool) {
        self.chosen = if hold { self.selected().map(|poem| poem.seed) } else { None };
    }
}

/// By the score, then by the seed; poems without a score by the seed.
fn rank(one: &StudioCandidate, other: &StudioCandidate) -> Ordering {
    let score = |poem: &StudioCandidate| poem.score.unwrap_or(f32::NEG_INFINITY);
    score(other).total_cmp(&score(one)).then(one.seed.cmp(&other.seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poem(seed: u64, score: Option<f32>) -> StudioCandidate {
        StudioCandidate { seed, score, ..StudioCandidate::default() }
    }

    fn seeds(list: &CandidateList) -> Vec<u64> {
        list.poems().iter().map(|poem| poem.seed).collect()
    }

    #[test]
    fn candidates_are_ranked_and_a_choice_stays() {
        let mut list = CandidateList::default();
        let number = list.begin();
        assert!(list.is_awaited(number));
        [(1, 0.2), (2, 0.6), (3, 0.4)].iter().for_each(|&(seed, score)| list.add(poem(seed, Some(score))));
        assert_eq!((seeds(&list), list.place()), (vec![2, 3, 1], 0));
        list.step(true);
        list.add(poem(4, Some(0.9)));
        assert_eq!((seeds(&list), list.selected().map(|poem| poem.seed)), (vec![4, 2, 3, 1], Some(3)));
        (0..5).for_each(|_| list.step(true));
        assert_eq!(list.place(), 3);
        list.hold(false);
        assert_eq!(list.place(), 0);
    }

    #[test]
    fn a_refusal_leaves_the_poems_until_there_are_others() {
        let mut list = CandidateList::default();
        let first = list.begin();
        assert!(list.is_awaited(first));
        list.add(poem(1, None));
        let second = list.begin();
        list.refuse(first, "late".to_owned());
        list.refuse(second, "no".to_owned());
        assert!(list.is_awaited(second), "it is written");
        assert_eq!((seeds(&list), list.refused.as_deref()), (vec![1], Some("no")));
        let third = list.begin();
        assert!(list.is_awaited(third));
        assert_eq!((seeds(&list), list.refused.as_deref()), (vec![], None));
    }

    #[test]
    fn poems_without_scores_are_ordered_by_seed() {
        let mut list = CandidateList::default();
        [7, 5, 6].iter().for_each(|&seed| list.add(poem(seed, None)));
        assert_eq!(seeds(&list), [5, 6, 7]);
    }

    #[test]
    fn poems_of_an_earlier_request_go_with_the_first_new_one() {
        let mut list = CandidateList::default();
        let first = list.begin();
        assert!(list.is_awaited(first));
        list.add(poem(1, None));
        let second = list.begin();
        assert!(!list.is_awaited(first));
        assert_eq!((seeds(&list), list.n_new()), (vec![1], 0));
        assert!(list.is_awaited(second));
        assert_eq!(seeds(&list), Vec::<u64>::new());
    }
}
