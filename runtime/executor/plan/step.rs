//! What one layer does in a pass, and what a pass is for.

use crate::graph::Node;
use crate::site::{Pass, Want};

/// What one node does in a pass. Sets of inputs and outputs are bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Whether it runs forward.
    pub forward: bool,
    /// Whether it runs backward.
    pub backward: bool,
    /// The inputs to whose gradients it adds.
    pub adds: u32,
    /// Those of them that it is the first to add to: to be zeroed before.
    pub fresh: u32,
    /// The outputs to whose gradients nobody adds: to be zeroed before.
    pub blank: u32,
    /// Whether its output takes the place of its input, and the input's gradient that of the output's: see `renew`.
    pub in_place: bool,
    /// The layer in place that is done with by this one as it runs forward.
    pub then: Option<usize>,
    /// Whether the layer before does what it does forward.
    pub merged: bool,
    /// The layer in place that is done with by this one as it runs backward, and the input from which that one's output comes.
    pub then_back: Option<(usize, usize)>,
    /// Whether the layer behind does what it does backward.
    pub merged_back: bool,
    /// The inputs, as bits, whose gradients take the place of their values.
    pub overwrites: u32,
}

impl Step {
    pub(in crate::executor) const NOTHING: Step = Step {
        forward: false,
        backward: false,
        adds: 0,
        fresh: 0,
        blank: 0,
        in_place: false,
        then: None,
        merged: false,
        then_back: None,
        merged_back: false,
        overwrites: 0,
    };
}

/// What a pass computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose {
    pub(super) loss: bool,
    pub(super) backward: bool,
    pub(super) inputs: bool,
}

impl Purpose {
    /// That of a pass.
    #[must_use]
    pub const fn of<P: Pass>() -> Purpose {
        Purpose { loss: P::LOSS, backward: P::BACKWARD, inputs: P::INPUTS }
    }

    pub(super) const fn wants(self, want: Want) -> bool {
        match want {
            Want::Never => false,
            Want::OnRequest => self.backward && self.inputs,
            Want::Always => self.backward,
        }
    }
}

/// What a node does going back, given the wires whose gradients have arrived.
pub(super) const fn step_back(node: &Node, mut step: Step, purpose: Purpose, arrived: &[bool]) -> Step {
    let mut arrives = false;
    let mut output = 0;
    while output < node.writes.len() {
        if arrived[node.writes[output]] {
            arrives = true;
        } else {
            step.blank |= 1 << output;
        }
        output += 1;
    }
    let mut input = 0;
    while input < node.reads.len() {
        if node.passes(input) && purpose.wants(node.wants[input]) {
            step.adds |= 1 << input;
            if !arrived[node.reads[input]] && node.first_reading(input) == input {
                step.fresh |= 1 << input;
            }
        }
        input += 1;
    }
    if step.forward && arrives && (step.adds != 0 || node.learns()) {
        Step { backward: true, ..step }
    } else {
        Step { backward: false, adds: 0, fresh: 0, blank: 0, ..step }
    }
}
