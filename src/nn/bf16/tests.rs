//! Products in bfloat16 against a reference that rounds its factors and sums in 64 bits.

use super::super::matrix;
use super::super::precision::Precision;
use super::super::product::{self, Weight};
use super::*;
use crate::random;

/// The instructions; `None`, and a word on the standard error, on a processor without them.
fn instructions() -> Option<Instructions> {
    let instructions = Instructions::of_this_processor();
    if instructions.is_none() {
        eprintln!("this processor does not multiply bfloat16: nothing is tested");
    }
    instructions
}

fn normal(n: usize, index: u64) -> Vec<f32> {
    random::normal(&mut random::stream(7, "bf16", index), n)
}

/// The nearest bfloat16; of two, the one with an even mantissa. A subnormal is 0, though the nearest may not be.
fn rounded(x: f32) -> f64 {
    let bits = x.to_bits();
    let nearest = f32::from_bits(bits.wrapping_add(0x7fff + (bits >> 16 & 1)) & 0xffff_0000);
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { f64::from(nearest) }
}

fn transposed(x: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|j| x.iter().skip(j).step_by(columns).copied()).collect()
}

/// start + a b for a [m, k], b [k, n], and the sum of the magnitudes of what was added.
fn reference(start: &[f32], a: &[f32], b: &[f32], k: usize) -> Vec<(f64, f64)> {
    let n = b.len() / k;
    let element = |(i, &start): (usize, &f32)| {
        let term = |j: usize| rounded(a[i / n * k + j]) * rounded(b[j * n + i % n]);
        let start = f64::from(start);
        (start + (0..k).map(term).sum::<f64>(), start.abs() + (0..k).map(|j| term(j).abs()).sum::<f64>())
    };
    start.iter().enumerate().map(element).collect()
}

/// Every sum is within the error of a sum in 32 bits, half a unit for each of its terms.
fn assert_close(found: &[f32], expected: &[(f64, f64)], k: usize, what: &str) {
    for (i, (found, (expected, magnitude))) in found.iter().zip(expected).enumerate() {
        let bound = 0.5 * f64::from(f32::EPSILON) * (k + 1) as f64 * magnitude;
        assert!((f64::from(*found) - expected).abs() <= bound, "{what}, element {i}: {found}, not {expected}");
    }
}

/// What wrong dimensions or masks would break: a product that writes beyond its target changes what surrounds it.
#[test]
fn products_of_all_shapes_are_right_and_write_nothing_else() {
    const AROUND: usize = 64;
    if instructions().is_none() {
        return;
    }
    let shapes = [1, 7, 16, 17, 33, 50].into_iter().flat_map(|m| [1, 2, 5, 32, 61, 515].map(|k| (m, k)));
    for ((m, k), n) in shapes.flat_map(|shape| [16, 17, 47, 48, 49, 100].map(|n| (shape, n))) {
        let (a, b, before) = (normal(m * k, 0), normal(k * n, 1), normal(m * n, 2));
        let (a_turned, b_turned) = (transposed(&a, k), transposed(&b, n));
        let expected = reference(&before, &a, &b, k);
        for turned in 0..4 {
            let a = match turned & 1 {
                0 => Matrix::new(&a, m, k).unwrap(),
                _ => Matrix::new(&a_turned, k, m).unwrap().transpose(),
            };
            let b = match turned & 2 {
                0 => Matrix::new(&b, k, n).unwrap(),
                _ => Matrix::new(&b_turned, n, k).unwrap().transpose(),
            };
            let mut buffer = vec![7.0; m * n + 2 * AROUND];
            let target = &mut buffer[AROUND..][..m * n];
            target.copy_from_slice(&before);
            product_of(target, a, b);
            assert_close(target, &expected, k, &format!("{m} x {k} x {n}, {turned}"));
            assert!(buffer[..AROUND].iter().chain(&buffer[AROUND + m * n..]).all(|&x| x == 7.0));
        }
    }
}

/// target += a b, whatever the sizes.
fn product_of(target: &mut [f32], a: Matrix, b: Matrix) {
    let instructions = Instructions::of_this_processor().unwrap();
    let (left, right) = (Operand::new(a, instructions).unwrap(), Operand::new(b.transpose(), instructions).unwrap());
    multiply(target, Start::Target, &left, 0..left.rows(), &right);
}

#[test]
fn weights_have_all_starts_and_read_overlapping_rows() {
    if instructions().is_none() {
        return;
    }
    let (k, n, rows) = (70, 50, 133);
    let (w, b, before) = (normal(k * n, 0), normal(n, 1), normal(rows * n, 2));
    let weight = Weight::new(Matrix::new(&w, k, n).unwrap(), Precision::Bf16).unwrap();
    assert!(matches!(weight, Weight::Bf16(..)) && weight.shape() == (k, n));
    for step in [1, 3, k] {
        let x = normal((rows - 1) * step + k, 3);
        let windows: Vec<f32> = (0..rows).flat_map(|row| x[row * step..][..k].to_vec()).collect();
        for (start, values) in
            [(Start::Zero, vec![0.0; rows * n]), (Start::Bias(&b), b.repeat(rows)), (Start::Target, before.clone())]
        {
            let (mut y, mut all) = (before.clone(), before.clone());
            weight.multiply_at(&mut y, start, &x, |row| row * step).unwrap();
            assert_close(&y, &reference(&values, &windows, &w, k), k, &format!("windows {step} apart"));
            // In chunks, by several threads: bit for bit.
            weight.multiply_all(&mut all, start, &windows, |_| {}).unwrap();
            assert_eq!(y, all);
        }
    }
}

#[test]
fn training_products_are_rounded_and_small_ones_are_not() {
    if instructions().is_none() {
        return;
    }
    for (m, n, is_rounded) in [(300, 40, true), (16, 16, true), (15, 40, false), (40, 15, false)] {
        let k = 33;
        let (a, b) = (normal(m * k, 0), normal(k * n, 1));
        let (left, right) = (Matrix::new(&a, m, k).unwrap(), Matrix::new(&b, k, n).unwrap());
        let (mut found, mut plain) = (vec![0.0; m * n], vec![0.0; m * n]);
        product::matmul(&mut found, left, right, false, Precision::Bf16).unwrap();
        matrix::matmul(&mut plain, left, right, false).unwrap();
        assert_eq!(found != plain, is_rounded, "{m} x {n}");
        product::matmul(&mut found, left, right, false, Precision::F32).unwrap();
        assert_eq!(found, plain);
        if is_rounded {
            product::matmul(&mut found, left, right, true, Precision::Bf16).unwrap();
            assert_close(&found, &reference(&plain, &a, &b, k), k, &format!("{m} x {n}"));
        }
    }
}

/// Ties, signs, the largest and the smallest numbers, and what is not finite.
#[test]
fn rounding_is_to_nearest_even() {
    if instructions().is_none() {
        return;
    }
    let patterns = [0x0000, 0x7fff, 0x8000, 0x8001, 0xffff];
    let x: Vec<f32> = (0..0x10000u32)
        .flat_map(|high| patterns.map(|low| f32::from_bits(high << 16 | low)))
        .filter(|x| x.is_finite() && rounded(*x).is_finite())
        .collect();
    let rows = x.len();
    let mut y = vec![0.0; rows];
    product_of(&mut y, Matrix::new(&x, rows, 1).unwrap(), Matrix::new(&[1.0], 1, 1).unwrap());
    let wrong = x.iter().zip(&y).find(|(x, y)| rounded(**x) != f64::from(**y));
    assert_eq!(wrong, None);
    for x in [f32::NAN, f32::INFINITY, f32::MAX] {
        let mut y = [0.0];
        product_of(&mut y, Matrix::new(&[x], 1, 1).unwrap(), Matrix::new(&[1.0], 1, 1).unwrap());
        assert!(!y[0].is_finite(), "{x}");
    }
}

#[test]
fn a_matrix_without_elements_is_an_error_and_a_product_over_nothing_is_zero() {
    if instructions().is_none() {
        return;
    }
    for (rows, columns) in [(0, 20), (20, 0), (0, 0)] {
        assert!(Operand::new(Matrix::new(&[], rows, columns).unwrap(), instructions().unwrap()).is_err());
    }
    let mut target = vec![5.0; 400];
    let (a, b) = (Matrix::new(&[], 20, 0).unwrap(), Matrix::new(&[], 0, 20).unwrap());
    product::matmul(&mut target, a, b, false, Precision::Bf16).unwrap();
    assert_eq!(target, [0.0; 400]);
    assert!(product::matmul(&mut target, a, b.transpose(), false, Precision::Bf16).is_err());
}
