//! The precision of the matrix products of a run.

use crate::config::PrecisionSetting;
use crate::nn::precision::Precision;
use crate::run::notice::Notice;
use crate::run::state::RunState;

/// Settles the precision of a run in its state: by the setting `now`, or as the checkpoint of a resumed run has it.
pub fn settle(state: &mut RunState, is_resumed: bool, now: PrecisionSetting) -> Option<Notice> {
    let (precision, notice) = match is_resumed {
        // The setting of the checkpoint, not that of config.toml, which a process that was killed may have changed.
        true => of_resumed(state.precision_setting.unwrap_or(now), now, state.precision, Precision::fastest()),
        false => (Precision::of(now), None),
    };
    (state.precision, state.precision_setting) = (precision, Some(now));
    notice
}

/// The precision of a run that is resumed with `now`: the one that it `used`, unless the setting has changed since it was
/// `saved`, or the processor lacks it, which the notice says. So equal settings give equal bits wherever that is possible.
fn of_resumed(
    saved: PrecisionSetting,
    now: PrecisionSetting,
    used: Precision,
    fastest: Precision,
) -> (Precision, Option<Notice>) {
    match (now, used) {
        (PrecisionSetting::F32, _) => (Precision::F32, None),
        (PrecisionSetting::Auto, _) if saved != now => (fastest, None),
        (PrecisionSetting::Auto, Precision::Bf16) if fastest == Precision::F32 => {
            (Precision::F32, Some(Notice::NoBf16))
        }
        (PrecisionSetting::Auto, used) => (used, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Precision::{Bf16, F32};
    use PrecisionSetting::Auto;

    #[test]
    fn a_resumed_run_keeps_its_precision_where_the_processor_has_it() {
        assert_eq!(of_resumed(Auto, Auto, Bf16, Bf16), (Bf16, None));
        assert_eq!(of_resumed(Auto, Auto, F32, Bf16), (F32, None));
        assert_eq!(of_resumed(Auto, Auto, F32, F32), (F32, None));
        assert_eq!(of_resumed(Auto, Auto, Bf16, F32), (F32, Some(Notice::NoBf16)));
    }

    #[test]
    fn a_changed_setting_applies() {
        let f32 = PrecisionSetting::F32;
        assert_eq!(of_resumed(Auto, f32, Bf16, Bf16), (F32, None));
        assert_eq!(of_resumed(f32, Auto, F32, Bf16), (Bf16, None));
        assert_eq!(of_resumed(f32, f32, F32, Bf16), (F32, None));
    }
}
