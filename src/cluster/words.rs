//! What ranks tell each other, as words of 32 bits.

use std::collections::BTreeMap;

use candle_core::{Device, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::nn::params::Weights;

/// Words that cannot be read: a fault of the program, or ranks of different versions.
fn unreadable(error: impl std::fmt::Display) -> candle_core::Error {
    candle_core::Error::Msg(format!("a message of another rank cannot be read: {error}"))
}

/// A value as JSON.
pub fn of_value(value: &impl Serialize) -> Result<Vec<u32>> {
    serde_json::to_vec(value).map(|text| of_bytes(&text)).map_err(unreadable)
}

/// The inverse of [`of_value`].
pub fn to_value<T: DeserializeOwned>(words: &[u32]) -> Result<T> {
    serde_json::from_slice(to_bytes(words)?).map_err(unreadable)
}

/// Named parts of weights, as a checkpoint has them.
pub fn of_parts(parts: &[(&str, Weights)]) -> Result<Vec<u32>> {
    let mut words = Vec::new();
    for (name, weights) in parts {
        let tensors = safetensors::serialize(weights, None).map_err(unreadable)?;
        for bytes in [name.as_bytes(), &tensors] {
            words.extend(of_bytes(bytes));
        }
    }
    Ok(words)
}

/// The inverse of [`of_parts`].
pub fn to_parts(words: &[u32]) -> Result<BTreeMap<String, Weights>> {
    let fields = Fields { words }.map(to_bytes).collect::<Result<Vec<_>>>()?;
    let part = |field: &[&[u8]]| {
        let name = String::from_utf8(field[0].to_vec()).map_err(unreadable)?;
        Ok((name, candle_core::safetensors::load_buffer(field[1], &Device::Cpu)?.into_iter().collect()))
    };
    fields.chunks_exact(2).map(part).collect()
}

/// Vectors one after the other.
pub fn of_vectors<T: bytemuck::NoUninit>(vectors: &[Vec<T>]) -> Vec<u32> {
    vectors.iter().flat_map(|vector| of_bytes(bytemuck::cast_slice(vector))).collect()
}

/// The inverse of [`of_vectors`].
pub fn to_vectors<T: bytemuck::AnyBitPattern>(words: &[u32]) -> Result<Vec<Vec<T>>> {
    let vector = |field| Ok(bytemuck::try_cast_slice(to_bytes(field)?).map_err(unreadable)?.to_vec());
    Fields { words }.map(vector).collect()
}

/// A field: the number of bytes, and the bytes, filled up to whole words.
fn of_bytes(bytes: &[u8]) -> Vec<u32> {
    let mut words = vec![0; bytes.len().div_ceil(4)];
    bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(bytes);
    words.insert(0, bytes.len() as u32);
    words
}

fn to_bytes(field: &[u32]) -> Result<&[u8]> {
    let (len, words) = field.split_first().ok_or_else(|| unreadable("it is empty"))?;
    bytemuck::cast_slice(words).get(..*len as usize).ok_or_else(|| unreadable("it is cut"))
}

/// The fields of a message.
struct Fields<'a> {
    words: &'a [u32],
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u32];

    fn next(&mut self) -> Option<&'a [u32]> {
        let len = (*self.words.first()? as usize).div_ceil(4) + 1;
        let (field, rest) = self.words.split_at(len.min(self.words.len()));
        self.words = rest;
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Tensor;

    #[test]
    fn everything_comes_back_bit_for_bit() {
        let vectors = vec![vec![1.5f32, f32::NAN, -0.0], vec![], vec![f32::MIN_POSITIVE / 2.0]];
        let back: Vec<Vec<f32>> = to_vectors(&of_vectors(&vectors)).unwrap();
        let bits = |vectors: &[Vec<f32>]| vectors.iter().map(|x| x.iter().map(|x| x.to_bits()).collect()).collect();
        let (found, wanted): (Vec<Vec<u32>>, Vec<Vec<u32>>) = (bits(&back), bits(&vectors));
        assert_eq!(found, wanted);
        let value = ("春".to_string(), vec![0.1f64, 1e-300]);
        assert_eq!(to_value::<(String, Vec<f64>)>(&of_value(&value).unwrap()).unwrap(), value);
        let weights: Weights = [("a".to_string(), Tensor::new(&[1f32, 2.0], &Device::Cpu).unwrap())].into();
        let parts = to_parts(&of_parts(&[("one", weights.clone()), ("two", Weights::new())]).unwrap()).unwrap();
        assert_eq!(parts["one"]["a"].to_vec1::<f32>().unwrap(), [1.0, 2.0]);
        assert!(parts.len() == 2 && parts["two"].is_empty());
    }

    #[test]
    fn cut_words_are_an_error() {
        let words = of_value(&"spring").unwrap();
        assert!(to_value::<String>(&words[..2]).is_err() && to_value::<String>(&[]).is_err());
        assert!(to_vectors::<f32>(&words[..2]).is_err());
    }
}
