//! Weights of the oracle: from a file in SeqGAN's layout, or random.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};

use super::lstm::{Oracle, OracleWeights};
use crate::error::UserError;
use crate::input;
use crate::random;

/// Shape and row-major values of each tensor of a file.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Suffixes of the gates in the file, in the order of [`OracleWeights::gates`]: input, forget, candidate, output.
const GATES: [&str; 4] = ["i", "f", "c", "og"];
/// Vocabulary of SeqGAN's oracle, and the width of its embedding and of its cell.
const VOCAB: usize = 5000;
const WIDTH: usize = 32;

/// Reads an oracle from safetensors: `g_embeddings` [vocab, embed], for each gate (i, f, og, c) `W` [embed, hidden],
/// `U` [hidden, hidden] and `b` [hidden], then `Wo` [hidden, vocab] and `bo` [vocab].
///
/// # Errors
/// A file that cannot be read, is damaged, or contains other tensors.
pub fn read(path: &Path) -> Result<Oracle, UserError> {
    let wrong = |why: String| UserError(format!("--weights {}: {why}", path.display()));
    let bytes = input::read(path).map_err(|error| wrong(format!("cannot read it: {error}; check the path")))?;
    let tensors = tensors(&bytes).map_err(|error| {
        let error = error.to_string().lines().next().unwrap_or_default().to_string();
        wrong(format!("not a complete safetensors file ({error}); download it again"))
    })?;
    assemble(&tensors).map_err(|why| wrong(format!("{why}; docs/oracle.md describes the tensors of an oracle")))
}

fn tensors(bytes: &[u8]) -> candle_core::Result<Tensors> {
    let rows = |tensor: Tensor| -> candle_core::Result<_> {
        let shape = tensor.dims().to_vec();
        Ok((shape, tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?))
    };
    let loaded = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?;
    loaded.into_iter().map(|(name, tensor)| Ok((name, rows(tensor)?))).collect()
}

/// An oracle of SeqGAN's size with weights from N(0, 1), the distribution of SeqGAN's.
pub fn random(seed: u64) -> candle_core::Result<Oracle> {
    random_of(seed, VOCAB, WIDTH)
}

/// An oracle with weights from N(0, 1).
pub fn random_of(seed: u64, vocab: usize, width: usize) -> candle_core::Result<Oracle> {
    let draw = |name: &str, n: usize| random::normal(&mut random::stream(seed, name, 0), n);
    Oracle::new(OracleWeights {
        vocab,
        embed: width,
        hidden: width,
        embedding: draw("oracle embedding", vocab * width),
        gates: draw("oracle gates", 2 * width * 4 * width),
        gate_bias: draw("oracle gate bias", 4 * width),
        output: draw("oracle output", width * vocab),
        output_bias: draw("oracle output bias", vocab),
    })
}

fn assemble(tensors: &Tensors) -> Result<Oracle, String> {
    let axes = |name: &str| match tensors.get(name) {
        None => Err(format!("the tensor '{name}' is missing")),
        Some((shape, _)) => match shape[..] {
            [rows, columns] if rows > 0 && columns > 0 => Ok((rows, columns)),
            _ => Err(format!("'{name}' is {shape:?}, not a matrix")),
        },
    };
    let (vocab, embed) = axes("g_embeddings")?;
    let (hidden, _) = axes("Wo")?;
    let part = |name: &str, wanted: &[usize]| match tensors.get(name) {
        None => Err(format!("the tensor '{name}' is missing")),
        Some((shape, _)) if shape != wanted => Err(format!("'{name}' is {shape:?}, not {wanted:?}")),
        Some((_, values)) if values.iter().any(|x| !x.is_finite()) => {
            Err(format!("'{name}' contains numbers that are not finite"))
        }
        Some((_, values)) => Ok(values.as_slice()),
    };
    let gates = |prefix: &str, shape: &[usize]| {
        GATES.iter().map(|gate| part(&format!("{prefix}{gate}"), shape)).collect::<Result<Vec<_>, _>>()
    };
    let mut gate_weights = concat_columns(&gates("W", &[embed, hidden])?, hidden);
    gate_weights.extend(concat_columns(&gates("U", &[hidden, hidden])?, hidden));
    let oracle = Oracle::new(OracleWeights {
        vocab,
        embed,
        hidden,
        embedding: part("g_embeddings", &[vocab, embed])?.to_vec(),
        gates: gate_weights,
        gate_bias: gates("b", &[hidden])?.concat(),
        output: part("Wo", &[hidden, vocab])?.to_vec(),
        output_bias: part("bo", &[vocab])?.to_vec(),
    });
    oracle.map_err(|error| error.to_string())
}

/// Concatenates matrices of `columns` columns along the columns.
fn concat_columns(matrices: &[&[f32]], columns: usize) -> Vec<f32> {
    let rows = matrices.first().map_or(0, |matrix| matrix.len() / columns);
    let row = |row: usize| matrices.iter().flat_map(move |matrix| &matrix[row * columns..(row + 1) * columns]);
    (0..rows).flat_map(row).copied().collect()
}
