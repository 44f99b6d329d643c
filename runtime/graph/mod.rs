//! A network as data: its sources, and its layers as nodes that read and write numbered wires. The macro writes the
//! wiring down; all that depends on the layers themselves is read off their `Kernel`s while compiling.
//!
//! Wires are numbered: first the inputs, then the targets, then the outputs of each node in turn. A node reads only wires
//! with smaller numbers than those it writes, so that the order of the nodes is an order to run them in.

mod arriving;
mod node;
mod wires;

use crate::network::Network;
use crate::shape::{Shape, Values};
use crate::site::{Class, Why, parameter_count};
use arriving::real_unless_integer;
pub use arriving::{output, source_shape, source_want, want};
pub use node::{Node, Source};
pub use wires::{MAX_WIRES, Wires};

/// The most inputs, and the most outputs, that a layer may have.
pub const MAX_PORTS: usize = 8;

/// The place of a layer in a network. Implemented by `network!` for its marker types.
pub trait Place: 'static {
    /// The network.
    type Of: Network;
    /// The number of its node.
    const AT: usize;
}

/// The wiring of a network.
#[derive(Clone, Copy, Debug)]
pub struct Graph {
    /// Inputs, then targets: the first wires.
    pub sources: &'static [Source],
    /// The layers, in the order in which they run.
    pub nodes: &'static [Node],
    /// The wires that are the network's outputs.
    pub results: &'static [usize],
    /// Whether layers with kinks are refused (`#[smooth]`).
    pub smooth: bool,
    /// Whether the wiring had no errors; where it had, what follows from them is not judged.
    pub whole: bool,
}

impl Graph {
    /// How many of the sources are inputs.
    #[must_use]
    pub const fn inputs(&self) -> usize {
        let mut count = 0;
        while count < self.sources.len() && !self.sources[count].target {
            count += 1;
        }
        count
    }

    /// The loss's node.
    #[must_use]
    pub const fn loss(&self) -> Option<usize> {
        let mut at = 0;
        while at < self.nodes.len() {
            if self.nodes[at].loss {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// How many wires.
    #[must_use]
    pub const fn wires(&self) -> usize {
        let mut count = self.sources.len();
        let mut at = 0;
        while at < self.nodes.len() {
            count += self.nodes[at].writes.len();
            at += 1;
        }
        count
    }

    /// The node that writes a wire; `None` for a source.
    #[must_use]
    pub const fn producer(&self, wire: usize) -> Option<usize> {
        if wire < self.sources.len() || self.nodes.is_empty() {
            return None;
        }
        // Each node writes a wire at least, so it is no later node than this one; where each writes only one, it is this one.
        let mut at = wire - self.sources.len();
        if at >= self.nodes.len() {
            at = self.nodes.len() - 1;
        }
        while at > 0 && (self.nodes[at].writes.is_empty() || self.nodes[at].writes[0] > wire) {
            at -= 1;
        }
        let writes = self.nodes[at].writes;
        if !writes.is_empty() && writes[0] <= wire && wire < writes[0] + writes.len() { Some(at) } else { None }
    }

    /// The shape of a wire, as its reader understands it.
    #[must_use]
    pub const fn shape(&self, wire: usize) -> Shape {
        match self.producer(wire) {
            Some(at) => {
                let node = &self.nodes[at];
                real_unless_integer(node.shapes, node.outputs, wire - node.writes[0])
            }
            None if self.sources[wire].shape.is_inferred() => self.resolved(wire),
            None => self.sources[wire].shape,
        }
    }

    const fn resolved(&self, wire: usize) -> Shape {
        let mut at = 0;
        while at < self.nodes.len() {
            let node = &self.nodes[at];
            let mut input = 0;
            while input < node.reads.len() && input < node.resolved.len() {
                if node.reads[input] == wire {
                    return node.resolved[input];
                }
                input += 1;
            }
            at += 1;
        }
        Shape::UNKNOWN
    }

    /// Whether a node's input stands directly after inputs of the network: it reads one, or it is inside a tuple of
    /// layers and all that the tuple reads on its way here are inputs.
    #[must_use]
    pub const fn is_direct(&self, at: usize, input: usize) -> bool {
        let mut at = at;
        let mut wire = self.nodes[at].reads[input];
        loop {
            if wire < self.sources.len() {
                return true;
            }
            if self.nodes[at].head == at {
                return false;
            }
            // Inside a tuple every layer but the first reads the one before it.
            at -= 1;
            let reads = self.nodes[at].reads;
            let mut other = 0;
            while other < reads.len() {
                if reads[other] >= self.sources.len() && self.nodes[at].head == at {
                    return false;
                }
                other += 1;
            }
            wire = reads[0];
        }
    }

    /// The wires from which a node's input is computed, through whatever stands between (and that input's own wire).
    #[must_use]
    pub const fn upstream(&self, at: usize, input: usize) -> Wires {
        let mut set = Wires::EMPTY;
        set.add(self.nodes[at].reads[input]);
        let mut at = at;
        while at > 0 {
            at -= 1;
            let node = &self.nodes[at];
            if set.has_any(node.writes) {
                set.add_all(node.reads);
            }
        }
        set
    }

    /// The worst class on any path from a source onwards, and what makes it.
    #[must_use]
    pub const fn class_from(&self, source: usize) -> (Class, Why) {
        if !matches!(self.sources[source].shape.values(), Values::Real) {
            let why = Why { primitive: self.sources[source].name, sentence: "holds integers", place: "" };
            return (Class::None, why);
        }
        let mut worst = (Class::Smooth, Why::NOTHING);
        let mut set = Wires::EMPTY;
        set.add(source);
        let mut at = 0;
        while at < self.nodes.len() {
            let node = &self.nodes[at];
            let mut input = 0;
            while input < node.reads.len() && input < node.inputs.len() {
                if set.has(node.reads[input]) && !node.inputs[input].target {
                    if node.inputs[input].class as u8 > worst.0 as u8 {
                        worst = (node.inputs[input].class, node.inputs[input].why);
                    }
                    set.add_all(node.writes);
                }
                input += 1;
            }
            at += 1;
        }
        worst
    }

    /// Elements of the parameters of all nodes before this one: where its own start.
    #[must_use]
    pub const fn parameters_before(&self, end: usize) -> usize {
        let mut count = 0;
        let mut at = 0;
        while at < end {
            count += parameter_count(self.nodes[at].tensors);
            at += 1;
        }
        count
    }

    /// Likewise for what is computed once.
    #[must_use]
    pub const fn once_before(&self, end: usize) -> usize {
        let mut count = 0;
        let mut at = 0;
        while at < end {
            count += self.nodes[at].memory.once;
            at += 1;
        }
        count
    }

    /// Likewise for what is computed once a step.
    #[must_use]
    pub const fn step_before(&self, end: usize) -> usize {
        let mut count = 0;
        let mut at = 0;
        while at < end {
            count += self.nodes[at].memory.step;
            at += 1;
        }
        count
    }
}
