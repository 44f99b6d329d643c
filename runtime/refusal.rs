//! What is refused where a network is declared, as rustc prints it under the user's own words.
//!
//! Input: a network's graph. Output: nothing, or a panic while compiling whose text is the whole message. Every function that
//! may panic is `#[track_caller]`, so that rustc points at the call, which `network!` places on the user's tokens.
//! Shapes that a refused layer leaves behind are not judged, so that one mistake is reported once.

use crate::graph::{Graph, Node, Source};
use crate::message::Message;
use crate::network::Network;
use crate::shape::Values;
use crate::site::{Class, Why, parameter_count};
use crate::tables::name;

/// Refuses what is wrong with a layer where it stands: its number of inputs and outputs, what their values are, their
/// shapes, and rules 1, 3, 4 and 5.
#[track_caller]
pub const fn check<N: Network>(at: usize) {
    let message = of_layer(N::GRAPH, at);
    if !message.is_empty() {
        refuse(&message);
    }
}

/// Rule 8: refuses a network whose training takes more than `bytes`.
#[track_caller]
pub const fn check_budget<N: Network>(bytes: usize) {
    let message = of_budget::<N>(bytes);
    if !message.is_empty() {
        refuse(&message);
    }
}

/// Refuses a shape of more axes than there may be, or with an extent of 0.
#[track_caller]
pub const fn check_source<N: Network>(at: usize, axes: usize) {
    let message = of_source(&N::GRAPH.sources[at], axes);
    if !message.is_empty() {
        refuse(&message);
    }
}

#[track_caller]
const fn refuse(message: &Message) -> ! {
    panic!("{}", message.as_str())
}

const fn of_source(source: &Source, axes: usize) -> Message {
    let mut message = Message::EMPTY;
    if axes > crate::shape::MAX_RANK {
        say(&mut message, &["`", source.name, "` has "]);
        message.number(axes as i64);
        message.text(" axes; the most there may be is ");
        message.number(crate::shape::MAX_RANK as i64);
        return message;
    }
    let mut axis = 0;
    while axis < source.shape.rank() {
        if source.shape.dim(axis) == 0 {
            say(&mut message, &["`", source.name, "` of shape "]);
            message.shape(&source.shape);
            message.text(" holds nothing: its extents must be at least 1");
            return message;
        }
        axis += 1;
    }
    if let Values::Below(0) = source.shape.values() {
        say(&mut message, &["`", source.name, "` holds integers below 0: there are none; say how many there are, as in `Class(10)`"]);
    }
    message
}

/// All that is wrong with a layer where it stands; empty when nothing is.
pub(crate) const fn of_layer(graph: &Graph, at: usize) -> Message {
    let mut message = Message::EMPTY;
    let node = &graph.nodes[at];
    arity(&mut message, node);
    // Whoever reads these numbers may rely on them.
    if !message.is_empty() {
        return message;
    }
    let mut input = 0;
    while input < node.inputs.len() {
        values(&mut message, graph, at, input);
        input += 1;
    }
    if message.is_empty() && !node.problem.is_empty() {
        begin(&mut message);
        message.message(node.problem);
    }
    let mut input = 0;
    while input < node.inputs.len() {
        differentiability(&mut message, graph, at, input);
        input += 1;
    }
    parameters(&mut message, graph, at);
    message
}

const fn begin(message: &mut Message) {
    if !message.is_empty() {
        message.text("\n\n");
    }
}

const fn say(message: &mut Message, texts: &[&str]) {
    let mut at = 0;
    while at < texts.len() {
        message.text(texts[at]);
        at += 1;
    }
}

const fn count(message: &mut Message, number: usize, one: &str, many: &str) {
    message.number(number as i64);
    message.text(" ");
    message.text(if number == 1 { one } else { many });
}

/// As many values arrive as the layer has inputs, and as many names are given as it has outputs.
const fn arity(message: &mut Message, node: &Node) {
    if node.reads.len() != node.inputs.len() {
        say(message, &["`", node.layer, "` takes "]);
        count(message, node.inputs.len(), "input", "inputs");
        if !node.inputs.is_empty() {
            message.text(" (");
            let mut at = 0;
            while at < node.inputs.len() {
                say(message, &[if at > 0 { ", `" } else { "`" }, node.inputs[at].name, "`"]);
                at += 1;
            }
            message.text(")");
        }
        message.text(", and ");
        count(message, node.reads.len(), "value arrives", "values arrive");
        if node.loss {
            return say(message, &["\nhelp: name its inputs, then its targets, as in `loss ", node.layer, "(prediction, label: Class(10))`"]);
        }
        return message.text("\nhelp: a layer of several inputs reads a tuple of names, as in `(a, b) -> Layer`");
    }
    if node.writes.len() != node.outputs.len() {
        begin(message);
        say(message, &["`", node.layer, "` gives "]);
        count(message, node.outputs.len(), "output", "outputs");
        message.text(", and ");
        count(message, node.writes.len(), "name is given", "names are given");
        message.text("\nhelp: name each of several outputs, as in `(a, b): Layer`");
    }
    if node.loss && node.shapes.len() == 1 && node.shapes[0].is_known() && node.shapes[0].size() != 1 {
        begin(message);
        say(message, &["`", node.layer, "` is no loss: it gives "]);
        message.shape(&node.shapes[0]);
        message.text(" for each sample, and a loss is one number");
    }
}

/// Integers arrive where the layer reads integers, and real numbers elsewhere; what is compared with is an input.
const fn values(message: &mut Message, graph: &Graph, at: usize, input: usize) {
    let node = &graph.nodes[at];
    let wire = node.reads[input];
    let shape = graph.shape(wire);
    let is_source = wire < graph.sources.len();
    let integers = matches!(shape.values(), Values::Below(_));
    if node.inputs[input].target {
        if !is_source {
            begin(message);
            say(message, &["`", name(graph, wire), "` is computed, and `", node.layer, "` compares with it: no gradient would go back through its `"]);
            say(message, &[node.inputs[input].name, "`\nhelp: compare with an input of the network, or with a target declared there, as in `label: Class(10)`"]);
        }
    } else if is_source && graph.sources[wire].target && !shape.is_unknown() {
        begin(message);
        say(message, &["`", graph.sources[wire].name, "` is declared in the loss, and `", node.layer, "` reads it as its input `", node.inputs[input].name]);
        message.text("`, not as a target\nhelp: declare it as an input of the network, in a statement of its own");
        return;
    }
    if is_source && !shape.is_unknown() || shape.is_known() {
        if node.inputs[input].integer && !integers {
            begin(message);
            say(message, &["`", node.layer, "` reads integers as its `", node.inputs[input].name, "`, and `", name(graph, wire), "` holds real numbers"]);
            if is_source {
                say(message, &["\nhelp: declare how many different ones there are, as in `", name(graph, wire), ": "]);
                message.text(if node.inputs[input].target { "Class(10)`" } else { "[16] of Token(256)`" });
            } else {
                message.text("\nhelp: it may read only an input that is declared with `of Class(…)` or `of Token(…)`");
            }
        } else if !node.inputs[input].integer && integers {
            begin(message);
            say(message, &["`", node.layer, "` reads real numbers as its `", node.inputs[input].name, "`, and `", name(graph, wire), "` holds integers"]);
            if is_source && node.inputs[input].target {
                say(message, &["\nhelp: declare its shape, as in `", name(graph, wire), ": [1]`"]);
            } else if is_source {
                say(message, &["\nhelp: declare `", name(graph, wire), "` without `of`, or read it with a layer that takes integers, such as a table of embeddings"]);
            }
        }
    }
}

/// Rules 1, 3, 4 and 5, for one input.
const fn differentiability(message: &mut Message, graph: &Graph, at: usize, input: usize) {
    let node = &graph.nodes[at];
    let port = &node.inputs[input];
    if port.target {
        return;
    }
    let refused = if port.integer || matches!(port.class, Class::None) {
        true
    } else {
        graph.smooth && matches!(port.class, Class::Piecewise)
    };
    if !refused {
        return;
    }
    let upstream = graph.upstream(at, input);
    let asked = asked_source(graph, &upstream);
    if graph.is_direct(at, input) && !node.loss {
        let learns = learns_upstream(graph, &upstream);
        if asked.is_none() && !learns {
            return;
        }
    }
    begin(message);
    what(message, node, input);
    if let Some(source) = asked {
        say(message, &["\nthe gradient of the input `", source, "` is asked for (`#[gradient(", source, ")]`), and could not pass"]);
    }
    losers(message, graph, node, &upstream);
    ways_out(message, graph, at, input);
    rule(message, graph, node, port.class, port.integer, asked.is_some());
}

const fn asked_source(graph: &Graph, upstream: &crate::graph::Wires) -> Option<&'static str> {
    let mut at = 0;
    while at < graph.sources.len() {
        if graph.sources[at].asked && upstream.has(at) {
            return Some(graph.sources[at].name);
        }
        at += 1;
    }
    None
}

const fn learns_upstream(graph: &Graph, upstream: &crate::graph::Wires) -> bool {
    let mut at = 0;
    while at < graph.nodes.len() {
        if graph.nodes[at].learns() && upstream.has_any(graph.nodes[at].writes) {
            return true;
        }
        at += 1;
    }
    false
}

/// What is not differentiable, and the primitive that makes it so.
const fn what(message: &mut Message, node: &Node, input: usize) {
    let port = &node.inputs[input];
    say(message, &["`", node.layer, "` is not "]);
    message.text(if matches!(port.class, Class::Piecewise) && !port.integer { "smooth" } else { "differentiable" });
    if node.inputs.len() > 1 || node.loss {
        say(message, &[" in its `", port.name, "`"]);
    }
    if port.integer {
        return message.text(": it reads integers, and nothing can be learnt through them");
    }
    message.text(": ");
    reason(message, &port.why);
}

/// "`round` is constant between half-integers, where it jumps (src/round.rs:12)"
const fn reason(message: &mut Message, why: &Why) {
    say(message, &["`", why.primitive, "` ", why.sentence]);
    if !why.place.is_empty() {
        say(message, &[" (", why.place, ")"]);
    }
}

/// The parameters upstream, all by name.
const fn losers(message: &mut Message, graph: &Graph, node: &Node, upstream: &crate::graph::Wires) {
    let mut any = false;
    let mut at = 0;
    while at < graph.nodes.len() {
        let other = &graph.nodes[at];
        if other.learns() && upstream.has_any(other.writes) {
            let mut own = 0;
            while own < other.tensors.len() {
                if other.tensors[own].shape.size() > 0 {
                    message.text(if any { ", `" } else { "\nupstream, these parameters could not learn through it: `" });
                    say(message, &[other.name, ".", other.parameters[own].checkpoint, "`"]);
                    any = true;
                }
                own += 1;
            }
        }
        at += 1;
    }
    if !any {
        say(message, &["\nno parameter learns upstream of `", node.layer, "` today, but the rule holds all the same"]);
    }
}

/// What to do.
const fn ways_out(message: &mut Message, graph: &Graph, at: usize, input: usize) {
    let node = &graph.nodes[at];
    let port = &node.inputs[input];
    message.text("\nhelp: ");
    if node.loss {
        message.text("train with a differentiable loss");
    } else if port.integer {
        return message.text("let it read an input that is declared with `of Class(…)` or `of Token(…)`, directly");
    } else if matches!(port.class, Class::Piecewise) {
        message.text("take a smooth layer");
    } else if graph.is_direct(at, input) {
        say(message, &["leave `", node.layer, "` out, or let its text say `straight_through(…, …)`"]);
    } else {
        say(message, &["move `", node.layer, "` directly after an input (several such steps there are written as one tuple of layers)"]);
        message.text(", or let its text say `straight_through(…, …)`");
    }
    if node.instead.is_empty() {
        if !matches!(port.class, Class::Piecewise) && !node.loss {
            message.text(", or take a differentiable layer in its place");
        }
    } else {
        say(message, &[if node.loss || matches!(port.class, Class::Piecewise) { ": " } else { ", or take a differentiable stand-in: " }, "`", node.instead, "`"]);
    }
}

const fn rule(message: &mut Message, graph: &Graph, node: &Node, class: Class, integer: bool, asked: bool) {
    let _ = graph;
    message.text("\nrule: ");
    message.text(if node.loss && matches!(class, Class::None) {
        "a loss is differentiable in its predictions"
    } else if matches!(class, Class::Piecewise) && !integer {
        "in a network that is `#[smooth]`, a layer with kinks may stand only directly after an input"
    } else if integer {
        "a layer that reads integers may stand only directly after an input, whatever stands before it"
    } else if asked {
        "between an input whose gradient is asked for and the output, every layer is differentiable"
    } else {
        "a layer that is not differentiable may stand only directly after an input, whatever stands before it"
    });
}

/// `frozen` has something to freeze; what learns reaches the loss, and (`#[smooth]`) without kinks.
const fn parameters(message: &mut Message, graph: &Graph, at: usize) {
    let node = &graph.nodes[at];
    if !node.trains && parameter_count(node.tensors) == 0 && node.parameters.is_empty() {
        begin(message);
        say(message, &["`", node.layer, "` has no parameters to keep from training\nhelp: leave out `frozen`"]);
    }
    if !node.learns() {
        return;
    }
    if graph.whole && !graph.reaches_loss(at) {
        begin(message);
        say(message, &["the parameters of `", node.name, "` do not reach the loss, and could never learn"]);
        message.text("\nhelp: let the loss read what is computed with them, or write `frozen`\nrule: every parameter that trains reaches the loss");
    }
    let mut own = 0;
    while own < node.parameters.len() && own < node.tensors.len() {
        let parameter = &node.parameters[own];
        if graph.smooth && !matches!(parameter.class, Class::Smooth) && node.tensors[own].shape.size() > 0 {
            begin(message);
            say(message, &["`", node.layer, "` is not smooth in its parameter `", node.name, ".", parameter.checkpoint, "`: "]);
            reason(message, &parameter.why);
            message.text("\nhelp: take a smooth layer, or write `frozen`\nrule: in a network that is `#[smooth]`, every parameter that trains is reached without kinks");
        }
        own += 1;
    }
}

const fn of_budget<N: Network>(bytes: usize) -> Message {
    let mut message = Message::EMPTY;
    if !N::GRAPH.whole || is_refused(N::GRAPH) || N::TRAINING_BYTES <= bytes {
        return message;
    }
    say(&mut message, &["training `", N::NAME, "` takes "]);
    message.number(N::TRAINING_BYTES as i64);
    message.text(" bytes, and the budget is ");
    message.number(bytes as i64);
    message.text("\nof them, parameters and their gradients: ");
    message.number(8 * N::PARAMETERS as i64);
    message.text("; the values and gradients of one tile of sixteen samples: ");
    message.number((N::TRAINING_BYTES - 8 * N::PARAMETERS) as i64);
    message.text("\nhelp: raise the budget, or take smaller layers\nrule: `#[budget(training = …)]` is an upper bound for `TRAINING_BYTES`");
    message
}

/// Whether any layer has a problem, so that nothing is known of the network's size.
const fn is_refused(graph: &Graph) -> bool {
    let mut at = 0;
    while at < graph.nodes.len() {
        if !graph.nodes[at].problem.is_empty() {
            return true;
        }
        at += 1;
    }
    false
}
