//! Messages over MPI.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use mpi::Threading;
use mpi::topology::{Communicator, Process};
use mpi::traits::{Destination, Source};

use super::Ranks;
use super::agreement::{self, Machine};
use super::link::{Link, Transfer};
use crate::error::UserError;
use crate::nn::threads;

/// Set by the `mpirun` of Open MPI.
const OPEN_MPI: &str = "OMPI_COMM_WORLD_SIZE";
/// How long rank 0 waits for the others after a request to stop. Open MPI's `mpirun` makes one when a rank has ended, and kills the
/// others a second later, in which the checkpoint has to be written.
const GRACE_UNDER_OPEN_MPI: Duration = Duration::from_millis(400);
const GRACE: Duration = Duration::from_secs(10);
/// How long the others wait for rank 0.
const GRACE_OF_OTHERS: Duration = Duration::from_secs(20);

/// Looks for a message before the thread sleeps between two of them, and for how long it does: a short wait costs no sleep,
/// and a long one no processor.
const EAGER: u32 = 10_000;
const SLEEP: Duration = Duration::from_micros(250);

/// Connects this process with the others.
///
/// # Errors
/// MPI that does not start, or ranks that would not compute the same bits.
pub fn connect() -> Result<Ranks, UserError> {
    let failed = |cause: &str| UserError(format!("cannot start MPI: {cause}; see docs/cluster.md"));
    let Channels { rank, size, host, requests, received, thread } =
        start().ok_or_else(|| failed("its library does not start"))?;
    let interrupted = Arc::new(AtomicBool::new(false));
    let grace = match std::env::var_os(OPEN_MPI) {
        _ if rank > 0 => GRACE_OF_OTHERS,
        Some(_) => GRACE_UNDER_OPEN_MPI,
        None => GRACE,
    };
    let link = Link::new(requests, received, thread, interrupted, grace);
    let mut ranks = Ranks { rank, size, threads: 0, link: Some(Mutex::new(link)) };
    if size == 1 {
        ranks.finish();
        return Ok(Ranks::ALONE);
    }
    let own = Machine { host, arithmetic: agreement::arithmetic(), threads: threads::count() };
    ranks.threads = agreement::check(&ranks, &own).inspect_err(|_| ranks.finish())?;
    Ok(ranks)
}

/// A process among those that were started together, and the ends of the channels to its thread of messages.
struct Channels {
    rank: usize,
    size: usize,
    host: String,
    requests: Sender<Transfer>,
    received: Receiver<Vec<u32>>,
    thread: JoinHandle<()>,
}

/// Starts the thread that talks to MPI. `None` if MPI does not start.
fn start() -> Option<Channels> {
    let (tell, place) = channel();
    let (requests, taken) = channel();
    let (give, received) = channel();
    let thread =
        std::thread::Builder::new().name("messages".to_string()).spawn(move || serve(&tell, &taken, &give)).ok()?;
    let (rank, size, host) = place.recv().ok()?;
    Some(Channels { rank, size, host, requests, received, thread })
}

/// Answers requests until nobody is left to make one.
fn serve(tell: &Sender<(usize, usize, String)>, requests: &Receiver<Transfer>, received: &Sender<Vec<u32>>) {
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Serialized) else { return };
    let world = universe.world();
    let host = mpi::environment::processor_name().unwrap_or_default();
    // The receiver waits for this, as for what is received below.
    let _ = tell.send((world.rank() as usize, world.size() as usize, host));
    for request in requests {
        match request {
            Transfer::Send { to, words } => world.process_at_rank(to as i32).send(&words[..]),
            Transfer::Receive { from } => drop(received.send(receive(&world.process_at_rank(from as i32)))),
        }
    }
}

fn receive(process: &Process) -> Vec<u32> {
    let mut looks = 0;
    while process.immediate_probe().is_none() {
        if looks < EAGER {
            looks += 1;
            std::thread::yield_now();
        } else {
            std::thread::sleep(SLEEP);
        }
    }
    process.receive_vec().0
}
