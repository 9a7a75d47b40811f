//! How a process finds out that it is one of several.

use super::Ranks;
#[cfg(feature = "mpi")]
use super::mpi::connect;
use crate::error::UserError;

/// Variables in which a launcher tells a process how many were started together: Open MPI, MPICH and Intel MPI.
const SIZES: [&str; 2] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"];
/// Set by Slurm's `srun` for processes that may use MPI, and also for independent ones.
const PMIX: &str = "PMIX_RANK";

/// This process among those that an MPI launcher has started with it.
///
/// # Errors
/// Several processes, but a program without MPI; MPI that does not start; ranks that would not compute the same bits.
pub fn join() -> Result<Ranks, UserError> {
    let size = SIZES.iter().find_map(|name| std::env::var(name).ok()?.parse::<usize>().ok());
    let by_slurm = size.is_none() && cfg!(feature = "mpi") && std::env::var_os(PMIX).is_some();
    if size.is_some_and(|size| size > 1) || by_slurm { connect() } else { Ok(Ranks::ALONE) }
}

#[cfg(not(feature = "mpi"))]
fn connect() -> Result<Ranks, UserError> {
    Err(UserError(
        "mpirun has started several processes, but this program was built without MPI; build it with \
         `cargo build --release --features mpi`, or start one process"
            .to_string(),
    ))
}
