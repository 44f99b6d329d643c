//! The fixtures as `make_fixtures.py` and `make_kinks.py` wrote them.
//!
//! Input: the JSON files beside this one. Anything missing, surplus or twice in them is an error of the test. Guarantees after
//! reading: every tensor has as many values as its shape says, all of them finite, integers where it says integers, and every
//! gradient has the shape of what it belongs to.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// One file: what PyTorch answered for one layer or loss.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture<C> {
    /// The file's name, which is the test's.
    pub(crate) layer: String,
    pub(crate) versions: Versions,
    pub(crate) cases: Vec<C>,
}

/// What made the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Versions {
    pub(crate) python: String,
    pub(crate) torch: String,
    pub(crate) numpy: String,
}

/// A layer's answer. Shapes begin with the batch, parameters' do not; gradients are those of the sum of cotangent times output.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LayerCase {
    pub(crate) case: String,
    /// The layer as Rust writes it.
    pub(crate) layer: String,
    /// Whether the layer is asked in training or in evaluation.
    pub(crate) training: bool,
    /// Whether nearly equal numbers cancel in it, see `compare`.
    pub(crate) saturated: bool,
    /// Whether it is constant almost everywhere: then no input has a gradient.
    #[serde(default)]
    pub(crate) flat: bool,
    pub(crate) inputs: Vec<Tensor>,
    pub(crate) parameters: Vec<Tensor>,
    /// Of the only output.
    pub(crate) cotangent: Tensor,
    pub(crate) outputs: Vec<Tensor>,
    /// One an input; none for integers.
    pub(crate) input_gradients: Vec<Option<Tensor>>,
    pub(crate) parameter_gradients: Vec<Tensor>,
}

/// A loss's answer: the mean over the batch and its gradient by the prediction.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LossCase {
    pub(crate) case: String,
    /// The loss as Rust writes it.
    pub(crate) layer: String,
    pub(crate) prediction: Tensor,
    pub(crate) target: Tensor,
    pub(crate) mean: f64,
    pub(crate) prediction_gradient: Tensor,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tensor {
    /// As the layer's text names it.
    pub(crate) name: String,
    /// Its name in PyTorch's checkpoints, where that differs.
    #[serde(default)]
    pub(crate) checkpoint: Option<String>,
    pub(crate) shape: Vec<usize>,
    pub(crate) integer: bool,
    /// Row-major.
    pub(crate) values: Vec<f64>,
}

impl Tensor {
    /// The name in checkpoints: `weight`.
    pub(crate) fn checkpoint(&self) -> &str {
        self.checkpoint.as_deref().unwrap_or(&self.name)
    }
}

/// What a case must be for the tests to lean on it.
pub(crate) trait Case: DeserializeOwned {
    fn name(&self) -> &str;
    /// What is wrong with it, if anything.
    fn fault(&self) -> Option<String>;
}

impl<C: Case> Fixture<C> {
    /// Reads `fixtures/<name>.json`; panics with what is wrong with it, since a test cannot go on.
    pub(crate) fn read(name: &str) -> Self {
        let fixture: Self = parse(&format!("fixtures/{name}.json"));
        assert_eq!(fixture.layer, name, "the file is another layer's");
        for case in &fixture.cases {
            if let Some(fault) = case.fault() {
                panic!("`{name}`, case `{}`: {fault}", case.name());
            }
        }
        fixture
    }

    pub(crate) fn case(&self, name: &str) -> &C {
        let found = self.cases.iter().find(|case| case.name() == name);
        found.unwrap_or_else(|| panic!("`{}` has no case `{name}`", self.layer))
    }
}

/// Reads a file of this folder.
pub(crate) fn parse<T: DeserializeOwned>(file: &str) -> T {
    let path = folder().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("`{file}`: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("`{file}`: {error}"))
}

/// Where this file stands.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Case for LayerCase {
    fn name(&self) -> &str {
        &self.case
    }

    fn fault(&self) -> Option<String> {
        let [output] = &self.outputs[..] else {
            return Some("one output is expected".into());
        };
        if self.input_gradients.len() != self.inputs.len() || self.parameter_gradients.len() != self.parameters.len() {
            return Some("not one gradient for each input and parameter".into());
        }
        let given = self.inputs.iter().chain(&self.parameters).chain([&self.cotangent]);
        let found = self.input_gradients.iter().flatten().chain(&self.parameter_gradients).chain([output]);
        let batch = self.cotangent.shape.first();
        if let Some(input) = self.inputs.iter().find(|input| input.shape.first() != batch) {
            return Some(format!("`{}` has another batch than the cotangent", input.name));
        }
        let differentiated = self.inputs.iter().zip(&self.input_gradients);
        if let Some((input, _)) =
            differentiated.clone().find(|(input, gradient)| (input.integer || self.flat) == gradient.is_some())
        {
            return Some(format!(
                "`{}` must have a gradient exactly if it is no integer, and the layer not flat",
                input.name
            ));
        }
        let of_inputs = differentiated.filter_map(|(input, gradient)| Some((input, gradient.as_ref()?)));
        let of_parameters = self.parameters.iter().zip(&self.parameter_gradients);
        given
            .clone()
            .chain(found)
            .find_map(malformed)
            .or_else(|| given.clone().find_map(inexact))
            .or_else(|| of_inputs.chain(of_parameters).chain([(&self.cotangent, output)]).find_map(unlike))
    }
}

impl Case for LossCase {
    fn name(&self) -> &str {
        &self.case
    }

    fn fault(&self) -> Option<String> {
        if self.prediction.shape.first() != self.target.shape.first() {
            return Some("prediction and target have different batches".into());
        }
        [&self.prediction, &self.target, &self.prediction_gradient]
            .into_iter()
            .find_map(malformed)
            .or_else(|| [&self.prediction, &self.target].into_iter().find_map(inexact))
            .or_else(|| unlike((&self.prediction, &self.prediction_gradient)))
            .or_else(|| (!self.mean.is_finite()).then(|| "the mean is not finite".into()))
    }
}

/// As many values as the shape says, finite, whole and not negative where they are indices.
fn malformed(tensor: &Tensor) -> Option<String> {
    let Tensor { name, shape, integer, values, .. } = tensor;
    let elements: usize = shape.iter().product();
    if elements == 0 || elements != values.len() {
        return Some(format!("`{name}` of shape {shape:?} has {} values", values.len()));
    }
    let sound = |x: &f64| x.is_finite() && (!integer || (*x >= 0.0 && x.fract() == 0.0));
    let odd = values.iter().find(|x| !sound(x))?;
    Some(format!("`{name}` holds {odd}"))
}

/// Exact in f32: then a run in f32 answers the very same question.
fn inexact(tensor: &Tensor) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, reason = "whether something is lost is the question")]
    let odd = tensor.values.iter().find(|&&x| f64::from(x as f32).to_bits() != x.to_bits())?;
    Some(format!("`{}` holds {odd}, which is not exact in f32", tensor.name))
}

fn unlike((tensor, other): (&Tensor, &Tensor)) -> Option<String> {
    let same = tensor.name == other.name && tensor.shape == other.shape;
    (!same).then(|| format!("`{}` {:?} against `{}` {:?}", tensor.name, tensor.shape, other.name, other.shape))
}

/// `kinks.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kinks {
    pub(crate) versions: Versions,
    pub(crate) kinks: Vec<Kink>,
}

/// A function at a kink, a tie or an end of its domain.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kink {
    /// In our language.
    pub(crate) expression: String,
    /// As PyTorch was asked.
    pub(crate) torch: String,
    /// The arguments, or the elements of a reduction.
    pub(crate) at: Vec<f64>,
    pub(crate) value: Number,
    /// PyTorch's; none where it gives none.
    pub(crate) gradient: Option<Vec<Number>>,
    /// Our convention where it differs.
    pub(crate) ours: Option<Vec<Number>>,
    /// Why it does.
    pub(crate) why: Option<String>,
}

impl Kink {
    /// The gradient that our convention asks for.
    pub(crate) fn convention(&self) -> Option<Vec<f64>> {
        let numbers = self.ours.as_ref().or(self.gradient.as_ref())?;
        Some(numbers.iter().map(|n| n.0).collect())
    }
}

/// A number, or the name of one that JSON lacks.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Spelling")]
pub(crate) struct Number(pub(crate) f64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Spelling {
    Digits(f64),
    Name(String),
}

impl TryFrom<Spelling> for Number {
    type Error = String;

    fn try_from(spelling: Spelling) -> Result<Self, String> {
        match spelling {
            Spelling::Digits(x) => Ok(Number(x)),
            Spelling::Name(name) => match name.as_str() {
                "inf" => Ok(Number(f64::INFINITY)),
                "-inf" => Ok(Number(f64::NEG_INFINITY)),
                "nan" => Ok(Number(f64::NAN)),
                _ => Err(format!("`{name}` is no number: expected inf, -inf or nan")),
            },
        }
    }
}
