//! Thresholds on the quality of generated poems and on the balance of both models: what the dashboard warns of, what
//! recovery acts on, and what the best checkpoint has to keep. They stand in one table, since each group is meant to be
//! stricter than the next: best, then warning, then recovery.

/// Bounds on one evaluation. Diversity is distinct-2 as a share of that of real poems; copies are the share of copied
/// lines beyond that of real poems; the rise is that of the held-out loss above the lowest one, nats per token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub min_diversity: f64,
    pub max_copies: f64,
    pub max_loss_increase: f32,
}

/// The best checkpoint of the adversarial phase keeps these.
pub const BEST: Limits = Limits { min_diversity: 0.9, max_copies: 0.02, max_loss_increase: 0.3 };
/// Beyond these the dashboard shows an alarm.
pub const ALARM: Limits = Limits { min_diversity: 0.8, max_copies: 0.05, max_loss_increase: 0.4 };
/// Beyond these the generator has collapsed: training goes back to the best checkpoint.
pub const COLLAPSE: Limits = Limits { min_diversity: 0.7, max_copies: 0.1, max_loss_increase: 0.5 };

/// Area under the ROC curve of the discriminator's scores above which the dashboard shows an alarm.
pub const ALARM_AUC: f32 = 0.97;
/// Moving average of D(real) - D(fake) above which the discriminator's learning rate is halved.
pub const MAX_D_MARGIN: f32 = 0.9;
/// Decay of that average, by step.
pub const D_MARGIN_DECAY: f32 = 0.98;
/// Times that the discriminator's learning rate is halved at most.
pub const MAX_D_HALVINGS: u32 = 6;
/// Steps in a row that may be undone before training stops with an error.
pub const MAX_UNDONE: u32 = 8;
