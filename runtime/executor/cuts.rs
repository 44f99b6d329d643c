//! Which regions of the arena a layer works on, and cutting them out of it.
//!
//! Input: the graph, a pass laid out, a layer's number. Output: the regions by *slot*: inputs, outputs, and what the call has beside. Of no
//! element type, so that it is compiled once; only the cutting itself is made for each.

use super::plan::Step;
use crate::graph::{Graph, MAX_PORTS, Node};
use crate::lanes::Pack;
use crate::network::{Plan, Region};
use core::array;

// The slots of a call forward: inputs, outputs, then these.
pub(super) const SAVED: usize = 2 * MAX_PORTS;
pub(super) const SCRATCH: usize = 2 * MAX_PORTS + 1;
pub(super) const FORWARD: usize = SCRATCH + 1;
// Of a call backward: inputs, outputs, the outputs' gradients, the inputs' gradients, then these.
pub(super) const BACK_SAVED: usize = 4 * MAX_PORTS;
pub(super) const BACK_SCRATCH: usize = 4 * MAX_PORTS + 1;
pub(super) const AGAIN: usize = 4 * MAX_PORTS + 2;
pub(super) const BACKWARD: usize = AGAIN + 1;

/// Regions to be cut out of the arena, in the order of their starts. Each goes to a slot of its own.
pub(super) struct Cuts<const SLOTS: usize> {
    pieces: [(Region, usize); SLOTS],
    count: usize,
    tiles: usize,
}

impl<const SLOTS: usize> Cuts<SLOTS> {
    pub(super) const fn new(tiles: usize) -> Cuts<SLOTS> {
        Cuts { pieces: [(Region { start: 0, length: 0 }, 0); SLOTS], count: 0, tiles }
    }

    pub(super) fn add(&mut self, slot: usize, region: Region) {
        if region.length == 0 {
            return;
        }
        let mut at = self.count;
        while at > 0 && self.pieces[at - 1].0.start > region.start {
            self.pieces[at] = self.pieces[at - 1];
            at -= 1;
        }
        self.pieces[at] = (region, slot);
        self.count += 1;
    }

    /// The pieces, by slot; empty where nothing was asked for. The plan keeps them apart.
    pub(super) fn cut<'a, E>(&self, arena: &'a mut [Pack<E>]) -> [&'a mut [Pack<E>]; SLOTS] {
        let mut slices = array::from_fn(|_| Default::default());
        let (mut rest, mut start) = (arena, 0);
        for (region, slot) in &self.pieces[..self.count] {
            let region = region.of(self.tiles);
            let (piece, after) = rest[region.start - start..].split_at_mut(region.length);
            slices[*slot] = piece;
            (rest, start) = (after, region.start + region.length);
        }
        slices
    }
}

/// What a layer works on as it runs forward.
pub(super) fn forward(graph: &Graph, plan: &Plan, at: usize, tiles: usize) -> Cuts<FORWARD> {
    let (node, slots) = (&graph.nodes[at], plan.slots);
    let mut cuts = Cuts::new(tiles);
    for (input, &wire) in node.reads.iter().enumerate() {
        if node.first_reading(input) == input {
            cuts.add(input, plan.regions[slots.value(wire)]);
        }
    }
    for (output, &wire) in node.writes.iter().enumerate() {
        cuts.add(MAX_PORTS + output, plan.regions[slots.value(wire)]);
    }
    cuts.add(SAVED, plan.regions[slots.saved(at)]);
    cuts.add(SCRATCH, plan.regions[slots.forward_scratch(at)]);
    cuts
}

/// What a layer works on as it runs backward.
pub(super) fn backward(graph: &Graph, plan: &Plan, at: usize, tiles: usize) -> Cuts<BACKWARD> {
    let (node, slots, step) = (&graph.nodes[at], plan.slots, plan.steps[at]);
    let mut cuts = Cuts::new(tiles);
    for (input, &wire) in node.reads.iter().enumerate() {
        if node.first_reading(input) == input {
            if reads_back(node, wire) {
                cuts.add(input, plan.regions[slots.value(wire)]);
            }
            if step.adds >> input & 1 == 1 {
                cuts.add(3 * MAX_PORTS + input, plan.regions[slots.gradient(wire)]);
            }
        }
    }
    for (output, &wire) in node.writes.iter().enumerate() {
        if node.outputs[output].kept {
            cuts.add(MAX_PORTS + output, plan.regions[slots.value(wire)]);
        }
        cuts.add(2 * MAX_PORTS + output, plan.regions[slots.gradient(wire)]);
    }
    cuts.add(BACK_SAVED, plan.regions[slots.saved(at)]);
    cuts.add(BACK_SCRATCH, plan.regions[slots.backward_scratch(at)]);
    cuts.add(AGAIN, plan.regions[slots.again(at)]);
    cuts
}

/// The gradients that are to be zero before a layer runs backward: those that nobody has added to, but for inputs that it sets itself.
pub(super) fn blank<'a>(graph: &'a Graph, plan: &'a Plan, at: usize, sets: u32) -> impl Iterator<Item = Region> + 'a {
    let (node, step) = (&graph.nodes[at], plan.steps[at]);
    let of = |wires: &'a [usize], bits: u32| {
        let chosen = wires.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1);
        chosen.map(|(_, &wire)| plan.regions[plan.slots.gradient(wire)])
    };
    of(node.reads, step.fresh & !sets).chain(of(node.writes, step.blank))
}

/// Whether any input of the node that reads this wire is read by the backward code.
fn reads_back(node: &Node, wire: usize) -> bool {
    (0..node.reads.len()).any(|input| node.reads[input] == wire && node.keeps(input))
}

/// Whether a gradient goes to what was read before: then it gets room of its own, and is added at the end.
pub(super) fn is_again(node: &Node, step: Step, input: usize) -> bool {
    step.adds >> input & 1 == 1 && node.first_reading(input) != input
}

/// The room of each such gradient, and where it is added.
pub(super) fn again<'a>(graph: &'a Graph, plan: &'a Plan, at: usize) -> impl Iterator<Item = (Region, Region)> + 'a {
    let (node, step, slots) = (&graph.nodes[at], plan.steps[at], plan.slots);
    let mut start = plan.regions[slots.again(at)].start;
    let inputs = node.reads.iter().enumerate().filter(move |&(input, _)| is_again(node, step, input));
    inputs.map(move |(_, &wire)| {
        let gradient = plan.regions[slots.gradient(wire)];
        let room = Region { start, length: gradient.length };
        start += room.length;
        (room, gradient)
    })
}
