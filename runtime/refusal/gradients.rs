//! Rules 1, 3, 4 and 5: what is not differentiable stands where nothing learns before it.

use super::{begin, say};
use crate::graph::{Graph, Node};
use crate::message::Message;
use crate::site::{Class, Input, Why};

/// Rules 1, 3, 4 and 5, for one input.
pub(super) const fn differentiability(message: &mut Message, graph: &Graph, at: usize, input: usize) {
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
        say(
            message,
            &[
                "\nthe gradient of the input `",
                source,
                "` is asked for (`#[gradient(",
                source,
                ")]`), and could not pass",
            ],
        );
    }
    losers(message, graph, node, &upstream, port, asked.is_some());
    ways_out(message, graph, at, input, asked.is_some());
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
pub(super) const fn reason(message: &mut Message, why: &Why) {
    say(message, &["`", why.primitive, "` ", why.sentence]);
    if !why.place.is_empty() {
        say(message, &[" (", why.place, ")"]);
    }
}

/// The parameters upstream, all by name.
const fn losers(
    message: &mut Message,
    graph: &Graph,
    node: &Node,
    upstream: &crate::graph::Wires,
    port: &Input,
    asked: bool,
) {
    let smooth = !port.integer && matches!(port.class, Class::Piecewise);
    let lost = if smooth {
        "\nupstream, the gradients of these parameters would jump at the kinks: `"
    } else {
        "\nupstream, these parameters could not learn through it: `"
    };
    let mut any = false;
    let mut at = 0;
    while at < graph.nodes.len() {
        let other = &graph.nodes[at];
        if other.learns() && upstream.has_any(other.writes) {
            let mut own = 0;
            while own < other.tensors.len() {
                if !other.tensors[own].shape.is_absent() {
                    message.text(if any { ", `" } else { lost });
                    say(message, &[other.name, ".", other.parameters[own].checkpoint, "`"]);
                    any = true;
                }
                own += 1;
            }
        }
        at += 1;
    }
    if !any && !asked {
        say(message, &["\nno parameter learns upstream of `", node.layer, "` today, but the rule holds all the same"]);
    }
}

/// What to do.
const fn ways_out(message: &mut Message, graph: &Graph, at: usize, input: usize, asked: bool) {
    let node = &graph.nodes[at];
    let port = &node.inputs[input];
    message.text("\nhelp: ");
    if node.loss {
        message.text(if matches!(port.class, Class::Piecewise) {
            "train with a smooth loss"
        } else {
            "train with a differentiable loss"
        });
    } else if port.integer {
        return message.text("let it read an input that is declared with `of Class(…)` or `of Token(…)`, directly (several steps there are written as one tuple of layers)");
    } else if matches!(port.class, Class::Piecewise) {
        message.text("take a smooth layer");
    } else if graph.is_direct(at, input) && !asked {
        say(
            message,
            &[
                "move `",
                node.layer,
                "` to the front of its tuple, before what learns there, or let its text say `straight_through(…, …)`",
            ],
        );
    } else if graph.is_direct(at, input) {
        say(
            message,
            &[
                "leave `",
                node.layer,
                "` out, or do not ask for the gradient, or let its text say `straight_through(…, …)`",
            ],
        );
    } else {
        if node.inputs.len() > 1 {
            say(message, &["let the `", port.name, "` of `", node.layer, "` come directly from an input"]);
        } else {
            say(message, &["move `", node.layer, "` directly after an input"]);
        }
        message.text(" (several such steps there are written as one tuple of layers)");
        message.text(", or let its text say `straight_through(…, …)`");
    }
    if node.instead.is_empty() {
        if !matches!(port.class, Class::Piecewise) && !node.loss {
            message.text(", or take a differentiable layer in its place");
        }
    } else {
        say(
            message,
            &[
                if node.loss || matches!(port.class, Class::Piecewise) {
                    ": "
                } else {
                    ", or take a differentiable stand-in: "
                },
                "`",
                node.instead,
                "`",
            ],
        );
    }
}

const fn rule(message: &mut Message, graph: &Graph, node: &Node, class: Class, integer: bool, asked: bool) {
    let _ = graph;
    message.text("\nrule: ");
    message.text(if node.loss && matches!(class, Class::None) {
        "a loss is differentiable in its predictions"
    } else if node.loss && !integer {
        "in a network that is `#[smooth]`, the loss has no kinks either"
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
