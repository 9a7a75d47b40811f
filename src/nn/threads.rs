//! The threads of the numeric core: their number, and that each of them flushes subnormal floats to zero.

use std::error::Error;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Sets the flush-to-zero and denormals-are-zero bits of the calling thread. On Linux a thread inherits them from the
/// one that starts it.
///
/// By the letter of the documentation (`core::arch::x86_64::_mm_setcsr`, which is deprecated for this reason) it is
/// undefined behaviour to run Rust code with other floating-point settings than the default: the compiler may assume
/// that an operation on subnormals, folded at compile time or moved, gives the IEEE result. The only effect known is that
/// a subnormal result is 0 or not, and no computation here depends on which.
///
/// It is done all the same, because the gradient of a saturated discriminator is subnormal, and then every product of a
/// backward pass is. Forward and backward of [`super::ops::relaxed_embedding`] (1792 rows, 4500 tokens, inverse
/// temperature 10, one thread, CPU time of three passes) take 0.71 s for a gradient of 1, and for one of 1e-37 0.74 s with
/// these bits and 4.5 s without them. To flush the softmax's results and Adam's moments explicitly instead does not help
/// (4.4 s), since the subnormals arise inside the products. The softmax itself makes hardly any: [`super::simd::exp`] is 0
/// below e^-87, just above the smallest normal number; so without the bits an ordinary generator step costs nothing more.
pub fn flush_to_zero() {
    #[cfg(target_arch = "x86_64")]
    {
        let mut control: u32 = 0;
        // SAFETY: stmxcsr and ldmxcsr only read and write the thread's own control word; the two bits that are set
        // change the result of subnormal arithmetic and nothing else. See above on undefined behaviour.
        unsafe {
            std::arch::asm!("stmxcsr [{}]", in(reg) &mut control, options(nostack));
            control |= 0x8040;
            std::arch::asm!("ldmxcsr [{}]", in(reg) &control, options(nostack));
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        let mut control: u64;
        // SAFETY: as above, for the FZ bit of FPCR.
        unsafe {
            std::arch::asm!("mrs {}, fpcr", out(reg) control, options(nomem, nostack));
            control |= 1 << 24;
            std::arch::asm!("msr fpcr, {}", in(reg) control, options(nomem, nostack));
        }
    }
}

/// Starts the pool of worker threads with one thread per processor (or `RAYON_NUM_THREADS`), once.
///
/// # Errors
/// Threads that the system refuses to start. Then nothing of this crate can compute.
pub fn start() -> Result<(), String> {
    static POOL: OnceLock<Result<(), String>> = OnceLock::new();
    let build = || match ThreadPoolBuilder::new().start_handler(|_| flush_to_zero()).build_global() {
        Err(error) if error.source().is_some() => Err(error.to_string()),
        // An error without a cause means that the embedding program has started a pool: then its threads are set.
        Err(_) => {
            rayon::broadcast(|_| flush_to_zero());
            Ok(())
        }
        Ok(()) => Ok(()),
    };
    POOL.get_or_init(|| build().and_then(|()| start_lanes())).clone()
}

/// Prepares the calling thread, and the pool; every thread that computes has to call it once.
pub fn prepare() {
    flush_to_zero();
    // The program has called `start` first and has reported an error.
    let _ = start();
}

/// Number of threads that share the work of one operation.
pub fn count() -> usize {
    rayon::current_num_threads()
}

/// Runs `work` on even ranges of 0..items, one range per thread, in parallel; results are in order.
///
/// With fewer items than threads there is one range, and its operations share the threads. The ranges depend only on these two
/// numbers, so equal runs give equal bits.
pub fn in_ranges<R: Send>(items: usize, work: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    on_lanes(&even_ranges(items, if items < count() { 1 } else { count() }), work)
}

/// Even ranges of 0..items, as many as `parts`, but none that is empty unless all are.
pub fn even_ranges(items: usize, parts: usize) -> Vec<Range<usize>> {
    let parts = parts.min(items).max(1);
    (0..parts).map(|part| part * items / parts..(part + 1) * items / parts).collect()
}

/// Runs `work` on each of `ranges`; results are in their order.
///
/// Within a range every operation stays on its one thread. So the threads of a training step first meet when the gradients
/// are added, where parallel operations would meet at the end of each (on two cores a likelihood step takes a quarter
/// less with an LSTM, a tenth less with a transformer). A single range is run by the caller, and its operations share the threads.
///
/// A thread that is done with a range takes the next, so with more ranges than threads a fast core does not wait for a slow one.
/// But every range packs the weights anew and forms gradients of its own: two ranges per thread cost 10 % more CPU time over the
/// steps of `poetgan bench`, four 18 %.
pub fn on_lanes<R: Send>(ranges: &[Range<usize>], work: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    let lanes = if count() == 1 { &[] } else { LANES.get().map_or(&[][..], Vec::as_slice) };
    let lanes = &lanes[..lanes.len().min(ranges.len())];
    if lanes.len() < 2 {
        return ranges.iter().cloned().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let index = next.fetch_add(1, Ordering::Relaxed);
        ranges.get(index).map(|range| (index, work(range.clone())))
    };
    let mut results: Vec<Vec<(usize, R)>> = lanes.iter().map(|_| Vec::new()).collect();
    run_on(lanes, &mut results, &|| std::iter::from_fn(take).collect());
    let mut results: Vec<(usize, R)> = results.into_iter().flatten().collect();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Runs `work` on every lane, and waits for all of them.
fn run_on<R: Send>(lanes: &[ThreadPool], results: &mut [R], work: &(impl Fn() -> R + Sync)) {
    let (Some((lane, lanes)), Some((result, results))) = (lanes.split_last(), results.split_last_mut()) else {
        return;
    };
    lane.in_place_scope(|scope| {
        scope.spawn(|_| *result = work());
        run_on(lanes, results, work);
    });
}

/// Pools of one thread each, as many as the common pool has threads.
static LANES: OnceLock<Vec<ThreadPool>> = OnceLock::new();

fn start_lanes() -> Result<(), String> {
    let lane = || ThreadPoolBuilder::new().num_threads(1).stack_size(LANE_STACK).start_handler(|_| flush_to_zero());
    let lanes = (0..count()).map(|_| lane().build()).collect::<Result<Vec<_>, _>>();
    // Lanes that exist already are kept.
    let _ = LANES.set(lanes.map_err(|error| error.to_string())?);
    Ok(())
}

/// Bytes of stack: candle walks the graph by recursion, and that of a discriminator may be too deep for the default.
pub const LANE_STACK: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    #[test]
    fn ranges_cover_all_items_in_order_and_stay_on_one_thread() {
        super::prepare();
        for items in [1, 2, 7, 64] {
            let ranges = super::in_ranges(items, |range| (range, super::count()));
            let covered: Vec<usize> = ranges.iter().flat_map(|(range, _)| range.clone()).collect();
            assert_eq!(covered, (0..items).collect::<Vec<_>>());
            assert_eq!(ranges.len(), if items < super::count() { 1 } else { super::count() });
            assert!(ranges.len() == 1 || ranges.iter().all(|(range, threads)| *threads == 1 && !range.is_empty()));
        }
    }

    #[test]
    fn a_fast_lane_takes_what_a_slow_one_leaves() {
        super::prepare();
        let ranges: Vec<_> = (0..8).map(|range| range..range + 1).collect();
        let slow = |range: std::ops::Range<usize>| {
            std::thread::sleep(std::time::Duration::from_millis(if range.start == 0 { 200 } else { 1 }));
            (range.start, std::thread::current().id())
        };
        let results = super::on_lanes(&ranges, slow);
        assert_eq!(results.iter().map(|(range, _)| *range).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
        let with_slow = results.iter().filter(|(_, thread)| *thread == results[0].1).count();
        assert!(super::count() == 1 || with_slow == 1, "{with_slow} ranges on the thread of the slow one");
    }

    #[test]
    fn subnormals_are_flushed_on_every_thread() {
        super::prepare();
        let tiny = std::hint::black_box(f32::MIN_POSITIVE);
        assert_eq!(tiny * std::hint::black_box(0.5), 0.0);
        (0..64).into_par_iter().for_each(|_| assert_eq!(std::hint::black_box(tiny) * std::hint::black_box(0.5), 0.0));
    }
}
