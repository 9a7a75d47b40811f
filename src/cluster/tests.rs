use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::local;
use super::*;

/// What `work` gives on each of `size` ranks at once.
fn on_ranks<R: Send>(size: usize, work: impl Fn(&Ranks) -> R + Sync) -> Vec<R> {
    let ranks = local::ranks(size);
    std::thread::scope(|scope| {
        let threads: Vec<_> = ranks.iter().map(|(ranks, _)| scope.spawn(|| work(ranks))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Values whose sum depends on the order of addition.
fn vector(part: usize, len: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 31 + part * 17) as f32).sin() * 10f32.powi((part % 5) as i32 * 3)).collect()
}

fn bits(vector: &[f32]) -> Vec<u32> {
    vector.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn a_sum_has_the_same_bits_for_any_distribution() {
    for len in [1, 1000, CHUNK, 2 * CHUNK + 5] {
        let parts: Vec<Vec<f32>> = (0..6).map(|part| vector(part, len)).collect();
        let mut expected = parts[0].clone();
        parts[1..].iter().for_each(|part| expected.iter_mut().zip(part).for_each(|(sum, x)| *sum += x));
        assert_eq!(bits(&Ranks::ALONE.sum(&parts, len).unwrap()), bits(&expected));
        // Parts of each rank; some ranks have none.
        for shares in [&[3, 3][..], &[1, 2, 3], &[1, 0, 5, 0], &[6, 0]] {
            let bounds: Vec<usize> =
                shares.iter().scan(0, |end, share| Some(std::mem::replace(end, *end + share))).collect();
            let sums = on_ranks(shares.len(), |ranks| {
                let (start, share) = (bounds[ranks.rank], shares[ranks.rank]);
                ranks.sum(&parts[start..start + share], len).unwrap()
            });
            assert!(sums.iter().all(|sum| bits(sum) == bits(&expected)), "{shares:?} of {len}");
        }
    }
}

#[test]
fn words_are_gathered_in_order_and_those_of_rank_0_reach_all() {
    for size in [2, 3, 5] {
        let gathered = on_ranks(size, |ranks| ranks.gather(vec![ranks.rank as u32; ranks.rank]).unwrap());
        let expected: Vec<u32> = (0..size).flat_map(|rank| vec![rank as u32; rank]).collect();
        assert!(gathered.iter().all(|words| *words == expected));
        let long: Vec<u32> = (0..2 * CHUNK as u32 + 3).collect();
        let told = on_ranks(size, |ranks| ranks.broadcast((ranks.rank == 0).then(|| long.clone())).unwrap());
        assert!(told.iter().all(|words| *words == long));
    }
    assert_eq!(Ranks::ALONE.gather(vec![7]).unwrap(), [7]);
    assert_eq!(Ranks::ALONE.broadcast(Some(vec![7])).unwrap(), [7]);
}

#[test]
fn a_rank_that_waits_for_another_gives_up_after_a_request_to_stop() {
    let mut ranks = local::ranks(2);
    let (first, interrupted) = ranks.remove(0);
    // The other rank never answers.
    let begun = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            interrupted.store(true, Ordering::SeqCst);
        });
        assert!(first.gather(Vec::new()).is_err());
    });
    assert!(begun.elapsed() >= Duration::from_millis(200) && first.is_lost());
    assert!(first.broadcast(Some(vec![1])).is_err(), "a rank that is lost stays lost");
}

#[test]
fn ranks_that_round_otherwise_are_refused() {
    let check = |of_last: &'static str| {
        on_ranks(3, |ranks| {
            let arithmetic = if ranks.rank == 2 { of_last } else { "poetgan 0.1.0 x86_64 avx2" };
            let (host, arithmetic) = (format!("host{}", ranks.rank), arithmetic.to_string());
            let own = agreement::Machine { host, arithmetic, threads: ranks.rank + 1 };
            agreement::check(ranks, &own).map_err(|error| error.to_string())
        })
    };
    assert!(check("poetgan 0.1.0 x86_64 avx2").iter().all(|threads| *threads == Ok(1 + 2 + 3)));
    let expected = "rank 2 on host2 computes with poetgan 0.1.0 x86_64, rank 0 on host0 with poetgan 0.1.0 x86_64 avx2";
    let refused = check("poetgan 0.1.0 x86_64");
    assert!(refused.iter().all(|found| found.as_ref().is_err_and(|error| error.starts_with(expected))), "{refused:?}");
}
