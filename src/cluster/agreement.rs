//! Whether all ranks of a run compute the same bits.

use super::{Ranks, words};
use crate::error::UserError;
use crate::nn::precision::Precision;

/// Checks that all ranks compute the same bits: each makes every update itself, so the weights of one that rounds otherwise
/// would drift away from those of the others.
///
/// # Errors
/// A rank whose arithmetic differs from that of rank 0.
pub fn check(ranks: &Ranks, host: &str, arithmetic: &str) -> Result<(), UserError> {
    let lost = |error: &dyn std::fmt::Display| UserError(format!("cannot start MPI: {error}; see docs/cluster.md"));
    let own = [host.as_bytes().to_vec(), arithmetic.as_bytes().to_vec()];
    let all = ranks.gather(words::of_vectors(&own)).map_err(|error| lost(&error))?;
    let all = words::to_vectors::<u8>(&all).map_err(|error| lost(&error))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let hosts: Vec<(String, String)> = all.chunks_exact(2).map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    match hosts.iter().position(|(_, other)| *other != hosts[0].1) {
        None => Ok(()),
        Some(other) => Err(UserError(format!(
            "rank {other} on {} computes with {}, rank 0 on {} with {}, so their weights would drift apart; run on machines with the \
             same program and the same kind of processor",
            hosts[other].0, hosts[other].1, hosts[0].0, hosts[0].1
        ))),
    }
}

/// What the bits of a result depend on: the program, and the instructions that it uses.
pub fn arithmetic() -> String {
    let mut parts = vec![format!("poetgan {}", env!("CARGO_PKG_VERSION")), std::env::consts::ARCH.to_string()];
    #[cfg(target_arch = "x86_64")]
    for (name, is_there) in [
        ("fma", is_x86_feature_detected!("fma")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512bf16", is_x86_feature_detected!("avx512bf16")),
    ] {
        parts.extend(is_there.then(|| name.to_string()));
    }
    parts.push(format!("{:?}", Precision::fastest()));
    parts.join(" ")
}
