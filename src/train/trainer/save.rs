//! What the training loop does now and then: evaluate, save, and go back where the duel has gone wrong.

use anyhow::Result;

use crate::gan::held_out;
use crate::gan::models;
use crate::gan::quality::{Look, Standing, Watch, best_of, drift};
use crate::gan::recovery::{MOST_HALVINGS, Trouble, trouble};
use crate::run::checkpoint::{self, Pointer};
use crate::run::event::{Event, Phase};
use crate::run::files;
use crate::train::session::Session;
use crate::train::trainer::Trainer;

impl Trainer {
    /// The held-out loss, and a look at the poems.
    pub(super) fn evaluate(&mut self) -> Result<Option<Look>> {
        let Session { config, tokenizer, dataset, models, state, .. } = &self.session;
        let Some(found) = held_out::evaluate(config, dataset, &models.average.weights, held_out::SOME)? else {
            return Ok(None);
        };
        let step = state.step;
        if !found.loss.is_finite() {
            // Neither a curve nor JSON has a place for it; `save` says what follows from it.
            self.evaluated = Some((step, Standing { loss: found.loss, rhyme: None }));
            return Ok(None);
        }
        let look = |watch: &mut Watch| watch.look((config, tokenizer, dataset), &models.average.weights);
        let looked = self.watch.as_mut().map(look).transpose()?;
        let form = self.watch.as_ref().map(|watch| watch.form(dataset)).unwrap_or_default();
        self.evaluated = Some((step, Standing { loss: found.loss, rhyme: looked.as_ref().and_then(Look::rhyme) }));
        self.tell(Event::HeldOut { step, loss: found.loss, forms: found.forms })?;
        if let Some(look) = &looked {
            self.tell(Event::Quality { step, form, figures: look.figures() })?;
        }
        Ok(looked)
    }

    /// Evaluates as the schedule says, and saves the duel if it has gone wrong. An evaluation at the end of a process
    /// does not do that: a run that was interrupted has to go on as one that was not.
    pub(super) fn examine(&mut self) -> Result<()> {
        let looked = self.evaluate()?;
        let Session { config, state, .. } = &self.session;
        let Some((_, Standing { loss, .. })) = self.evaluated.filter(|(step, _)| *step == state.step) else {
            return Ok(());
        };
        if state.phase != Phase::Adversarial || !loss.is_finite() {
            return Ok(());
        }
        let lowest = state.best.filter(|_| config.training.warmup_steps > 0).map(|best| best.loss);
        match trouble((loss, lowest), looked.as_ref(), state.lead) {
            None => Ok(()),
            Some(Trouble::FarAhead(what)) => self.weaken(&what),
            Some(Trouble::Collapse(what)) => {
                let way_out = self.go_back()?;
                self.weaken(&format!("{what}: {way_out}"))
            }
        }
    }

    /// Sets both models back to the best checkpoint that the schedule has written. Says so in words.
    pub(super) fn go_back(&mut self) -> Result<String> {
        let Session { config, models, state, run, tokenizer, .. } = &mut self.session;
        let Some(best) = state.best else {
            return Ok("there is no best checkpoint yet to go back to".to_string());
        };
        let (then, parts) = match checkpoint::load(&checkpoint::place(run, best.step)) {
            Ok(loaded) => loaded,
            Err(error) => return Ok(format!("there is no way back, since {error}")),
        };
        models.load_generator(&parts, then.phase, then.generator_updates)?;
        // It may be another one by now than the one in the checkpoint, which had not learned anything then.
        match models::check_discriminator(config, tokenizer.vocab_size(), &parts) {
            Ok(()) => models.load_discriminator(&parts, then.discriminator_updates)?,
            Err(_) => models.renew_discriminator(config)?,
        }
        // A warm-up that goes back stays a warm-up.
        if then.phase == Phase::Warmup && state.phase == Phase::Adversarial {
            models.begin_game();
        }
        // The checkpoint of this step, if there is one, holds what was given up.
        (self.evaluated, self.saved, self.undone) = (None, None, 0);
        Ok(format!("back to the weights of step {}", then.step))
    }

    /// From now on the discriminator learns at half its rate, and may catch up with itself.
    fn weaken(&mut self, what: &str) -> Result<()> {
        let state = &mut self.session.state;
        let weaker = state.discriminator_halvings < MOST_HALVINGS;
        state.discriminator_halvings += u32::from(weaker);
        // What the smaller rate does has to show first.
        state.lead = 0.0;
        let step = state.step;
        let rate = if weaker { "; the discriminator's learning rate is halved" } else { "" };
        self.tell(Event::Notice { step, text: format!("{what}{rate}") })
    }

    /// Whether the weights have gone wrong, as far as we know.
    fn is_broken(&self) -> bool {
        let evaluated = self.evaluated.filter(|(step, _)| *step == self.session.state.step);
        self.undone > 0 || evaluated.is_some_and(|(_, standing)| !standing.loss.is_finite())
    }

    /// Writes a checkpoint; but one of broken weights would be worth less than those that it drives out. Any one can
    /// become the one that writes, but only one of the schedule can be what later ones, and a duel that has gone wrong,
    /// are measured by: a run that was interrupted has to go on as one that was not.
    pub(super) fn save(&mut self, is_scheduled: bool) -> Result<()> {
        if self.is_broken() {
            let text = "no checkpoint, since numbers are not finite; the ones before are kept".to_string();
            return self.tell(Event::Notice { step: self.session.state.step, text });
        }
        let Session { config, models, state, run, journal, .. } = &mut self.session;
        state.generator_updates = models.generator_adam.updates;
        state.discriminator_updates = models.discriminator_adam.updates;
        state.elapsed_s = self.clock.total_s();
        let drift = drift(&config.training, state.phase);
        let evaluated = self.evaluated.filter(|(step, _)| *step == state.step);
        let best = evaluated.map_or(state.best, |(step, standing)| best_of(state.best, step, standing, drift));
        if is_scheduled {
            state.best = best;
        }
        journal.sync()?;
        let parts = models.parts()?;
        let parts: Vec<_> = parts.iter().map(|(name, weights)| (*name, weights)).collect();
        let path = checkpoint::save(run, state, &parts, config.training.keep_checkpoints)?;
        let (step, way_back) = (state.step, state.best.map(|best| best.step));
        if best.is_some_and(|best| best.step == step) {
            Pointer::Best.set(run, step)?;
        }
        if step == config.training.warmup_steps {
            Pointer::Warmup.set(run, step)?;
        }
        self.saved = Some(step);
        let room = files::room_for(&path);
        self.tell(Event::Checkpoint { step, path: path.display().to_string(), room, best: way_back })
    }
}
