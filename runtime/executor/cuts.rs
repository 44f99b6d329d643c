//! Which regions of the arena a layer works on, and cutting them out of it.
//!
//! Input: the graph, a pass laid out. Output: for every layer the regions by *slot*: inputs, outputs, and what the call has beside. Found
//! once for a pass and kept: most layers of a small network take little longer than finding them would.

use super::code::Program;
use super::plan::Step;
use crate::graph::{Graph, MAX_PORTS, Node};
use crate::lanes::Cell;
use crate::network::{Plan, Region};
use core::ops::Range;

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

/// A region, and the slot that it goes to.
#[derive(Clone, Copy, Debug)]
struct Piece {
    region: Region,
    slot: usize,
}

/// Gradients of what a layer reads once more: where they have room of their own, and what they are added to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    pub(super) input: usize,
    pub(super) room: Region,
    pub(super) gradient: Region,
}

/// What one call of a layer works on.
#[derive(Clone, Debug, Default)]
struct Call {
    pieces: Range<usize>,
    blank: Range<usize>,
    again: Range<usize>,
}

/// What the calls of a network's layers work on in a pass.
#[derive(Debug, Default)]
pub struct Cuts {
    forward: Vec<Call>,
    backward: Vec<Call>,
    /// Those of each call in the order of their starts.
    pieces: Vec<Piece>,
    blank: Vec<Region>,
    again: Vec<Again>,
}

impl Cuts {
    /// Those of a network and a pass.
    #[must_use]
    pub fn new<C: Cell>(program: &Program<C>) -> Cuts {
        let mut cuts = Cuts::default();
        for at in 0..program.code.len() {
            let ports = if has_few_ports(&program.graph.nodes[at]) { FEW_PORTS } else { MAX_PORTS };
            let start = cuts.pieces.len();
            cuts.forward(program.graph, program.plan, at, ports);
            let pieces = cuts.close(start);
            cuts.forward.push(Call { pieces, ..Call::default() });
            let (start, blank, again) = (cuts.pieces.len(), cuts.blank.len(), cuts.again.len());
            cuts.backward(program.graph, program.plan, at, ports);
            cuts.blank(program.graph, program.plan, at, program.code[at].sets);
            cuts.again(program.graph, program.plan, at);
            let pieces = cuts.close(start);
            cuts.backward.push(Call { pieces, blank: blank..cuts.blank.len(), again: again..cuts.again.len() });
        }
        cuts
    }

    fn close(&mut self, start: usize) -> Range<usize> {
        self.pieces[start..].sort_by_key(|piece| piece.region.start);
        start..self.pieces.len()
    }

    fn add(&mut self, slot: usize, region: Region) {
        if region.length > 0 {
            self.pieces.push(Piece { region, slot });
        }
    }

    /// What a layer works on as it runs forward.
    fn forward(&mut self, graph: &Graph, plan: &Plan, at: usize, ports: usize) {
        let (node, slots) = (&graph.nodes[at], plan.slots);
        for (input, &wire) in node.reads.iter().enumerate() {
            if node.first_reading(input) == input {
                self.add(input, plan.regions[slots.value(wire)]);
            }
        }
        for (output, &wire) in node.writes.iter().enumerate() {
            self.add(ports + output, plan.regions[slots.value(wire)]);
        }
        self.add(2 * ports, plan.regions[slots.saved(at)]);
        self.add(2 * ports + 1, plan.regions[slots.forward_scratch(at)]);
    }

    /// What a layer works on as it runs backward.
    fn backward(&mut self, graph: &Graph, plan: &Plan, at: usize, ports: usize) {
        let (node, slots, step) = (&graph.nodes[at], plan.slots, plan.steps[at]);
        for (input, &wire) in node.reads.iter().enumerate() {
            if node.first_reading(input) == input {
                if reads_back(node, wire) {
                    self.add(input, plan.regions[slots.value(wire)]);
                }
                if step.adds >> input & 1 == 1 {
                    self.add(3 * ports + input, plan.regions[slots.gradient(wire)]);
                }
            }
        }
        for (output, &wire) in node.writes.iter().enumerate() {
            if node.outputs[output].kept {
                self.add(ports + output, plan.regions[slots.value(wire)]);
            }
            self.add(2 * ports + output, plan.regions[slots.gradient(wire)]);
        }
        self.add(4 * ports, plan.regions[slots.saved(at)]);
        self.add(4 * ports + 1, plan.regions[slots.backward_scratch(at)]);
        self.add(4 * ports + 2, plan.regions[slots.again(at)]);
    }

    /// The gradients that are to be zero before a layer runs backward: those that nobody has added to, but for inputs that it sets itself.
    fn blank(&mut self, graph: &Graph, plan: &Plan, at: usize, sets: u32) {
        let (node, step) = (&graph.nodes[at], plan.steps[at]);
        let of = |wires: &'static [usize], bits: u32| {
            let chosen = wires.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1);
            chosen.map(|(_, &wire)| plan.regions[plan.slots.gradient(wire)])
        };
        self.blank.extend(of(node.reads, step.fresh & !sets).chain(of(node.writes, step.blank)));
    }

    /// The room of each gradient of what is read once more, and where it is added.
    fn again(&mut self, graph: &Graph, plan: &Plan, at: usize) {
        let (node, step, slots) = (&graph.nodes[at], plan.steps[at], plan.slots);
        let mut start = plan.regions[slots.again(at)].start;
        for (input, &wire) in node.reads.iter().enumerate() {
            if is_again(node, step, input) {
                let gradient = plan.regions[slots.gradient(wire)];
                self.again.push(Again { input, room: Region { start, length: gradient.length }, gradient });
                start += gradient.length;
            }
        }
    }

    /// The pieces of a call forward, by slot; empty where there are none. The plan keeps them apart.
    #[inline(always)]
    pub(super) fn cut_forward<'a, C, const SLOTS: usize>(
        &self,
        at: usize,
        tiles: usize,
        arena: &'a mut [C],
    ) -> [&'a mut [C]; SLOTS] {
        cut(&self.pieces[self.forward[at].pieces.clone()], tiles, arena)
    }

    /// The pieces of a call backward.
    #[inline(always)]
    pub(super) fn cut_backward<'a, C, const SLOTS: usize>(
        &self,
        at: usize,
        tiles: usize,
        arena: &'a mut [C],
    ) -> [&'a mut [C]; SLOTS] {
        cut(&self.pieces[self.backward[at].pieces.clone()], tiles, arena)
    }

    /// What is to be zero before a call backward.
    pub(super) fn blank_before(&self, at: usize) -> &[Region] {
        &self.blank[self.backward[at].blank.clone()]
    }

    /// What is to be added up after it.
    pub(super) fn again_after(&self, at: usize) -> &[Again] {
        &self.again[self.backward[at].again.clone()]
    }
}

#[inline(always)]
fn cut<'a, C, const SLOTS: usize>(pieces: &[Piece], tiles: usize, arena: &'a mut [C]) -> [&'a mut [C]; SLOTS] {
    let mut slices: [&mut [C]; SLOTS] = core::array::from_fn(|_| Default::default());
    let (mut rest, mut start) = (arena, 0);
    for &Piece { region, slot } in pieces {
        let region = region.of(tiles);
        let (piece, after) = rest[region.start - start..].split_at_mut(region.length);
        slices[slot] = piece;
        (rest, start) = (after, region.start + region.length);
    }
    slices
}

/// Two regions of the arena, wherever they are.
pub(super) fn two<C>(arena: &mut [C], tiles: usize, a: Region, b: Region) -> [&mut [C]; 2] {
    let mut pieces = [Piece { region: a, slot: 0 }, Piece { region: b, slot: 1 }];
    pieces.sort_by_key(|piece| piece.region.start);
    cut(&pieces, tiles, arena)
}

pub(super) fn has_few_ports(node: &Node) -> bool {
    node.reads.len().max(node.writes.len()) <= FEW_PORTS
}

/// Whether any input of the node that reads this wire is read by the backward code.
fn reads_back(node: &Node, wire: usize) -> bool {
    (0..node.reads.len()).any(|input| node.reads[input] == wire && node.keeps(input))
}

/// Whether a gradient goes to what was read before: then it gets room of its own, and is added at the end.
fn is_again(node: &Node, step: Step, input: usize) -> bool {
    step.adds >> input & 1 == 1 && node.first_reading(input) != input
}

/// The cuts of the passes that have run, each found once.
#[derive(Debug, Default)]
pub(super) struct Passes {
    all: Vec<(&'static Plan, Cuts)>,
}

impl Passes {
    /// Finds those of a pass, unless they are there.
    pub(super) fn find<C: Cell>(&mut self, program: &Program<C>) {
        if !self.all.iter().any(|(plan, _)| core::ptr::eq(*plan, program.plan)) {
            self.all.push((program.plan, Cuts::new(program)));
        }
    }

    /// Those of a pass that was found.
    pub(super) fn of<C: Cell>(&self, program: &Program<C>) -> &Cuts {
        let found = self.all.iter().find(|(plan, _)| core::ptr::eq(*plan, program.plan));
        &found.expect("`find` comes first").1
    }
}
