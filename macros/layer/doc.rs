//! What `cargo doc` shows for a layer: its text, its gradients as they were derived, its parameters, and how it depends on its
//! inputs. The gradients are printed from the definitions that are compiled: what the docs show is what runs.

use super::classify::Classes;
use super::ir::{Definition, Expr, Extent, IndexId, Layer, Outside, Param, Role, TensorId};
use super::primitives::Class;
use super::print::{self, Printer};

/// Lines of Markdown. `layer` is the layer as it was written, `derived` with what the derivation added, `backward` its gradients.
pub(crate) fn doc(layer: &Layer, classes: &Classes, derived: &Layer, backward: &[Definition]) -> Vec<String> {
    let mut lines = vec!["```text".into()];
    lines.extend(statements(layer));
    lines.push("```".into());
    if !backward.is_empty() {
        lines.extend(["".into(), "Its gradients, derived from this text:".into(), "".into(), "```text".into()]);
        // What the derivation gave a name of its own comes first; the rest of the forward text stands above.
        let named = derived.definitions.iter().filter(|definition| definition.tensor.0 >= layer.tensors.len());
        for definition in named.chain(backward) {
            lines.extend(broken(&print::definition(derived, definition), ""));
        }
        lines.push("```".into());
    }
    lines.extend(parameters(layer));
    lines.extend(inputs(layer, classes));
    lines
}

/// The layer's text, in the order in which it was written.
fn statements(layer: &Layer) -> Vec<String> {
    let printer = Printer::with_extents(layer);
    let mut lines = vec![];
    for (at, tensor) in layer.tensors.iter().enumerate() {
        let id = TensorId(at);
        let (word, right) = match &tensor.role {
            Role::Input => ("input", None),
            Role::Target => ("target", None),
            Role::Param(param) => ("param", Some(initialiser(&printer, layer, &layer.params[*param]))),
            Role::Let | Role::Draw => ("let", None),
            Role::Output => ("output", None),
            Role::Gradient(_) => continue,
        };
        let clauses = format!("{}{}", of(&printer, layer, id), outside(&printer, tensor.outside.as_ref()));
        let text = match (layer.definition(id), right) {
            (Some(definition), _) => printer.statement(definition, &clauses),
            (None, right) => format!("{}{clauses}{}", printer.alone(id), right.unwrap_or_default()),
        };
        lines.extend(broken(&format!("{word:<6} {text};"), "       "));
    }
    for require in &layer.requires {
        lines.push(format!("require {}, {:?};", printer.extent(&require.condition), require.message));
    }
    lines
}

fn of(printer: &Printer<'_>, layer: &Layer, tensor: TensorId) -> String {
    layer.tensor(tensor).below.as_ref().map(|below| format!(" of {}", printer.extent(below))).unwrap_or_default()
}

fn outside(printer: &Printer<'_>, outside: Option<&Outside>) -> String {
    match outside {
        None => String::new(),
        Some(Outside::Value(value)) => format!(" outside {}", printer.expr(value)),
        Some(Outside::Nearest) => " outside nearest".into(),
        Some(Outside::Reflect) => " outside reflect".into(),
        Some(Outside::Wrap) => " outside wrap".into(),
    }
}

fn initialiser(printer: &Printer<'_>, layer: &Layer, param: &Param) -> String {
    let condition = match &param.condition {
        None => String::new(),
        Some(condition) if param.otherwise == Expr::Real(0.0) => format!(" if {}", printer.extent(condition)),
        Some(condition) => format!(" if {} else {}", printer.extent(condition), printer.expr(&param.otherwise)),
    };
    let checkpoint = if param.checkpoint == layer.tensor(param.tensor).name {
        String::new()
    } else {
        format!(" as {:?}", param.checkpoint)
    };
    format!("{condition} = {}{checkpoint}", start(printer, param))
}

/// `Normal(0.02)`
fn start(printer: &Printer<'_>, param: &Param) -> String {
    let (name, arguments) = &param.initialiser;
    let arguments: Vec<String> = arguments.iter().map(|argument| printer.expr(argument)).collect();
    if arguments.is_empty() { name.clone() } else { format!("{name}({})", arguments.join(", ")) }
}

fn parameters(layer: &Layer) -> Vec<String> {
    if layer.params.is_empty() {
        return vec![];
    }
    let printer = Printer::new(layer);
    let mut lines = vec!["".into(), "| parameter | shape | starts as |".into(), "|---|---|---|".into()];
    for param in &layer.params {
        let condition = param
            .condition
            .as_ref()
            .map(|condition| format!(", if `{}`", printer.extent(condition)))
            .unwrap_or_default();
        lines.push(format!(
            "| `{}` | `{}`{condition} | `{}` |",
            param.checkpoint,
            shape(layer, param.tensor),
            start(&printer, param)
        ));
    }
    lines
}

/// The extents of a tensor's axes, an index that arrives by its name: `[out, i]`.
fn shape(layer: &Layer, tensor: TensorId) -> String {
    let printer = Printer::new(layer);
    let part = |index: &IndexId| match &layer.index(layer.origin(*index)).extent {
        Extent::Given(formula) => printer.extent(formula),
        _ => layer.index(layer.origin(*index)).name.clone(),
    };
    let axes: Vec<String> = layer
        .tensor(tensor)
        .axes
        .iter()
        .map(|axis| {
            let parts: Vec<String> = axis.iter().map(part).collect();
            if let [one] = parts.as_slice() { one.clone() } else { format!("({})", parts.join(", ")) }
        })
        .collect();
    format!("[{}]", axes.join(", "))
}

fn inputs(layer: &Layer, classes: &Classes) -> Vec<String> {
    let inputs = layer.tensors_of(|role| *role == Role::Input);
    if inputs.is_empty() {
        return vec![];
    }
    let mut lines = vec!["".into(), "| input | differentiability |".into(), "|---|---|".into()];
    for input in inputs {
        let words = match classes.of_layer(layer, input) {
            None => "none: no path leads from it to an output but through `stop`".into(),
            Some(dependence) => {
                let why = match (dependence.primitive.as_str(), dependence.sentence.as_str()) {
                    (_, "") => String::new(),
                    ("", sentence) => format!(": it {sentence}"),
                    (primitive, sentence) => format!(": `{primitive}` {sentence}"),
                };
                let class = match dependence.class {
                    Class::Smooth => "smooth",
                    Class::Piecewise => "piecewise",
                    Class::None => "none",
                };
                format!("{class}{why}")
            }
        };
        lines.push(format!("| `{}` | {words} |", layer.tensor(input).name));
    }
    lines
}

/// A long definition on two lines, the second from its `=`.
fn broken(text: &str, indent: &str) -> Vec<String> {
    match text.split_once(" = ") {
        Some((left, right)) if text.chars().count() > 100 && !left.contains(" where ") => {
            vec![left.to_string(), format!("{indent}  = {right}")]
        }
        _ => vec![text.to_string()],
    }
}
