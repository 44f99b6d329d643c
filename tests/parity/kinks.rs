//! Our conventions at kinks, ties and ends of domains against `kinks.json`: every expression there is a layer here, over scalars or
//! over one vector, asked in f64 for its value and for its gradient.

use crate::fixture::{Kink, Kinks, parse};
use chainrule::model::{Column, Mode};
use chainrule::prelude::*;
use chainrule::site::Class;

/// `(a, b) { max(a, b) }`, or `x[2] { … }` for a vector of two.
macro_rules! ask {
    ($asked:ident, ($($name:ident),+) { $($expression:tt)+ }) => {{
        #[derive(Layer, Clone, Copy, Debug)]
        #[layer { $(input $name;)+ output y = $($expression)+; }]
        struct Formula;
        network! { struct One; $($name: [];)+ ($($name),+) -> Formula; }
        $asked.all::<One>(stringify!($($expression)+), [$(stringify!($name)),+].len());
    }};
    ($asked:ident, $name:ident[$extent:literal] { $($expression:tt)+ }) => {{
        #[derive(Layer, Clone, Copy, Debug)]
        #[layer { input $name[i]; output y = $($expression)+; }]
        struct Formula;
        network! { struct One; $name: [$extent] -> Formula; }
        $asked.all::<One>(stringify!($($expression)+), $extent);
    }};
}

#[test]
fn every_kink() {
    let mut asked = Asked { kinks: parse::<Kinks>("kinks.json").kinks, faults: vec![] };
    ask!(asked, (x) { if x > 0 { x } else { 0 } });
    ask!(asked, (x) { if x > 0 { x } else { 0.25 * x } });
    ask!(asked, (x, w) { if x > 0 { x } else { w * x } });
    ask!(asked, (x) { if x > 0 { x } else { 0.5 * exp_m1(x) } });
    ask!(asked, (x) { if x > 0 { sqrt(x) } else { 0 } });
    ask!(asked, (x) { abs(x) });
    ask!(asked, (x) { sign(x) });
    ask!(asked, (a, b) { max(a, b) });
    ask!(asked, (a, b) { min(a, b) });
    ask!(asked, (x) { max(x, 0) });
    ask!(asked, x[3] { max(i) x[i] });
    ask!(asked, x[4] { max(i) x[i] });
    ask!(asked, x[3] { min(i) x[i] });
    ask!(asked, x[4] { min(i) x[i] });
    ask!(asked, x[3] { argmax(i) x[i] });
    ask!(asked, (x) { clamp(x, -1, 1) });
    ask!(asked, (x) { clamp(x, 0, 6) });
    ask!(asked, (x) { sqrt(x) });
    ask!(asked, (x) { ln(x) });
    ask!(asked, (x) { ln_1p(x) });
    ask!(asked, (x) { 1 / x });
    ask!(asked, (x) { powi(x, 0) });
    ask!(asked, (x) { powi(x, 1) });
    ask!(asked, (x) { powi(x, 2) });
    ask!(asked, (x) { powf(x, 0.5) });
    ask!(asked, (x) { powf(x, 1.5) });
    ask!(asked, (a, b) { powf(a, b) });
    ask!(asked, x[2] { norm(i) x[i] });
    ask!(asked, x[3] { prod(i) x[i] });
    ask!(asked, (x) { round(x) });
    ask!(asked, (x) { floor(x) });
    ask!(asked, (x) { ceil(x) });
    let left: Vec<_> = asked.kinks.iter().map(|kink| &kink.expression).collect();
    assert!(left.is_empty(), "not asked: {left:?}");
    assert!(asked.faults.is_empty(), "{}", asked.faults.join("\n"));
}

/// The kinks that are not asked yet, and what was wrong with those that are.
struct Asked {
    kinks: Vec<Kink>,
    faults: Vec<String>,
}

impl Asked {
    /// All kinks of an expression of so many numbers.
    fn all<N: Network>(&mut self, expression: &str, count: usize) {
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let (here, left): (Vec<_>, Vec<_>) =
            self.kinks.drain(..).partition(|kink| bare(&kink.expression) == bare(expression) && kink.at.len() == count);
        assert!(!here.is_empty(), "`{expression}` of {count} is no kink of the table");
        self.kinks = left;
        self.faults.extend(here.iter().filter_map(|kink| fault::<N>(kink)));
    }
}

fn fault<N: Network>(kink: &Kink) -> Option<String> {
    let scalars = || kink.at.iter().map(|x| Column { dims: vec![], values: vec![*x].into() }).collect();
    let inputs = if N::INPUTS[0].shape.rank() == 0 {
        scalars()
    } else {
        vec![Column { dims: vec![kink.at.len()], values: kink.at.clone().into() }]
    };
    let who = format!("`{}` ({}) at {:?}", kink.expression, kink.torch, kink.at);
    let cotangent = Column { dims: vec![], values: vec![1.0].into() };
    let asked = Model::<N, f64>::new(0).vjp_in(Mode::Evaluation, inputs, cotangent);
    let vjp = asked.unwrap_or_else(|error| panic!("{who}: {error}"));
    let value = vjp.outputs[0].sum();
    if !same(value, kink.value.0) {
        return Some(format!("{who}: {} expected, {value} found", kink.value.0));
    }
    let flat = N::INPUTS.iter().all(|input| input.class == Class::None);
    match kink.convention() {
        // What has no useful gradient gives none, where PyTorch gives zeros or none.
        expected if flat => {
            let zero = expected.iter().flatten().all(|slope| *slope == 0.0);
            let refused = N::INPUTS.iter().all(|input| vjp.input(input.name).is_err());
            (!zero || !refused).then(|| format!("{who}: no gradient expected, one given"))
        }
        None => Some(format!("{who}: a gradient is given, and none expected")),
        Some(expected) => {
            let found: Vec<f64> =
                vjp.inputs().flat_map(|(_, gradient)| gradient.iter().copied().collect::<Vec<_>>()).collect();
            let agree = found.len() == expected.len() && found.iter().zip(&expected).all(|(a, b)| same(*a, *b));
            (!agree).then(|| format!("{who}: gradient {expected:?} expected, {found:?} found"))
        }
    }
}

/// Infinities are equal to themselves, other numbers to the last digits.
fn same(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-15 * b.abs()
}
