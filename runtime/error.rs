//! Everything that can go wrong while a program runs, as one type. Each message names what the user named, says what was
//! expected, what was found, and what to do.

use crate::network::Port;
use crate::shape::{Shape, Values};
use crate::site::Why;

/// Why a model, a training run or a check refused what it was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another number of arrays than the network has inputs, targets or outputs.
    #[error(
        "`{network}`: expected {expected} {what}{} ({names}), found {found} array{}; give them in this order, several as a tuple",
        plural(*expected), plural(*found)
    )]
    Count {
        /// The network.
        network: &'static str,
        /// `input`, `target`, or `output` where cotangents are given.
        what: &'static str,
        /// How many it has.
        expected: usize,
        /// Their names.
        names: String,
        /// How many there were.
        found: usize,
    },
    /// An array of another shape than the declaration says.
    #[error(
        "`{name}` of `{network}`: expected {} or a batch of them, {}, found {found:?}; {}",
        extents(expected),
        batch(expected),
        reshape(expected, found)
    )]
    Shape {
        /// The network.
        network: &'static str,
        /// The input, target or output.
        name: &'static str,
        /// One sample's shape.
        expected: Box<Shape>,
        /// The array's extents.
        found: Vec<usize>,
    },
    /// Some arrays hold a batch, others one sample.
    #[error("`{first}` holds {}, `{second}` {}; give both with a leading batch axis, or both without", batched(*.first_batched), batched(!*.first_batched))]
    Mixed {
        /// An array.
        first: &'static str,
        /// Whether it has a batch axis.
        first_batched: bool,
        /// One that differs.
        second: &'static str,
    },
    /// Arrays with different numbers of samples.
    #[error(
        "expected as many samples in `{second}` as in `{first}`, {expected}, found {found}; cut or pad one of them"
    )]
    Batch {
        /// The first array.
        first: &'static str,
        /// Its samples.
        expected: usize,
        /// The array that differs.
        second: &'static str,
        /// Its samples.
        found: usize,
    },
    /// No samples.
    #[error("`{name}` of `{network}`: expected at least one sample, found an empty batch")]
    Empty {
        /// The network.
        network: &'static str,
        /// The first input.
        name: &'static str,
    },
    /// A class or token that is no integer or out of range.
    #[error(
        "`{name}` of `{network}`: expected integers from 0 to {}, found {value} in sample {sample}; {}",
        below - 1, relabel(*value, *below)
    )]
    Integer {
        /// The network.
        network: &'static str,
        /// The input or target.
        name: &'static str,
        /// The number of classes or tokens.
        below: usize,
        /// What was found.
        value: f64,
        /// In which sample, counted from 0.
        sample: usize,
    },
    /// A loss was asked of a network without one.
    #[error("`{network}` has no loss; add `loss …;` to its declaration, or ask for `vjp` with cotangents of your own")]
    NoLoss {
        /// The network.
        network: &'static str,
    },
    /// A name that no parameter has.
    #[error("`{network}` has no parameter `{name}`; {}", suggestion(closest.as_deref(), names))]
    UnknownParameter {
        /// The network.
        network: &'static str,
        /// What was asked for.
        name: String,
        /// The name most like it.
        closest: Option<String>,
        /// All names.
        names: String,
    },
    /// A name that no input has.
    #[error("`{network}` has no input `{name}`; it has {names}")]
    UnknownInput {
        /// The network.
        network: &'static str,
        /// What was asked for.
        name: String,
        /// All names.
        names: String,
    },
    /// A value for a parameter that has another shape.
    #[error("parameter `{name}`: expected shape {expected:?}, found {found:?}; transpose or reshape the array")]
    ParameterShape {
        /// The parameter's full name.
        name: String,
        /// Its extents.
        expected: Vec<usize>,
        /// The array's.
        found: Vec<usize>,
    },
    /// The gradient of an input that has none.
    #[error("input `{input}` of `{network}` has no gradient: {}", no_gradient(why))]
    NoGradient {
        /// The network.
        network: &'static str,
        /// The input.
        input: &'static str,
        /// What is not differentiable; `Why::NOTHING` for integers.
        why: Why,
    },
    /// A gradient with infinities or NaN. The parameters were not touched.
    #[error(
        "the gradient of `{parameter}` in layer `{layer}` is not finite at step {step}; the parameters are as they were before the step. {cause}"
    )]
    NotFinite {
        /// The layer's name, or its position.
        layer: &'static str,
        /// The parameter's full name.
        parameter: String,
        /// The step, counted from 0.
        step: u64,
        /// What the batch shows, and what to do.
        cause: String,
    },
    /// A hyperparameter outside its range.
    #[error("{of}: expected `{name}` {expected}, found {found}")]
    Hyperparameter {
        /// The optimiser, or `Trainer`.
        of: &'static str,
        /// The hyperparameter.
        name: &'static str,
        /// Its range.
        expected: &'static str,
        /// What was given.
        found: f64,
    },
    /// An optimiser was given a second model, with another number of parameters.
    #[error(
        "{optimizer}: expected the model it started with, of {expected} parameters, found one of {found}; use one optimizer for each model"
    )]
    OtherModel {
        /// The optimiser.
        optimizer: &'static str,
        /// Elements of its state.
        expected: usize,
        /// The model's parameters.
        found: usize,
    },
    /// Samples for training or testing that do not fit, or none.
    #[error("{which} data: {source}")]
    Data {
        /// `training` or `test`.
        which: &'static str,
        /// What does not fit.
        source: Box<Error>,
    },
    /// A model's file.
    #[error(transparent)]
    Checkpoint(#[from] crate::checkpoint::Error),
    /// A data set, or its file.
    #[error(transparent)]
    Dataset(#[from] crate::data::Error),
    /// Derived gradients and differences disagree.
    #[error(
        "derived gradients and differences disagree by more than {tolerance:e}, or stand at kinks throughout; {check}\n\
         `stop` and `straight_through` differ on purpose; else report this: a derivative of ours is wrong"
    )]
    Disagree {
        /// What was asked for.
        tolerance: f64,
        /// What was found.
        check: Box<crate::check::Check>,
    },
}

/// A list of names, as a sentence has it.
pub(crate) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { "none".into() } else { quoted.join(", ") }
}

pub(crate) fn port_names(ports: &[Port]) -> String {
    names(ports.iter().map(|port| port.name))
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn extents(shape: &Shape) -> String {
    let holding = match shape.values() {
        Values::Real => String::new(),
        Values::Below(count) => format!(" of integers below {count}"),
    };
    match shape.rank() {
        0 => format!("one number{holding}"),
        _ => format!("shape {shape}{holding}"),
    }
}

fn batch(shape: &Shape) -> String {
    let mut text = "[batch".to_string();
    for extent in shape.dims() {
        text += &format!(", {extent}");
    }
    text + "]"
}

// The commonest slip is a missing or superfluous axis of extent 1.
fn reshape(expected: &Shape, found: &[usize]) -> &'static str {
    let ones = |dims: &[usize]| dims.iter().copied().filter(|&extent| extent != 1).collect::<Vec<_>>();
    let (dims, given) = (ones(expected.dims()), ones(found));
    if given == dims || given.get(1..) == Some(&dims[..]) {
        "add or remove the axis of extent 1 (`insert_axis`, `index_axis`)"
    } else {
        "check the order of the axes: the batch leads"
    }
}

fn batched(batched: bool) -> &'static str {
    if batched { "a batch" } else { "one sample" }
}

fn relabel(value: f64, below: usize) -> &'static str {
    if value.fract() != 0.0 || value.is_nan() {
        "classes and tokens are whole numbers"
    } else if value == below as f64 {
        "counting starts at 0: subtract 1, or declare one class more"
    } else {
        "correct the data, or declare as many classes as there are"
    }
}

fn suggestion(closest: Option<&str>, names: &str) -> String {
    match closest {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => format!("it has {names}"),
    }
}

fn no_gradient(why: &Why) -> String {
    if why.primitive.is_empty() {
        "it holds integers".into()
    } else {
        format!("`{}` {} ({})", why.primitive, why.sentence, why.place)
    }
}

/// The candidate most like `name`, if one is near enough to be meant.
pub(crate) fn closest(name: &str, candidates: impl IntoIterator<Item = String>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (distance(name, &candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 3)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance in bytes.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (&a.as_bytes()[..a.len().min(200)], b.as_bytes());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = ["conv1.weight", "conv1.bias", "fc.weight"].map(String::from);
        let table =
            [("conv1.wieght", Some("conv1.weight")), ("conv.bias", Some("conv1.bias")), ("embedding.table", None)];
        for (name, expected) in table {
            assert_eq!(closest(name, names.clone()).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn distances() {
        for (a, b, expected) in [("", "abc", 3), ("kitten", "sitting", 3), ("a", "a", 0)] {
            assert_eq!(distance(a, b), expected);
        }
    }
}
