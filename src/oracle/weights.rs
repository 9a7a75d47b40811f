//! The oracle's weights: from a file in SeqGAN's layout, or random.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};

use super::lstm::Oracle;
use crate::error::UserError;
use crate::random;

/// Tensors of a file, as rows, with their shapes.
type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// The gates by their suffixes in the file, in the order of our LSTM: input, forget, candidate, output.
const GATES: [&str; 4] = ["i", "f", "c", "og"];
/// Tokens of SeqGAN's oracle, and the width of its embedding and of its cell.
const VOCAB: usize = 5000;
const WIDTH: usize = 32;

/// Reads an oracle from safetensors: `g_embeddings` [vocab, embed], for each gate (i, f, og, c) `W` [embed, hidden],
/// `U` [hidden, hidden] and `b` [hidden], then `Wo` [hidden, vocab] and `bo` [vocab].
///
/// # Errors
/// A file that cannot be read, is damaged, or holds other tensors.
pub fn read(path: &Path) -> Result<Oracle, UserError> {
    let wrong = |why: String| UserError(format!("--weights {}: {why}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| wrong(format!("cannot read it: {error}; check the path")))?;
    let tensors = tensors(&bytes).map_err(|error| {
        let error = error.to_string().lines().next().unwrap_or_default().to_string();
        wrong(format!("no whole safetensors file ({error}); fetch it again"))
    })?;
    assemble(&tensors).map_err(|why| wrong(format!("{why}; it must hold an oracle as docs/oracle.md lays it out")))
}

fn tensors(bytes: &[u8]) -> candle_core::Result<Tensors> {
    let rows = |tensor: Tensor| -> candle_core::Result<_> {
        let shape = tensor.dims().to_vec();
        Ok((shape, tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?))
    };
    let loaded = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?;
    loaded.into_iter().map(|(name, tensor)| Ok((name, rows(tensor)?))).collect()
}

/// An oracle of SeqGAN's shape with weights from N(0, 1), as SeqGAN's were drawn.
pub fn random(seed: u64) -> candle_core::Result<Oracle> {
    random_of(seed, VOCAB, WIDTH)
}

/// An oracle with weights from N(0, 1).
pub fn random_of(seed: u64, vocab: usize, width: usize) -> candle_core::Result<Oracle> {
    let draw = |name: &str, n: usize| random::normal(&mut random::stream(seed, name, 0), n);
    Oracle::new(
        (vocab, width, width),
        draw("oracle embedding", vocab * width),
        (&draw("oracle gates", 2 * width * 4 * width), draw("oracle gate bias", 4 * width)),
        (&draw("oracle output", width * vocab), draw("oracle output bias", vocab)),
    )
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
            Err(format!("'{name}' holds numbers that are not finite"))
        }
        Some((_, values)) => Ok(values.as_slice()),
    };
    let gates = |prefix: &str, shape: &[usize]| {
        GATES.iter().map(|gate| part(&format!("{prefix}{gate}"), shape)).collect::<Result<Vec<_>, _>>()
    };
    let mut weight = side_by_side(&gates("W", &[embed, hidden])?, hidden);
    weight.extend(side_by_side(&gates("U", &[hidden, hidden])?, hidden));
    let bias = gates("b", &[hidden])?.concat();
    let oracle = Oracle::new(
        (vocab, embed, hidden),
        part("g_embeddings", &[vocab, embed])?.to_vec(),
        (&weight, bias),
        (part("Wo", &[hidden, vocab])?, part("bo", &[vocab])?.to_vec()),
    );
    oracle.map_err(|error| error.to_string())
}

/// Matrices of `columns` columns as one whose rows hold theirs one after the other.
fn side_by_side(matrices: &[&[f32]], columns: usize) -> Vec<f32> {
    let rows = matrices.first().map_or(0, |matrix| matrix.len() / columns);
    let row = |row: usize| matrices.iter().flat_map(move |matrix| &matrix[row * columns..(row + 1) * columns]);
    (0..rows).flat_map(row).copied().collect()
}
