//! The numbers of an event, by metric.

use crate::run::event::Event;
use crate::run::step_metrics::STEP_METRICS;

/// Name of the held-out loss; that of a form is this, a slash and the form.
pub const HELD_OUT: &str = "held_out";

/// A value at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricValue {
    pub step: u64,
    pub value: f32,
    /// The same of real poems, for figures of the quality checks.
    pub real: Option<f32>,
    /// The form of the poems that it was measured on, for these figures.
    pub form: Option<String>,
}

/// Passes each number of an event to `found`, with its metric.
pub fn of(event: &Event, found: &mut impl FnMut(&str, MetricValue)) {
    let plain = |step: u64, value: f32| MetricValue { step, value, real: None, form: None };
    match event {
        Event::Step(record) => {
            for metric in &STEP_METRICS {
                if let Some(value) = (metric.of)(record) {
                    found(metric.name, plain(record.step, value));
                }
            }
        }
        Event::HeldOut { step, loss, forms } => {
            found(HELD_OUT, plain(*step, *loss));
            for (form, loss) in forms {
                found(&format!("{HELD_OUT}/{form}"), plain(*step, *loss));
            }
        }
        Event::Quality { step, form, figures } => {
            for figure in figures {
                let real = Some(figure.real);
                found(&figure.name, MetricValue { step: *step, value: figure.model, real, form: Some(form.clone()) });
            }
        }
        _ => {}
    }
}
