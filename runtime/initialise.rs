//! In: a parameter's extents, its initialiser, fan-in and fan-out, the seed and its full name. Out: its first values. They depend on
//! nothing else: each name has its own stream of draws, so that a layer more or less changes no other layer's parameters.

use crate::lanes::draws;
use crate::lanes::{self, DrawKey, Element, LANES, Lanes, Simd, Task};
use crate::site::{Initialiser, Tensor};

/// Fills `values`, the elements of `tensor`.
///
/// | initialiser | distribution | as in PyTorch |
/// |---|---|---|
/// | `KaimingUniform` | uniform within ±1/√fan in | `kaiming_uniform_(a=√5)`, the start of `nn.Linear`, `nn.Conv2d` |
/// | `KaimingNormal` | normal, √(2/fan in) | `kaiming_normal_` |
/// | `XavierUniform` | uniform within ±√(6/(fan in + fan out)) | `xavier_uniform_` |
/// | `XavierNormal` | normal, √(2/(fan in + fan out)) | `xavier_normal_` |
/// | `Orthogonal` | uniform among matrices with orthonormal rows or columns | `orthogonal_` |
pub(crate) fn initialise<E: Element>(values: &mut [E], tensor: &Tensor, seed: u64, name: &str) {
    let (fan_in, fan_out) = (tensor.fan_in.max(1) as f64, tensor.fan_out.max(1) as f64);
    let key = key(seed, name);
    let mut within = |bound: f64| fill(values, key, Shape::Uniform(-bound, bound));
    match tensor.initialiser {
        Initialiser::Zeros => values.fill(E::ZERO),
        Initialiser::Ones => values.fill(E::ONE),
        Initialiser::Constant(value) => values.fill(E::from_f64(value)),
        Initialiser::Normal(deviation) => fill(values, key, Shape::Normal(deviation)),
        Initialiser::Uniform(low, high) => fill(values, key, Shape::Uniform(low, high)),
        Initialiser::KaimingUniform => within(1.0 / fan_in.sqrt()),
        Initialiser::KaimingNormal => fill(values, key, Shape::Normal((2.0 / fan_in).sqrt())),
        Initialiser::XavierUniform => within((6.0 / (fan_in + fan_out)).sqrt()),
        Initialiser::XavierNormal => {
            fill(values, key, Shape::Normal((2.0 / (fan_in + fan_out)).sqrt()));
        }
        Initialiser::Orthogonal => {
            let rows = tensor.shape.dims().first().copied().unwrap_or(1);
            orthogonal(values, rows.max(1), key);
        }
    }
}

/// Numbers between -1 and 1, a stream for each seed and name.
pub(crate) fn uniform(count: usize, seed: u64, name: &str) -> Vec<f64> {
    let mut values = vec![0.0; count];
    fill(&mut values, key(seed, name), Shape::Uniform(-1.0, 1.0));
    values
}

fn key(seed: u64, name: &str) -> DrawKey {
    DrawKey { seed, step: hash(name), site: u32::MAX }
}

#[derive(Clone, Copy)]
enum Shape {
    Uniform(f64, f64),
    Normal(f64),
}

/// Draws in f64 whatever the element, so that an `f32` model starts as its `f64` twin does, rounded.
fn fill<E: Element>(values: &mut [E], key: DrawKey, shape: Shape) {
    let mut drawn = [0.0; LANES];
    for (block, values) in values.chunks_mut(LANES).enumerate() {
        sixteen(&mut drawn, (block * LANES) as u64, key, shape);
        for (value, drawn) in values.iter_mut().zip(drawn) {
            *value = E::from_f64(drawn);
        }
    }
}

/// With the instructions that every machine has, so that a model starts with the same bits on all of them; compiled once.
#[inline(never)]
fn sixteen(drawn: &mut [f64; LANES], first: u64, key: DrawKey, shape: Shape) {
    lanes::run_anywhere(Sixteen { drawn, first, key, shape });
}

struct Sixteen<'a> {
    drawn: &'a mut [f64; LANES],
    first: u64,
    key: DrawKey,
    shape: Shape,
}

impl Task for Sixteen<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let numbers = std::array::from_fn(|lane| self.first + lane as u64);
        let drawn = match self.shape {
            Shape::Uniform(low, high) => draws::uniform::<S, f64>(simd, self.key, &[0; LANES], &numbers, low, high),
            Shape::Normal(deviation) => {
                let standard = draws::standard_normal::<S, f64>(simd, self.key, &[0; LANES], &numbers);
                standard * Lanes::splat(simd, deviation)
            }
        };
        *self.drawn = drawn.to_array();
    }
}

/// A random matrix of `rows` with orthonormal rows, or columns where there are fewer of them: normal draws, made orthonormal one
/// after another (Gram and Schmidt, twice each for accuracy), which makes every rotation equally likely.
fn orthogonal<E: Element>(values: &mut [E], rows: usize, key: DrawKey) {
    let columns = values.len() / rows;
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut vectors = vec![0.0_f64; count * length];
    fill(&mut vectors, key, Shape::Normal(1.0));
    for at in 0..count {
        let (before, rest) = vectors.split_at_mut(at * length);
        let vector = &mut rest[..length];
        for _ in 0..2 {
            for other in before.chunks_exact(length) {
                let dot: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                vector.iter_mut().zip(other).for_each(|(a, b)| *a -= dot * b);
            }
        }
        let norm = vector.iter().map(|a| a * a).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|a| *a /= norm);
    }
    for (at, value) in values.iter_mut().enumerate() {
        let (row, column) = (at / columns, at % columns);
        let (vector, element) = if rows <= columns { (row, column) } else { (column, row) };
        *value = E::from_f64(vectors[vector * length + element]);
    }
}

/// FNV-1a (Fowler, Noll, Vo), 64 bits: the same on every machine and in every version, which std's hashes do not promise.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape;

    fn values(initialiser: Initialiser, dims: &[usize], seed: u64, name: &str) -> Vec<f64> {
        let shape = shape::Shape::new(dims);
        let tensor = Tensor { shape, initialiser, fan_in: 25, fan_out: 75 };
        let mut values = vec![0.0; shape.size()];
        initialise(&mut values, &tensor, seed, name);
        values
    }

    #[test]
    fn spreads() {
        // initialiser, standard deviation, bound
        let table = [
            (Initialiser::KaimingUniform, 0.2 / 3.0_f64.sqrt(), 0.2),
            (Initialiser::KaimingNormal, 0.08_f64.sqrt(), f64::INFINITY),
            (Initialiser::XavierUniform, 0.02_f64.sqrt(), 0.06_f64.sqrt()),
            (Initialiser::XavierNormal, 0.02_f64.sqrt(), f64::INFINITY),
            (Initialiser::Normal(3.0), 3.0, f64::INFINITY),
            (Initialiser::Uniform(-1.0, 1.0), 1.0 / 3.0_f64.sqrt(), 1.0),
        ];
        for (initialiser, deviation, bound) in table {
            let values = values(initialiser, &[200, 101], 1, "a.weight");
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
            assert!(mean.abs() < 0.04 * deviation, "{initialiser:?} {mean}");
            assert!((variance.sqrt() / deviation - 1.0).abs() < 0.03, "{initialiser:?}");
            assert!(values.iter().all(|v| v.abs() <= bound), "{initialiser:?}");
        }
    }

    #[test]
    fn rows_or_columns_are_orthonormal() {
        for dims in [&[4, 9][..], &[9, 4], &[3, 2, 5], &[5, 5], &[6]] {
            let values = values(Initialiser::Orthogonal, dims, 3, "a.weight");
            let (rows, columns) = (dims[0], values.len() / dims[0]);
            let wide = rows <= columns;
            let count = rows.min(columns);
            let at = |vector: usize, element: usize| {
                values[if wide { vector * columns + element } else { element * columns + vector }]
            };
            for a in 0..count {
                for b in 0..count {
                    let dot: f64 = (0..rows.max(columns)).map(|k| at(a, k) * at(b, k)).sum();
                    assert!((dot - f64::from(a == b)).abs() < 1e-12, "{dims:?}");
                }
            }
        }
    }

    #[test]
    fn seeds_and_names_are_streams_of_their_own() {
        let draw = |seed, name| values(Initialiser::Normal(1.0), &[4], seed, name);
        assert_eq!(draw(1, "a.weight"), draw(1, "a.weight"));
        assert_ne!(draw(1, "a.weight"), draw(2, "a.weight"));
        assert_ne!(draw(1, "a.weight"), draw(1, "b.weight"));
    }
}
