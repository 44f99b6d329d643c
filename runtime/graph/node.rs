//! What a graph is made of: sources, and layers where they stand.

use super::Place;
use crate::message::Message;
use crate::shape::Shape;
use crate::site::{Class, Input, Kernel, Layer, Memory, Output, Parameter, Site, Tensor, Want, Why};

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
    /// The first node that is written alike, token for token; its own number otherwise.
    pub like: usize,
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
    /// [`Kernel::RENEWS`].
    pub renews: bool,
    /// [`Kernel::RENEWS_BACK`].
    pub renews_back: bool,
    /// [`Kernel::FINISHES`].
    pub finishes: bool,
    /// [`Kernel::FINISHES_BACK`].
    pub finishes_back: u32,
    /// [`Kernel::OVERWRITES`].
    pub overwrites: u32,
    /// Whether there is [`Kernel::WHERE_ABOVE`].
    pub where_above: bool,
    /// What does not fit, if anything. (An empty message is six kilobytes of every program.)
    pub problem: Option<&'static Message>,
}

const fn said(message: &'static Message) -> Option<&'static Message> {
    if message.is_empty() { None } else { Some(message) }
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
            like: S::AT,
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
            renews: <S::Layer as Kernel<S>>::RENEWS,
            renews_back: <S::Layer as Kernel<S>>::RENEWS_BACK,
            finishes: <S::Layer as Kernel<S>>::FINISHES,
            finishes_back: <S::Layer as Kernel<S>>::FINISHES_BACK,
            overwrites: <S::Layer as Kernel<S>>::OVERWRITES,
            where_above: <S::Layer as Kernel<S>>::WHERE_ABOVE.is_some(),
            problem: said(<S::Layer as Kernel<S>>::PROBLEM),
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

    /// Written as node `like` is.
    #[must_use]
    pub const fn like(self, like: usize) -> Node {
        Node { like, ..self }
    }

    /// Whether another node's code is this one's: written alike, with the same shapes arriving and the same gradients asked for.
    #[must_use]
    pub const fn runs_as(&self, other: &Node) -> bool {
        let mut same = self.like == other.like
            && self.trains == other.trains
            && self.arrives.len() == other.arrives.len()
            && self.wants.len() == other.wants.len();
        let mut at = 0;
        while same && at < self.arrives.len() {
            same = self.arrives[at].same(&other.arrives[at]) && self.wants[at] as u8 == other.wants[at] as u8;
            at += 1;
        }
        same
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
