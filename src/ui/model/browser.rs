//! Where the user is among the verses of the whole run.

use crate::run::event::SamplePoem;
use crate::ui::model::history::Thinned;
use crate::ui::model::run_model::Verses;

/// A poem of a moment: it is known by the moment's number and its place there, since moments can be thinned out.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub step: u64,
    number: u64,
    index: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Only poems that hold this text.
    pub filter: String,
    /// The chosen poem; the newest one until somebody has chosen.
    chosen: Option<Place>,
    pub pinned: Option<(u64, SamplePoem)>,
}

/// The poems that a filter lets through, newest moment first.
pub fn listed<'a>(moments: &'a Thinned<Verses>, filter: &str) -> Vec<(Place, &'a SamplePoem)> {
    let of_moment = |moment: &'a Verses| {
        let place = |index| Place { step: moment.step, number: moment.number, index };
        moment.poems.iter().enumerate().map(move |(index, poem)| (place(index), poem))
    };
    let all = moments.items().iter().rev().flat_map(of_moment);
    let holds = |poem: &SamplePoem| {
        filter.is_empty() || poem.form == filter || poem.lines.iter().any(|line| line.text.contains(filter))
    };
    all.filter(|(_, poem)| holds(poem)).collect()
}

impl Browser {
    pub fn set_filter(&mut self, filter: String) {
        self.filter = filter;
        self.chosen = None;
    }

    /// Index of the chosen poem in the list; the nearest one where it is no longer there.
    pub fn place(&self, moments: &Thinned<Verses>) -> usize {
        let Some(chosen) = self.chosen else { return 0 };
        let listed = listed(moments, &self.filter);
        let at_or_before = |place: Place| {
            place.number < chosen.number || (place.number == chosen.number && place.index >= chosen.index)
        };
        let found = listed.iter().position(|(place, _)| at_or_before(*place));
        found.unwrap_or(listed.len().saturating_sub(1))
    }

    /// Chooses the poem at an index of the list. The first one means: the newest, whatever comes.
    pub fn choose(&mut self, moments: &Thinned<Verses>, index: usize) {
        let listed = listed(moments, &self.filter);
        let index = index.min(listed.len().saturating_sub(1));
        self.chosen = if index == 0 { None } else { listed.get(index).map(|(place, _)| *place) };
    }

    /// Goes to the poem of the same seed and form at the next moment that has it, earlier or later.
    pub fn travel(&mut self, moments: &Thinned<Verses>, later: bool) {
        let listed = listed(moments, &self.filter);
        let Some((Place { step, .. }, poem)) = listed.get(self.place(moments)) else { return };
        let is_same = |(_, other): &&(Place, &SamplePoem)| other.seed == poem.seed && other.form == poem.form;
        let next = if later {
            listed.iter().rev().filter(is_same).find(|(other, _)| other.step > *step)
        } else {
            listed.iter().filter(is_same).find(|(other, _)| other.step < *step)
        };
        if let Some((place, _)) = next {
            self.chosen = Some(*place);
        }
    }

    /// Pins the chosen poem, or takes the pin off where it is pinned already.
    pub fn pin(&mut self, moments: &Thinned<Verses>) {
        let listed = listed(moments, &self.filter);
        let chosen = listed.get(self.place(moments)).map(|(place, poem)| (place.step, (*poem).clone()));
        self.pinned = if self.pinned == chosen { None } else { chosen };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::ScoredLine;

    fn moments(n_moments: u64) -> Thinned<Verses> {
        let mut moments = Thinned::new(100);
        for step in 1..=n_moments {
            let poem = |seed| {
                let text = format!("春 {step} {seed}");
                let lines = vec![ScoredLine { text, score: None, attributions: Vec::new(), tones: String::new() }];
                SamplePoem { form: "7x4".into(), seed, lines, score: None, nearest: Vec::new() }
            };
            // Seed 1 comes back, the other one is new every time.
            moments.push(Verses { step, number: step, temperature: 1.0, poems: vec![poem(1), poem(100 + step)] });
        }
        moments
    }

    fn chosen(browser: &Browser, moments: &Thinned<Verses>) -> String {
        listed(moments, &browser.filter)[browser.place(moments)].1.lines[0].text.clone()
    }

    #[test]
    fn the_same_seed_is_followed_through_time() {
        let moments = moments(5);
        let mut browser = Browser::default();
        assert_eq!(chosen(&browser, &moments), "春 5 1");
        browser.travel(&moments, false);
        browser.travel(&moments, false);
        assert_eq!(chosen(&browser, &moments), "春 3 1");
        browser.travel(&moments, true);
        assert_eq!(chosen(&browser, &moments), "春 4 1");
        browser.choose(&moments, 1);
        browser.travel(&moments, false);
        assert_eq!(chosen(&browser, &moments), "春 5 105", "no other moment has this seed");
    }

    #[test]
    fn a_chosen_poem_stays_chosen_when_new_ones_come_and_the_newest_is_followed() {
        let mut browser = Browser::default();
        assert_eq!(chosen(&browser, &moments(6)), "春 6 1");
        browser.choose(&moments(5), 3);
        assert_eq!(chosen(&browser, &moments(5)), "春 4 104");
        assert_eq!(chosen(&browser, &moments(9)), "春 4 104");
    }

    #[test]
    fn verses_of_the_same_step_are_told_apart() {
        let mut moments = moments(2);
        moments.push(Verses { number: 3, ..moments.last().unwrap().clone() });
        let mut browser = Browser::default();
        for index in 0..6 {
            browser.choose(&moments, index);
            assert_eq!(browser.place(&moments), index);
        }
        browser.choose(&moments, 0);
        browser.travel(&moments, false);
        assert_eq!(chosen(&browser, &moments), "春 1 1", "another step");
    }

    #[test]
    fn a_filter_and_a_pin() {
        let moments = moments(5);
        let mut browser = Browser::default();
        browser.set_filter("春 2".into());
        assert_eq!(listed(&moments, &browser.filter).len(), 2);
        browser.pin(&moments);
        assert_eq!(browser.pinned.as_ref().unwrap().0, 2);
        browser.pin(&moments);
        assert!(browser.pinned.is_none());
        browser.set_filter("none such".into());
        browser.pin(&moments);
        browser.travel(&moments, true);
        assert!(browser.pinned.is_none() && browser.place(&moments) == 0);
    }
}
