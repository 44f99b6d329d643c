//! The regions of the arena that a call works on, by *slot*, and cutting them out of it.
//!
//! Input: a layer in a pass laid out. Output: its regions in the order of their slots: inputs, outputs, and what the call has beside.

use super::code::Program;
use crate::graph::{MAX_PORTS, Node};
use crate::lanes::Cell;
use crate::network::Region;
use core::marker::PhantomData;

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

/// What a layer works on as it runs forward.
pub(super) fn forward<C: Cell>(program: &Program<C>, at: usize, ports: usize, regions: &mut [Region]) {
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
pub(super) fn backward<C: Cell>(program: &Program<C>, at: usize, ports: usize, regions: &mut [Region]) {
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

/// The regions of a call as slices of the arena.
pub(super) struct Slots<'a, C> {
    regions: &'a [Region],
    tiles: usize,
    arena: *mut C,
    cells: PhantomData<&'a mut [C]>,
}

impl<'a, C> Slots<'a, C> {
    /// Of a call whose regions lie inside of an arena for so many tiles: see `Calls::keep`.
    #[inline(always)]
    pub(super) fn new(regions: &'a [Region], tiles: usize, arena: &'a mut [C]) -> Self {
        Slots { regions, tiles, arena: arena.as_mut_ptr(), cells: PhantomData }
    }

    /// A tensor to be read.
    ///
    /// # Safety
    /// Nobody asks for the same slot with [`write`](Self::write).
    #[inline(always)]
    pub(super) unsafe fn read(&self, slot: usize) -> &'a [C] {
        let region = self.regions[slot].of(self.tiles);
        // SAFETY: `Calls::keep` has seen that it lies inside of the arena, and meets no other that is written to.
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
