//! Packed products, bit for bit, with every instruction set of this processor.

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

/// Compares all starts, plain and transposed, with the reference, bit for bit, with the instructions `arch`.
fn check(arch: Arch, rows: impl Iterator<Item = usize> + Clone, inputs: usize, outputs: usize) {
    let (x, w, b) = (normal(ROWS * inputs, 0), normal(inputs * outputs, 1), normal(outputs, 2));
    let before = normal(ROWS * outputs, 3);
    let turned = transposed(&w, outputs);
    let plain = Packed::with_arch(Matrix::new(&w, inputs, outputs).unwrap(), arch).unwrap();
    let transposed = Matrix::new(&turned, outputs, inputs).unwrap().transpose();
    let transposed = Packed::with_arch(transposed, arch).unwrap();
    let starts =
        [(Start::Zero, vec![0.0; ROWS * outputs]), (Start::Bias(&b), b.repeat(ROWS)), (Start::Target, before.clone())];
    for (start, mut expected) in starts {
        reference(&mut expected, &x, &w, inputs);
        for rows in rows.clone() {
            for packed in [&plain, &transposed] {
                let mut y = before[..rows * outputs].to_vec();
                packed.multiply(&mut y, start, &x[..rows * inputs]);
                assert!(y == expected[..rows * outputs], "rows {rows}, inputs {inputs}, outputs {outputs}");
            }
        }
    }
}

#[test]
fn every_shape_has_the_bits_of_the_chain() {
    for inputs in [1, 7, 256] {
        for outputs in [1, 5, 47, 48, 49, 500] {
            check(Arch::new(), 1..=ROWS, inputs, outputs);
        }
    }
}

#[test]
fn every_instruction_set_has_the_bits_of_the_chain() {
    for (_, arch) in simd::instruction_sets() {
        for outputs in [1, 23, 24, 25, 100] {
            check(arch, [1, 14].into_iter(), 33, outputs);
        }
    }
}

#[test]
fn a_matrix_without_elements_is_an_error() {
    for (rows, columns) in [(0, 3), (3, 0), (0, 0)] {
        assert!(Packed::new(Matrix::new(&[], rows, columns).unwrap()).is_err(), "{rows} x {columns}");
    }
}
