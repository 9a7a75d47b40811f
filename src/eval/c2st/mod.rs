//! The classifier two-sample test (Lopez-Paz and Oquab 2017): the accuracy of classifiers that distinguish generated from
//! real poems; chance is 0.5.
//!
//! Half of the real and of the generated poems is for training and early stopping, the other half for the test. The
//! result is that of the classifier with the best validation accuracy. Selecting it by its test accuracy would bias the
//! result upwards, even for real poems against other real poems.

mod accuracy;
mod association;
mod background;
mod cross_fit;
mod examples;
mod features;
mod fit;
mod networks;
mod trees;

pub use accuracy::Accuracy;
pub use background::Background;
pub use cross_fit::CrossFit;

use super::PoemText;
use super::language::{self, Language};
use crate::config::{Config, DEFAULT_PRESET, DiscriminatorConfig};
use crate::error::UserError;
use examples::Split;
use fit::Examples;
use networks::Network;

/// Fewest poems of each class for a test.
pub const LEAST_POEMS: usize = 100;

/// Further features of a poem; the same number for every poem, NaN where one is undefined.
pub type ExtraFeatures<'a> = &'a dyn Fn(&[String]) -> Vec<f32>;

/// The accuracy of one classifier.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassifierResult {
    pub name: &'static str,
    /// On the validation part, by which the best classifier is selected.
    pub validation: Accuracy,
    pub test: Accuracy,
}

/// The accuracies of all classifiers.
#[derive(Clone, Debug, PartialEq)]
pub struct C2stReport {
    pub classifiers: Vec<ClassifierResult>,
    /// Index of the one with the best validation accuracy; the first of equals.
    pub best: usize,
}

impl C2stReport {
    fn new(classifiers: Vec<ClassifierResult>) -> C2stReport {
        let better = |best: usize, next: usize| {
            if classifiers[next].validation.share() > classifiers[best].validation.share() { next } else { best }
        };
        let best = (0..classifiers.len()).reduce(better).unwrap_or(0);
        C2stReport { classifiers, best }
    }

    /// Test accuracy of the best classifier.
    pub fn accuracy(&self) -> Option<Accuracy> {
        self.classifiers.get(self.best).map(|best| best.test)
    }
}

/// Statistics of other real poems, used as features.
#[derive(Clone, Copy)]
pub struct RealPoems<'a> {
    pub background: &'a Background,
    /// `None` leaves out the networks.
    pub language: Option<&'a Language>,
    pub extra: ExtraFeatures<'a>,
}

/// Tests `generated` against `real` poems. Neither the generator nor `known` may have seen the real ones. The surplus of
/// the larger class is not used.
///
/// # Errors
/// Fewer than [`LEAST_POEMS`] of one class, or a failed tensor operation.
pub fn test(real: &[PoemText], generated: &[PoemText], known: RealPoems, seed: u64) -> anyhow::Result<C2stReport> {
    let labelled = Labelled::new(real.len(), generated.len(), seed)?;
    let poems: Vec<PoemText> = real.iter().chain(generated).cloned().collect();
    let mut results = vec![labelled.trees(&known.features(&poems)?, seed)?];
    for network in known.networks()? {
        let examples = Examples { poems: &poems, real: &labelled.is_real, split: &labelled.split, seed };
        let scores = fit::scores(&network, &examples)?;
        results.push(labelled.result(network.name_and_rate().0, &scores));
    }
    Ok(C2stReport::new(results))
}

/// Test accuracy of the boosted trees alone, from the features of real and of generated poems, [poems][columns]. They need
/// seconds, and fewer poems than the networks.
///
/// # Errors
/// Fewer than [`LEAST_POEMS`] of one class.
pub fn by_trees(real: &[Vec<f64>], generated: &[Vec<f64>], seed: u64) -> anyhow::Result<Accuracy> {
    let labelled = Labelled::new(real.len(), generated.len(), seed)?;
    Ok(labelled.trees(&[real, generated].concat(), seed)?.test)
}

/// Labels and split of the real poems followed by the generated ones.
struct Labelled {
    is_real: Vec<bool>,
    split: Split,
}

impl Labelled {
    fn new(real: usize, generated: usize, seed: u64) -> anyhow::Result<Labelled> {
        let fewest = real.min(generated);
        if fewest < LEAST_POEMS {
            let message = format!(
                "{fewest} poems are too few for a classifier two-sample test; it needs {LEAST_POEMS} real and generated ones"
            );
            return Err(UserError(message).into());
        }
        let is_real = (0..real + generated).map(|i| i < real).collect();
        Ok(Labelled { is_real, split: Split::new(real, generated, seed) })
    }

    fn trees(&self, features: &[Vec<f64>], seed: u64) -> anyhow::Result<ClassifierResult> {
        Ok(self.result("trees", &trees::scores(features, &self.is_real, &self.split, seed)?))
    }

    fn result(&self, name: &'static str, scores: &[f64]) -> ClassifierResult {
        let on = |part: &[usize]| {
            let (scores, real): (Vec<f64>, Vec<bool>) = part.iter().map(|&i| (scores[i], self.is_real[i])).unzip();
            Accuracy::of(&scores, &real)
        };
        ClassifierResult { name, validation: on(&self.split.validation), test: on(&self.split.test) }
    }
}

impl<'a> RealPoems<'a> {
    /// The features of every poem for the trees, [poems][columns].
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn features(&self, poems: &[PoemText]) -> anyhow::Result<Vec<Vec<f64>>> {
        let of = |(verse, poem): (&_, &PoemText)| {
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
        // No couplet head, since there is no class embedding; the lexical features are among those of the trees.
        let preset = Config::preset(DEFAULT_PRESET)?.discriminator;
        let config = DiscriminatorConfig { couplet: false, lexical: false, theme: false, ..preset };
        let discriminator = Network::discriminator(config, self.background, language)?;
        Ok(vec![discriminator, Network::Language { config: language::config()?.model, language }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_selected_by_validation() {
        let result = |name, validation, test| ClassifierResult {
            name,
            validation: Accuracy { right: validation, total: 10 },
            test: Accuracy { right: test, total: 20 },
        };
        let report = C2stReport::new(vec![result("a", 7, 9), result("b", 8, 12), result("c", 8, 19)]);
        assert_eq!((report.best, report.accuracy().unwrap().right), (1, 12));
        assert_eq!(C2stReport::new(Vec::new()).accuracy(), None);
    }

    #[test]
    fn too_few_poems_are_a_user_error() {
        let background = Background::new(&[], 0).unwrap();
        let known = RealPoems { background: &background, language: None, extra: &|_| Vec::new() };
        let error = test(&[], &[], known, 0).unwrap_err();
        assert!(error.downcast_ref::<UserError>().is_some() && error.to_string().contains("100"), "{error}");
    }
}
