//! Which regions of the arena a layer works on, and cutting them out of it.
//!
//! Input: the graph, a pass laid out. Output: for every layer the regions by *slot*: inputs, outputs, and what the call has beside. Found
//! once for a pass and kept: most layers of a small network take little longer than finding them would.

use super::code::Program;
use super::plan::{Purpose, Step};
use crate::graph::{MAX_PORTS, Node};
use crate::lanes::{Cell, Element};
use crate::network::{Network, Region};
use crate::site::Pass;
use core::marker::PhantomData;
use core::ops::Range;

/// Few inputs and outputs, as most layers have: their calls clear less memory.
pub(super) const FEW_PORTS: usize = 2;

/// The slots of a call forward: inputs, outputs, then what is saved, and scratch memory.
const fn forward_slots(ports: usize) -> usize {
    2 * ports + 2
}

/// Of a call backward: inputs, outputs, the outputs' gradients, the inputs' gradients, then what was saved, scratch memory, and the values beside
/// the gradient that a layer in place makes more of.
const fn backward_slots(ports: usize) -> usize {
    4 * ports + 3
}

/// Gradients of what a layer reads once more: the room of their own, and what they are added to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    pub(super) room: Region,
    pub(super) gradient: Region,
}

/// What one call of a layer works on.
#[derive(Clone, Debug, Default)]
struct Call {
    /// Where its slots' regions begin.
    slots: usize,
    blank: Range<usize>,
    again: Range<usize>,
}

/// What the calls of a network's layers work on in a pass.
#[derive(Debug, Default)]
pub struct Cuts {
    packs: usize,
    forward: Vec<Call>,
    backward: Vec<Call>,
    /// Those of each call by slot; empty ones where there is nothing.
    regions: Vec<Region>,
    blank: Vec<Region>,
    again: Vec<Again>,
    /// Gradients of parameters that no layer sets: those that do not learn, or whose layer has nothing to do in this pass.
    unset: Vec<Range<usize>>,
    /// From where on there are no others.
    unset_from: usize,
}

impl Cuts {
    /// Those of a network and a pass.
    ///
    /// # Panics
    /// If two regions of a call meet: the plan keeps them apart.
    #[must_use]
    pub fn new<C: Cell>(program: &Program<C>) -> Cuts {
        let mut cuts = Cuts { packs: program.plan.packs, ..Cuts::default() };
        for (at, node) in program.graph.nodes.iter().enumerate() {
            let ports = room_for(node);
            // What does not run in this pass has no regions of its own.
            let step = program.plan.steps[at];
            let mut regions = vec![Region::default(); forward_slots(ports)];
            if step.forward {
                forward(program, at, ports, &mut regions);
            }
            let slots = cuts.keep(&regions, ports);
            cuts.forward.push(Call { slots, ..Call::default() });
            let mut regions = vec![Region::default(); backward_slots(ports)];
            let (blank, again) = (cuts.blank.len(), cuts.again.len());
            if step.backward {
                backward(program, at, ports, &mut regions);
                cuts.find_again(program, at, ports, &mut regions);
                cuts.find_blank(program, at);
            }
            let slots = cuts.keep(&regions, ports);
            cuts.backward.push(Call { slots, blank: blank..cuts.blank.len(), again: again..cuts.again.len() });
            let (code, own) = (&program.code[at], program.scalars[at].learning.range());
            if code.backward.is_some() && code.sets_parameters && !own.is_empty() {
                if cuts.unset_from < own.start {
                    cuts.unset.push(cuts.unset_from..own.start);
                }
                cuts.unset_from = own.end;
            }
        }
        cuts
    }

    /// Keeps a call's regions, which do not meet, but for values that are read twice.
    fn keep(&mut self, regions: &[Region], ports: usize) -> usize {
        let mut all: Vec<(usize, Region)> = regions.iter().copied().enumerate().filter(|(_, r)| r.length > 0).collect();
        all.sort_by_key(|(_, region)| region.start);
        for pair in all.windows(2) {
            let ((a, first), (b, second)) = (pair[0], pair[1]);
            let is_read = |slot: usize| slot < ports || slot == 4 * ports + 2;
            let twice = is_read(a) && is_read(b) && first == second;
            assert!(twice || first.start + first.length <= second.start, "two tensors of a layer meet");
        }
        assert!(
            all.iter().all(|(_, region)| region.start + region.length <= self.packs),
            "a tensor outside of the arena"
        );
        self.regions.extend(regions);
        self.regions.len() - regions.len()
    }

    /// The gradients that are to be zero before a layer runs backward: those that nobody has added to, but for inputs that it sets itself.
    fn find_blank<C: Cell>(&mut self, program: &Program<C>, at: usize) {
        let (node, plan, step) = (&program.graph.nodes[at], program.plan, program.plan.steps[at]);
        let of = |wires: &'static [usize], bits: u32| {
            let chosen = wires.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1);
            chosen.map(|(_, &wire)| plan.regions[plan.slots.gradient(wire)])
        };
        self.blank.extend(of(node.reads, step.fresh & !program.code[at].sets).chain(of(node.writes, step.blank)));
    }

    /// The room of each gradient of what is read once more, and where it is added.
    fn find_again<C: Cell>(&mut self, program: &Program<C>, at: usize, ports: usize, regions: &mut [Region]) {
        let (node, plan) = (&program.graph.nodes[at], program.plan);
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

    /// What a call forward works on.
    #[inline(always)]
    pub(super) fn of_forward<'a, C, const PORTS: usize>(
        &'a self,
        at: usize,
        tiles: usize,
        arena: &'a mut [C],
    ) -> Slots<'a, C> {
        self.of(&self.forward[at], forward_slots(PORTS), tiles, arena)
    }

    /// What a call backward works on.
    #[inline(always)]
    pub(super) fn of_backward<'a, C, const PORTS: usize>(
        &'a self,
        at: usize,
        tiles: usize,
        arena: &'a mut [C],
    ) -> Slots<'a, C> {
        self.of(&self.backward[at], backward_slots(PORTS), tiles, arena)
    }

    #[inline(always)]
    fn of<'a, C>(&'a self, call: &Call, count: usize, tiles: usize, arena: &'a mut [C]) -> Slots<'a, C> {
        assert!(arena.len() >= self.packs * tiles, "the arena is too small");
        Slots { regions: &self.regions[call.slots..][..count], tiles, arena: arena.as_mut_ptr(), cells: PhantomData }
    }

    /// What is to be zero before a call backward.
    #[inline(always)]
    pub(super) fn blank_before(&self, at: usize) -> &[Region] {
        &self.blank[self.backward[at].blank.clone()]
    }

    /// Sets the gradients of parameters to zero that no layer sets.
    pub(super) fn clear_unset<E: Element>(&self, gradients: &mut [E]) {
        for range in &self.unset {
            gradients[range.clone()].fill(E::ZERO);
        }
        gradients[self.unset_from..].fill(E::ZERO);
    }

    /// What is to be zero before it too, and to be added up after it.
    #[inline(always)]
    pub(super) fn again(&self, at: usize) -> &[Again] {
        &self.again[self.backward[at].again.clone()]
    }
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
        // SAFETY: `Cuts::keep` has seen that it lies inside of the arena, and meets no other that is written to.
        unsafe { core::slice::from_raw_parts(self.arena.add(region.start), region.length) }
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

/// What a layer works on as it runs forward.
fn forward<C: Cell>(program: &Program<C>, at: usize, ports: usize, regions: &mut [Region]) {
    let (node, plan, slots) = (&program.graph.nodes[at], program.plan, program.plan.slots);
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
fn backward<C: Cell>(program: &Program<C>, at: usize, ports: usize, regions: &mut [Region]) {
    let (node, plan, slots) = (&program.graph.nodes[at], program.plan, program.plan.slots);
    for (input, &wire) in node.reads.iter().enumerate() {
        if reads_back(node, wire) {
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
        && program.graph.nodes[then].outputs[0].kept
    {
        regions[4 * ports + 2] = plan.regions[slots.value(node.reads[input])];
    }
}

/// For how many inputs, and outputs, there is room in a layer's calls.
pub(super) const fn room_for(node: &Node) -> usize {
    match (node.reads.len(), node.writes.len()) {
        (0 | 1, 0 | 1) => 1,
        (0..=FEW_PORTS, 0..=FEW_PORTS) => FEW_PORTS,
        _ => MAX_PORTS,
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

/// The cuts of the passes that have run, each found once.
#[derive(Debug, Default)]
pub(super) struct Passes {
    all: Vec<(Purpose, Cuts)>,
}

impl Passes {
    /// Finds those of a pass, unless they are there.
    pub(super) fn find<N: Network, C: Cell, P: Pass>(&mut self) {
        if !self.all.iter().any(|(purpose, _)| *purpose == Purpose::of::<P>()) {
            self.all.push((Purpose::of::<P>(), Cuts::new(&Program::<C>::of::<N, P>())));
        }
    }

    /// Those of a pass that was found.
    pub(super) fn of<P: Pass>(&self) -> &Cuts {
        let found = self.all.iter().find(|(purpose, _)| *purpose == Purpose::of::<P>());
        &found.expect("`find` comes first").1
    }
}
