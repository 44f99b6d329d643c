//! Which regions of the arena a layer works on, and cutting them out of it.
//!
//! Input: the graph, a pass laid out, a layer's number. Output: the regions by *slot*: inputs, outputs, and what the call has beside. Inlined
//! into the calls, of which there is one for every number of ports: most layers have few, and take little longer than their own work.

use super::plan::Step;
use crate::graph::{Graph, Node};
use crate::network::{Plan, Region};
use core::array;

/// Few inputs and outputs, as most layers have: their calls clear less memory.
pub(super) const FEW_PORTS: usize = 2;

/// The slots of a call forward: inputs, outputs, then what is saved, and scratch memory.
pub(super) const fn forward_slots(ports: usize) -> usize {
    2 * ports + 2
}

/// Of a call backward: inputs, outputs, the outputs' gradients, the inputs' gradients, then what was saved, scratch memory, and the gradients of
/// what is read once more.
pub(super) const fn backward_slots(ports: usize) -> usize {
    4 * ports + 3
}

/// Regions to be cut out of the arena, in the order of their starts. Each goes to a slot of its own.
pub(super) struct Cuts<const SLOTS: usize> {
    pieces: [(Region, usize); SLOTS],
    count: usize,
    tiles: usize,
}

impl<const SLOTS: usize> Cuts<SLOTS> {
    #[inline]
    pub(super) const fn new(tiles: usize) -> Cuts<SLOTS> {
        Cuts { pieces: [(Region { start: 0, length: 0 }, 0); SLOTS], count: 0, tiles }
    }

    #[inline]
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
    #[inline]
    pub(super) fn cut<'a, C>(&self, arena: &'a mut [C]) -> [&'a mut [C]; SLOTS] {
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
#[inline]
pub(super) fn forward<const PORTS: usize, const SLOTS: usize>(
    graph: &Graph,
    plan: &Plan,
    at: usize,
    tiles: usize,
) -> Cuts<SLOTS> {
    const { assert!(SLOTS == forward_slots(PORTS)) };
    let (node, slots) = (&graph.nodes[at], plan.slots);
    let mut cuts = Cuts::new(tiles);
    for (input, &wire) in node.reads.iter().enumerate() {
        if node.first_reading(input) == input {
            cuts.add(input, plan.regions[slots.value(wire)]);
        }
    }
    for (output, &wire) in node.writes.iter().enumerate() {
        cuts.add(PORTS + output, plan.regions[slots.value(wire)]);
    }
    cuts.add(2 * PORTS, plan.regions[slots.saved(at)]);
    cuts.add(2 * PORTS + 1, plan.regions[slots.forward_scratch(at)]);
    cuts
}

/// What a layer works on as it runs backward.
#[inline]
pub(super) fn backward<const PORTS: usize, const SLOTS: usize>(
    graph: &Graph,
    plan: &Plan,
    at: usize,
    tiles: usize,
) -> Cuts<SLOTS> {
    const { assert!(SLOTS == backward_slots(PORTS)) };
    let (node, slots, step) = (&graph.nodes[at], plan.slots, plan.steps[at]);
    let mut cuts = Cuts::new(tiles);
    for (input, &wire) in node.reads.iter().enumerate() {
        if node.first_reading(input) == input {
            if reads_back(node, wire) {
                cuts.add(input, plan.regions[slots.value(wire)]);
            }
            if step.adds >> input & 1 == 1 {
                cuts.add(3 * PORTS + input, plan.regions[slots.gradient(wire)]);
            }
        }
    }
    for (output, &wire) in node.writes.iter().enumerate() {
        if node.outputs[output].kept {
            cuts.add(PORTS + output, plan.regions[slots.value(wire)]);
        }
        cuts.add(2 * PORTS + output, plan.regions[slots.gradient(wire)]);
    }
    cuts.add(4 * PORTS, plan.regions[slots.saved(at)]);
    cuts.add(4 * PORTS + 1, plan.regions[slots.backward_scratch(at)]);
    cuts.add(4 * PORTS + 2, plan.regions[slots.again(at)]);
    cuts
}

/// The gradients that are to be zero before a layer runs backward: those that nobody has added to, but for inputs that it sets itself.
#[inline]
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
#[inline]
pub(super) fn is_again(node: &Node, step: Step, input: usize) -> bool {
    step.adds >> input & 1 == 1 && node.first_reading(input) != input
}

/// The room of each such gradient, and where it is added.
#[inline]
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
