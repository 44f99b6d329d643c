//! The regions of the arena that a call works on, by *slot*, and cutting them out of it.
//!
//! Input: a layer in a pass laid out. Output: its regions in the order of their slots: inputs, outputs, and what the call has beside.

use super::plan::Step;
use crate::graph::{Graph, MAX_PORTS, Node};
use crate::network::{Plan, Region};
use core::marker::PhantomData;
use core::ops::Range;

/// Few inputs and outputs, as most layers have: their calls clear less memory.
pub(super) const FEW_PORTS: usize = 2;

/// The slots of a call forward: inputs, outputs, then what is saved, and scratch memory.
pub(super) const fn forward_slots(ports: usize) -> usize {
    2 * ports + 2
}

/// Of a call backward: inputs, outputs, the outputs' gradients, the inputs' gradients, then what was saved, scratch memory, and the values beside
/// the gradient that a layer in place makes more of.
pub(super) const fn backward_slots(ports: usize) -> usize {
    4 * ports + 3
}

/// For how many inputs, and outputs, there is room in a layer's calls.
pub(super) const fn room_for(node: &Node) -> usize {
    match (node.reads.len(), node.writes.len()) {
        (0 | 1, 0 | 1) => 1,
        (0..=FEW_PORTS, 0..=FEW_PORTS) => FEW_PORTS,
        _ => MAX_PORTS,
    }
}

/// Gradients of what a layer reads once more: the room of their own, and what they are added to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    pub(super) room: Region,
    pub(super) gradient: Region,
}

/// What one call of a layer works on.
#[derive(Clone, Debug)]
pub(super) struct OfCall {
    /// The layer's number.
    pub(super) at: usize,
    /// Where its slots' regions begin.
    slots: usize,
    blank: Range<usize>,
    again: Range<usize>,
}

/// What the calls of a pass work on.
#[derive(Debug)]
pub(super) struct Regions {
    graph: &'static Graph,
    plan: &'static Plan,
    /// Those of each call by slot; empty ones where there is nothing.
    all: Vec<Region>,
    blank: Vec<Region>,
    again: Vec<Again>,
}

impl Regions {
    pub(super) const fn new(graph: &'static Graph, plan: &'static Plan) -> Self {
        Regions { graph, plan, all: Vec::new(), blank: Vec::new(), again: Vec::new() }
    }

    /// Those of a call forward.
    pub(super) fn forward(&mut self, at: usize) -> OfCall {
        let ports = room_for(&self.graph.nodes[at]);
        let mut regions = vec![Region::default(); forward_slots(ports)];
        of_forward(self.graph, self.plan, at, ports, &mut regions);
        OfCall { at, slots: self.keep(&regions, ports), blank: 0..0, again: 0..0 }
    }

    /// Those of a call backward, which sets the gradients of these inputs itself.
    pub(super) fn backward(&mut self, at: usize, sets: u32) -> OfCall {
        let ports = room_for(&self.graph.nodes[at]);
        let mut regions = vec![Region::default(); backward_slots(ports)];
        let (blank, again) = (self.blank.len(), self.again.len());
        of_backward(self.graph, self.plan, at, ports, &mut regions);
        self.find_again(at, ports, &mut regions);
        self.find_blank(at, sets);
        let slots = self.keep(&regions, ports);
        OfCall { at, slots, blank: blank..self.blank.len(), again: again..self.again.len() }
    }

    /// Keeps a call's regions, which do not meet, but for values that are read twice.
    fn keep(&mut self, regions: &[Region], ports: usize) -> usize {
        let is_read = |slot: usize| slot < ports || slot == 4 * ports + 2;
        let there = || regions.iter().enumerate().filter(|(_, region)| region.length > 0);
        for (a, first) in there() {
            let first = first.range();
            assert!(first.end <= self.plan.packs, "a tensor outside of the arena");
            for (b, second) in there().take_while(|(b, _)| *b < a) {
                let second = second.range();
                let twice = is_read(a) && is_read(b) && first == second;
                assert!(twice || first.end <= second.start || second.end <= first.start, "two tensors of a layer meet");
            }
        }
        self.all.extend(regions);
        self.all.len() - regions.len()
    }

    /// The gradients that are to be zero before a layer runs backward: those that nobody has added to, but for inputs that it sets itself.
    fn find_blank(&mut self, at: usize, sets: u32) {
        let (node, plan, step) = (&self.graph.nodes[at], self.plan, self.plan.steps[at]);
        let of = |wires: &'static [usize], bits: u32| {
            let chosen = wires.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1);
            chosen.map(|(_, &wire)| plan.regions[plan.slots.gradient(wire)])
        };
        self.blank.extend(of(node.reads, step.fresh & !sets).chain(of(node.writes, step.blank)));
    }

    /// The room of each gradient of what is read once more, and where it is added.
    fn find_again(&mut self, at: usize, ports: usize, regions: &mut [Region]) {
        let (node, plan) = (&self.graph.nodes[at], self.plan);
        let mut start = plan.regions[plan.slots.again(at)].start;
        for (input, &wire) in node.reads.iter().enumerate() {
            if is_again(node, plan.steps[at], input) {
                let gradient = plan.regions[plan.slots.gradient(wire)];
                let room = Region { start, length: gradient.length };
                regions[3 * ports + input] = room;
                self.again.push(Again { room, gradient });
                start += gradient.length;
            }
        }
    }

    /// A call's, cut out of the arena of so many tiles.
    #[inline(always)]
    pub(super) fn slots<'a, C>(&'a self, of: &OfCall, count: usize, tiles: usize, arena: &'a mut [C]) -> Slots<'a, C> {
        assert!(arena.len() >= self.plan.packs * tiles, "the arena is too small");
        let regions = &self.all[of.slots..][..count];
        Slots { regions, tiles, arena: arena.as_mut_ptr(), cells: PhantomData }
    }

    /// What is to be zero before a call backward.
    #[inline(always)]
    pub(super) fn blank_before(&self, of: &OfCall) -> &[Region] {
        &self.blank[of.blank.clone()]
    }

    /// What is to be zero before it too, and to be added up after it.
    #[inline(always)]
    pub(super) fn again(&self, of: &OfCall) -> &[Again] {
        &self.again[of.again.clone()]
    }
}

/// What a layer works on as it runs forward.
fn of_forward(graph: &Graph, plan: &Plan, at: usize, ports: usize, regions: &mut [Region]) {
    let (node, slots) = (&graph.nodes[at], plan.slots);
    // In place, the output is what there is.
    for (input, &wire) in node.reads.iter().enumerate().filter(|_| !plan.steps[at].in_place) {
        regions[input] = plan.regions[slots.value(wire)];
    }
    for (output, &wire) in node.writes.iter().enumerate() {
        regions[ports + output] = plan.regions[slots.value(wire)];
    }
    regions[2 * ports] = plan.regions[slots.saved(at)];
    regions[2 * ports + 1] = plan.regions[slots.forward_scratch(at)];
}

/// What a layer works on as it runs backward.
fn of_backward(graph: &Graph, plan: &Plan, at: usize, ports: usize, regions: &mut [Region]) {
    let (node, slots) = (&graph.nodes[at], plan.slots);
    for (input, &wire) in node.reads.iter().enumerate() {
        if reads_back(node, wire) && plan.steps[at].overwrites >> input & 1 == 0 {
            regions[input] = plan.regions[slots.value(wire)];
        }
        if node.first_reading(input) == input && plan.steps[at].adds >> input & 1 == 1 {
            regions[3 * ports + input] = plan.regions[slots.gradient(wire)];
        }
    }
    for (output, &wire) in node.writes.iter().enumerate() {
        if node.outputs[output].kept {
            regions[ports + output] = plan.regions[slots.value(wire)];
        }
        if !plan.steps[at].in_place {
            regions[2 * ports + output] = plan.regions[slots.gradient(wire)];
        }
    }
    regions[4 * ports] = plan.regions[slots.saved(at)];
    regions[4 * ports + 1] = plan.regions[slots.backward_scratch(at)];
    if let Some((input, then)) = plan.steps[at].then_back
        && graph.nodes[then].outputs[0].kept
        && plan.steps[at].overwrites >> input & 1 == 0
    {
        regions[4 * ports + 2] = plan.regions[slots.value(node.reads[input])];
    }
}

/// Whether any input of the node that reads this wire is read by the backward code.
fn reads_back(node: &Node, wire: usize) -> bool {
    (0..node.reads.len()).any(|input| node.reads[input] == wire && node.keeps(input))
}

/// Whether a gradient goes to what was read before: then it gets room of its own, and is added at the end.
fn is_again(node: &Node, step: Step, input: usize) -> bool {
    step.adds >> input & 1 == 1 && node.first_reading(input) != input
}

/// The regions of a call as slices of the arena.
pub(super) struct Slots<'a, C> {
    regions: &'a [Region],
    tiles: usize,
    arena: *mut C,
    cells: PhantomData<&'a mut [C]>,
}

impl<'a, C> Slots<'a, C> {
    /// A tensor to be read.
    ///
    /// # Safety
    /// Nobody asks for the same slot with [`write`](Self::write).
    #[inline(always)]
    pub(super) unsafe fn read(&self, slot: usize) -> &'a [C] {
        let region = self.regions[slot].of(self.tiles);
        // SAFETY: `Regions::keep` has seen that it lies inside of the arena, and meets no other that is written to.
        unsafe { core::slice::from_raw_parts(self.arena.add(region.start), region.length) }
    }

    /// Tensors to be read: those of the slots from `first` on.
    ///
    /// # Safety
    /// As for [`read`](Self::read).
    #[inline(always)]
    pub(super) unsafe fn read_all<const COUNT: usize>(&self, first: usize) -> [&'a [C]; COUNT] {
        // SAFETY: the caller's promise.
        core::array::from_fn(|at| unsafe { self.read(first + at) })
    }

    /// Tensors to be written to: those of the slots from `first` on.
    ///
    /// # Safety
    /// As for [`write`](Self::write).
    #[inline(always)]
    pub(super) unsafe fn write_all<const COUNT: usize>(&self, first: usize) -> [&'a mut [C]; COUNT] {
        // SAFETY: the caller's promise.
        core::array::from_fn(|at| unsafe { self.write(first + at) })
    }

    /// A tensor to be written to.
    ///
    /// # Safety
    /// Nobody asks for the same slot again.
    #[inline(always)]
    pub(super) unsafe fn write(&self, slot: usize) -> &'a mut [C] {
        let region = self.regions[slot].of(self.tiles);
        // SAFETY: as for `read`.
        unsafe { core::slice::from_raw_parts_mut(self.arena.add(region.start), region.length) }
    }
}
