//! What is refused where a network is declared, as rustc prints it under the user's own words.
//!
//! Input: a network's graph. Output: nothing, or a panic while compiling whose text is the whole message. Every function that
//! may panic is `#[track_caller]`, so that rustc points at the call, which `network!` places on the user's tokens.
//! Shapes that a refused layer leaves behind are not judged, so that one mistake is reported once.

use crate::graph::{Graph, Node, Source};
use crate::message::Message;
use crate::network::Network;
use crate::shape::Values;
use crate::site::{Class, Input, Why};
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
        say(
            &mut message,
            &["`", source.name, "` holds integers below 0: there are none; say how many there are, as in `Class(10)`"],
        );
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
    let (mut input, mut is_told_later) = (0, false);
    while input < node.inputs.len() {
        values(&mut message, graph, at, input);
        is_told_later = is_told_later || is_told(graph, at, input);
        input += 1;
    }
    if message.is_empty() && !node.problem.is_empty() && !is_told_later {
        arrivals(&mut message, graph, node);
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

/// "`Conv2d` reads `image` of shape [1, 2, 28]: "
const fn arrivals(message: &mut Message, graph: &Graph, node: &Node) {
    begin(message);
    say(message, &["`", node.layer, "` reads "]);
    let mut input = 0;
    while input < node.reads.len() {
        let wire = node.reads[input];
        say(message, &[if input > 0 { " and `" } else { "`" }, name(graph, wire), "`"]);
        let shape = graph.shape(wire);
        if shape.is_known() {
            message.text(" of shape ");
            message.shape(&shape);
        }
        input += 1;
    }
    message.text(": ");
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
const fn is_told(graph: &Graph, at: usize, input: usize) -> bool {
    let port = &graph.nodes[at].inputs[input];
    let wire = graph.nodes[at].reads[input];
    port.integer && !port.target && wire >= graph.sources.len() && !graph.is_direct(at, input)
}

/// Integers arrive where the layer reads integers, and real numbers elsewhere; what is compared with is an input.
const fn values(message: &mut Message, graph: &Graph, at: usize, input: usize) {
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
const fn ways_out(message: &mut Message, graph: &Graph, at: usize, input: usize) {
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
        return message.text("let it read an input that is declared with `of Class(…)` or `of Token(…)`, directly");
    } else if matches!(port.class, Class::Piecewise) {
        message.text("take a smooth layer");
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

/// Whether a layer has none, or the tuple of layers that begins with it.
const fn has_no_parameters(graph: &Graph, head: usize) -> bool {
    let mut at = head;
    while at < graph.nodes.len() && graph.nodes[at].head == head {
        if !graph.nodes[at].parameters.is_empty() {
            return false;
        }
        at += 1;
    }
    true
}

/// `frozen` has something to freeze; what learns reaches the loss, and (`#[smooth]`) without kinks.
const fn parameters(message: &mut Message, graph: &Graph, at: usize) {
    let node = &graph.nodes[at];
    if !node.trains && node.head == at && has_no_parameters(graph, at) {
        begin(message);
        say(message, &["`", node.layer, "` has no parameters to keep from training\nhelp: leave out `frozen`"]);
    }
    if !node.learns() {
        return;
    }
    if graph.whole && node.aside {
        begin(message);
        say(message, &["the parameters of `", node.name, "` do not reach the loss, and could never learn"]);
        message.text("\nhelp: let the loss read what is computed with them, or write `frozen`\nrule: every parameter that trains reaches the loss");
    }
    let mut own = 0;
    while own < node.parameters.len() && own < node.tensors.len() {
        let parameter = &node.parameters[own];
        if graph.smooth && !matches!(parameter.class, Class::Smooth) && node.tensors[own].shape.size() > 0 {
            begin(message);
            say(
                message,
                &["`", node.layer, "` is not smooth in its parameter `", node.name, ".", parameter.checkpoint, "`: "],
            );
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;
    use crate::site::{Initialiser, Input, Memory, Output, Parameter, Tensor, Want};

    const ROUND: Why = Why { primitive: "round", sentence: "jumps", place: "a.rs:7" };
    const SMOOTH: Input =
        Input { name: "x", integer: false, target: false, class: Class::Smooth, why: Why::NOTHING, kept: true };
    const KINKED: Input =
        Input { class: Class::Piecewise, why: Why { primitive: "max", sentence: "has a kink", place: "" }, ..SMOOTH };
    const JUMPING: Input = Input { class: Class::None, why: ROUND, ..SMOOTH };
    const INTEGER: Input = Input { integer: true, class: Class::None, name: "token", ..SMOOTH };
    const TARGET: Input = Input { target: true, name: "label", ..SMOOTH };
    const OUTPUT: Output = Output { name: "y", integer: false, kept: false };
    const THREE: Shape = Shape::new(&[3]);
    const NOTHING: Memory = Memory { once: 0, step: 0, saved: 0, forward: 0, backward: 0 };
    const PROBLEM: &Message = &{
        let mut message = Message::EMPTY;
        message.text("[3] is no square");
        message
    };

    const LAYER: Node = Node {
        name: "layer",
        expression: "Layer",
        layer: "Layer",
        instead: "",
        reads: &[0],
        writes: &[1],
        head: 0,
        loss: false,
        aside: false,
        trains: true,
        inputs: &[SMOOTH],
        arrives: &[THREE],
        resolved: &[THREE],
        wants: &[Want::OnRequest],
        outputs: &[OUTPUT],
        shapes: &[THREE],
        parameters: &[],
        tensors: &[],
        memory: NOTHING,
        problem: &Message::EMPTY,
    };
    const DENSE: Node = Node {
        name: "fc",
        layer: "Dense",
        parameters: &[
            Parameter { name: "weight", checkpoint: "weight", class: Class::Smooth, why: Why::NOTHING },
            Parameter { name: "bias", checkpoint: "bias", class: Class::Piecewise, why: ROUND },
        ],
        tensors: &[
            Tensor { shape: THREE, initialiser: Initialiser::Zeros, fan_in: 1, fan_out: 1 },
            Tensor { shape: Shape::ABSENT, initialiser: Initialiser::Zeros, fan_in: 1, fan_out: 1 },
        ],
        ..LAYER
    };
    /// After `DENSE`.
    const SECOND: Node = Node { reads: &[1], writes: &[2], head: 1, ..LAYER };
    const INPUT: Source = Source::input("x", THREE);

    fn refused(sources: &[Source], nodes: &[Node], smooth: bool) -> Vec<String> {
        let graph =
            Graph { sources: sources.to_vec().leak(), nodes: nodes.to_vec().leak(), results: &[], smooth, whole: true };
        (0..nodes.len()).map(|at| of_layer(&graph, at).as_str().to_owned()).collect()
    }

    #[test]
    fn a_layer_without_gradient_stands_only_directly_after_an_input() {
        let round = Node { layer: "Round", inputs: &[JUMPING], instead: "SoftRound", ..SECOND };
        let texts = refused(&[INPUT], &[DENSE, round], false);
        assert_eq!(texts[0], "");
        assert_eq!(
            texts[1],
            "`Round` is not differentiable: `round` jumps (a.rs:7)\n\
             upstream, these parameters could not learn through it: `fc.weight`\n\
             help: move `Round` directly after an input (several such steps there are written as one tuple of layers), \
             or let its text say `straight_through(…, …)`, or take a differentiable stand-in: `SoftRound`\n\
             rule: a layer that is not differentiable may stand only directly after an input, whatever stands before it"
        );
        // No parameters upstream, frozen ones: the rule holds all the same.
        for first in [LAYER, Node { trains: false, ..DENSE }] {
            let text = &refused(&[INPUT], &[first, round], false)[1];
            assert!(
                text.contains("no parameter learns upstream of `Round` today, but the rule holds all the same"),
                "{text}"
            );
        }
    }

    #[test]
    fn directly_after_an_input_it_may_stand() {
        let round = Node { layer: "Round", inputs: &[JUMPING], ..LAYER };
        let embedding = Node { inputs: &[INTEGER], ..DENSE };
        let inside = |node: Node| Node { head: 0, ..node };
        let then_round = Node { inputs: &[JUMPING], ..SECOND };
        let token = Source::input("t", THREE.below(4));
        let cases: [(&str, Source, Vec<Node>); 4] = [
            ("after an input", INPUT, vec![round]),
            ("in a tuple after an input", INPUT, vec![LAYER, inside(then_round)]),
            ("integers", token, vec![embedding]),
            ("frozen, in a tuple", INPUT, vec![Node { trains: false, ..DENSE }, inside(then_round)]),
        ];
        for (case, source, nodes) in cases {
            assert!(refused(&[source], &nodes, false).iter().all(String::is_empty), "{case}");
        }
        // In a tuple too, what learns before it could not.
        let text = &refused(&[INPUT], &[DENSE, inside(then_round)], false)[1];
        assert!(text.contains("could not learn through it: `fc.weight`\nhelp: leave"), "{text}");
    }

    #[test]
    fn an_input_whose_gradient_is_asked_for_counts() {
        let round = Node { layer: "Round", inputs: &[JUMPING], ..LAYER };
        let text = &refused(&[INPUT.with_gradient()], &[round], false)[0];
        assert!(
            text.contains("the gradient of the input `x` is asked for (`#[gradient(x)]`), and could not pass"),
            "{text}"
        );
        assert!(
            text.ends_with(
                "between an input whose gradient is asked for and the output, every layer is differentiable"
            )
        );
    }

    #[test]
    fn smooth_networks_have_no_kinks_behind_parameters() {
        let relu = Node { layer: "Relu", inputs: &[KINKED], instead: "Softplus", ..SECOND };
        assert!(refused(&[INPUT], &[DENSE, relu], false).iter().all(String::is_empty));
        let texts = refused(&[INPUT], &[DENSE, relu], true);
        assert_eq!(texts[0], "", "an absent parameter has no class");
        assert!(texts[1].starts_with("`Relu` is not smooth: `max` has a kink\nupstream,"), "{}", texts[1]);
        assert!(texts[1].contains("take a smooth layer: `Softplus`"), "{}", texts[1]);
        assert!(refused(&[INPUT], &[Node { inputs: &[KINKED], ..LAYER }], true)[0].is_empty());
        let bent = Node { tensors: const { &[DENSE.tensors[0], DENSE.tensors[0]] }, ..DENSE };
        assert!(
            refused(&[INPUT], &[bent], true)[0]
                .starts_with("`Dense` is not smooth in its parameter `fc.bias`: `round` jumps")
        );
    }

    #[test]
    fn losses_are_differentiable_in_their_predictions() {
        let loss = Node {
            layer: "ZeroOne",
            reads: &[2, 1],
            writes: &[3],
            inputs: const { &[JUMPING, Input { integer: true, ..TARGET }] },
            loss: true,
            shapes: const { &[Shape::new(&[])] },
            instead: "CrossEntropy",
            ..LAYER
        };
        let sources = [INPUT, Source::target("label", Shape::inferred(10))];
        let dense = Node { writes: &[2], ..DENSE };
        let texts = refused(&sources, &[dense, loss], false);
        assert_eq!(
            texts[1],
            "`ZeroOne` is not differentiable in its `x`: `round` jumps (a.rs:7)\n\
             upstream, these parameters could not learn through it: `fc.weight`\n\
             help: train with a differentiable loss: `CrossEntropy`\n\
             rule: a loss is differentiable in its predictions"
        );
        let smooth = Node { inputs: &[SMOOTH, Input { integer: true, ..TARGET }], ..loss };
        assert_eq!(refused(&sources, &[dense, smooth], false)[1], "");
        let cases = [
            (
                Node { inputs: &[SMOOTH, TARGET], ..smooth },
                "`ZeroOne` reads real numbers as its `label`, and `label` holds integers\nhelp: declare its shape, as in `label: [1]`",
            ),
            (
                Node { reads: &[1, 2], ..smooth },
                "`label` is declared in the loss, and `ZeroOne` reads it as its input `x`, not as a target",
            ),
            (
                Node { reads: &[2, 2], ..smooth },
                "`fc` is computed, and `ZeroOne` compares with it: no gradient would go back through its `label`",
            ),
            (
                Node { shapes: &[THREE], ..smooth },
                "`ZeroOne` is no loss: it gives [3] for each sample, and a loss is one number",
            ),
            (
                Node { reads: &[2], ..smooth },
                "`ZeroOne` takes 2 inputs (`x`, `label`), and 1 value arrives\nhelp: name its inputs, then its targets",
            ),
        ];
        for (loss, expected) in cases {
            let text = &refused(&sources, &[dense, loss], false)[1];
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit() {
        let cases = [
            (Node { problem: PROBLEM, ..LAYER }, "`Layer` reads `x` of shape [3]: [3] is no square"),
            (
                Node { trains: false, ..LAYER },
                "`Layer` has no parameters to keep from training\nhelp: leave out `frozen`",
            ),
            (
                Node { inputs: &[SMOOTH, SMOOTH], ..LAYER },
                "`Layer` takes 2 inputs (`x`, `x`), and 1 value arrives\nhelp: a layer of several inputs reads a tuple of names, as in `(a, b) -> Layer`",
            ),
            (
                Node { outputs: &[OUTPUT, OUTPUT], ..LAYER },
                "`Layer` gives 2 outputs, and 1 name is given\nhelp: name each of several outputs, as in `(a, b): Layer`",
            ),
            (
                Node { inputs: &[INTEGER], ..LAYER },
                "`Layer` reads integers as its `token`, and `x` holds real numbers\nhelp: declare how many different ones there are, as in `x: [16] of Token(256)`",
            ),
            (
                Node { aside: true, ..DENSE },
                "the parameters of `fc` do not reach the loss, and could never learn\nhelp: let the loss read what is computed with them, or write `frozen`\nrule: every parameter that trains reaches the loss",
            ),
        ];
        for (node, expected) in cases {
            assert_eq!(refused(&[INPUT], &[node], false), [expected]);
        }
        let embedding = Node { layer: "Embedding", inputs: &[INTEGER], ..SECOND };
        let text = &refused(&[INPUT], &[DENSE, embedding], false)[1];
        assert!(
            text.starts_with(
                "`Embedding` is not differentiable: it reads integers, and nothing can be learnt through them"
            ),
            "{text}"
        );
        assert!(text.contains("may stand only directly after an input"), "{text}");
        // What a refused layer leaves is not judged.
        let nodes = [Node { shapes: &[Shape::UNKNOWN], problem: PROBLEM, ..LAYER }, SECOND];
        assert_eq!(refused(&[INPUT], &nodes, false), ["`Layer` reads `x` of shape [3]: [3] is no square", ""]);
    }

    #[test]
    fn sources() {
        let cases = [
            (
                Source::input("x", Shape::new(&[3, 0])),
                2,
                "`x` of shape [3, 0] holds nothing: its extents must be at least 1",
            ),
            (INPUT, 9, "`x` has 9 axes; the most there may be is 8"),
            (
                Source::input("x", THREE.below(0)),
                1,
                "`x` holds integers below 0: there are none; say how many there are, as in `Class(10)`",
            ),
            (INPUT, 1, ""),
            (Source::input("x", Shape::new(&[])), 0, ""),
        ];
        for (source, axes, expected) in cases {
            assert_eq!(of_source(&source, axes).as_str(), expected);
        }
    }
}
