//! A network as data: its sources, and its layers as nodes that read and write numbered wires. The macro writes the
//! wiring down; all that depends on the layers themselves is read off their `Kernel`s while compiling.
//!
//! Wires are numbered: first the inputs, then the targets, then the outputs of each node in turn. A node reads only wires
//! with smaller numbers than those it writes, so that the order of the nodes is an order to run them in.

use crate::message::Message;
use crate::network::Network;
use crate::shape::{Shape, Values};
use crate::site::{Class, Input, Kernel, Layer, Memory, Output, Parameter, Site, Tensor, Want, Why, parameter_count};

/// The most inputs, and the most outputs, that a layer may have.
pub const MAX_PORTS: usize = 8;
/// The most wires of a network.
pub const MAX_WIRES: usize = 4096;

/// The place of a layer in a network. Implemented by `network!` for its marker types.
pub trait Place: 'static {
    /// The network.
    type Of: Network;
    /// The number of its node.
    const AT: usize;
}

/// An input or a target, as declared.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Its name.
    pub name: &'static str,
    /// One sample's shape.
    pub shape: Shape,
    /// Whether it is declared in a loss, to be compared with.
    pub target: bool,
    /// Whether its gradient is asked for (`#[gradient(name)]`).
    pub asked: bool,
}

impl Source {
    /// An input of the network.
    #[must_use]
    pub const fn input(name: &'static str, shape: Shape) -> Source {
        Source { name, shape, target: false, asked: false }
    }

    /// A target of the loss.
    #[must_use]
    pub const fn target(name: &'static str, shape: Shape) -> Source {
        Source { name, shape, target: true, asked: false }
    }

    /// With its gradient asked for.
    #[must_use]
    pub const fn with_gradient(self) -> Source {
        Source { asked: true, ..self }
    }
}

/// A layer where it stands, as data.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Its name in the declaration, or its position.
    pub name: &'static str,
    /// The layer as the user wrote it.
    pub expression: &'static str,
    /// The layer's type.
    pub layer: &'static str,
    /// What to take in its place where it is refused.
    pub instead: &'static str,
    /// The wires it reads, in the order of its inputs and targets.
    pub reads: &'static [usize],
    /// The wires it writes, in the order of its outputs.
    pub writes: &'static [usize],
    /// The first node of the tuple that this one is in; its own number otherwise.
    pub head: usize,
    /// Whether this is the loss.
    pub loss: bool,
    /// Whether there is a loss, and this node is not on a way to it.
    pub aside: bool,
    /// Whether its parameters learn (not `frozen`).
    pub trains: bool,
    /// Its inputs and targets.
    pub inputs: &'static [Input],
    /// The shapes that arrive.
    pub arrives: &'static [Shape],
    /// The shapes that arrive, as the layer understands them.
    pub resolved: &'static [Shape],
    /// Which inputs' gradients are asked for.
    pub wants: &'static [Want],
    /// Its outputs.
    pub outputs: &'static [Output],
    /// Their shapes.
    pub shapes: &'static [Shape],
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// Their shapes.
    pub tensors: &'static [Tensor],
    /// The memory beside.
    pub memory: Memory,
    /// What does not fit.
    pub problem: &'static Message,
}

impl Node {
    /// A site of a network.
    #[must_use]
    pub const fn of<S: Site + Place>(
        name: &'static str,
        expression: &'static str,
        reads: &'static [usize],
        writes: &'static [usize],
    ) -> Node {
        Node {
            name,
            expression,
            layer: <S::Layer as Layer>::NAME,
            instead: <S::Layer as Layer>::INSTEAD,
            reads,
            writes,
            head: S::AT,
            loss: false,
            aside: false,
            trains: S::TRAINS,
            inputs: <S::Layer as Layer>::INPUTS,
            arrives: S::INPUTS,
            resolved: <S::Layer as Kernel<S>>::INPUTS,
            wants: S::WANTS,
            outputs: <S::Layer as Layer>::OUTPUTS,
            shapes: <S::Layer as Kernel<S>>::OUTPUTS,
            parameters: <S::Layer as Layer>::PARAMETERS,
            tensors: <S::Layer as Kernel<S>>::PARAMETERS,
            memory: <S::Layer as Kernel<S>>::MEMORY,
            problem: <S::Layer as Kernel<S>>::PROBLEM,
        }
    }

    /// As the network's loss.
    #[must_use]
    pub const fn as_loss(self) -> Node {
        Node { loss: true, ..self }
    }

    /// Leading to an output, and not to the loss.
    #[must_use]
    pub const fn aside(self) -> Node {
        Node { aside: true, ..self }
    }

    /// As one of a tuple of layers whose first is node `head`.
    #[must_use]
    pub const fn inside(self, head: usize) -> Node {
        Node { head, ..self }
    }

    /// Whether it has parameters that learn.
    #[must_use]
    pub const fn learns(&self) -> bool {
        let mut at = 0;
        while at < self.tensors.len() {
            if !self.tensors[at].shape.is_absent() {
                return self.trains;
            }
            at += 1;
        }
        false
    }

    /// What an input is; `None` beyond the layer's inputs.
    #[must_use]
    pub const fn input(&self, at: usize) -> Option<&'static Input> {
        if at < self.inputs.len() { Some(&self.inputs[at]) } else { None }
    }

    /// Whether a useful gradient passes from the outputs to this input.
    #[must_use]
    pub const fn passes(&self, at: usize) -> bool {
        match self.input(at) {
            Some(input) => !input.target && !input.integer && !matches!(input.class, Class::None),
            None => false,
        }
    }

    /// Whether the backward code reads the values of this input.
    #[must_use]
    pub const fn keeps(&self, at: usize) -> bool {
        match self.input(at) {
            Some(input) => input.kept,
            None => false,
        }
    }

    /// The first of the inputs that read the same wire as this one.
    #[must_use]
    pub const fn first_reading(&self, at: usize) -> usize {
        let mut first = 0;
        while self.reads[first] != self.reads[at] {
            first += 1;
        }
        first
    }

    /// The worst class of inputs (not targets) and what makes it.
    #[must_use]
    pub const fn class(&self) -> (Class, Why) {
        let mut worst = (Class::Smooth, Why::NOTHING);
        let mut at = 0;
        while at < self.inputs.len() {
            let input = &self.inputs[at];
            if !input.target && input.class as u8 > worst.0 as u8 {
                worst = (input.class, input.why);
            }
            at += 1;
        }
        worst
    }
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
        let mut at = 0;
        while at < self.nodes.len() {
            let writes = self.nodes[at].writes;
            if !writes.is_empty() && writes[0] <= wire && wire < writes[0] + writes.len() {
                return Some(at);
            }
            at += 1;
        }
        None
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

/// The shape of a source, for the site that reads it.
#[must_use]
pub const fn source_shape<N: Network>(at: usize) -> Shape {
    N::SOURCES[at].shape
}

/// Whether the gradient of a source is asked for: it may be, unless it holds integers or is only compared with.
#[must_use]
pub const fn source_want<N: Network>(at: usize) -> Want {
    match N::SOURCES[at].shape.values() {
        Values::Real if !N::SOURCES[at].target => Want::OnRequest,
        _ => Want::Never,
    }
}

/// The shape of an output of a site, for the site that reads it.
#[must_use]
pub const fn output<S: Site>(at: usize) -> Shape {
    real_unless_integer(<S::Layer as Kernel<S>>::OUTPUTS, <S::Layer as Layer>::OUTPUTS, at)
}

/// An output holds real numbers unless the layer says that it holds integers.
const fn real_unless_integer(shapes: &[Shape], outputs: &[Output], at: usize) -> Shape {
    if at >= shapes.len() || at >= outputs.len() {
        Shape::UNKNOWN
    } else if outputs[at].integer {
        shapes[at]
    } else {
        shapes[at].holding(Values::Real)
    }
}

/// Whether the gradient of a site's outputs is asked for: it is where the layer learns, or where its own inputs' are and
/// a gradient passes to them.
#[must_use]
pub const fn want<S: Site>() -> Want {
    if S::TRAINS && parameter_count(<S::Layer as Kernel<S>>::PARAMETERS) > 0 {
        return Want::Always;
    }
    let inputs = <S::Layer as Layer>::INPUTS;
    let mut want = Want::Never;
    let mut at = 0;
    while at < inputs.len() && at < S::WANTS.len() {
        let input = &inputs[at];
        let passes = !input.target && !input.integer && !matches!(input.class, Class::None);
        if passes && S::WANTS[at] as u8 > want as u8 {
            want = S::WANTS[at];
        }
        at += 1;
    }
    want
}

/// A set of wires.
#[derive(Clone, Copy, Debug)]
pub struct Wires([u64; MAX_WIRES / 64]);

impl Wires {
    /// No wire.
    pub const EMPTY: Wires = Wires([0; MAX_WIRES / 64]);

    /// Puts a wire in.
    pub const fn add(&mut self, wire: usize) {
        self.0[wire / 64] |= 1 << (wire % 64);
    }

    /// Puts all of these in.
    pub const fn add_all(&mut self, wires: &[usize]) {
        let mut at = 0;
        while at < wires.len() {
            self.add(wires[at]);
            at += 1;
        }
    }

    /// Whether a wire is in.
    #[must_use]
    pub const fn has(&self, wire: usize) -> bool {
        self.0[wire / 64] >> (wire % 64) & 1 == 1
    }

    /// Whether any of these is in.
    #[must_use]
    pub const fn has_any(&self, wires: &[usize]) -> bool {
        let mut at = 0;
        while at < wires.len() {
            if self.has(wires[at]) {
                return true;
            }
            at += 1;
        }
        false
    }
}
