//! The binary: allocator, environment, command line. The overview of the crate is in lib.rs.

use poetgan::cli;
use std::process::ExitCode;

/// mimalloc keeps the large buffers of each step; the system allocator would return them to the kernel and fault in the
/// pages again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay`, which the bindings lack: milliseconds after which unused pages are returned, -1 for never.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

fn main() -> ExitCode {
    // SAFETY: sets an option of the allocator. By default it would return memory to the system between two steps that both
    // need it.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, -1) };
    let invocation = cli::parse();
    // SAFETY: the process has a single thread so far, so there is no concurrent access to the environment. candle's own pool
    // for elementwise work would spin next to the one for matrix products, and pin its threads.
    unsafe { std::env::set_var("CANDLE_NUM_THREADS", "1") };
    if let Some(threads) = invocation.threads() {
        // SAFETY: the process has a single thread so far, so there is no concurrent access to the environment. The matrix
        // products read this variable at each call, and it is the only way to configure them.
        unsafe { std::env::set_var("RAYON_NUM_THREADS", threads.to_string()) };
    }
    let lang = invocation.lang();
    match invocation.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::report(&error, lang),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// In the child of a test.
    const CHILD: &str = "POETGAN_PURGE_DELAY_CHILD";

    /// The bindings take any number for an option: another one would set another option, or write elsewhere.
    #[test]
    fn the_number_of_the_option_is_that_of_the_purge_delay() {
        if std::env::var_os(CHILD).is_some() {
            // SAFETY: reads an option of the allocator by a number that is one.
            let delay = unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
            assert_eq!(delay, 1234);
            return;
        }
        let name = "tests::the_number_of_the_option_is_that_of_the_purge_delay";
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([name, "--exact"]).env(CHILD, "1").env("MIMALLOC_PURGE_DELAY", "1234");
        let output = child.output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && out.contains("1 passed"), "{out}");
    }
}
