//! The passes together, outside rustc: texts in, refusals, classes and gradients out. Gradients are compared with central
//! differences in the evaluator, which shares nothing with the derivation.

use proc_macro2::{Ident, Span, TokenStream};

use super::ast::{Field, FieldKind};
use super::classify::{Classes, classify};
use super::demand::demand;
use super::differentiate::differentiate;
use super::evaluate::{Indices, Machine, noise};
use super::hoist::hoist;
use super::ir::{Definition, Expr, Layer, Place, Role, TensorId};
use super::pairwise::pairwise;
use super::primitives::Class;
use super::print;
use super::reparameterise::reparameterise;
use super::threshold::ask_outputs;
use crate::error::Errors;

/// `"out: usize, biased: bool"` as fields.
pub(super) fn fields(text: &str) -> Vec<Field> {
    text.split(',')
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let (name, ty) = part.split_once(':').unwrap();
            let kind = match ty.trim() {
                "usize" | "i64" => FieldKind::Integer,
                "f64" => FieldKind::Real,
                "bool" => FieldKind::Bool,
                "[usize]" => FieldKind::IntegerArray,
                _ => FieldKind::RealArray,
            };
            Field {
                name: Ident::new(name.trim(), Span::call_site()),
                kind,
                ty: if ty.trim() == "i64" { syn::parse_quote!(i64) } else { syn::parse_quote!(usize) },
                default: None,
                docs: vec![],
                generic: false,
            }
        })
        .collect()
}

/// The layer of a text, or the messages of its errors.
pub(super) fn build(field_text: &str, text: &str) -> Result<Layer, Vec<String>> {
    let tokens: TokenStream = text.parse().unwrap();
    let mut errors = Errors::new();
    let parsed = super::parse::parse(tokens, &mut errors);
    let layer = parsed.map(|parsed| {
        super::build::build(&Ident::new("Test", Span::call_site()), &fields(field_text), &parsed, &mut errors).layer
    });
    match errors.finish() {
        Ok(()) => Ok(layer.unwrap()),
        Err(error) => Err(error.into_iter().map(|e| e.to_string()).collect()),
    }
}

/// A layer with its backward definitions.
pub(super) fn derived(field_text: &str, text: &str) -> (Layer, Classes, Vec<Definition>) {
    let mut layer = build(field_text, text).unwrap_or_else(|errors| panic!("{text}: {errors:#?}"));
    let classes = classify(&layer);
    reparameterise(&mut layer);
    pairwise(&mut layer);
    hoist(&mut layer);
    demand(&mut layer);
    let classes_after = classify(&layer);
    let backward = differentiate(&mut layer, &classes_after);
    let backward = ask_outputs(&layer, backward);
    (layer, classes, backward)
}

pub(crate) const WORKED: &[(&str, &str, &str)] = &[
    ("Mix", "out: usize, biased: bool", "input x[.., i]; param weight[o: out, i] = KaimingUniform; param bias[o] if biased = Zeros; output y[.., o] = bias[o] + sum(i) weight[o, i] * x[.., i];"),
    ("Window", "out: usize, kernel: usize, stride: usize, padding: usize, dilation: usize, groups: usize, biased: bool",
     "input x[(g: groups, c), h, w] outside 0; param weight[(g, o: out / groups), c, p: kernel, q: kernel] = KaimingUniform; param bias[(g, o)] if biased = Zeros;
      output y[(g, o), i: (h + 2*padding - dilation*(kernel - 1) - 1) / stride + 1, j: (w + 2*padding - dilation*(kernel - 1) - 1) / stride + 1]
      = bias[(g, o)] + sum(c, p, q) weight[(g, o), c, p, q] * x[(g, c), i*stride + p*dilation - padding, j*stride + q*dilation - padding];"),
    ("Spread", "out: usize, kernel: usize, stride: usize, padding: usize",
     "input x[c, h, w]; param weight[c, o: out, p: kernel, q: kernel] = KaimingUniform;
      output y[o, i: (h - 1)*stride + kernel - 2*padding, j: (w - 1)*stride + kernel - 2*padding]
      = sum(c, h, w, p, q where i == h*stride + p - padding, j == w*stride + q - padding) weight[c, o, p, q] * x[c, h, w];"),
    ("Largest", "size: usize, stride: usize, padding: usize",
     "input x[c, h, w] outside -inf; require 2*padding <= size, \"padding is at most half the window\"; require stride > 0, \"fits\";
      output y[c, i: (h + 2*padding - size) / stride + 1, j: (w + 2*padding - size) / stride + 1] = max(p: size, q: size) x[c, i*stride + p - padding, j*stride + q - padding];"),
    ("Average", "size: usize, stride: usize, padding: usize",
     "input x[c, h, w]; require 2*padding <= size, \"fits\"; output y[c, i: (h + 2*padding - size) / stride + 1, j: (w + 2*padding - size) / stride + 1]
      = mean(h, w, p: size, q: size where h == i*stride + p - padding, w == j*stride + q - padding) x[c, h, w];"),
    ("Parts", "out: usize", "input x[c, h]; output y[c, i: out] = mean(h where h >= i*len(h) / out, h < ceil_div((i + 1)*len(h), out)) x[c, h];"),
    ("Stretch", "scale: usize", "input x[c, h, w] outside nearest;
      let u[i: h*scale] = (i + 0.5) / scale - 0.5; let v[j: w*scale] = (j + 0.5) / scale - 0.5;
      output y[c, i, j] = sum(p: 2, q: 2) (1 - abs(u[i] - floor(u[i]) - p)) * (1 - abs(v[j] - floor(v[j]) - q)) * x[c, floor(u[i]) + p, floor(v[j]) + q];"),
    ("Unfold", "factor: usize", "input x[(c, a: factor, b: factor), h, w]; output y[c, (h, a), (w, b)] = x[(c, a, b), h, w];"),
    ("LowRank", "out: usize, rank: usize", "input a[i]; input b[j]; param left[r: rank, i] = KaimingUniform; param right[r, j] = KaimingUniform;
      param weight[o: out, r] = KaimingUniform; output y[o] = sum(r, i, j) weight[o, r] * left[r, i] * a[i] * right[r, j] * b[j];"),
    ("Gate", "", "input x[.., (k: 2, i)]; output y[.., i] = x[.., (0, i)] * sigmoid(x[.., (1, i)]);"),
    ("Chain", "", "input a[i, ..]; input b[j, ..]; output y[k: i + j, ..] = if k < len(i) { a[k, ..] } else { b[k - len(i), ..] };"),
    ("Shares", "axis: usize", "input x[..before: axis, i, ..]; let top[..before, ..] = max(i) x[..before, i, ..];
      let e[..before, i, ..] = exp(x[..before, i, ..] - stop(top[..before, ..])); output y[..before, i, ..] = e[..before, i, ..] / (sum(i) e[..before, i, ..]);"),
    ("Standardise", "groups: usize, epsilon: f64", "input x[(g: groups, c), ..]; param weight[(g, c)] = Ones; param bias[(g, c)] = Zeros;
      let m[g] = mean(c, ..) x[(g, c), ..]; let v[g] = mean(c, ..) square(x[(g, c), ..] - m[g]);
      output y[(g, c), ..] = (x[(g, c), ..] - m[g]) / sqrt(v[g] + epsilon) * weight[(g, c)] + bias[(g, c)];"),
    ("Drop", "rate: f64", "input x[..]; require rate < 1, \"fits\"; let keep[..] ~ Bernoulli(1 - rate); output y[..] = if training { x[..] * keep[..] / (1 - rate) } else { x[..] };"),
    ("Attend", "heads: usize", "input x[s, e]; param in_proj[(r: 3, h: heads, d: e / heads), e] = XavierUniform as \"in_proj_weight\"; param out_proj[f: e, (h, d)] = XavierUniform as \"out_proj.weight\";
      let a[s, r, h, d] = sum(e) in_proj[(r, h, d), e] * x[s, e]; let score[h, s, t: s] = (sum(d) a[s, 0, h, d] * a[t, 1, h, d]) / sqrt(len(d));
      let top[h, s] = max(t where t <= s) score[h, s, t]; let share[h, s, t] = exp(score[h, s, t] - stop(top[h, s]));
      let total[h, s] = sum(t where t <= s) share[h, s, t]; let mixed[s, h, d] = (sum(t where t <= s) share[h, s, t] * a[t, 2, h, d]) / total[h, s];
      output y[s, f] = sum(h, d) out_proj[f, (h, d)] * mixed[s, h, d];"),
    ("Directions", "out: usize", "input x[.., i]; param gain[o: out] = Ones; param direction[o, i] = KaimingUniform;
      let w[o, i] = gain[o] * direction[o, i] / norm(i) direction[o, i]; output y[.., o] = sum(i) w[o, i] * x[.., i];"),
    ("Between", "", "input x[c, h] outside 0; input at[i]; output y[c, i] = sum(p: 2) (1 - abs(at[i] - stop(floor(at[i])) - p)) * x[c, stop(floor(at[i])) + p];"),
    ("Surprise", "", "input logits[.., i]; target label[..] of i; let top[..] = max(i) logits[.., i];
      output loss = mean(..) (stop(top[..]) + ln(sum(i) exp(logits[.., i] - stop(top[..]))) - logits[.., label[..]]);"),
    ("Lookup", "vocabulary: usize, width: usize", "input token[s] of v; param table[v: vocabulary, d: width] = Normal(0.02); output y[s, d] = table[token[s], d];"),
    ("Bend", "", "input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 0 };"),
    ("Product", "", "input x[i, j]; output y[i] = prod(j) x[i, j];"),
    ("ReflectBlur", "", "input x[h] outside reflect; output y[h] = sum(p: 3) x[h + p - 1] * square(x[h]);"),
    ("WrapDiff", "", "input x[h] outside wrap; output y[h] = x[h + 1] * x[h - 1];"),
    ("Trace", "", "input x[i, j]; require len(i) == len(j), \"fits\"; output y = sum(i) x[i, i];"),
    ("RadialBasis", "centres: usize", "input x[i]; param centre[k: centres, i] = Normal(1.0); param beta[k] = Ones; output y[k] = exp(-beta[k] * (sum(i) square(x[i] - centre[k, i])));"),
    ("Bilinear", "out: usize", "input a[i]; input b[j]; param w[o: out, i, j] = KaimingUniform; output y[o] = sum(i, j) a[i] * w[o, i, j] * b[j];"),
    ("Involution", "kernel: usize", "input x[c, h, w] outside 0; param reduce[p: kernel, q: kernel, c] = KaimingUniform; require kernel % 2 == 1, \"fits\";
      let k[h, w, p, q] = sum(c) reduce[p, q, c] * x[c, h, w]; output y[c, h, w] = sum(p, q) k[h, w, p, q] * x[c, h + p - kernel / 2, w + q - kernel / 2];"),
    ("LocalResponse", "size: usize", "input x[c, h]; output y[c, h] = x[c, h] / powf(2 + 0.3 * (sum(d: len(c) where abs(d - c) <= size) square(x[d, h])), 0.75);"),
    ("SafeLog", "", "input x[..]; let l[..] = ln(x[..]); output y[..] = if x[..] > 1 { l[..] } else { x[..] - 1 };"),
];

fn positions(machine: &Machine<'_>, tensor: TensorId) -> Vec<Vec<i64>> {
    let mut all = vec![vec![]];
    for index in machine.layer.tensor(tensor).indices() {
        let len = machine.extent(index).unwrap();
        all = all
            .into_iter()
            .flat_map(|place: Vec<i64>| (0..len).map(move |k| place.iter().copied().chain([k]).collect()))
            .collect();
    }
    all
}

/// Every gradient of the backward definitions against five-point differences, at one sample of fields and extents.
pub(super) fn check(name: &str, field_text: &str, text: &str, seed: u64) {
    let (layer, classes, backward) = derived(field_text, text);
    let mut with_gradients = layer.clone();
    with_gradients.definitions.extend(backward);
    let sampled = Machine::sampled(&layer, seed).unwrap_or_else(|| panic!("{name}: no sample"));
    let mut forward = sampled.clone();
    forward.fuel = u64::MAX;
    let mut both = Machine { layer: &with_gradients, ..forward.clone() };
    let outputs = layer.outputs();
    let weight = |output: TensorId, place: &[i64]| 2.0 * noise(output.0 as u64 + 77, place) - 1.0;
    for output in &outputs {
        let Some(gradient) = with_gradients.tensors_of(|role| *role == Role::Gradient(*output)).first().copied() else {
            continue;
        };
        assert!(
            with_gradients.definition(gradient).is_none(),
            "{name}: outputs that are read again are not covered by this test"
        );
        for place in positions(&forward, *output) {
            both.set.insert((gradient, place.clone()), weight(*output, &place));
        }
    }
    let objective = |machine: &mut Machine<'_>| {
        machine.forget();
        let mut sum = 0.0;
        for output in &outputs {
            for place in positions(machine, *output) {
                sum +=
                    weight(*output, &place) * machine.read(*output, place).unwrap_or_else(|| panic!("{name}: output"));
            }
        }
        sum
    };
    let mut compared = 0;
    for leaf in layer.tensors_of(|role| matches!(role, Role::Input | Role::Param(_))) {
        // Nobody may ask for the gradient where a path of the class `None` leads to the input.
        if layer.tensor(leaf).integer || classes.of_layer(&layer, leaf).is_none_or(|found| found.class == Class::None) {
            continue;
        }
        let gradient = with_gradients.tensors_of(|role| *role == Role::Gradient(leaf)).first().copied();
        // A handful of elements, the first and the last among them: every one costs eight evaluations of the whole layer.
        let all = positions(&forward, leaf);
        let step = (all.len() / 5).max(1);
        for place in all.iter().step_by(step).chain(all.last()) {
            let x = forward.read(leaf, place.clone()).unwrap();
            let h = 1e-3;
            let mut at = |t: f64| {
                forward.set.insert((leaf, place.clone()), t);
                let value = objective(&mut forward);
                forward.set.remove(&(leaf, place.clone()));
                value
            };
            let expected = (8.0 * (at(x + h) - at(x - h)) - (at(x + 2.0 * h) - at(x - 2.0 * h))) / (12.0 * h);
            // Second differences shrink fourfold with half the step, twofold across a kink.
            let mut bend = |h: f64| ((at(x + h) - at(x)) - (at(x) - at(x - h))).abs();
            let kink = bend(h) > 1e-6 && bend(h) < 3.0 * bend(h / 2.0);
            let found = gradient.map_or(0.0, |gradient| {
                both.read(gradient, place.clone())
                    .unwrap_or_else(|| panic!("{name}: gradient of {} at {place:?}", layer.tensor(leaf).name))
            });
            if !kink {
                assert!(
                    (found - expected).abs() <= 1e-7 * (1.0 + expected.abs()),
                    "{name}, seed {seed}: grad({})[{place:?}] is {found}, differences say {expected}\n{}",
                    layer.tensor(leaf).name,
                    with_gradients
                        .definitions
                        .iter()
                        .map(|d| print::definition(&with_gradients, d) + "\n")
                        .collect::<String>()
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 0, "{name}: nothing compared");
}

#[test]
fn gradients_agree_with_differences() {
    for (name, fields, text) in WORKED {
        for seed in 1..=4 {
            check(name, fields, text, seed);
        }
    }
}

#[test]
fn a_wrong_gradient_is_found() {
    let (layer, _, mut backward) = derived("", "input x[i]; output y[i] = sin(x[i]);");
    let sampled = Machine::sampled(&layer, 1).unwrap();
    let x = layer.arrivals()[0];
    let own = layer.tensor(x).indices();
    let read = Expr::Read(x, own.iter().map(|i| Expr::Index(*i)).collect(), Place(Span::call_site()));
    let right = backward.pop().unwrap();
    assert!(matches!(&right.value, super::ir::Value::Formula(v) if v.reads(x)));
    let mut machine = sampled.clone();
    let at: Indices = own.iter().map(|i| (*i, 0)).collect();
    assert!(machine.value(&read, &at).unwrap().abs() > 1e-6);
}
