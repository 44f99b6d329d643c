//! IR → the language's text, for documentation, messages and snapshots.

use super::ir::{BATCH, Comparison, Definition, Distribution, Expr, IndexId, Layer, Rate, Reduction, Role, TensorId, Value};

/// The name of a tensor: `x`, `grad(x)`.
pub(crate) fn name(layer: &Layer, tensor: TensorId) -> String {
    match layer.tensor(tensor).role {
        Role::Gradient(of) => format!("grad({})", name(layer, of)),
        _ => layer.tensor(tensor).name.clone(),
    }
}

/// The left side of a definition: `y[(g, o), i, j]`.
pub(crate) fn declaration(layer: &Layer, tensor: TensorId) -> String {
    let axes: Vec<String> = layer
        .tensor(tensor)
        .axes
        .iter()
        .zip(&layer.tensor(tensor).fused)
        .map(|(parts, alone)| {
            let names: Vec<&str> = parts.iter().map(|part| layer.index(*part).name.as_str()).collect();
            if *alone { format!("({})", names.join(", ")) } else { fused(&names) }
        })
        .collect();
    format!("{}{}", name(layer, tensor), bracketed(&axes))
}

fn fused<S: AsRef<str>>(parts: &[S]) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    if let [one] = parts.as_slice() { (*one).to_string() } else { format!("({})", parts.join(", ")) }
}

fn bracketed(axes: &[String]) -> String {
    if axes.is_empty() { String::new() } else { format!("[{}]", axes.join(", ")) }
}

/// A definition as a statement, without the word in front.
pub(crate) fn definition(layer: &Layer, definition: &Definition) -> String {
    let left = declaration(layer, definition.tensor);
    let guard: Vec<String> = definition.guard.iter().map(|c| expr(layer, c)).collect();
    let guard = if guard.is_empty() { String::new() } else { format!(" where {}", guard.join(", ")) };
    match &definition.value {
        Value::Formula(value) => format!("{left}{guard} = {}", spread(layer, definition.tensor, value)),
        Value::Draw(distribution, arguments) => {
            let name = match distribution {
                Distribution::Bernoulli => "Bernoulli",
                Distribution::Normal => "Normal",
                Distribution::Uniform => "Uniform",
                Distribution::Gumbel => "Gumbel",
            };
            let arguments: Vec<String> = arguments.iter().map(|a| expr(layer, a)).collect();
            let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
            format!("{left}{guard} ~ {name}{arguments}")
        }
    }
}

/// The value of a gradient that is the same for all samples is summed over the batch: the sum says so.
fn spread(layer: &Layer, tensor: TensorId, value: &Expr) -> String {
    let over_batch = matches!(layer.tensor(tensor).role, Role::Gradient(_)) && layer.tensor(tensor).rate != Rate::Sample;
    if !over_batch {
        return expr(layer, value);
    }
    let mut terms = vec![];
    addends(value, &mut terms);
    let texts: Vec<String> = terms.into_iter().map(|term| expr(layer, &with_batch(layer, term))).collect();
    texts.join(" + ")
}

fn with_batch(layer: &Layer, term: &Expr) -> Expr {
    if layer.rate_of(term) != Rate::Sample {
        return term.clone();
    }
    let mut reduce = match term {
        Expr::Reduce(reduce) if reduce.kind == Reduction::Sum => (**reduce).clone(),
        other => super::ir::Reduce {
            kind: Reduction::Sum,
            indices: vec![],
            conditions: vec![],
            body: other.clone(),
            place: super::ir::Place(proc_macro2::Span::call_site()),
        },
    };
    reduce.indices.insert(0, BATCH);
    Expr::Reduce(Box::new(reduce))
}

fn addends<'a>(value: &'a Expr, terms: &mut Vec<&'a Expr>) {
    match value {
        Expr::Call(primitive, both, _) if primitive.is("add") => both.iter().for_each(|part| addends(part, terms)),
        other => terms.push(other),
    }
}

/// How tightly an expression binds, from loose to tight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Or,
    And,
    Compare,
    Sum,
    Product,
    Unary,
    Atom,
}

pub(crate) fn expr(layer: &Layer, expr: &Expr) -> String {
    bound(layer, expr).0
}

fn at_least(layer: &Layer, expr: &Expr, bond: Bond) -> String {
    let (text, own) = bound(layer, expr);
    if own < bond { format!("({text})") } else { text }
}

fn number(value: f64) -> String {
    if value == f64::INFINITY {
        "inf".into()
    } else if value == std::f64::consts::PI {
        "pi".into()
    } else if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else {
        format!("{value}")
    }
}

fn bound(layer: &Layer, expr: &Expr) -> (String, Bond) {
    let infix = |two: &[Expr], sign: &str, bond: Bond, right: Bond| {
        // A reduction or an `if` on the left of a product would take the right side in.
        let left = match &two[0] {
            Expr::Reduce(_) if bond == Bond::Product => format!("({})", self::expr(layer, &two[0])),
            other => at_least(layer, other, bond),
        };
        (format!("{left} {sign} {}", at_least(layer, &two[1], right)), bond)
    };
    match expr {
        Expr::Int(value) if *value < 0 => (value.to_string(), Bond::Unary),
        Expr::Int(value) => (value.to_string(), Bond::Atom),
        Expr::Real(value) if *value < 0.0 => (format!("-{}", number(-value)), Bond::Unary),
        Expr::Real(value) => (number(*value), Bond::Atom),
        Expr::Bool(value) => (value.to_string(), Bond::Atom),
        Expr::Index(index) => (layer.index(*index).name.clone(), Bond::Atom),
        Expr::Len(index) => (format!("len({})", layer.index(*index).name), Bond::Atom),
        Expr::Field(field) => (layer.fields[field.0].name.to_string(), Bond::Atom),
        Expr::Element(field, at) => (format!("{}[{}]", layer.fields[field.0].name, self::expr(layer, at)), Bond::Atom),
        Expr::Training => ("training".into(), Bond::Atom),
        Expr::Read(tensor, at, _) => {
            let mut rest = at.iter();
            let axes: Vec<String> = layer
                .tensor(*tensor)
                .axes
                .iter()
                .map(|parts| fused(&rest.by_ref().take(parts.len()).map(|e| self::expr(layer, e)).collect::<Vec<_>>()))
                .collect();
            (format!("{}{}", name(layer, *tensor), bracketed(&axes)), Bond::Atom)
        }
        Expr::Call(primitive, all, _) => match primitive.name() {
            "add" => match &all[1] {
                Expr::Call(negated, inner, _) if negated.is("neg") => infix(&[all[0].clone(), inner[0].clone()], "-", Bond::Sum, Bond::Product),
                _ => infix(all, "+", Bond::Sum, Bond::Sum),
            },
            "sub" => infix(all, "-", Bond::Sum, Bond::Product),
            "mul" => infix(all, "*", Bond::Product, Bond::Product),
            "div" | "floor_div" => infix(all, "/", Bond::Product, Bond::Unary),
            "rem" => infix(all, "%", Bond::Product, Bond::Unary),
            "neg" => (format!("-{}", at_least(layer, &all[0], Bond::Unary)), Bond::Unary),
            name => {
                let name = if name == "root" { "sqrt" } else { name };
                let arguments: Vec<String> = all.iter().map(|a| self::expr(layer, a)).collect();
                (format!("{name}({})", arguments.join(", ")), Bond::Atom)
            }
        },
        Expr::Compare(comparison, two) => {
            let sign = match comparison {
                Comparison::Less => "<",
                Comparison::LessEqual => "<=",
                Comparison::Equal => "==",
                Comparison::NotEqual => "!=",
            };
            infix(&two[..], sign, Bond::Compare, Bond::Sum)
        }
        Expr::And(two) => infix(&two[..], "&&", Bond::And, Bond::Compare),
        Expr::Or(two) => infix(&two[..], "||", Bond::Or, Bond::And),
        Expr::Not(one) => (format!("!{}", at_least(layer, one, Bond::Unary)), Bond::Unary),
        Expr::If(three, _) => {
            let otherwise = match &three[2] {
                Expr::If(..) => self::expr(layer, &three[2]),
                other => format!("{{ {} }}", self::expr(layer, other)),
            };
            (format!("if {} {{ {} }} else {otherwise}", self::expr(layer, &three[0]), self::expr(layer, &three[1])), Bond::Atom)
        }
        Expr::Reduce(reduce) => {
            let word = match reduce.kind {
                Reduction::Sum | Reduction::Count => "sum",
                Reduction::Product => "prod",
                Reduction::Maximum => "max",
                Reduction::Minimum => "min",
                Reduction::ArgMaximum => "argmax",
                Reduction::ArgMinimum => "argmin",
            };
            let indices: Vec<String> = reduce.indices.iter().map(|index| binding(layer, *index)).collect();
            let conditions: Vec<String> = reduce.conditions.iter().map(|c| self::expr(layer, c)).collect();
            let conditions = if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(", ")) };
            (format!("{word}({}{conditions}) {}", indices.join(", "), at_least(layer, &reduce.body, Bond::Product)), Bond::Product)
        }
        Expr::Stop(one, _) => (format!("stop({})", self::expr(layer, one)), Bond::Atom),
        Expr::StraightThrough(two) => (format!("straight_through({}, {})", self::expr(layer, &two[0]), self::expr(layer, &two[1])), Bond::Atom),
    }
}

fn binding(layer: &Layer, index: IndexId) -> String {
    layer.index(index).name.clone()
}
