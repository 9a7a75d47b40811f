//! Spearman's rank correlation.

/// Spearman's correlation between `values` and their positions, -1 to 1; equal values share the mean of their ranks. 0 if
/// all are equal.
pub fn with_position(values: &[f32]) -> f64 {
    let n = values.len() as f64;
    // Twice the rank, less the mean of that: exact, also for ties.
    let rank = |x: &f32| {
        let count = |is: &dyn Fn(&f32) -> bool| values.iter().filter(|y| is(y)).count() as f64;
        2.0 * count(&|y| y < x) + count(&|y| y == x) - n
    };
    let (mut product, mut squares, mut positions) = (0.0, 0.0, 0.0);
    for (index, x) in values.iter().enumerate() {
        let (rank, position) = (rank(x), 2.0 * index as f64 + 1.0 - n);
        product += rank * position;
        squares += rank * rank;
        positions += position * position;
    }
    if squares == 0.0 || positions == 0.0 { 0.0 } else { product / f64::sqrt(squares * positions) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_order_counts() {
        assert_eq!(with_position(&[-2.0, 0.0, 0.1, 9.0]), 1.0);
        assert_eq!(with_position(&[9.0, 0.1, 0.0, -2.0]), -1.0);
        assert_eq!((with_position(&[1.0, 1.0, 1.0]), with_position(&[])), (0.0, 0.0));
        // 1 - 6 sum(d^2) / (n (n^2 - 1)) without ties.
        assert!((with_position(&[1.0, 3.0, 2.0, 5.0, 4.0]) - 0.8).abs() < 1e-12);
        // Ranks 1.5, 1.5, 3 against 1, 2, 3.
        assert!((with_position(&[1.0, 1.0, 2.0]) - 0.75f64.sqrt()).abs() < 1e-12);
    }
}
