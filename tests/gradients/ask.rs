//! Gradient checks of networks that hold one layer or one loss.

use crate::alone;
use chainrule::check::{self, Check};
use chainrule::model::{Column, Mode};
use chainrule::network::Port;
use chainrule::prelude::*;
use chainrule::shape::Values;
use chainrule::site::Class;

/// What derived gradients are held to, relative to their own size.
const TOLERANCE: f64 = 1e-6;
/// Samples in a batch.
const BATCH: usize = 2;
pub(crate) const TRAINING: Mode = Mode::Training { seed: 5, step: 3 };

/// A test of some networks, each a wiring that starts from `x` (or several inputs).
macro_rules! layer {
    ($test:ident: $({ $($wire:tt)* })+) => {
        #[test]
        fn $test() {
            use chainrule::prelude::*;
            $({
                network! { struct One; $($wire)* }
                $crate::ask::layer_in::<One>($crate::ask::TRAINING);
                $crate::ask::layer_in::<One>(chainrule::model::Mode::Evaluation);
            })+
        }
    };
}
pub(crate) use layer;

/// Checks the gradients by all inputs and parameters.
pub(crate) fn layer_in<N: Network>(mode: Mode) {
    let who = N::LAYERS[0].expression;
    let mut model = Model::<N, f64>::new(1);
    spread(&mut model);
    alone::layer(mode, &model, [N::INPUTS, N::OUTPUTS].map(|ports| columns(ports, 0)));
    let asked = check::gradients_in(mode, &model, columns(N::INPUTS, 0));
    judge::<N>(who, asked.unwrap_or_else(|error| panic!("{who}: {error}")));
}

/// Checks the gradients of a loss by its predictions.
pub(crate) fn loss<N: Network>() {
    let who = N::LAYERS[0].expression;
    let model = Model::<N, f64>::new(1);
    alone::loss(&model, columns(N::INPUTS, 0), columns(N::TARGETS, 3));
    let asked = check::loss_gradients(&model, columns(N::INPUTS, 0), columns(N::TARGETS, 3));
    judge::<N>(who, asked.unwrap_or_else(|error| panic!("{who}: {error}")));
}

/// All that has a gradient was compared, none of it at a kink, and agrees.
fn judge<N: Network>(who: &str, check: Check) {
    let inputs = N::INPUTS.iter().filter(|input| input.class != Class::None).count();
    let parameters = N::TENSORS.iter().filter(|parameter| parameter.tensor.shape.is_known()).count();
    assert_eq!(check.entries.len(), inputs + parameters, "{who}: {check}");
    assert!(check.entries.iter().all(|entry| entry.compared > 0 && entry.kinks.is_empty()), "{who}: {check}");
    check.assert(TOLERANCE).unwrap_or_else(|error| panic!("{who}: {error}"));
}

/// Parameters that start at zeros or ones say little: all get numbers of about the size of those that do not.
fn spread<N: Network>(model: &mut Model<N, f64>) {
    let names: Vec<(String, Vec<usize>)> =
        model.parameters().map(|(name, values)| (name, values.shape().to_vec())).collect();
    for (at, (name, dims)) in names.into_iter().enumerate() {
        let values = apart(dims.iter().product(), at + 7).iter().map(|x| 0.4 * x + 0.3).collect();
        model.set_parameter(&name, Column { dims, values }).unwrap();
    }
}

/// A batch for each port; another seed, other numbers.
fn columns(ports: &[Port], seed: usize) -> Vec<Column<'static, f64>> {
    let column = |(at, port): (usize, &Port)| {
        let dims: Vec<usize> = [BATCH].iter().chain(port.shape.dims()).copied().collect();
        let values = apart(dims.iter().product(), seed + at);
        let values = match port.shape.values() {
            Values::Real => values,
            Values::Below(count) => values.iter().map(|x| ((x + 2.0) / 4.0 * count as f64).floor()).collect(),
        };
        Column { dims, values: values.into() }
    };
    ports.iter().enumerate().map(column).collect()
}

/// Numbers between -2 and 2 in no order, all of them apart from each other, from 0 and from whole numbers: no ties, no kinks nearby.
/// Those of another seed are other numbers.
fn apart(count: usize, seed: usize) -> Vec<f64> {
    // A prime beyond every size here: each multiple of the step is another number.
    const PRIME: usize = 100_003;
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|at| (at + 1) * (48_271 + 7_919 * seed) % PRIME);
    let values = order.iter().map(|at| 4.0 * (*at as f64 + 0.5) / count as f64 - 2.0);
    let least = 0.01 + 0.003 * seed as f64;
    values.map(|x| x.floor() + least + 0.9 * (x - x.floor())).collect()
}
