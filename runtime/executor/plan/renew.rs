//! Which layers work in place: the output takes the place of the input, which nobody else reads, and going back the input's gradient
//! that of the output's. What makes the input then often does their work, element by element, while they are still in the first cache.

use super::{Layout, Purpose, Step};
use crate::graph::{Graph, Node};

impl<const REGIONS: usize, const STEPS: usize> Layout<REGIONS, STEPS> {
    /// Finds them, and whose work is done by the layer before.
    pub(super) const fn find_in_place(&mut self, graph: &Graph, purpose: Purpose) {
        // How often each wire is read, by layers and by the caller, and which node writes it.
        let (mut readings, mut writers) = ([0; REGIONS], [None; REGIONS]);
        let mut at = 0;
        while at < graph.results.len() {
            readings[graph.results[at]] += 1;
            at += 1;
        }
        let mut at = 0;
        while at < graph.nodes.len() {
            let node = &graph.nodes[at];
            let mut input = 0;
            while input < node.reads.len() {
                readings[node.reads[input]] += 1;
                self.reader[node.reads[input]] = Some((at, input));
                input += 1;
            }
            let mut output = 0;
            while output < node.writes.len() && output < node.outputs.len() {
                writers[node.writes[output]] = Some((at, output));
                output += 1;
            }
            at += 1;
        }
        let mut wire = 0;
        while wire < self.slots.wires {
            if readings[wire] != 1 {
                self.reader[wire] = None;
            }
            wire += 1;
        }
        let mut at = 0;
        while at < graph.nodes.len() {
            let node = &graph.nodes[at];
            if may(node, purpose)
                && self.reader[node.reads[0]].is_some()
                && let Some((before, output)) = writers[node.reads[0]]
            {
                let writer = &graph.nodes[before];
                let read_back = purpose.backward && writer.outputs[output].kept;
                if !writer.loss && !read_back {
                    self.steps[at].in_place = true;
                    self.value_of[node.writes[0]] = self.value_of[node.reads[0]];
                    // Whoever runs the layer before runs this one too, then.
                    if writer.finishes && !self.steps[before].in_place {
                        self.steps[before].then = Some(at);
                        self.steps[at].merged = true;
                    }
                }
            }
            at += 1;
        }
    }

    /// What a layer in place does backward is part of what the only reader of its output does, if that sets the whole gradient.
    pub(super) const fn merge_back(&mut self, graph: &Graph, at: usize) {
        if let Some((behind, input)) = self.reader[graph.nodes[at].writes[0]] {
            let step = self.steps[behind];
            let whole = step.fresh & graph.nodes[behind].finishes_back;
            if step.backward && !step.in_place && whole >> input & 1 == 1 && step.then_back.is_none() {
                self.steps[behind].then_back = Some((input, at));
                self.steps[at].merged_back = true;
            }
        }
    }

    /// Finds the gradients that take the place of the values that they are the gradients of: nobody reads these later, and the layer that makes
    /// the gradient has read them before.
    pub(super) const fn find_overwritten(&mut self, graph: &Graph) {
        let slots = self.slots;
        let mut at = 0;
        while at < graph.nodes.len() {
            let (node, step, back) = (&graph.nodes[at], self.steps[at], 2 * graph.nodes.len() - at);
            let may = if step.backward && !step.in_place { step.fresh & node.overwrites } else { 0 };
            let mut input = 0;
            while input < node.reads.len() {
                let wire = node.reads[input];
                let place = slots.value(self.value_of[wire]);
                if may >> input & 1 == 1
                    && wire >= graph.sources.len()
                    && self.reader[wire].is_some()
                    && self.lives[place].1 == back
                    && self.gradient_of[wire] == wire
                    && passes(graph, step, input)
                {
                    self.steps[at].overwrites |= 1 << input;
                    self.live_until(place, self.lives[slots.gradient(wire)].1);
                    self.regions[slots.gradient(wire)].length = 0;
                }
                input += 1;
            }
            at += 1;
        }
    }

    pub(super) const fn value_lives_until(&mut self, wire: usize, time: usize) {
        self.live_until(self.slots.value(self.value_of[wire]), time);
    }

    /// The regions of what has no place of its own.
    pub(super) const fn share_places(&mut self, graph: &Graph) {
        let slots = self.slots;
        let mut at = 0;
        while at < graph.nodes.len() {
            let mut input = 0;
            while input < graph.nodes[at].reads.len() {
                let wire = graph.nodes[at].reads[input];
                if self.steps[at].overwrites >> input & 1 == 1 {
                    self.regions[slots.gradient(wire)] = self.regions[slots.value(self.value_of[wire])];
                }
                input += 1;
            }
            at += 1;
        }
        let mut wire = 0;
        while wire < slots.wires {
            if self.value_of[wire] != wire {
                self.regions[slots.value(wire)] = self.regions[slots.value(self.value_of[wire])];
            }
            if self.gradient_of[wire] != wire {
                self.regions[slots.gradient(wire)] = self.regions[slots.gradient(self.gradient_of[wire])];
            }
            wire += 1;
        }
    }
}

/// Whether what the layer before does with this input's gradient, if anything, can be done in passing, while the values are there.
const fn passes(graph: &Graph, step: Step, input: usize) -> bool {
    match step.then_back {
        Some((of, before)) if of == input => graph.nodes[before].where_above,
        _ => true,
    }
}

/// Whether a layer can work in place.
const fn may(node: &Node, purpose: Purpose) -> bool {
    node.renews
        && !node.loss
        && node.reads.len() == 1
        && node.writes.len() == 1
        && (!purpose.backward || (node.renews_back && !node.keeps(0)))
}
