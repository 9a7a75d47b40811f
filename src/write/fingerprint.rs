//! A digest of a model, by which two files are known to hold the same one.

use anyhow::Result;
use candle_core::{DType, Tensor};
use sha2::{Digest, Sha256};

use super::Model;

impl Model {
    /// SHA-256, in hexadecimal, of all that the poems of this model depend on: configuration, tokenizer, forms and weights.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn sha256(&self) -> Result<String> {
        let mut hash = Sha256::new();
        let forms: Vec<String> = self.forms.iter().map(|(form, count)| format!("{form} {count}")).collect();
        for text in [self.config.to_toml()?, self.tokenizer.to_json()?, forms.join("\n")] {
            add(&mut hash, text.as_bytes());
        }
        for (part, weights) in [("generator", Some(&self.generator)), ("discriminator", self.discriminator.as_ref())] {
            for (name, tensor) in weights.into_iter().flatten() {
                add_tensor(&mut hash, &format!("{part}.{name}"), tensor)?;
            }
        }
        self.frozen_embeddings.iter().try_for_each(|table| add_tensor(&mut hash, "frozen", table))?;
        Ok(format!("{:x}", hash.finalize()))
    }
}

/// The length first, so that no two lists of texts have the same bytes.
fn add(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn add_tensor(hash: &mut Sha256, name: &str, tensor: &Tensor) -> Result<()> {
    add(hash, format!("{name} {:?}", tensor.dims()).as_bytes());
    let numbers = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?;
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    add(hash, &bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weight_and_setting_counts() {
        let model = Model::builtin().unwrap();
        let digest = model.sha256().unwrap();
        assert_eq!(Model::builtin().unwrap().sha256().unwrap(), digest);
        let changed = |change: &dyn Fn(&mut Model)| {
            let mut model = Model::builtin().unwrap();
            change(&mut model);
            model.sha256().unwrap() != digest
        };
        let negate = |weights: &mut crate::nn::params::Weights| {
            let name = weights.keys().next().unwrap().clone();
            let negative = weights[&name].neg().unwrap();
            weights.insert(name, negative);
        };
        assert!(changed(&|model| negate(&mut model.generator)));
        assert!(changed(&|model| negate(model.discriminator.as_mut().unwrap())));
        assert!(changed(&|model| model.discriminator = None));
        assert!(changed(&|model| model.config.sampling.temperature += 0.1));
        assert!(changed(&|model| model.forms[0].1 += 1));
    }
}
