//! The tables that a network's constants hold, made from its graph. Their lengths are const arguments, for an array's
//! length must be known to the type.

use crate::graph::Graph;
use crate::network::{Network, Parameter, Port, Region, Row};
use crate::shape::Shape;
use crate::site::{Class, Initialiser, Tensor, Why, parameter_count};

const PORT: Port = Port { name: "", shape: Shape::UNKNOWN, class: Class::Smooth, why: Why::NOTHING };
const TENSOR: Tensor = Tensor { shape: Shape::ABSENT, initialiser: Initialiser::Zeros, fan_in: 0, fan_out: 0 };

/// The inputs.
#[must_use]
pub const fn inputs<N: Network, const COUNT: usize>() -> [Port; COUNT] {
    let graph = N::GRAPH;
    let mut ports = [PORT; COUNT];
    let mut at = 0;
    while at < COUNT {
        let (class, why) = graph.class_from(at);
        ports[at] = Port { name: graph.sources[at].name, shape: graph.shape(at), class, why };
        at += 1;
    }
    ports
}

/// The targets.
#[must_use]
pub const fn targets<N: Network, const COUNT: usize>() -> [Port; COUNT] {
    let graph = N::GRAPH;
    let mut ports = [PORT; COUNT];
    let mut at = 0;
    while at < COUNT {
        let wire = graph.inputs() + at;
        ports[at] = Port { name: graph.sources[wire].name, shape: graph.shape(wire), ..PORT };
        at += 1;
    }
    ports
}

/// The outputs.
#[must_use]
pub const fn outputs<N: Network, const COUNT: usize>() -> [Port; COUNT] {
    let graph = N::GRAPH;
    let mut ports = [PORT; COUNT];
    let mut at = 0;
    while at < COUNT {
        let wire = graph.results[at];
        ports[at] = Port { name: name(graph, wire), shape: graph.shape(wire), ..PORT };
        at += 1;
    }
    ports
}

/// What a wire is called: as the layer that writes it (which has a name, or else its text), or as the source.
#[must_use]
pub(crate) const fn name(graph: &Graph, wire: usize) -> &'static str {
    match graph.producer(wire) {
        Some(at) if graph.nodes[at].name.as_bytes()[0].is_ascii_digit() => graph.nodes[at].expression,
        Some(at) => graph.nodes[at].name,
        None => graph.sources[wire].name,
    }
}

/// The summary's rows.
#[must_use]
pub const fn rows<N: Network, const COUNT: usize>() -> [Row; COUNT] {
    let mut rows = [Row {
        name: "",
        layer: "",
        expression: "",
        outputs: &[],
        parameters: 0,
        trains: false,
        class: Class::Smooth,
        why: Why::NOTHING,
    }; COUNT];
    let mut at = 0;
    while at < COUNT {
        let node = &N::GRAPH.nodes[at];
        let (class, why) = node.class();
        rows[at] = Row {
            name: node.name,
            layer: node.layer,
            expression: node.expression,
            outputs: node.shapes,
            parameters: parameter_count(node.tensors),
            trains: node.trains,
            class,
            why,
        };
        at += 1;
    }
    rows
}

/// How many parameter tensors there are.
#[must_use]
pub const fn tensor_count<N: Network>() -> usize {
    let mut count = 0;
    let mut at = 0;
    while at < N::GRAPH.nodes.len() {
        count += N::GRAPH.nodes[at].tensors.len();
        at += 1;
    }
    count
}

/// The parameters.
#[must_use]
pub const fn tensors<N: Network, const COUNT: usize>() -> [Parameter; COUNT] {
    let mut all = [Parameter { layer: "", name: "", tensor: TENSOR, offset: 0, trains: false }; COUNT];
    let (mut count, mut offset) = (0, 0);
    let mut at = 0;
    while at < N::GRAPH.nodes.len() {
        let node = &N::GRAPH.nodes[at];
        let mut own = 0;
        while own < node.tensors.len() && own < node.parameters.len() {
            let tensor = node.tensors[own];
            all[count] = Parameter {
                layer: node.name,
                name: node.parameters[own].checkpoint,
                tensor,
                offset,
                trains: node.trains,
            };
            offset += tensor.shape.size();
            count += 1;
            own += 1;
        }
        at += 1;
    }
    all
}

/// Where a layer's scalars stand among the network's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scalars {
    /// Its parameters.
    pub parameters: Region,
    /// Those of them whose gradients are asked for: none where they do not learn.
    pub learning: Region,
    /// What it computes once.
    pub once: Region,
    /// What it computes once a step.
    pub step: Region,
}

/// Where every layer's scalars stand.
#[must_use]
pub const fn scalars<N: Network, const COUNT: usize>() -> [Scalars; COUNT] {
    const NONE: Region = Region { start: 0, length: 0 };
    let mut all = [Scalars { parameters: NONE, learning: NONE, once: NONE, step: NONE }; COUNT];
    let (mut parameters, mut once, mut step) = (0, 0, 0);
    let mut at = 0;
    while at < COUNT {
        let node = &N::GRAPH.nodes[at];
        let count = parameter_count(node.tensors);
        all[at] = Scalars {
            parameters: Region { start: parameters, length: count },
            learning: Region { start: parameters, length: if node.trains { count } else { 0 } },
            once: Region { start: once, length: node.memory.once },
            step: Region { start: step, length: node.memory.step },
        };
        parameters += count;
        once += node.memory.once;
        step += node.memory.step;
        at += 1;
    }
    all
}

/// For each layer the first whose code it runs.
#[must_use]
pub const fn bodies<N: Network, const COUNT: usize>() -> [usize; COUNT] {
    let nodes = N::GRAPH.nodes;
    let mut bodies = [0; COUNT];
    // The next body among those that are written alike; itself at the end.
    let mut next = [0; COUNT];
    let mut at = 0;
    while at < COUNT {
        bodies[at] = at;
        next[at] = at;
        let mut body = nodes[at].like;
        while !nodes[at].runs_as(&nodes[body]) && next[body] != body {
            body = next[body];
        }
        if nodes[at].runs_as(&nodes[body]) {
            bodies[at] = body;
        } else {
            next[body] = at;
        }
        at += 1;
    }
    bodies
}
