//! What differs between a run and the settings and corpus of now, and whether it can still be resumed.

use crate::config::{Config, ConfigError};
use crate::corpus::HeldOutRule;
use serde_json::Value;
use std::collections::BTreeMap;

/// Keys that affect no weight: a resumed run may change them and still equals an uninterrupted one.
const FREE: [&str; 2] = ["training.sample_every", "training.keep_checkpoints"];
/// Keys that shape none in pretraining without `training.patience`: they schedule recovery, which belongs to the adversarial
/// phase.
const FREE_IN_PRETRAINING: [&str; 2] = ["training.held_out_every", "training.checkpoint_every"];

/// What a run directory was made with.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    pub config: Config,
    /// `corpus.json` (`path`, `bytes`, `sha256`); its digest tells whether the corpus is the same.
    pub corpus: Value,
}

impl Saved {
    /// How the held-out poems of the run were selected.
    pub fn held_out_rule(&self) -> HeldOutRule {
        serde_json::from_value(self.corpus["held_out_rule"].clone()).unwrap_or_default()
    }
}

/// The differences between a run and what is asked of it now, one line each.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// Of the corpus, the models or the tokenizer: the weights would mean nothing any more.
    pub fatal: Vec<String>,
    /// Of training settings: the run can be resumed, but no longer bit for bit.
    pub training: Vec<String>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunProgress {
    /// Steps done.
    pub step: u64,
    /// Steps of pretraining, where it ended before its schedule did.
    pub pretraining_ended: Option<u64>,
}

impl RunProgress {
    /// Steps of pretraining, of which `planned` were planned.
    pub fn pretraining(self, planned: u64) -> u64 {
        self.pretraining_ended.unwrap_or(planned)
    }

    /// Whether pretraining of `planned` steps is over for good.
    pub fn is_pretrained(self, planned: u64) -> bool {
        self.pretraining_ended.is_some() || self.step > planned
    }
}

impl Changes {
    /// Compares two records. The schedule may change where it is not done yet: pretraining that is done keeps its length.
    ///
    /// # Errors
    /// A configuration that cannot be written as TOML.
    pub fn between(old: &Saved, new: &Saved, progress: RunProgress) -> Result<Changes, ConfigError> {
        let mut changes = Changes::default();
        if old.corpus["sha256"] != new.corpus["sha256"] {
            let (was, is) = (describe(&old.corpus), describe(&new.corpus));
            changes.fatal.push(format!("corpus: run has {was}, now {is}"));
        }
        let pretrain_steps = old.config.training.pretrain_steps.min(new.config.training.pretrain_steps);
        let (step, is_pretrained) = (progress.step, progress.is_pretrained(pretrain_steps));
        // Evaluations may end pretraining early.
        let is_patient = new.config.training.patience > 0;
        let (old, new) = (flat(&old.config)?, flat(&new.config)?);
        for (key, was) in &old {
            let is = new.get(key).map_or("nothing", String::as_str);
            if was == is || FREE.contains(&key.as_str()) || key.starts_with("sampling.") {
                continue;
            }
            let difference = format!("{key}: run has {was}, now {is}");
            match key.as_str() {
                "training.adversarial_steps" => {}
                "training.pretrain_steps" => {
                    if is_pretrained {
                        changes.fatal.push(format!("{difference} (the run is at step {step})"));
                    }
                }
                key if FREE_IN_PRETRAINING.contains(&key) && !is_pretrained && !is_patient => {}
                // The discriminator has not been trained yet.
                key if key.starts_with("discriminator.")
                    && step > 0
                    && step <= progress.pretraining(pretrain_steps) => {}
                // A run of an earlier version, whose checkpoint says how many they were.
                "training.parts" if was == "0" => {}
                // A checkpoint holds the state of its own optimiser.
                "training.optimizer" => changes.fatal.push(difference),
                key if key.starts_with("training.") => changes.training.push(difference),
                _ => changes.fatal.push(difference),
            }
        }
        Ok(changes)
    }
}

/// All values by `section.key`, as TOML writes them.
pub fn flat(config: &Config) -> Result<BTreeMap<String, String>, ConfigError> {
    // Through the text, where a number looks as the user wrote it.
    let table: toml::Table = toml::from_str(&config.to_toml()?)
        .map_err(|error| ConfigError::Value { key: "config.toml".to_string(), message: error.to_string() })?;
    let mut values = BTreeMap::new();
    flatten("", &table, &mut values);
    Ok(values)
}

fn flatten(path: &str, table: &toml::Table, values: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match value {
            toml::Value::Table(table) => flatten(&path, table, values),
            value => drop(values.insert(path, value.to_string())),
        }
    }
}

/// A corpus in a few words: path, size and the beginning of its digest.
fn describe(corpus: &Value) -> String {
    let path = corpus["path"].as_str().unwrap_or("an unknown file");
    let digest: String = corpus["sha256"].as_str().unwrap_or("unknown").chars().take(8).collect();
    match corpus["bytes"].as_u64() {
        Some(bytes) => format!("{path} ({bytes} bytes, sha256 {digest})"),
        None => format!("{path} (sha256 {digest})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LossKind;
    use serde_json::json;

    /// The changes that `alter` makes to a tiny run (60 + 30 steps) at `step`.
    fn changes(step: u64, alter: impl Fn(&mut Config)) -> Changes {
        changes_after(RunProgress { step, pretraining_ended: None }, alter)
    }

    fn changes_after(progress: RunProgress, alter: impl Fn(&mut Config)) -> Changes {
        let old = Config::preset("tiny").unwrap();
        let mut new = old.clone();
        alter(&mut new);
        let corpus = json!({"path": "a.txt", "sha256": "00"});
        let saved = |config| Saved { config, corpus: corpus.clone() };
        Changes::between(&saved(old), &saved(new), progress).unwrap()
    }

    #[test]
    fn models_and_tokenizer_must_stay() {
        let changes = changes(0, |config| {
            config.model.width = 64;
            config.model.transformer.heads = 4;
            config.tokenizer.vocab_size = 99;
        });
        let expected = [
            "model.transformer.heads: run has 2, now 4",
            "model.width: run has 32, now 64",
            "tokenizer.vocab_size: run has 1000, now 99",
        ];
        assert_eq!((changes.fatal.as_slice(), changes.training.len()), (expected.map(String::from).as_slice(), 0));
    }

    #[test]
    fn training_changes_are_told_apart() {
        let changes = changes(0, |config| {
            config.training.loss = LossKind::Hinge;
            config.model.dropout = 0.15;
        });
        assert_eq!(changes.training, ["training.loss: run has \"standard\", now \"hinge\""]);
        assert_eq!(changes.fatal, ["model.dropout: run has 0.0, now 0.15"]);
    }

    #[test]
    fn what_shapes_no_weight_is_free() {
        let found = changes(70, |config| {
            config.training.sample_every = 7;
            config.training.adversarial_steps = 500;
            config.sampling.temperature = 0.5;
        });
        assert_eq!(found, Changes::default());
        let often = |config: &mut Config| config.training.checkpoint_every = 7;
        assert_eq!(changes(60, often), Changes::default());
        assert_eq!(changes(61, often).training, ["training.checkpoint_every: run has 20, now 7"]);
    }

    #[test]
    fn the_discriminator_may_change_until_it_learns() {
        let filters = |config: &mut Config| config.discriminator.filters = 8;
        assert_eq!(changes(60, filters), Changes::default());
        assert_eq!(changes(61, filters).fatal, ["discriminator.filters: run has 16, now 8"]);
    }

    #[test]
    fn pretraining_that_ended_early_is_done() {
        let at = |step| RunProgress { step, pretraining_ended: Some(40) };
        let hidden = |config: &mut Config| config.discriminator.token_dropout = 0.5;
        assert_eq!(changes_after(at(40), hidden), Changes::default());
        assert_eq!(changes_after(at(41), hidden).fatal, ["discriminator.token_dropout: run has 0.25, now 0.5"]);
        let longer = changes_after(at(41), |config| config.training.pretrain_steps = 80);
        assert_eq!(longer.fatal, ["training.pretrain_steps: run has 60, now 80 (the run is at step 41)"]);
    }

    #[test]
    fn pretraining_that_is_done_keeps_its_length() {
        assert_eq!(changes(60, |config| config.training.pretrain_steps = 80), Changes::default());
        let late = changes(61, |config| config.training.pretrain_steps = 80);
        assert_eq!(late.fatal, ["training.pretrain_steps: run has 60, now 80 (the run is at step 61)"]);
    }
}
