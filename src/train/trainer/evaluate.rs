//! Evaluation while training, and recovery from what it finds.

use anyhow::Result;

use super::Trainer;
use crate::gan::quality::{Evaluation, QualityCheck, QualityMonitor};
use crate::gan::recovery::{Symptoms, diagnose};
use crate::gan::{held_out, models};
use crate::run::checkpoint;
use crate::run::event::{Event, Phase};
use crate::run::limits::MAX_D_HALVINGS;
use crate::run::notice::{Diagnosis, Notice, Rollback};
use crate::run::state::Best;
use crate::train::ranks;
use crate::train::session::Session;
use crate::train::stopwatch;

impl Trainer {
    /// Held-out loss and quality of the averaged weights.
    pub(super) fn evaluate(&mut self) -> Result<Option<QualityCheck>> {
        let begun = stopwatch::now();
        let Session { gan, tokenizer, .. } = &self.session;
        self.quality.get_or_init(|| QualityMonitor::new(&gan.dataset, tokenizer));
        self.clock.pause(stopwatch::since(begun));
        let begun = stopwatch::now();
        let check = self.measure_quality()?;
        self.clock.evaluation(stopwatch::since(begun));
        Ok(check)
    }

    fn measure_quality(&mut self) -> Result<Option<QualityCheck>> {
        let Session { gan, tokenizer, state, .. } = &self.session;
        let weights = &gan.models.average.weights;
        let Some(found) = held_out::evaluate(&gan.config, &gan.dataset, weights, held_out::MAX_POEMS)? else {
            return Ok(None);
        };
        let step = state.step;
        if !found.loss.is_finite() {
            // Neither a curve nor JSON has a place for it; `save` refuses such weights.
            self.evaluated = Some((step, Evaluation { loss: found.loss, rhyme: None }));
            return Ok(None);
        }
        let monitor = self.quality.get_mut().and_then(Option::as_mut);
        let form = monitor.as_ref().map(|monitor| monitor.form(&gan.dataset)).unwrap_or_default();
        let check = monitor.map(|monitor| monitor.check(gan, tokenizer, weights)).transpose()?;
        let rhyme = check.as_ref().and_then(QualityCheck::rhyme);
        self.evaluated = Some((step, Evaluation { loss: found.loss, rhyme }));
        self.emit(Event::HeldOut { step, loss: found.loss, forms: found.forms })?;
        if let Some(check) = &check {
            self.figures = Some((step, check.figures()));
            self.emit(Event::Quality { step, form, figures: check.figures() })?;
        }
        Ok(check)
    }

    /// Evaluates as scheduled, and recovers if adversarial training has gone wrong. An evaluation at the end of a
    /// process does not recover, since a run that was interrupted has to equal one that was not.
    pub(super) fn evaluate_and_recover(&mut self) -> Result<()> {
        let quality = self.evaluate()?;
        let Session { gan, state, .. } = &self.session;
        let Some((_, Evaluation { loss, .. })) = self.evaluated.filter(|(step, _)| *step == state.step) else {
            return Ok(());
        };
        if state.phase != Phase::Adversarial || !loss.is_finite() {
            return Ok(());
        }
        let lowest = state.best.filter(|_| gan.config.training.pretrain_steps > 0).map(|best| best.loss);
        let symptoms = Symptoms { loss, lowest, quality: quality.as_ref(), d_margin_ema: state.d_margin_ema };
        diagnose(&symptoms).map_or(Ok(()), |diagnosis| self.recover(diagnosis))
    }

    /// Whether the held-out loss has not fallen for `patience` evaluations.
    pub(super) fn is_pretraining_over(&self) -> bool {
        let Session { gan, state, .. } = &self.session;
        let training = &gan.config.training;
        let is_over = |best: Best| state.step >= best.step + training.patience * training.held_out_every;
        training.patience > 0 && !self.is_new_best() && state.best.is_some_and(is_over)
    }

    /// Ends pretraining at the best checkpoint, before its schedule does.
    pub(super) fn end_pretraining(&mut self) -> Result<()> {
        let lowest = self.session.state.best.map_or(f32::INFINITY, |best| best.loss);
        let rollback = self.roll_back()?;
        let Session { gan, state, .. } = &mut self.session;
        let step = state.step;
        (state.pretraining_ended, gan.config.training.pretrain_steps) = (Some(step), step);
        let total_steps = gan.config.training.total_steps();
        self.notify(Notice::PretrainingEnded { lowest, rollback, total_steps })?;
        self.save(true)
    }

    fn recover(&mut self, diagnosis: Diagnosis) -> Result<()> {
        let rollback = if diagnosis.is_collapse() { Some(self.roll_back()?) } else { None };
        let d_lr_halved = self.halve_d_lr();
        self.notify(Notice::Diagnosed { diagnosis, rollback, d_lr_halved })
    }

    /// Sets both models back to the best checkpoint that the schedule has written, on all ranks.
    pub(super) fn roll_back(&mut self) -> Result<Rollback> {
        let rollback = self.load_best()?;
        let Session { gan, state, .. } = &self.session;
        ranks::load(gan, state.phase)?;
        Ok(rollback)
    }

    fn load_best(&mut self) -> Result<Rollback> {
        let Session { gan, state, run, tokenizer, .. } = &mut self.session;
        let (config, models) = (&gan.config, &mut gan.models);
        let Some(best) = state.best else {
            return Ok(Rollback::NoBestCheckpoint);
        };
        let (then, parts) = match checkpoint::load(&checkpoint::path_of(run, best.step)) {
            Ok(loaded) => loaded,
            Err(error) => return Ok(Rollback::Unreadable { reason: error.to_string() }),
        };
        models.load_generator(config, &parts, then.phase, then.generator_updates)?;
        // Its settings may have changed since, while it had not been trained.
        match models::check_discriminator(config, tokenizer.vocab_size(), &parts) {
            Ok(()) => models.load_discriminator(&parts, then.discriminator_updates)?,
            Err(_) => {
                models.renew_discriminator(config)?;
                models.renew_shared_embedding(config)?;
            }
        }
        // Within pretraining the phase stays what it is.
        if then.phase == Phase::Pretraining && state.phase == Phase::Adversarial {
            models.begin_adversarial();
        }
        // The checkpoint of this step, if there is one, holds the weights that were given up.
        (self.evaluated, self.saved, self.undone) = (None, None, 0);
        Ok(Rollback::Restored { step: then.step })
    }

    /// Halves the discriminator's learning rate, if that is still allowed.
    fn halve_d_lr(&mut self) -> bool {
        let state = &mut self.session.state;
        let is_allowed = state.d_lr_halvings < MAX_D_HALVINGS;
        state.d_lr_halvings += u32::from(is_allowed);
        // The average starts anew, so that the smaller rate can show its effect.
        state.d_margin_ema = 0.0;
        is_allowed
    }
}
