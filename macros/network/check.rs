//! What is wrong with a wiring whatever its layers are.
//!
//! Input: the graph. Output: errors at the user's tokens, and the network's outputs where the text leaves them to us. After
//! this stage without errors, every wire leads somewhere, so every layer reaches an output or the loss, and every read is
//! resolved. What depends on the layers themselves is refused by the runtime's `refusal`, at the same tokens.
//!
//! - an empty network
//! - an input that nobody reads; a wire that leads nowhere
//! - no loss, and several wires that could be the output
//! - `#[gradient(…)]` of what is no input, or holds integers

use super::ast::{Declaration, Statement};
use super::graph::{Graph, text};
use super::suggest;
use crate::error::Errors;

/// The runtime's `MAX_WIRES`.
const MAX_WIRES: usize = 4096;

/// Checks the wiring, and names the outputs of a network that does not say them.
pub(crate) fn check(declaration: &Declaration, graph: &mut Graph, errors: &mut Errors) {
    size(declaration, graph, errors);
    inputs(graph, errors);
    ends(declaration, graph, errors);
    gradients(declaration, graph, errors);
}

/// A network has a layer; a loss is one too.
fn size(declaration: &Declaration, graph: &Graph, errors: &mut Errors) {
    let is_read = !declaration.statements.iter().any(|statement| matches!(statement, Statement::Broken { .. }));
    if graph.nodes.is_empty() && is_read {
        let message = format!(
            "`{}` has no layers: pipe an input through some, as in `image: [1, 28, 28] -> LAYER -> LAYER;`",
            declaration.name
        );
        errors.at(declaration.name.span(), message);
    }
    if graph.wires() > MAX_WIRES {
        errors.at(
            declaration.name.span(),
            format!("`{}` has {} wires; the most there may be is {MAX_WIRES}", declaration.name, graph.wires()),
        );
    }
}

/// Which wires are read: by a layer, or perhaps by a statement that was not understood.
fn read(graph: &Graph) -> Vec<bool> {
    let mut read = vec![false; graph.wires()];
    graph.nodes.iter().flat_map(|node| &node.reads).flatten().for_each(|&wire| read[wire] = true);
    graph.meant.iter().for_each(|&wire| read[wire] = true);
    if !graph.doubtful.is_empty() {
        (0..read.len()).for_each(|wire| read[wire] |= graph.doubtful.contains(&graph.wire_name(wire)));
    }
    read
}

/// Every input is read.
fn inputs(graph: &Graph, errors: &mut Errors) {
    let read = read(graph);
    for (wire, source) in graph.sources.iter().enumerate() {
        if !read[wire] && !graph.results.contains(&wire) {
            let name = &source.name;
            errors.at(
                name.span(),
                format!(
                    "no layer reads the input `{name}`: pipe it through one, as in `{name} -> LAYER`, or take it away"
                ),
            );
        }
    }
}

/// Every wire is read, or is an output. Without a loss the one that nobody reads is the output.
fn ends(declaration: &Declaration, graph: &mut Graph, errors: &mut Errors) {
    let (read, mut loose) = (read(graph), Vec::new());
    let is_loose = |wire: usize| !read[wire] && !graph.results.contains(&wire);
    for node in graph.nodes.iter().filter(|node| !node.loss) {
        for wire in node.first..node.first + node.outputs.len() {
            if is_loose(wire) {
                let span = node.outputs[wire - node.first].as_ref().map_or(node.span, |name| name.span());
                loose.push((wire, span));
            }
        }
    }
    let has_loss = graph.nodes.iter().any(|node| node.loss);
    let has_output = !graph.results.is_empty();
    if !has_loss && !has_output {
        if let [(wire, _)] = loose[..] {
            graph.results.push(wire);
            return;
        }
        if graph.has_gaps() {
            return;
        }
        let names: Vec<String> = loose.iter().map(|(wire, _)| format!("`{}`", graph.wire_name(*wire))).collect();
        if let Some((_, span)) = loose.get(1) {
            let message = format!(
                "`{}` has no loss, and several wires that nobody reads: {}; say which one is the output, as in `output NAME;`, and let layers read the others",
                declaration.name,
                names.join(", "),
            );
            errors.at(*span, message);
            return;
        }
    }
    for (wire, span) in loose {
        let message = format!(
            "the output of `{}` leads nowhere: let a layer or the loss read it, or take it away",
            graph.wire_name(wire)
        );
        errors.at(span, message);
    }
}

/// Gradients are asked for of inputs that hold real numbers.
fn gradients(declaration: &Declaration, graph: &Graph, errors: &mut Errors) {
    for name in &declaration.options.gradients {
        let inputs = || graph.sources.iter().filter(|source| !source.target);
        match inputs().find(|source| text(&source.name) == text(name)) {
            Some(source) if source.count.is_some() => {
                errors.at(name.span(), format!("`{name}` holds integers: it has no gradient to ask for"));
            }
            Some(_) => {}
            None if graph.doubtful.contains(&text(name)) => {}
            None => {
                let known: Vec<String> = inputs().map(|source| text(&source.name)).collect();
                let near = suggest::nearest(&text(name), known.iter().map(String::as_str));
                let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                errors.at(name.span(), format!("there is no input named `{name}`{hint}"));
            }
        }
    }
}
