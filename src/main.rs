//! Whoever looks for the story: it is told in lib.rs.

use poetgan::cli;
use std::process::ExitCode;

/// The system's allocator returns the large buffers of every step to the kernel and fetches them anew, page by page.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay`, whose name the bindings lack: milliseconds after which unused pages go back, -1 for never.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    // SAFETY: sets a number that the allocator reads from time to time. It would else give memory back to the system
    // between two steps that both need it.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, -1) };
    let invocation = cli::parse();
    // SAFETY: this process has one thread so far, so nobody reads the environment meanwhile. candle's own pool for
    // elementwise work would spin beside the one for matrix products, and pin its threads.
    unsafe { std::env::set_var("CANDLE_NUM_THREADS", "1") };
    if let Some(threads) = invocation.threads() {
        // SAFETY: this process has one thread so far, so nobody reads the environment meanwhile. It must happen here:
        // the matrix products ask for this variable at each call, and there is no other way to tell them.
        unsafe { std::env::set_var("RAYON_NUM_THREADS", threads.to_string()) };
    }
    match invocation.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::report(&error),
    }
}
