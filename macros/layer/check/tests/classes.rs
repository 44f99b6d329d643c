//! The class of a formula, and what makes it so.

use crate::layer::classify::classify;
use crate::layer::primitives::Class::{self, None as Flat, Piecewise, Smooth};

/// Fields, the formula of `output y` of `input x[..]`, its class in `x`, the primitive that makes it so.
const CLASSES: &[(&str, &str, Class, &str)] = &[
    ("", "2 * x[..] + 1", Smooth, ""),
    ("", "if x[..] > 0 { x[..] } else { 0 }", Piecewise, "if"),
    ("", "max(x[..], 0)", Piecewise, "max"),
    ("", "abs(x[..])", Piecewise, "abs"),
    ("", "clamp(x[..], -1, 1)", Piecewise, "if"),
    ("", "max(0, 1 - x[..])", Piecewise, "max"),
    ("", "square(max(0, 1 - x[..]))", Smooth, ""),
    ("slope: f64", "if x[..] > 0 { x[..] } else { slope * x[..] }", Piecewise, "if"),
    ("alpha: f64", "if x[..] > 0 { x[..] } else { alpha * exp_m1(x[..]) }", Piecewise, "if"),
    ("", "if x[..] > 0 { x[..] } else { exp_m1(x[..]) }", Smooth, ""),
    ("alpha: f64", "if x[..] > 0 { x[..] } else { alpha * exp_m1(x[..] / alpha) }", Smooth, ""),
    ("", "1.0507009873554805 * (if x[..] > 0 { x[..] } else { 1.6732632423543772 * exp_m1(x[..]) })", Piecewise, "if"),
    (
        "delta: f64",
        "if abs(x[..]) < delta { 0.5 * square(x[..]) } else { delta * (abs(x[..]) - 0.5 * delta) }",
        Smooth,
        "",
    ),
    ("", "if abs(x[..]) < 1 { 0.5 * square(x[..]) } else { abs(x[..]) - 0.5 }", Smooth, ""),
    ("", "x[..] / (1 + abs(x[..]))", Smooth, ""),
    ("", "sum(..) (if abs(x[..]) < 1 { 0.5 * square(x[..]) } else { abs(x[..]) - 0.5 })", Smooth, ""),
    ("", "x[..] * abs(x[..])", Smooth, ""),
    ("", "max(x[..], 0) - max(-x[..], 0)", Smooth, ""),
    ("", "square(max(0, x[..])) + square(max(0, 1 - x[..]))", Smooth, ""),
    ("", "mean(..) abs(x[..])", Piecewise, "abs"),
    ("", "sigmoid(15 + abs(x[..]))", Piecewise, "abs"),
    ("", "abs(x[..]) + abs(x[..] - 1)", Piecewise, "abs"),
    ("", "abs(x[..]) / (1 + abs(x[..]))", Piecewise, "abs"),
    ("", "x[..] * clamp(x[..] + 3, 0, 6) / 6", Piecewise, "if"),
    ("", "if x[..] <= -3 { 0 } else if x[..] >= 3 { x[..] } else { x[..] * (x[..] + 3) / 6 }", Piecewise, "if"),
    ("", "x[..] * tanh(softplus(x[..]))", Smooth, ""),
    ("", "0.5 * x[..] * (1 + erf(x[..] / sqrt(2.0)))", Smooth, ""),
    ("level: f64, value: f64", "if x[..] > level { x[..] } else { value }", Flat, "if"),
    ("", "if x[..] > 0 { 1 } else { 0 }", Flat, "if"),
    ("", "round(x[..])", Flat, "round"),
    ("levels: f64", "round(x[..] * levels) / levels", Flat, "round"),
    ("", "sign(x[..])", Flat, "sign"),
    ("", "x[..] - floor(x[..])", Flat, "floor"),
    ("", "x[..] % 1.0", Flat, "rem"),
    ("", "x[..] - sin(2 * pi * x[..]) / (2 * pi)", Smooth, ""),
    ("", "straight_through(round(x[..]), x[..])", Smooth, ""),
    ("", "x[..] * stop(round(x[..]))", Smooth, ""),
    ("", "if x[..] > 0 { x[..] } else { x[..] }", Smooth, ""),
    ("", "if x[..] < 0 { 0 } else if x[..] < 1 { square(x[..]) * (3 - 2 * x[..]) } else { 1 }", Smooth, ""),
    ("", "if x[..] == 0 { 1 } else { sin(x[..]) / x[..] }", Smooth, ""),
    ("", "if x[..] == 0 { 0 } else { sin(x[..]) / x[..] }", Flat, "if"),
    ("", "if x[..] > 0 { exp(-1 / x[..]) } else { 0 }", Smooth, ""),
    ("", "if x[..] > 1e-3 { ln(x[..]) } else { x[..] - 1 }", Flat, "if"),
    ("", "if x[..] > 1 { ln(x[..]) } else { x[..] - 1 }", Smooth, ""),
    ("", "if x[..] > 1000 { x[..] } else { 0 }", Flat, "if"),
    ("", "if x[..] > 20 { x[..] } else { ln_1p(exp(x[..])) }", Smooth, ""),
    ("", "if training { x[..] } else { 0 }", Smooth, ""),
    ("flag: bool", "if flag { x[..] } else { 2 * x[..] }", Smooth, ""),
    ("", "min(max(x[..], 0), 6)", Piecewise, "max"),
    ("", "if x[..] > 0 && x[..] < 1 { x[..] * (1 - x[..]) } else { 0 }", Piecewise, "if"),
    ("", "if x[..] > 0 || x[..] < -1 { square(x[..]) * square(x[..] + 1) } else { 0 }", Smooth, ""),
    ("", "if square(x[..]) > 1 { sqrt(square(x[..]) - 1) } else { 0 }", Piecewise, "if"),
    ("", "powf(abs(x[..]) + 1, 1.5)", Piecewise, "abs"),
    ("", "powi(x[..], 3)", Smooth, ""),
    ("", "sum(..) x[..]", Smooth, ""),
    ("", "max(..) x[..]", Piecewise, "max"),
    ("", "argmax(..) x[..]", Flat, "argmax"),
    ("", "norm(..) x[..]", Smooth, ""),
    ("", "sum(.. where x[..] > 0) x[..]", Piecewise, "if"),
    ("", "sum(.. where x[..] > 0) square(x[..])", Smooth, ""),
    ("", "sum(.. where x[..] > 0) 1.0", Flat, "if"),
    ("", "max(.. where x[..] < 1) x[..]", Flat, "where"),
];

#[test]
fn classes_are_those_of_the_mathematics() {
    let mut wrong = String::new();
    for (field_text, formula, class, primitive) in CLASSES {
        let axes = if formula.contains("(..") { "" } else { "[..]" };
        let positive: String = field_text
            .split(", ")
            .filter(|f| f.contains("f64"))
            .map(|f| format!("require {} > 0, \"positive\";", &f[..f.len() - 5]))
            .collect();
        let layer =
            crate::layer::tests::build(field_text, &format!("input x[..]; {positive} output y{axes} = {formula};"))
                .unwrap_or_else(|errors| panic!("{formula}: {errors:?}"));
        let found = classify(&layer).of_layer(&layer, layer.arrivals()[0]);
        let (found_class, by) =
            found.map_or((Flat, String::new()), |dependence| (dependence.class, dependence.primitive));
        if (found_class, by.as_str()) != (*class, *primitive) {
            wrong += &format!("{formula}: {found_class:?} by `{by}`, expected {class:?} by `{primitive}`\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
