//! The threads of the numeric core: how many, and that each of them flushes subnormal floats to zero. A sharp
//! Gumbel-softmax is full of subnormal probabilities, and a matmul that reads them runs ten times slower.

use std::sync::Once;

/// Sets the flush-to-zero and denormals-are-zero bits of the calling thread. On Linux a thread inherits them from the
/// one that starts it.
pub fn flush_to_zero() {
    #[cfg(target_arch = "x86_64")]
    {
        let mut control: u32 = 0;
        // SAFETY: stmxcsr and ldmxcsr only read and write the thread's own control word; the two bits that are set
        // change the result of subnormal arithmetic and nothing else.
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

/// Makes the calling thread and the pool of worker threads ready. The first call starts the pool with one thread per
/// processor (or `RAYON_NUM_THREADS`); every thread that computes has to call it once.
pub fn prepare() {
    static POOL: Once = Once::new();
    flush_to_zero();
    POOL.call_once(|| {
        // An error means that a pool exists already, started by the embedding program: then its threads are set.
        if rayon::ThreadPoolBuilder::new().start_handler(|_| flush_to_zero()).build_global().is_err() {
            rayon::broadcast(|_| flush_to_zero());
        }
    });
}

/// Threads that share the work of one operation.
pub fn count() -> usize {
    rayon::current_num_threads()
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    #[test]
    fn subnormals_are_flushed_on_every_thread() {
        super::prepare();
        let tiny = std::hint::black_box(f32::MIN_POSITIVE);
        assert_eq!(tiny * std::hint::black_box(0.5), 0.0);
        (0..64).into_par_iter().for_each(|_| assert_eq!(std::hint::black_box(tiny) * std::hint::black_box(0.5), 0.0));
    }
}
