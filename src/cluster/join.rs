//! How a process finds out that it is one of several.

use super::Ranks;
#[cfg(feature = "mpi")]
use super::mpi::connect;
use crate::error::UserError;

/// Variables in which a launcher tells a process how many were started together: Open MPI, MPICH and Intel MPI.
const SIZES: [&str; 2] = [OPEN_MPI, "PMI_SIZE"];
pub const OPEN_MPI: &str = "OMPI_COMM_WORLD_SIZE";
/// Slurm's `srun` tells it to every process, and gives a rank to those of MPI.
const SLURM: [&str; 2] = ["SLURM_NTASKS", "PMIX_RANK"];

/// This process among those that an MPI launcher has started with it.
///
/// # Errors
/// Several processes, but a program without MPI; MPI that does not start; ranks that would not compute the same bits.
pub fn join() -> Result<Ranks, UserError> {
    let is_several = |name: &str| std::env::var(name).is_ok_and(|size| size.parse().is_ok_and(|size: usize| size > 1));
    let by_slurm = is_several(SLURM[0]) && std::env::var_os(SLURM[1]).is_some();
    if by_slurm || SIZES.into_iter().any(is_several) { connect() } else { Ok(Ranks::ALONE) }
}

#[cfg(not(feature = "mpi"))]
fn connect() -> Result<Ranks, UserError> {
    Err(UserError(
        "mpirun has started several processes, but this program was built without MPI; build it with \
         `cargo build --release --features mpi`, or start one process"
            .to_string(),
    ))
}
