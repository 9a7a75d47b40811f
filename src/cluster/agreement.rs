//! Whether all ranks of a run compute the same bits.

use serde::{Deserialize, Serialize};

use super::{Ranks, words};
use crate::error::UserError;
use crate::nn::precision::Precision;

/// What a rank runs on.
#[derive(Serialize, Deserialize)]
pub struct Machine {
    pub host: String,
    /// As [`arithmetic`] says.
    pub arithmetic: String,
    pub threads: usize,
}

/// Checks that all ranks compute the same bits: each makes every update itself, so the weights of one that rounds otherwise
/// would drift away from those of the others. Returns the number of their threads.
///
/// # Errors
/// A rank whose arithmetic differs from that of rank 0.
pub fn check(ranks: &Ranks, own: &Machine) -> Result<usize, UserError> {
    let machines =
        gathered(ranks, own).map_err(|error| UserError(format!("cannot start MPI: {error}; see docs/cluster.md")))?;
    let first = &machines[0];
    match machines.iter().position(|machine| machine.arithmetic != first.arithmetic) {
        None => Ok(machines.iter().map(|machine| machine.threads).sum()),
        Some(rank) => Err(UserError(format!(
            "rank {rank} on {} computes with {}, rank 0 on {} with {}, so their weights would drift apart; run on machines with the \
             same program and the same kind of processor",
            machines[rank].host, machines[rank].arithmetic, first.host, first.arithmetic
        ))),
    }
}

/// The machines of all ranks.
fn gathered(ranks: &Ranks, own: &Machine) -> candle_core::Result<Vec<Machine>> {
    let own = words::of_vectors(&[words::of_value(own)?]);
    let all = ranks.gather(own).map_err(candle_core::Error::wrap)?;
    words::to_vectors::<u32>(&all)?.iter().map(|machine| words::to_value(machine)).collect()
}

/// What the bits of a result depend on: the program, and the instructions that it uses.
pub fn arithmetic() -> String {
    let mut parts = vec![format!("poetgan {}", env!("CARGO_PKG_VERSION")), std::env::consts::ARCH.to_string()];
    #[cfg(target_arch = "x86_64")]
    for (name, is_there) in [
        ("fma", is_x86_feature_detected!("fma")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ] {
        parts.extend(is_there.then(|| name.to_string()));
    }
    parts.push(Precision::fastest().to_string());
    // Another build of the same version may round otherwise.
    let program = std::env::current_exe().and_then(std::fs::read).unwrap_or_default();
    parts.push(format!("(build {:08x})", crc32c::crc32c(&program)));
    parts.join(" ")
}
