//! State of the samples screen: which poem of the run is selected, which is pinned, and the filter.

use crate::run::event::SamplePoem;
use crate::ui::model::history::Thinned;
use crate::ui::model::run_model::SampleSet;

/// A poem among the samples. It is identified by the number of its sample set, since the history is thinned out.
#[derive(Clone, Copy, Debug)]
pub struct PoemPosition {
    pub step: u64,
    number: u64,
    index: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Only poems that hold this text.
    pub filter: String,
    /// `None`: the newest poem.
    selected: Option<PoemPosition>,
    pub pinned: Option<(u64, SamplePoem)>,
}

/// The poems that match a filter, newest first.
pub fn listed<'a>(history: &'a Thinned<SampleSet>, filter: &str) -> Vec<(PoemPosition, &'a SamplePoem)> {
    let of_set = |set: &'a SampleSet| {
        let position = |index| PoemPosition { step: set.step, number: set.number, index };
        set.poems.iter().enumerate().map(move |(index, poem)| (position(index), poem))
    };
    let all = history.items().iter().rev().flat_map(of_set);
    let holds = |poem: &SamplePoem| {
        filter.is_empty() || poem.form == filter || poem.lines.iter().any(|line| line.text.contains(filter))
    };
    all.filter(|(_, poem)| holds(poem)).collect()
}

impl Browser {
    pub fn set_filter(&mut self, filter: String) {
        self.filter = filter;
        self.selected = None;
    }

    /// Index of the selected poem in the list, or of the next older one if it is no longer there.
    pub fn index(&self, history: &Thinned<SampleSet>) -> usize {
        let Some(selected) = self.selected else { return 0 };
        let listed = listed(history, &self.filter);
        let at_or_before = |position: PoemPosition| {
            position.number < selected.number
                || (position.number == selected.number && position.index >= selected.index)
        };
        let found = listed.iter().position(|(position, _)| at_or_before(*position));
        found.unwrap_or(listed.len().saturating_sub(1))
    }

    /// Selects the poem at an index of the list. Index 0 follows the newest poem.
    pub fn select(&mut self, history: &Thinned<SampleSet>, index: usize) {
        let listed = listed(history, &self.filter);
        let index = index.min(listed.len().saturating_sub(1));
        self.selected = if index == 0 { None } else { listed.get(index).map(|(position, _)| *position) };
    }

    /// Selects the next poem of the same seed and form, later or earlier.
    pub fn travel(&mut self, history: &Thinned<SampleSet>, later: bool) {
        let listed = listed(history, &self.filter);
        let Some((PoemPosition { step, .. }, poem)) = listed.get(self.index(history)) else { return };
        let is_same = |(_, other): &&(PoemPosition, &SamplePoem)| other.seed == poem.seed && other.form == poem.form;
        let next = if later {
            listed.iter().rev().filter(is_same).find(|(other, _)| other.step > *step)
        } else {
            listed.iter().filter(is_same).find(|(other, _)| other.step < *step)
        };
        if let Some((position, _)) = next {
            self.selected = Some(*position);
        }
    }

    /// Pins the selected poem, or unpins it.
    pub fn pin(&mut self, history: &Thinned<SampleSet>) {
        let listed = listed(history, &self.filter);
        let selected = listed.get(self.index(history)).map(|(position, poem)| (position.step, (*poem).clone()));
        self.pinned = if self.pinned == selected { None } else { selected };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::ScoredLine;

    fn history(n_history: u64) -> Thinned<SampleSet> {
        let mut history = Thinned::new(100);
        for step in 1..=n_history {
            let poem = |seed| {
                let text = format!("春 {step} {seed}");
                let lines = vec![ScoredLine { text, score: None, attributions: Vec::new(), tones: String::new() }];
                SamplePoem { form: "7x4".into(), seed, lines, score: None, nearest: Vec::new(), stanzas: Vec::new() }
            };
            // Seed 1 is in every set, the other seed in one only.
            history.push(SampleSet { step, number: step, temperature: 1.0, poems: vec![poem(1), poem(100 + step)] });
        }
        history
    }

    fn selected(browser: &Browser, history: &Thinned<SampleSet>) -> String {
        listed(history, &browser.filter)[browser.index(history)].1.lines[0].text.clone()
    }

    #[test]
    fn left_and_right_follow_a_seed() {
        let history = history(5);
        let mut browser = Browser::default();
        assert_eq!(selected(&browser, &history), "春 5 1");
        browser.travel(&history, false);
        browser.travel(&history, false);
        assert_eq!(selected(&browser, &history), "春 3 1");
        browser.travel(&history, true);
        assert_eq!(selected(&browser, &history), "春 4 1");
        browser.select(&history, 1);
        browser.travel(&history, false);
        assert_eq!(selected(&browser, &history), "春 5 105", "no other sample set has this seed");
    }

    #[test]
    fn a_selected_poem_stays_selected_and_otherwise_the_newest_is_followed() {
        let mut browser = Browser::default();
        assert_eq!(selected(&browser, &history(6)), "春 6 1");
        browser.select(&history(5), 3);
        assert_eq!(selected(&browser, &history(5)), "春 4 104");
        assert_eq!(selected(&browser, &history(9)), "春 4 104");
    }

    #[test]
    fn two_sample_sets_of_one_step_are_distinct() {
        let mut history = history(2);
        history.push(SampleSet { number: 3, ..history.last().unwrap().clone() });
        let mut browser = Browser::default();
        for index in 0..6 {
            browser.select(&history, index);
            assert_eq!(browser.index(&history), index);
        }
        browser.select(&history, 0);
        browser.travel(&history, false);
        assert_eq!(selected(&browser, &history), "春 1 1", "another step");
    }

    #[test]
    fn a_filter_and_a_pin() {
        let history = history(5);
        let mut browser = Browser::default();
        browser.set_filter("春 2".into());
        assert_eq!(listed(&history, &browser.filter).len(), 2);
        browser.pin(&history);
        assert_eq!(browser.pinned.as_ref().unwrap().0, 2);
        browser.pin(&history);
        assert!(browser.pinned.is_none());
        browser.set_filter("none such".into());
        browser.pin(&history);
        browser.travel(&history, true);
        assert!(browser.pinned.is_none() && browser.index(&history) == 0);
    }
}
