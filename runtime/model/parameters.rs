//! A model's parameters by name: reading and writing them.

use ndarray::{ArrayViewD, IxDyn};

use super::{Inputs, Model};
use crate::error::{Error, closest, names};
use crate::lanes::Element;
use crate::network::{Network, Parameter};

/// The name in checkpoints: `conv1.weight`.
pub(crate) fn full_name(parameter: &Parameter) -> String {
    if parameter.layer.is_empty() { parameter.name.into() } else { format!("{}.{}", parameter.layer, parameter.name) }
}

/// The parameters that are there: what fields leave out is not.
pub(crate) fn present<N: Network>() -> impl Iterator<Item = &'static Parameter> {
    N::TENSORS.iter().filter(|parameter| parameter.tensor.shape.is_known())
}

/// The parameter of this name.
pub(crate) fn find<N: Network>(name: &str) -> Result<&'static Parameter, Error> {
    present::<N>().find(|parameter| full_name(parameter) == name).ok_or_else(|| {
        let all: Vec<String> = present::<N>().map(full_name).collect();
        Error::UnknownParameter {
            network: N::NAME,
            name: name.into(),
            names: names(all.iter().map(String::as_str)),
            closest: closest(name, all),
        }
    })
}

/// A parameter's part of a flat buffer.
pub(crate) fn view<'a, E: Element>(flat: &'a [E], parameter: &Parameter) -> ArrayViewD<'a, E> {
    let shape = &parameter.tensor.shape;
    let values = &flat[parameter.offset..][..shape.size()];
    ArrayViewD::from_shape(IxDyn(shape.dims()), values).expect("as many elements as the shape has")
}

impl<N: Network, E: Element> Model<N, E> {
    /// The parameters with their names (`conv1.weight`), in the order of the layers.
    pub fn parameters(&self) -> impl Iterator<Item = (String, ArrayViewD<'_, E>)> {
        present::<N>().map(|parameter| (full_name(parameter), view(&self.parameters, parameter)))
    }

    /// The parameter of this name.
    ///
    /// # Errors
    /// A name that no parameter has.
    pub fn parameter(&self, name: &str) -> Result<ArrayViewD<'_, E>, Error> {
        Ok(view(&self.parameters, find::<N>(name)?))
    }

    /// Writes a parameter. Takes any values; those that are not finite too.
    ///
    /// # Errors
    /// A name that no parameter has, or an array of another shape.
    pub fn set_parameter(&mut self, name: &str, values: impl Inputs<E>) -> Result<(), Error> {
        let parameter = find::<N>(name)?;
        let columns = values.columns();
        let expected = parameter.tensor.shape.dims();
        let [column] = &columns[..] else {
            return Err(Error::Count {
                network: N::NAME,
                what: "array of values",
                expected: 1,
                names: names([name]),
                found: columns.len(),
            });
        };
        if column.dims != expected {
            return Err(Error::ParameterShape {
                name: name.into(),
                expected: expected.to_vec(),
                found: column.dims.clone(),
            });
        }
        self.parameters[parameter.offset..][..column.values.len()].copy_from_slice(&column.values);
        Ok(())
    }
}
