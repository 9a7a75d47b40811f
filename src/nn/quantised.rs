//! Matrices in 8 bits: q = round(x / scale) + 128 with one scale for each row, which the largest element of the row
//! takes to 1 or 255.

use candle_core::{DType, Result, Tensor};

const ZERO: f64 = 128.0;
const LARGEST: f64 = 127.0;

/// A matrix [rows, columns] as bytes of the same shape and their scales [rows].
pub struct Quantised {
    pub bytes: Tensor,
    pub scales: Tensor,
}

impl Quantised {
    pub fn of(matrix: &Tensor) -> Result<Quantised> {
        let largest = matrix.abs()?.max_keepdim(1)?;
        // A row of zeros has any scale but 0.
        let scales = (largest / LARGEST)?.maximum(f32::MIN_POSITIVE)?; // [rows, 1]
        let bytes = (matrix.broadcast_div(&scales)?.round()? + ZERO)?.to_dtype(DType::U8)?;
        Ok(Quantised { bytes, scales: scales.squeeze(1)? })
    }

    /// The matrix, each element within half a scale of what it was.
    pub fn to_matrix(&self) -> Result<Tensor> {
        (self.bytes.to_dtype(DType::F32)? - ZERO)?.broadcast_mul(&self.scales.unsqueeze(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::ops::check;
    use candle_core::Device;

    #[test]
    fn no_element_moves_by_more_than_half_a_scale() {
        let matrix = check::normal(&[50, 70], 1).as_detached_tensor();
        let quantised = Quantised::of(&matrix).unwrap();
        let (rows, found) =
            (matrix.to_vec2::<f32>().unwrap(), quantised.to_matrix().unwrap().to_vec2::<f32>().unwrap());
        for (row, found) in rows.iter().zip(&found) {
            let largest = row.iter().fold(0f32, |largest, x| largest.max(x.abs()));
            let half = 0.5 * largest / 127.0;
            assert!(row.iter().zip(found).all(|(x, y)| (x - y).abs() <= half * 1.0001), "{row:?} {found:?}");
            // A finer grid than 8 bits would pass the bound too; this one is met by some element.
            assert!(row.iter().zip(found).any(|(x, y)| (x - y).abs() > 0.8 * half));
        }
    }

    #[test]
    fn zeros_and_the_largest_elements_are_kept() {
        let rows = [[0f32, 0.0, 0.0], [-3.0, 3.0, 0.0], [1e-30, 0.0, -1e-30]];
        let matrix = Tensor::new(&rows, &Device::Cpu).unwrap();
        let found = Quantised::of(&matrix).unwrap().to_matrix().unwrap().to_vec2::<f32>().unwrap();
        for (found, row) in found.iter().flatten().zip(rows.iter().flatten()) {
            assert!((found - row).abs() <= 1e-6 * row.abs(), "{found} {row}");
        }
    }
}
