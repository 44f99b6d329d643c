//! Models as safetensors files, which PyTorch and others read and write: the parameters by their names, and as notes the network's
//! name, the seed and the steps.

use std::path::Path;

use ndarray::ArrayViewD;

use super::Model;
use super::parameters::{full_name, present};
use crate::aligned::Aligned;
use crate::checkpoint::{self, Expected, Options, Stored, Tensor};
use crate::error::Error;
use crate::lanes::Element;
use crate::network::Network;

impl<N: Network, E: Element + Stored> Model<N, E> {
    /// Writes the parameters to a safetensors file. A process that is killed meanwhile leaves the old file or the new one, whole.
    ///
    /// # Errors
    /// What stands in the way of writing the file.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let parameters: Vec<(String, ArrayViewD<'_, E>)> = self.parameters().collect();
        let tensors: Vec<Tensor<'_, E>> = parameters
            .iter()
            .map(|(name, values)| Tensor { name, shape: values.shape(), values: values.as_slice().unwrap_or_default() })
            .collect();
        let (seed, steps) = (self.seed.to_string(), self.steps.to_string());
        let notes = [("network", N::NAME), ("seed", &seed), ("steps", &steps)];
        Ok(checkpoint::save(path.as_ref(), &tensors, &notes)?)
    }

    /// Reads a model from a safetensors file that holds this network's parameters, of any floating-point type.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, is of another network (every difference is listed), or holds values that are not finite.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::load_with(path, Options::default())
    }

    /// The same with options: to let through values that are not finite.
    ///
    /// # Errors
    /// As [`load`](Model::load).
    pub fn load_with(path: impl AsRef<Path>, options: Options) -> Result<Self, Error> {
        let names: Vec<String> = present::<N>().map(full_name).collect();
        let expected: Vec<Expected<'_>> = present::<N>()
            .zip(&names)
            .map(|(parameter, name)| Expected { name, shape: parameter.tensor.shape.dims() })
            .collect();
        let file = checkpoint::load::<E>(path.as_ref(), &expected, options)?;
        let mut parameters = Aligned::zeros(N::PARAMETERS);
        for (parameter, values) in present::<N>().zip(&file.tensors) {
            parameters[parameter.offset..][..values.len()].copy_from_slice(values);
        }
        // Files of other programs have other notes, or none.
        let note = |name: &str| {
            let found = file.metadata.iter().find(|(key, _)| key == name);
            found.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
        };
        let mut model = Model::with_parameters(parameters, note("seed"));
        model.steps = note("steps");
        Ok(model)
    }
}
