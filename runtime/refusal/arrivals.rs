//! How many inputs and outputs a layer has where it stands, and whether they hold numbers or integers.

use super::{begin, count, say};
use crate::graph::{Graph, Node};
use crate::message::Message;
use crate::shape::Values;
use crate::tables::name;

/// As many values arrive as the layer has inputs, and as many names are given as it has outputs.
pub(super) const fn arity(message: &mut Message, node: &Node) {
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
            return say(
                message,
                &[
                    "\nhelp: name its inputs, then its targets, as in `loss ",
                    node.layer,
                    "(prediction, label: Class(10))`",
                ],
            );
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

/// Whether rule 1 says that what arrives are no integers, and more: behind a layer they never are.
pub(super) const fn is_told(graph: &Graph, at: usize, input: usize) -> bool {
    let port = &graph.nodes[at].inputs[input];
    let wire = graph.nodes[at].reads[input];
    port.integer && !port.target && wire >= graph.sources.len() && !graph.is_direct(at, input)
}

/// Integers arrive where the layer reads integers, and real numbers elsewhere; what is compared with is an input.
pub(super) const fn values(message: &mut Message, graph: &Graph, at: usize, input: usize) {
    let node = &graph.nodes[at];
    let wire = node.reads[input];
    let is_source = wire < graph.sources.len();
    let shape = if is_source { graph.sources[wire].shape } else { graph.shape(wire) };
    let integers = matches!(shape.values(), Values::Below(_));
    if node.inputs[input].target {
        if !is_source {
            begin(message);
            say(
                message,
                &[
                    "`",
                    name(graph, wire),
                    "` is computed, and `",
                    node.layer,
                    "` compares with it: no gradient would go back through its `",
                ],
            );
            say(
                message,
                &[
                    node.inputs[input].name,
                    "`\nhelp: compare with an input of the network, or with a target declared there, as in `label: Class(10)`",
                ],
            );
        }
    } else if is_source && graph.sources[wire].target && !shape.is_unknown() {
        begin(message);
        say(
            message,
            &[
                "`",
                graph.sources[wire].name,
                "` is declared in the loss, and `",
                node.layer,
                "` reads it as its input `",
                node.inputs[input].name,
            ],
        );
        message.text("`, not as a target\nhelp: declare it as an input of the network, in a statement of its own");
        return;
    }
    if is_source && !shape.is_unknown() || shape.is_known() {
        if node.inputs[input].integer && !integers && !is_told(graph, at, input) {
            begin(message);
            say(
                message,
                &[
                    "`",
                    node.layer,
                    "` reads integers as its `",
                    node.inputs[input].name,
                    "`, and `",
                    name(graph, wire),
                    "` holds real numbers",
                ],
            );
            if is_source {
                say(message, &["\nhelp: declare how many different ones there are, as in `", name(graph, wire), ": "]);
                message.text(if node.inputs[input].target { "Class(10)`" } else { "[16] of Token(256)`" });
            } else {
                message.text("\nhelp: it may read only an input that is declared with `of Class(…)` or `of Token(…)`");
            }
        } else if !node.inputs[input].integer && integers {
            begin(message);
            say(
                message,
                &[
                    "`",
                    node.layer,
                    "` reads real numbers as its `",
                    node.inputs[input].name,
                    "`, and `",
                    name(graph, wire),
                    "` holds integers",
                ],
            );
            if is_source && node.inputs[input].target {
                say(message, &["\nhelp: declare its shape, as in `", name(graph, wire), ": [1]`"]);
            } else if is_source {
                say(
                    message,
                    &[
                        "\nhelp: declare `",
                        name(graph, wire),
                        "` without `of`, or read it with a layer that takes integers, such as a table of embeddings",
                    ],
                );
            }
        }
    }
}
