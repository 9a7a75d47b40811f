//! Packed products, bit for bit, on every vector width of this processor.

use super::*;
use crate::nn::simd;
use crate::random;

const ROWS: usize = 40;

fn normal(n: usize, index: u64) -> Vec<f32> {
    random::normal(&mut random::stream(5, "packed", index), n)
}

/// The chain of multiply-adds that a result is by definition, one element after the other.
fn reference(y: &mut [f32], x: &[f32], w: &[f32], inputs: usize) {
    let outputs = w.len() / inputs;
    simd::vectorised(
        #[inline(always)]
        || {
            for (y, x) in y.chunks_exact_mut(outputs).zip(x.chunks_exact(inputs)) {
                for (&x, w) in x.iter().zip(w.chunks_exact(outputs)) {
                    y.iter_mut().zip(w).for_each(|(y, &w)| *y = x.mul_add(w, *y));
                }
            }
        },
    );
}

fn transposed(w: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|j| w.iter().skip(j).step_by(columns).copied()).collect()
}

/// Compares all starts, plain and transposed, with the reference, bit for bit, on the processor `simd`.
fn check<S: Simd>(simd: S, rows: impl Iterator<Item = usize> + Clone, inputs: usize, outputs: usize) {
    let (x, w, b) = (normal(ROWS * inputs, 0), normal(inputs * outputs, 1), normal(outputs, 2));
    let before = normal(ROWS * outputs, 3);
    let turned = transposed(&w, outputs);
    let width = PanelWidth.with_simd(simd);
    let plain = Packed::with_width(Matrix::new(&w, inputs, outputs).unwrap(), width).unwrap();
    let transposed = Matrix::new(&turned, outputs, inputs).unwrap().transpose();
    let transposed = Packed::with_width(transposed, width).unwrap();
    let starts =
        [(Start::Zero, vec![0.0; ROWS * outputs]), (Start::Bias(&b), b.repeat(ROWS)), (Start::Target, before.clone())];
    for (start, mut expected) in starts {
        reference(&mut expected, &x, &w, inputs);
        for rows in rows.clone() {
            for packed in [&plain, &transposed] {
                let mut y = before[..rows * outputs].to_vec();
                simd.vectorize(packed.product(&mut y, start, &x[..rows * inputs], |row| row * inputs));
                assert!(y == expected[..rows * outputs], "rows {rows}, inputs {inputs}, outputs {outputs}");
            }
        }
    }
}

struct Everything;

impl WithSimd for Everything {
    type Output = ();

    fn with_simd<S: Simd>(self, simd: S) {
        for inputs in [1, 7, 256] {
            for outputs in [1, 5, 47, 48, 49, 500] {
                check(simd, 1..=ROWS, inputs, outputs);
            }
        }
    }
}

#[test]
fn every_shape_has_the_bits_of_the_chain() {
    Arch::new().dispatch(Everything);
}

#[test]
fn every_vector_width_has_the_bits_of_the_chain() {
    for outputs in [1, 23, 24, 25, 100] {
        check(pulp::Scalar, [1, 14].into_iter(), 33, outputs);
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            check(simd, [1, 14].into_iter(), 33, outputs);
        }
    }
}

#[test]
fn a_matrix_without_elements_is_an_error() {
    for (rows, columns) in [(0, 3), (3, 0), (0, 0)] {
        assert!(Packed::new(Matrix::new(&[], rows, columns).unwrap()).is_err(), "{rows} x {columns}");
    }
}
