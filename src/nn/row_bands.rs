//! Counting into the rows of a large matrix on all threads. Every thread reads all that is counted and has some of the rows, so
//! the threads need no matrices of their own, and the counts do not depend on how many there are.

use std::ops::Range;

use rayon::prelude::*;

/// A matrix [rows, columns] of counts; `count` adds those of a range of rows to it, [rows of the range, columns].
pub fn counted(rows: usize, columns: usize, count: impl Fn(Range<usize>, &mut [f32]) + Sync) -> Vec<f32> {
    let mut matrix = vec![0f32; rows * columns];
    let of_band = rows.div_ceil(rayon::current_num_threads()).max(1);
    let bands = matrix.par_chunks_mut((of_band * columns).max(1)).enumerate();
    bands.for_each(|(index, band)| {
        let first = index * of_band;
        count(first..first + band.len() / columns.max(1), band);
    });
    matrix
}

/// The sum of each row of a matrix with `columns` columns, and of each column. Exact for counts.
pub fn sums(matrix: &[f32], columns: usize) -> (Vec<f64>, Vec<f64>) {
    let of_row = |row: &[f32]| row.iter().map(|&x| f64::from(x)).sum();
    let of_rows = matrix.par_chunks(columns.max(1)).map(of_row).collect();
    let add = |mut sums: Vec<f64>, row: &[f32]| {
        row.iter().zip(&mut sums).for_each(|(&x, sum)| *sum += f64::from(x));
        sums
    };
    let merge = |mut a: Vec<f64>, b: Vec<f64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let zeros = || vec![0f64; columns];
    let of_columns = matrix.par_chunks(columns.max(1)).fold(zeros, add).reduce(zeros, merge);
    (of_rows, of_columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn counts_and_sums_do_not_depend_on_the_number_of_threads() {
        let (rows, columns) = (37, 11);
        let mut rng = random::stream(1, "test", 0);
        let pairs: Vec<(usize, usize)> =
            (0..5000).map(|_| (random::below(&mut rng, rows), random::below(&mut rng, columns))).collect();
        let mut expected = vec![0f32; rows * columns];
        pairs.iter().for_each(|&(row, column)| expected[row * columns + column] += 1.0);
        let row_sums: Vec<f64> = expected.chunks(columns).map(|row| row.iter().map(|&x| f64::from(x)).sum()).collect();
        let column_sums: Vec<f64> =
            (0..columns).map(|c| expected.iter().skip(c).step_by(columns).map(|&x| f64::from(x)).sum()).collect();
        for threads in [1, 2, 3, 8, 50] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (found, sums) = pool.install(|| {
                let found = counted(rows, columns, |band, part| {
                    for &(row, column) in pairs.iter().filter(|(row, _)| band.contains(row)) {
                        part[(row - band.start) * columns + column] += 1.0;
                    }
                });
                let sums = sums(&found, columns);
                (found, sums)
            });
            assert_eq!((found, sums), (expected.clone(), (row_sums.clone(), column_sums.clone())), "{threads} threads");
        }
        assert_eq!((counted(0, 0, |_, _| ()), sums(&[], 0)), (vec![], (vec![], vec![])));
    }
}
