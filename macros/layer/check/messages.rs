//! The catalogue: what each check says, what it found, and what to do.

use super::super::classify::Dependence;
use super::super::ir::Role;

pub(super) fn no_output() -> String {
    "this layer has no output: write `output NAME[indices] = EXPRESSION;`".into()
}

pub(super) fn never_read(role: &Role, name: &str) -> String {
    let (what, how) = match role {
        Role::Input => ("input", "read it in a `let` or `output`, or take the line out"),
        Role::Target => ("target", "compare something with it, or take the line out"),
        Role::Param(_) => {
            ("parameter", "it reaches no output and cannot learn; read it in a `let` or `output`, or take the line out")
        }
        Role::Draw => ("draw", "read it where `training` is true, or take the line out"),
        _ => ("`let`", "read it in another statement, or take the line out"),
    };
    format!("{what} `{name}` is never read: {how}").replacen("`let` `", "`let ", 1)
}

pub(super) fn reaches_no_output(name: &str, readers: &[&str]) -> String {
    format!(
        "parameter `{name}` reaches no output: only `{}` reads it, and no output depends on that",
        readers.join("`, `")
    )
}

pub(super) fn only_stopped(name: &str) -> String {
    format!(
        "parameter `{name}` can never learn: `stop`, or a `straight_through` whose surrogate does not read it, stands on every path to an output; \
         let one path pass without it, or make `{name}` an input"
    )
}

pub(super) fn cannot_learn(name: &str, by: &Dependence) -> String {
    let what = if by.primitive.is_empty() {
        format!("it {}", by.sentence)
    } else {
        format!("`{}` {}", by.primitive, by.sentence)
    };
    let out = match by.primitive.as_str() {
        "if" => "let the branches meet where the condition changes, or take the parameter out of the condition, or write `straight_through(forward, surrogate)` with a differentiable surrogate".into(),
        "where" => "weigh the elements by a differentiable factor, such as `sigmoid(…)`, and reduce over all of them".into(),
        "[…]" => "read at the positions around it and weigh them by differentiable factors, as linear interpolation does".into(),
        "argmax" | "argmin" => format!("write `straight_through(forward, surrogate)`, or weigh the elements by a softmax, `exp(x[i]) / (sum(i) exp(x[i]))`, or, where `{name}` learns on another path, take this one out of the count: `stop({name}[…])`"),
        "Bernoulli" => "draw from a fixed distribution, or weigh by a smooth draw of two classes: `sigmoid((logit + first - second) / temperature)`, both noises `Gumbel`".into(),
        "" => "compute with real numbers".into(),
        "round" => "write `straight_through(round(x), x)`, or a differentiable stand-in such as `x - sin(2*pi*x) / (2*pi)`".into(),
        "sign" => "write `straight_through(sign(x), x)`, or a differentiable stand-in such as `tanh(x)`".into(),
        other if ["floor", "ceil", "trunc"].contains(&other) => format!("write `straight_through({other}(x), x)`, or compute with the real number"),
        _ => "write `straight_through(forward, surrogate)` with a differentiable surrogate".into(),
    };
    format!("parameter `{name}` can never learn, for here its gradient is lost: {what}; {out}")
}

pub(super) fn integer_surrogate(name: &str) -> String {
    format!(
        "a gradient is wanted here, and `{name}` holds integers, which have none: the surrogate of `straight_through` is a differentiable formula of real numbers"
    )
}

pub(super) fn draw_at_inference(name: &str) -> String {
    format!(
        "inference would draw `{name}` here, and its answers would be random: read it only where `training` is true, `if training {{ … {name} … }} else {{ … }}`"
    )
}

pub(super) fn position_unknown(name: &str, position: &str, axis: &str, low: bool, high: bool) -> String {
    let ends = match (low, high) {
        (true, true) => "has no known bounds",
        (true, false) => "has no lower bound",
        _ => "has no upper bound",
    };
    format!(
        "position `{position}` of `{name}` {ends}, and {axis} has an end: say what lies `outside` where `{name}` is declared, \
         keep the position in range by `clamp`, or restrict the read by `where` or `if`"
    )
}

/// The ends come with whether they are the ones that leave.
pub(super) fn position_leaves(
    name: &str,
    position: &str,
    axis: &str,
    low: (&str, bool),
    high: (&str, bool),
    len: &str,
) -> String {
    let range = match (low, high) {
        ((low, true), (high, false)) => {
            format!("starts at {}, and {axis} starts at 0 (it may reach {})", quoted(low), quoted(high))
        }
        ((low, false), (high, true)) => format!(
            "runs from {} to {}, and {axis} has {} elements, the first at 0",
            quoted(low),
            quoted(high),
            quoted(len)
        ),
        ((low, _), (high, _)) => format!(
            "runs from {} to {}, and {axis} from 0 to {}",
            quoted(low),
            quoted(high),
            quoted(&format!("{len} - 1"))
        ),
    };
    format!(
        "position `{position}` of `{name}` {range}; say what lies `outside` where `{name}` is declared, or restrict the read by `where` or `if`"
    )
}

/// Numbers stand bare, formulas in backticks.
fn quoted(text: &str) -> String {
    if text.parse::<f64>().is_ok() { text.into() } else { format!("`{text}`") }
}

pub(super) fn mean_by_values() -> String {
    "this `mean` may be empty, for values decide what it averages; write the sum over the number of elements, and say what an empty one is: \
     `(sum(i where c) x[i]) / max(sum(i where c) 1, 1)`"
        .into()
}

pub(super) fn mean_empty() -> String {
    "this `mean` is empty at some positions, and 0 / 0 has no value: widen its conditions, or divide a `sum` by what it shall be divided by there".into()
}

pub(super) fn values_leave(name: &str, below: &str, low: Option<String>, high: Option<String>) -> String {
    let end = |end: Option<String>| end.map_or("no bound".into(), |end| quoted(&end));
    format!(
        "the values of `{name}` are declared to be from 0 to below `{below}`, and its formula runs from {} to {}; keep it in range by `clamp`, or declare another bound",
        end(low),
        end(high)
    )
}

pub(super) fn outside_no_integer(name: &str, value: &str) -> String {
    format!(
        "`{name}` holds integers, and what lies outside of it is given as `{value}`, a real number; give an integer"
    )
}

pub(super) fn outside_no_value(name: &str, value: &str, below: &str) -> String {
    format!(
        "the values of `{name}` are from 0 to below `{below}`, and what lies outside of it is given as `{value}`; give one of its values"
    )
}
