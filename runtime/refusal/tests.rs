//! Graphs that are refused, and why; and their neighbours.

use super::*;
use crate::shape::Shape;
use crate::site::{Class, Initialiser, Input, Memory, Output, Parameter, Tensor, Want, Why};

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
    renews: false,
    renews_back: false,
    finishes: false,
    finishes_back: 0,
    overwrites: 0,
    where_above: false,
    name: "layer",
    expression: "Layer",
    layer: "Layer",
    instead: "",
    reads: &[0],
    writes: &[1],
    head: 0,
    like: 0,
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
    problem: None,
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
    assert!(text.contains("could not learn through it: `fc.weight`\nhelp: move"), "{text}");
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
        text.ends_with("between an input whose gradient is asked for and the output, every layer is differentiable")
    );
}

#[test]
fn behind_what_learns_in_its_tuple_it_may_not_stand() {
    let round = Node { layer: "Round", inputs: &[JUMPING], head: 0, ..SECOND };
    let text = &refused(&[INPUT], &[DENSE, round], false)[1];
    assert!(text.contains("help: move `Round` to the front of its tuple, before what learns there"), "{text}");
    assert!(!text.contains("gradient`"), "{text}");
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
        (Node { problem: Some(PROBLEM), ..LAYER }, "`Layer` reads `x` of shape [3]: [3] is no square"),
        (Node { trains: false, ..LAYER }, "`Layer` has no parameters to keep from training\nhelp: leave out `frozen`"),
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
    let nodes = [Node { shapes: &[Shape::UNKNOWN], problem: Some(PROBLEM), ..LAYER }, SECOND];
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
