//! Gradients of a model's parameters and inputs, read by name.

use std::fmt;
use std::marker::PhantomData;

use ndarray::{ArrayD, ArrayViewD};

use super::parameters::{find, full_name, present, view};
use super::running::{arrays, slice};
use crate::aligned::Aligned;
use crate::error::{Error, port_names};
use crate::executor::Results;
use crate::executor::parts::{MOST_PARTS, share_values};
use crate::lanes::{self, Element, LANES, Lanes, Simd, Task, Value};
use crate::network::{Network, Parameter};
use crate::shape::Values;
use crate::site::{Class, Why};

/// The gradients of a network's parameters, in one flat buffer in the order of its declaration. Those of frozen parameters are 0.
pub struct Gradients<N, E = f32> {
    flat: Aligned<E>,
    network: PhantomData<fn() -> N>,
}

impl<N: Network, E: Element> Gradients<N, E> {
    pub(crate) fn zeros() -> Self {
        Gradients { flat: Aligned::zeros(N::PARAMETERS), network: PhantomData }
    }

    /// All elements.
    #[must_use]
    pub fn flat(&self) -> &[E] {
        &self.flat
    }

    /// All elements, to be changed: clipped, averaged over machines, ….
    pub fn flat_mut(&mut self) -> &mut [E] {
        &mut self.flat
    }

    /// The gradient of the parameter of this name (`conv1.weight`).
    ///
    /// # Errors
    /// A name that no parameter has.
    pub fn get(&self, name: &str) -> Result<ArrayViewD<'_, E>, Error> {
        Ok(view(&self.flat, find::<N>(name)?))
    }

    /// All gradients with their parameters' names.
    pub fn iter(&self) -> impl Iterator<Item = (String, ArrayViewD<'_, E>)> {
        present::<N>().map(|parameter| (full_name(parameter), view(&self.flat, parameter)))
    }

    /// The length of the whole gradient as a vector: √Σg². Not finite if any element is not.
    #[must_use]
    pub fn norm(&self) -> f64 {
        norm(&self.flat, 1)
    }

    /// The same bits from so many threads.
    pub(crate) fn norm_by(&self, threads: usize) -> f64 {
        norm(&self.flat, threads)
    }

    /// Whether all elements are finite: as the norm would say, in less time where nothing is wrong.
    pub(crate) fn are_finite(&self, threads: usize) -> bool {
        let wrong = |piece: &[E]| if lanes::run(lanes::level(), AreFinite(piece)) { 0.0 } else { 1.0 };
        over_pieces(&self.flat, threads, &wrong) == 0.0 || self.norm_by(threads).is_finite()
    }

    /// The first parameter whose gradient is not finite.
    pub(crate) fn not_finite(&self) -> Option<&'static Parameter> {
        present::<N>().find(|parameter| !norm(as_slice(&self.flat, parameter), 1).is_finite())
    }

    /// Makes the norm at most `limit`, as `torch.nn.utils.clip_grad_norm_` does; gives back the norm before.
    pub fn clip(&mut self, limit: f64) -> f64 {
        let norm = self.norm();
        if norm > limit && norm.is_finite() {
            let factor = E::from_f64(limit / norm);
            for value in self.flat.iter_mut() {
                *value = *value * factor;
            }
        }
        norm
    }
}

fn as_slice<'a, E>(flat: &'a [E], parameter: &Parameter) -> &'a [E] {
    &flat[parameter.offset..][..parameter.tensor.shape.size()]
}

/// Elements of a piece, at least.
const PIECE: usize = 1 << 13;

/// In f64, where the square of an `f32` neither overflows nor vanishes; piece by piece, and in each sixteen sums side by side: always in
/// the same order.
fn norm<E: Element>(values: &[E], threads: usize) -> f64 {
    over_pieces(values, threads, &|piece| lanes::run(lanes::level(), SumOfSquares(piece))).sqrt()
}

/// The sum of something over pieces, which threads share.
fn over_pieces<E: Element>(values: &[E], threads: usize, of: &(dyn Fn(&[E]) -> f64 + Sync)) -> f64 {
    let piece = values.len().div_ceil(MOST_PARTS).next_multiple_of(LANES).max(PIECE);
    if values.len() <= piece {
        return of(values);
    }
    let mut sums = [0.0; MOST_PARTS];
    let pieces = values.chunks(piece).zip(&mut sums);
    share_values(threads, pieces, &|_, (piece, sum)| *sum = of(piece));
    sums.iter().sum()
}

struct SumOfSquares<'a, E>(&'a [E]);

impl<E: Element> Task for SumOfSquares<'_, E> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> f64 {
        let (blocks, rest) = self.0.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for block in blocks {
            for (sum, value) in sums.iter_mut().zip(block) {
                *sum += value.to_f64() * value.to_f64();
            }
        }
        for (sum, value) in sums.iter_mut().zip(rest) {
            *sum += value.to_f64() * value.to_f64();
        }
        sums.iter().sum()
    }
}

/// Whether the sum of squares is: if not, it may only be too large.
struct AreFinite<'a, E>(&'a [E]);

impl<E: Element> Task for AreFinite<'_, E> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> bool {
        // Four sums, for a single one would wait for itself at every step.
        let (blocks, rest) = self.0.as_chunks::<LANES>();
        let (fours, blocks) = blocks.as_chunks::<4>();
        let mut sums = [E::Lanes::splat(simd, E::ZERO); 4];
        let mut add = |at: usize, block: &[E; LANES]| {
            let values = E::Lanes::from_array(simd, *block);
            sums[at] = values.mul_add(values, sums[at]);
        };
        for four in fours {
            four.iter().enumerate().for_each(|(at, block)| add(at, block));
        }
        blocks.iter().enumerate().for_each(|(at, block)| add(at, block));
        // What is left, with some before it.
        let mut few = E::ZERO;
        match self.0.last_chunk() {
            Some(last) if !rest.is_empty() => add(3, last),
            _ => few = rest.iter().fold(E::ZERO, |sum, &value| sum + value * value),
        }
        let [a, b, c, d] = sums;
        (((a + b) + (c + d)).reduce_sum() + few).is_finite()
    }
}

impl<N, E: Clone> Clone for Gradients<N, E> {
    fn clone(&self) -> Self {
        Gradients { flat: self.flat.clone(), network: PhantomData }
    }
}

impl<N: Network, E: Element> fmt::Debug for Gradients<N, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gradients<{}, {}>(norm {})", N::NAME, E::NAME, self.norm())
    }
}

/// Outputs, and the gradients of parameters and inputs: what [`Model::vjp`](super::Model::vjp) gives.
pub struct Vjp<N, E = f32> {
    /// The outputs, one array each, the batch in front.
    pub outputs: Vec<ArrayD<E>>,
    /// The gradients of the parameters, summed over the batch.
    pub parameters: Gradients<N, E>,
    inputs: Vec<Option<ArrayD<E>>>,
}

impl<N: Network, E: Element> Vjp<N, E> {
    /// Room for a batch: an array for each output, for the parameters, and for each input that has a gradient.
    pub(super) fn zeros(count: usize) -> Self {
        let differentiable = N::INPUTS.iter().map(|port| port.class != Class::None);
        let of_inputs = arrays(N::INPUTS, count).into_iter().zip(differentiable);
        Vjp {
            outputs: arrays(N::OUTPUTS, count),
            parameters: Gradients::zeros(),
            inputs: of_inputs.map(|(array, differentiable)| differentiable.then_some(array)).collect(),
        }
    }

    pub(super) fn results(&mut self) -> Results<'_, E> {
        Results {
            outputs: self.outputs.iter_mut().map(slice).collect(),
            input_gradients: self.inputs.iter_mut().map(optional_slice).collect(),
            gradients: self.parameters.flat_mut(),
        }
    }

    /// The gradient of the input of this name, the batch in front.
    ///
    /// # Errors
    /// A name that no input has; an input of integers, or one that a layer without a useful gradient reads.
    pub fn input(&self, name: &str) -> Result<ArrayViewD<'_, E>, Error> {
        let ports = N::INPUTS.iter().zip(&self.inputs);
        let (port, gradient) = ports
            .into_iter()
            .find(|(port, _)| port.name == name)
            .ok_or_else(|| Error::UnknownInput { network: N::NAME, name: name.into(), names: port_names(N::INPUTS) })?;
        gradient.as_ref().map(|gradient| gradient.view()).ok_or(Error::NoGradient {
            network: N::NAME,
            input: port.name,
            why: match port.shape.values() {
                Values::Real => port.why,
                Values::Below(_) => Why::NOTHING,
            },
        })
    }

    /// The gradients of all inputs that have one, with their names.
    pub fn inputs(&self) -> impl Iterator<Item = (&'static str, ArrayViewD<'_, E>)> {
        let ports = N::INPUTS.iter().zip(&self.inputs);
        ports.filter_map(|(port, gradient)| Some((port.name, gradient.as_ref()?.view())))
    }
}

fn optional_slice<E>(array: &mut Option<ArrayD<E>>) -> &mut [E] {
    array.as_mut().map(slice).unwrap_or_default()
}

impl<N: Network, E: Element> fmt::Debug for Vjp<N, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vjp")
            .field("outputs", &self.outputs)
            .field("parameters", &self.parameters)
            .field("inputs", &self.inputs)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms() {
        let table = [
            (vec![], 0.0),
            (vec![3.0, 4.0], 5.0),
            (vec![2.0; 100], 20.0),
            (vec![1e30; 4], 2.0 * f64::from(1e30_f32)),
            (vec![1e-40; 4], 2.0 * f64::from(1e-40_f32)),
            (vec![f32::NEG_INFINITY, 0.0], f64::INFINITY),
        ];
        for (values, expected) in table {
            assert_eq!(norm::<f32>(&values, 1), expected, "{values:?}");
        }
        assert!(norm(&[1.0, f32::NAN], 1).is_nan());
    }

    #[test]
    fn what_is_not_finite_is_found_wherever_it_stands() {
        let finite = |values: &[f32]| lanes::run(lanes::level(), AreFinite(values));
        for length in [0, 1, 15, 16, 17, 63, 64, 65, 80, 131] {
            let mut values = vec![-1.5; length];
            assert!(finite(&values), "{length}");
            for at in 0..length {
                for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    values[at] = wrong;
                    assert!(!finite(&values), "{wrong} at {at} of {length}");
                }
                values[at] = -1.5;
            }
        }
    }
}
