//! The number of threads.

use std::thread::available_parallelism;
#[cfg(not(target_os = "macos"))]
use std::{collections::BTreeMap, fs};

use crate::error::UserError;
use crate::nn;

/// Most threads of a pool.
const MOST: usize = 1024;
/// Memory of the stack of a thread of the pool, in bytes.
const STACK: usize = 3 << 20;

/// Starts the pool.
///
/// # Errors
/// Threads or stacks that the system refuses.
pub fn start() -> Result<(), UserError> {
    let message = |error| format!("cannot start the threads to compute with: {error}; ask for fewer with --threads N");
    has_room().and_then(|()| nn::threads::start()).map_err(|error| UserError(message(error)))
}

/// Checks that all stacks fit into memory at once. If memory runs out while a new thread allocates its second stack, the one
/// for signals, the standard library aborts the process without an error, so this is checked before the first one starts.
fn has_room() -> Result<(), String> {
    let threads = std::env::var("RAYON_NUM_THREADS").ok().and_then(|value| value.parse().ok()).unwrap_or_else(cores);
    if threads > MOST {
        return Err(format!("RAYON_NUM_THREADS is {threads}, and {MOST} is the most"));
    }
    let bytes = threads.saturating_mul(STACK + nn::threads::LANE_STACK);
    // The allocation is never touched, so it needs no physical memory, and it is freed at once.
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(bytes).map_err(|_| format!("{threads} of them need {} MB for their stacks", bytes >> 20))
}

/// The requested number of threads, at most one per processor, else `None` if `RAYON_NUM_THREADS` sets it, else one per core.
pub fn choose(wanted: Option<usize>) -> Option<usize> {
    let environment = std::env::var("RAYON_NUM_THREADS").is_ok_and(|value| value.parse().is_ok_and(|n: usize| n > 0));
    match wanted {
        Some(threads) => Some(threads.min(allowed())),
        None if environment => None,
        None => Some(cores()),
    }
}

/// The number of processors that this process may use.
pub fn allowed() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Default number of cores, of those that this process and the ones started with it may use.
fn cores() -> usize {
    let allowed = allowed();
    (allowed.min(fastest(core_speeds()).unwrap_or(allowed)) / processes_here()).max(1)
}

/// The number of processes that `mpirun` has started together on this machine (Open MPI; MPICH), 1 without it.
fn processes_here() -> usize {
    let of = |name| std::env::var(name).ok()?.parse().ok();
    ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"].into_iter().find_map(of).unwrap_or(1).max(1)
}

/// The number of cores with the highest total speed. Each gets an equal part of a minibatch and a step waits for the
/// slowest, so n cores are as fast as n times the slowest of them. `None` without cores.
fn fastest(mut speeds: Vec<u64>) -> Option<usize> {
    speeds.sort_unstable_by(|a, b| b.cmp(a));
    (1..=speeds.len()).rev().max_by_key(|&n| n as u64 * speeds[n - 1])
}

/// The relative speed of each core; equal if the system does not report it. The second hardware thread of a core does not
/// speed up matrix products, so it is not counted.
#[cfg(not(target_os = "macos"))]
fn core_speeds() -> Vec<u64> {
    let read = |cpu: usize, file: &str| fs::read_to_string(format!("/sys/devices/system/cpu/cpu{cpu}/{file}")).ok();
    let number = |cpu, file| read(cpu, file)?.trim().parse::<u64>().ok();
    let siblings = (0..).map_while(|cpu| Some((read(cpu, "topology/thread_siblings_list")?, cpu)));
    let cores: BTreeMap<String, usize> = siblings.collect();
    // Capacity counts instructions per cycle as well, but not every kernel reports it.
    let speeds = |file| cores.values().map(|&cpu| number(cpu, file)).collect::<Option<Vec<u64>>>();
    speeds("cpu_capacity").or_else(|| speeds("cpufreq/cpuinfo_max_freq")).unwrap_or_else(|| vec![1; cores.len()])
}

/// The performance cores only, since the efficiency cores are less than half as fast. Untested.
#[cfg(target_os = "macos")]
fn core_speeds() -> Vec<u64> {
    let sysctl = std::process::Command::new("/usr/sbin/sysctl").args(["-n", "hw.perflevel0.physicalcpu"]).output();
    let count = sysctl.ok().and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse().ok());
    vec![1; count.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_cores_count_if_there_are_enough_of_them() {
        for (speeds, expected) in [
            (vec![], None),
            (vec![1], Some(1)),
            (vec![1, 1, 1, 1], Some(4)),
            // Favoured cores are a little faster than the others.
            (vec![57, 57, 55, 55, 55, 55], Some(6)),
            // Four fast cores and four of a third of their speed.
            (vec![350, 1024, 350, 1024, 350, 1024, 350, 1024], Some(4)),
            // Two fast cores and eight of half of their speed.
            (vec![2, 2, 1, 1, 1, 1, 1, 1, 1, 1], Some(10)),
        ] {
            assert_eq!(fastest(speeds.clone()), expected, "{speeds:?}");
        }
    }

    #[test]
    fn some_core_computes() {
        let allowed = available_parallelism().map_or(1, usize::from);
        assert!((1..=allowed).contains(&cores()));
    }
}
