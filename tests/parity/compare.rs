//! Our answer against PyTorch's.
//!
//! Input: a case and what our network answered to it, both in f64 (an f32 run's numbers widened). Output: every tensor that is too
//! far off, and where it is worst. NaN is always too far.
//!
//! Distances are relative to the *largest magnitude in the tensor*, not to each element: an element is a sum of terms that may
//! cancel, its rounding error is that of the terms, and they are about as large as the tensor's largest elements. Two
//! kinds of tensor have no such scale of their own, and are held to a hundredth of 1, the size of what went in: those that are all 0, and those of a
//! case marked `saturated`, where 1 - y is all that is left (tanh at 20 has a derivative of 1e-17, which PyTorch's own f32 loses).

use crate::fixture::{LayerCase, LossCase, Tensor};

/// What an element type is held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Precision {
    pub(crate) name: &'static str,
    pub(crate) tolerance: f64,
}

pub(crate) const F64: Precision = Precision { name: "f64", tolerance: 1e-10 };
pub(crate) const F32: Precision = Precision { name: "f32", tolerance: 1e-5 };

const SMALLEST_SCALE: f64 = 1e-2;

/// What our network says to a [`LayerCase`], in the case's order.
#[derive(Clone, Debug)]
pub(crate) struct LayerAnswer {
    pub(crate) outputs: Vec<Vec<f64>>,
    pub(crate) input_gradients: Vec<Option<Vec<f64>>>,
    pub(crate) parameter_gradients: Vec<Vec<f64>>,
}

/// What our network says to a [`LossCase`].
#[derive(Clone, Debug)]
pub(crate) struct LossAnswer {
    pub(crate) mean: f64,
    pub(crate) prediction_gradient: Vec<f64>,
}

/// What is wrong with `answer`, a line a tensor; empty if nothing is.
pub(crate) fn layer(case: &LayerCase, answer: &LayerAnswer, precision: Precision) -> Vec<String> {
    let mut faults = Vec::new();
    let mut all = |what: &str, expected: &[Option<&Tensor>], found: &[Option<&[f64]>]| {
        if expected.len() != found.len() {
            faults.push(format!("{} {what}s expected, {} found", expected.len(), found.len()));
        }
        for (expected, found) in expected.iter().zip(found) {
            faults.extend(match (expected, found) {
                (Some(expected), Some(found)) => {
                    let what = format!("{what} `{}`", expected.name);
                    distance(&what, &expected.values, found, case.saturated, precision)
                }
                (None, None) => None,
                (expected, _) => Some(format!("{what} expected: {}, found: {}", expected.is_some(), found.is_some())),
            });
        }
    };
    let some = |tensors: &[Vec<f64>]| -> Vec<_> { tensors.iter().map(|t| Some(t.clone())).collect() };
    for (what, expected, found) in [
        ("output", case.outputs.iter().map(Some).collect::<Vec<_>>(), some(&answer.outputs)),
        (
            "gradient of input",
            case.input_gradients.iter().map(Option::as_ref).collect(),
            answer.input_gradients.clone(),
        ),
        (
            "gradient of parameter",
            case.parameter_gradients.iter().map(Some).collect(),
            some(&answer.parameter_gradients),
        ),
    ] {
        all(what, &expected, &found.iter().map(Option::as_deref).collect::<Vec<_>>());
    }
    faults
}

/// What is wrong with `answer`; empty if nothing is.
pub(crate) fn loss(case: &LossCase, answer: &LossAnswer, precision: Precision) -> Vec<String> {
    let mean = distance("mean loss", &[case.mean], &[answer.mean], false, precision);
    let expected = &case.prediction_gradient.values;
    let gradient = distance("gradient of the prediction", expected, &answer.prediction_gradient, false, precision);
    mean.into_iter().chain(gradient).collect()
}

/// What to say if `found` is too far from `expected`.
fn distance(what: &str, expected: &[f64], found: &[f64], saturated: bool, precision: Precision) -> Option<String> {
    let Precision { name, tolerance } = precision;
    if expected.len() != found.len() {
        return Some(format!("{what}: {} values expected, {} found", expected.len(), found.len()));
    }
    let largest = expected.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let scale = if largest == 0.0 || saturated { largest.max(SMALLEST_SCALE) } else { largest };
    // `total_cmp` puts nan above all numbers once its sign is gone
    let off = |i: usize| ((found[i] - expected[i]) / scale).abs();
    let worst = (0..expected.len()).max_by(|&i, &j| off(i).total_cmp(&off(j)))?;
    let close = off(worst) <= tolerance;
    (!close).then(|| {
        let (expected, found, off) = (expected[worst], found[worst], off(worst));
        format!("{what}: element {worst} is {found:e} in {name}, expected {expected:e}; off by {off:.1e} of {scale:.1e}, allowed {tolerance:e}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    fn torch(case: &LayerCase) -> LayerAnswer {
        let values = |tensors: &[Tensor]| tensors.iter().map(|t| t.values.clone()).collect();
        LayerAnswer {
            outputs: values(&case.outputs),
            input_gradients: case.input_gradients.iter().map(|t| t.as_ref().map(|t| t.values.clone())).collect(),
            parameter_gradients: values(&case.parameter_gradients),
        }
    }

    #[test]
    fn what_agrees_passes_and_what_differs_is_named() {
        let fixture = Fixture::<LayerCase>::read("dense");
        let case = fixture.case("positions");
        let right = torch(case);
        assert_eq!(layer(case, &right, F64), [""; 0]);

        type Change = fn(&mut LayerAnswer);
        let wrong: [(Change, &str); 8] = [
            (|a| a.outputs[0][3] += 1e-8, "output `y`: element 3"),
            (|a| a.input_gradients[0].as_mut().unwrap()[0] -= 1e-8, "gradient of input `x`: element 0"),
            (|a| a.parameter_gradients[0][7] += 1e-8, "gradient of parameter `weight`: element 7"),
            (|a| a.parameter_gradients[1][2] = f64::NAN, "gradient of parameter `bias`: element 2 is NaN"),
            (|a| a.outputs[0][1] = -f64::NAN, "output `y`: element 1 is NaN"),
            (|a| a.outputs[0].truncate(5), "output `y`: 72 values expected, 5 found"),
            (|a| a.parameter_gradients.truncate(1), "2 gradient of parameters expected, 1 found"),
            (|a| a.input_gradients[0] = None, "gradient of input expected: true, found: false"),
        ];
        for (change, said) in wrong {
            let mut answer = right.clone();
            change(&mut answer);
            let faults = layer(case, &answer, F64);
            assert!(faults.len() == 1 && faults[0].starts_with(said), "{said}: {faults:?}");
        }
    }

    #[test]
    fn distance_is_relative_to_the_largest() {
        type Row = (&'static [f64], &'static [f64], bool, Precision, bool);
        let table: [Row; 8] = [
            (&[1000.0, 1.0], &[1000.0, 1.0 + 0.9e-7], false, F64, true),
            (&[1000.0, 1.0], &[1000.0, 1.0 + 1.1e-7], false, F64, false),
            (&[1e-9], &[1e-9 + 0.9e-14], false, F32, true),
            (&[1e-9], &[1e-9 + 1.1e-14], false, F32, false),
            (&[1e-9], &[0.0], true, F32, true),
            (&[0.0, 0.0], &[0.0, 0.9e-7], false, F32, true),
            (&[0.0, 0.0], &[0.0, 1.1e-7], false, F32, false),
            (&[1.0], &[f64::INFINITY], false, F32, false),
        ];
        for (expected, found, saturated, precision, close) in table {
            let said = distance("x", expected, found, saturated, precision);
            assert_eq!(said.is_none(), close, "{expected:?} {found:?}: {said:?}");
        }
    }

    #[test]
    fn a_loss_is_its_mean_and_its_gradient() {
        let fixture = Fixture::<LossCase>::read("huber");
        let case = fixture.case("vector");
        let right = LossAnswer { mean: case.mean, prediction_gradient: case.prediction_gradient.values.clone() };
        assert_eq!(loss(case, &right, F64), [""; 0]);
        let doubled = LossAnswer { mean: 2.0 * case.mean, ..right.clone() };
        assert_eq!(loss(case, &doubled, F32).len(), 1);
        let summed = right.prediction_gradient.iter().map(|g| 3.0 * g).collect();
        assert_eq!(loss(case, &LossAnswer { prediction_gradient: summed, ..right }, F32).len(), 1);
    }
}
