//! The classifier two-sample test (Lopez-Paz and Oquab 2017): how often can generated poems be told from real ones?
//! 0.5 means that they cannot.
//!
//! Half of the real and of the generated poems trains the classifiers (a part of it stops them early), the other half
//! tests them. The best classifier is the one that does best on the part for early stopping. To choose it by the test
//! would take the largest of several numbers that chance moves, and lift even real against other real poems above 0.5.

mod accuracy;
mod association;
mod background;
mod examples;
mod features;
mod fit;
mod networks;
mod trees;

pub use accuracy::Accuracy;
pub use background::Background;

use super::language::{self, Language};
use crate::config::{Config, DEFAULT_PRESET, DiscriminatorConfig};
use crate::error::UserError;
use examples::Split;
use fit::Examples;
use networks::Network;

/// The lines of a poem.
pub type Poem = Vec<String>;

/// Fewest poems of each kind that can be told apart in any earnest.
pub const LEAST_POEMS: usize = 100;

/// Further features of a poem; the same number for every poem, not a number where one has no meaning.
pub type Extra<'a> = &'a dyn Fn(&[String]) -> Vec<f32>;

/// What one classifier achieves.
#[derive(Clone, Debug, PartialEq)]
pub struct Result {
    pub classifier: &'static str,
    /// On the part for early stopping, by which the best is chosen.
    pub validation: Accuracy,
    pub test: Accuracy,
}

/// What all classifiers achieve.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub classifiers: Vec<Result>,
    /// Index of the one that does best on the validation part.
    pub best: usize,
}

impl Report {
    fn new(classifiers: Vec<Result>) -> Report {
        // Of equals the first.
        let better = |best: usize, next: usize| {
            if classifiers[next].validation.share() > classifiers[best].validation.share() { next } else { best }
        };
        let best = (0..classifiers.len()).reduce(better).unwrap_or(0);
        Report { classifiers, best }
    }

    /// The figure: accuracy of the best classifier on the test part.
    pub fn accuracy(&self) -> Option<Accuracy> {
        self.classifiers.get(self.best).map(|best| best.test)
    }
}

/// What is known of other real poems.
#[derive(Clone, Copy)]
pub struct Knowledge<'a> {
    pub background: &'a Background,
    /// Without one, the networks take no part.
    pub language: Option<&'a Language>,
    pub extra: Extra<'a>,
}

/// Tests `generated` poems against `real` ones, which neither the model that wrote them nor what is `known` has seen. Of
/// the larger kind, as many as of the smaller are used.
///
/// # Errors
/// Fewer than [`LEAST_POEMS`] of one kind.
pub fn test(real: &[Poem], generated: &[Poem], known: Knowledge, seed: u64) -> anyhow::Result<Report> {
    let pool = Pool::new(real.len(), generated.len(), seed)?;
    let poems: Vec<Poem> = real.iter().chain(generated).cloned().collect();
    let mut results = vec![pool.trees(&known.features(&poems)?, seed)?];
    for network in known.networks()? {
        let examples = Examples { poems: &poems, real: &pool.is_real, split: &pool.split, seed };
        let scores = fit::scores(&network, &examples)?;
        results.push(pool.result(network.name_and_rate().0, &scores));
    }
    Ok(Report::new(results))
}

/// What the boosted trees alone achieve on the test part, from the features of real and of generated poems: the earnest
/// judge where poems are few, and within seconds.
///
/// # Errors
/// Fewer than [`LEAST_POEMS`] of one kind.
pub fn by_trees(real: &[Vec<f64>], generated: &[Vec<f64>], seed: u64) -> anyhow::Result<Accuracy> {
    let pool = Pool::new(real.len(), generated.len(), seed)?;
    Ok(pool.trees(&[real, generated].concat(), seed)?.test)
}

/// Real poems, then generated ones: which of them are what, and serve what.
struct Pool {
    is_real: Vec<bool>,
    split: Split,
}

impl Pool {
    fn new(real: usize, generated: usize, seed: u64) -> anyhow::Result<Pool> {
        let fewest = real.min(generated);
        if fewest < LEAST_POEMS {
            let message = format!(
                "{fewest} poems are too few to tell generated from real ones; {LEAST_POEMS} of each are needed"
            );
            return Err(UserError(message).into());
        }
        let is_real = (0..real + generated).map(|i| i < real).collect();
        Ok(Pool { is_real, split: Split::new(real, generated, seed) })
    }

    fn trees(&self, features: &[Vec<f64>], seed: u64) -> anyhow::Result<Result> {
        Ok(self.result("trees", &trees::scores(features, &self.is_real, &self.split, seed)?))
    }

    fn result(&self, classifier: &'static str, scores: &[f64]) -> Result {
        let on = |part: &[usize]| {
            let (scores, real): (Vec<f64>, Vec<bool>) = part.iter().map(|&i| (scores[i], self.is_real[i])).unzip();
            Accuracy::of(&scores, &real)
        };
        Result { classifier, validation: on(&self.split.validation), test: on(&self.split.test) }
    }
}

impl<'a> Knowledge<'a> {
    /// The features of every poem, for the trees, [poems][columns].
    pub fn features(&self, poems: &[Poem]) -> anyhow::Result<Vec<Vec<f64>>> {
        let of = |(verse, poem): (&_, &Poem)| {
            let mut features = features::features(self.background, verse);
            features.extend((self.extra)(poem).into_iter().map(f64::from));
            features
        };
        let mut features: Vec<Vec<f64>> = self.background.verses(poems).iter().zip(poems).map(of).collect();
        if let Some(language) = self.language {
            features.iter_mut().zip(language.likelihoods(poems)?).for_each(|(features, more)| features.extend(more));
        }
        Ok(features)
    }

    fn networks(&self) -> anyhow::Result<Vec<Network<'a>>> {
        let Some(language) = self.language else { return Ok(Vec::new()) };
        // The background has learned no classes for a couplet head; the trees count repeats and rare characters.
        let preset = Config::preset(DEFAULT_PRESET)?.discriminator;
        let config = DiscriminatorConfig { couplet: false, lexical: false, ..preset };
        let discriminator = Network::discriminator(config, self.background, language)?;
        Ok(vec![discriminator, Network::Language { config: language::config()?.model, language }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_chosen_without_the_test() {
        let result = |classifier, validation, test| Result {
            classifier,
            validation: Accuracy { right: validation, total: 10 },
            test: Accuracy { right: test, total: 20 },
        };
        let report = Report::new(vec![result("a", 7, 9), result("b", 8, 12), result("c", 8, 19)]);
        assert_eq!((report.best, report.accuracy().unwrap().right), (1, 12));
        assert_eq!(Report::new(Vec::new()).accuracy(), None);
    }

    #[test]
    fn few_poems_are_a_mistake_of_the_user() {
        let background = Background::new(&[], 0).unwrap();
        let known = Knowledge { background: &background, language: None, extra: &|_| Vec::new() };
        let error = test(&[], &[], known, 0).unwrap_err();
        assert!(error.downcast_ref::<UserError>().is_some() && error.to_string().contains("100"), "{error}");
    }
}
