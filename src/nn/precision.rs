//! The precision of the matrix products of training.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bf16::Instructions;
use crate::config::PrecisionSetting;

/// How training multiplies matrices. Weights, sums, gradients and all other operations have 32 bits with either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    F32,
    /// Factors rounded to bfloat16 (8 bits of mantissa), their products summed in 32 bits.
    Bf16,
}

impl Precision {
    /// What a setting means on this processor.
    pub fn of(setting: PrecisionSetting) -> Precision {
        match setting {
            PrecisionSetting::Auto => Precision::fastest(),
            PrecisionSetting::F32 => Precision::F32,
        }
    }

    /// The fastest one of this processor.
    pub fn fastest() -> Precision {
        if Precision::Bf16.is_available() { Precision::Bf16 } else { Precision::F32 }
    }

    /// Whether this processor has the instructions.
    pub fn is_available(self) -> bool {
        self == Precision::F32 || Instructions::of_this_processor().is_some()
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
        })
    }
}
