//! Which side of a threshold an input lies on, asked of an output that tells: of `y = if x > 0 { x } else { 0 }` a derivative asks
//! whether `y > 0`, not whether `x > 0`. The same for every number, NaN included; but then the input need not be kept until the way back, and
//! the output often is anyway.
//!
//! Input: a layer, and the derivatives of its definitions. Output: the derivatives.

use super::ir::{Comparison, Definition, Expr, Layer, Role, TensorId, Value};

pub(crate) fn ask_outputs(layer: &Layer, derived: Vec<Definition>) -> Vec<Definition> {
    let known: Vec<Clamp> = layer.definitions.iter().filter_map(|definition| clamp(layer, definition)).collect();
    if known.is_empty() {
        return derived;
    }
    let ask = |e: &Expr| rewrite(&known, e);
    let all = derived.into_iter().map(|definition| Definition {
        guard: definition.guard.iter().map(ask).collect(),
        value: match &definition.value {
            Value::Formula(value) => Value::Formula(ask(value)),
            draw @ Value::Draw(..) => draw.clone(),
        },
        ..definition
    });
    all.collect()
}

/// An output that is the input beyond a threshold, and else the threshold, element by element.
struct Clamp {
    output: TensorId,
    input: TensorId,
    threshold: f64,
    /// Whether it is the input below the threshold, not above.
    below: bool,
}

fn clamp(layer: &Layer, definition: &Definition) -> Option<Clamp> {
    let output = definition.tensor;
    let Value::Formula(Expr::If(three, _)) = &definition.value else { return None };
    let [Expr::Compare(Comparison::Less, both), chosen @ Expr::Read(input, positions, _), other] = &**three else {
        return None;
    };
    let below = both[0] == *chosen;
    let threshold = number(&both[if below { 1 } else { 0 }])?;
    let compared = if below { &both[0] } else { &both[1] };
    let own = layer.tensor(output).indices();
    let bare = positions.len() == own.len() && positions.iter().zip(&own).all(|(at, own)| *at == Expr::Index(*own));
    let roles = (&layer.tensor(output).role, &layer.tensor(*input).role);
    let real = !layer.tensor(*input).integer && layer.tensor(*input).outside.is_none();
    let is = *compared == *chosen
        && number(other) == Some(threshold)
        && bare
        && real
        && roles == (&Role::Output, &Role::Input);
    is.then_some(Clamp { output, input: *input, threshold, below })
}

/// The number that becomes of all inputs that are not above it, if that is all a layer does.
pub(crate) fn at_least(layer: &Layer) -> Option<f64> {
    let [definition] = &layer.definitions[..] else { return None };
    clamp(layer, definition).filter(|clamp| !clamp.below).map(|clamp| clamp.threshold)
}

/// A number as it is written.
pub(crate) fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Int(number) => Some(*number as f64),
        Expr::Real(number) => Some(*number),
        _ => None,
    }
}

fn rewrite(known: &[Clamp], expr: &Expr) -> Expr {
    if let Expr::Compare(Comparison::Less, both) = expr {
        for one in known {
            let (read, limit) = if one.below { (&both[0], &both[1]) } else { (&both[1], &both[0]) };
            if let Expr::Read(tensor, positions, place) = read
                && *tensor == one.input
                && number(limit) == Some(one.threshold)
            {
                let read = Expr::Read(one.output, positions.clone(), *place);
                let both = if one.below { [read, limit.clone()] } else { [limit.clone(), read] };
                return Expr::Compare(Comparison::Less, Box::new(both));
            }
        }
    }
    expr.map(&mut |child| rewrite(known, child))
}

#[cfg(test)]
mod tests {
    use super::super::print;
    use super::super::tests::derived;

    fn gradient(text: &str) -> String {
        let (layer, _, backward) = derived("", text);
        print::definition(&layer, &backward[0])
    }

    #[test]
    fn a_threshold_is_asked_of_the_output() {
        let asked = gradient("input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 0 };");
        assert_eq!(asked, "grad(x)[..] = if y[..] > 0 { grad(y)[..] } else { 0 }");
        let below = gradient("input x[i, j]; output y[i, j] = if x[i, j] < 6.0 { x[i, j] } else { 6 };");
        assert!(below.contains("y[i, j] < 6"), "{below}");
    }

    #[test]
    fn what_only_cuts_off_below_is_known_by_its_number() {
        let table = [
            ("input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 0 };", Some(0.0)),
            ("input x[i]; output y[i] = if x[i] > 0.5 { x[i] } else { 0.5 };", Some(0.5)),
            ("input x[..]; output y[..] = if x[..] < 6 { x[..] } else { 6 };", None),
            ("input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 1 };", None),
            ("input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 0.1 * x[..] };", None),
            ("input x[..]; output y[..] = max(x[..], 0);", None),
        ];
        for (text, expected) in table {
            assert_eq!(super::at_least(&derived("", text).0), expected, "{text}");
        }
    }

    #[test]
    fn what_does_not_tell_is_not_asked() {
        for text in [
            "input x[..]; output y[..] = if x[..] > 0 { x[..] } else { 2 * x[..] };",
            "input x[..]; output y[..] = if x[..] >= 0 { x[..] } else { 0 };",
            "input x[..]; output y[..] = if x[..] > 0 { 2 * x[..] } else { 0 };",
            "input x[i]; output y[i, j: 3] = if x[i] > 0 { x[i] } else { 0 };",
        ] {
            let found = gradient(text);
            assert!(found.contains("x[") && !found.contains(" y["), "{text}: {found}");
        }
    }
}
