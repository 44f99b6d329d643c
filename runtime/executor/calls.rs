//! The calls of a pass, in their order: what each runs, and on what.
//!
//! Input: the graph, its code, a pass laid out. Output: calls with all that does not change from one step to the next. Found
//! once for a pass and kept: most layers of a small network take little longer than finding it would.

use super::code::Program;
use super::plan::{Purpose, Step};
use super::slots::{Slots, backward, backward_slots, forward, forward_slots, room_for};
use super::tile::{BackwardCode, ForwardCode};
use crate::contract::Renew;
use crate::graph::Node;
use crate::lanes::{Cell, Element};
use crate::network::{Network, Region, Tile};
use crate::site::Pass;
use crate::tables::Scalars;
use core::ops::Range;

/// Gradients of what a layer reads once more: the room of their own, and what they are added to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    pub(super) room: Region,
    pub(super) gradient: Region,
}

/// What is done with the elements of a tensor while the layer makes them: the code of the layer next to it that stands in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Next<E> {
    /// Which of the layer's inputs has the gradient.
    pub(super) input: usize,
    pub(super) run: Renew<E>,
    /// [`Kernel::AT_LEAST`](crate::site::Kernel::AT_LEAST) forward, backward [`Kernel::WHERE_ABOVE`](crate::site::Kernel::WHERE_ABOVE).
    pub(super) threshold: Option<E>,
}

/// A call of a layer, forward or backward.
#[derive(Debug)]
pub(super) struct Call<C: Cell, F> {
    /// The layer's number.
    pub(super) at: usize,
    pub(super) run: F,
    pub(super) reads: usize,
    pub(super) writes: usize,
    pub(super) scalars: &'static Scalars,
    pub(super) next: Option<Next<C::Element>>,
    /// The inputs, as bits, whose gradients hold nothing yet.
    pub(super) fresh: u32,
    /// Where its slots' regions begin.
    slots: usize,
    /// What is to be zero before a call backward.
    blank: Range<usize>,
    again: Range<usize>,
    enter: fn(&mut Tile<'_, C>, &Self),
}

impl<C: Cell, F> Call<C, F> {
    /// Runs it.
    #[inline]
    pub(super) fn enter(&self, tile: &mut Tile<'_, C>) {
        (self.enter)(tile, self);
    }
}

/// The calls of a network's layers in a pass, and what they work on.
#[derive(Debug)]
pub struct Calls<C: Cell> {
    packs: usize,
    /// Those of layers that run forward.
    pub(super) forward: Vec<Call<C, ForwardCode<C>>>,
    /// Those of layers that run backward, the last one first.
    pub(super) backward: Vec<Call<C, BackwardCode<C>>>,
    /// Those of each call by slot; empty ones where there is nothing.
    regions: Vec<Region>,
    blank: Vec<Region>,
    again: Vec<Again>,
    /// Gradients of parameters that no layer sets: those that do not learn, or whose layer has nothing to do in this pass.
    unset: Vec<Range<usize>>,
    /// From where on there are no others.
    unset_from: usize,
}

impl<C: Cell> Calls<C> {
    /// Those of a network and a pass.
    ///
    /// # Panics
    /// If two regions of a call meet: the plan keeps them apart.
    #[must_use]
    pub fn new(program: &Program<C>) -> Self {
        let mut calls = Calls {
            packs: program.plan.packs,
            forward: Vec::new(),
            backward: Vec::new(),
            regions: Vec::new(),
            blank: Vec::new(),
            again: Vec::new(),
            unset: Vec::new(),
            unset_from: 0,
        };
        for at in 0..program.graph.nodes.len() {
            calls.find_forward(program, at);
            calls.find_backward(program, at);
            let (code, own) = (&program.code[at], program.scalars[at].learning.range());
            if code.backward.is_some() && code.sets_parameters && !own.is_empty() {
                if calls.unset_from < own.start {
                    calls.unset.push(calls.unset_from..own.start);
                }
                calls.unset_from = own.end;
            }
        }
        calls.backward.reverse();
        calls
    }

    fn find_forward(&mut self, program: &Program<C>, at: usize) {
        let (node, step, code) = (&program.graph.nodes[at], program.plan.steps[at], &program.code[at]);
        let Some(run) = code.forward else { return };
        let ports = room_for(node);
        let mut regions = vec![Region::default(); forward_slots(ports)];
        forward(program, at, ports, &mut regions);
        let next = step.then.and_then(|next| {
            let threshold = program.code[next].at_least.map(C::Element::from_f64);
            program.code[next].renew.map(|run| Next { input: 0, run, threshold })
        });
        let call = Call {
            at,
            run,
            reads: node.reads.len(),
            writes: node.writes.len(),
            scalars: &program.scalars[at],
            next,
            fresh: 0,
            slots: self.keep(&regions, ports),
            blank: 0..0,
            again: 0..0,
            enter: code.call.forward,
        };
        self.forward.push(call);
    }

    fn find_backward(&mut self, program: &Program<C>, at: usize) {
        let (node, step, code) = (&program.graph.nodes[at], program.plan.steps[at], &program.code[at]);
        let Some(run) = code.backward else { return };
        let ports = room_for(node);
        let mut regions = vec![Region::default(); backward_slots(ports)];
        let (blank, again) = (self.blank.len(), self.again.len());
        backward(program, at, ports, &mut regions);
        self.find_again(program, at, ports, &mut regions);
        self.find_blank(program, at);
        let next = step.then_back.and_then(|(input, before)| {
            let threshold = program.code[before].where_above.map(C::Element::from_f64);
            program.code[before].renew_back.map(|run| Next { input, run, threshold })
        });
        let call = Call {
            at,
            run,
            reads: node.reads.len(),
            writes: node.writes.len(),
            scalars: &program.scalars[at],
            next,
            fresh: step.fresh,
            slots: self.keep(&regions, ports),
            blank: blank..self.blank.len(),
            again: again..self.again.len(),
            enter: code.call.backward,
        };
        self.backward.push(call);
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
    fn find_blank(&mut self, program: &Program<C>, at: usize) {
        let (node, plan, step) = (&program.graph.nodes[at], program.plan, program.plan.steps[at]);
        let of = |wires: &'static [usize], bits: u32| {
            let chosen = wires.iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1);
            chosen.map(|(_, &wire)| plan.regions[plan.slots.gradient(wire)])
        };
        self.blank.extend(of(node.reads, step.fresh & !program.code[at].sets).chain(of(node.writes, step.blank)));
    }

    /// The room of each gradient of what is read once more, and where it is added.
    fn find_again(&mut self, program: &Program<C>, at: usize, ports: usize, regions: &mut [Region]) {
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
    pub(super) fn of_forward<'a, const PORTS: usize>(
        &'a self,
        call: &Call<C, ForwardCode<C>>,
        tiles: usize,
        arena: &'a mut [C],
    ) -> Slots<'a, C> {
        self.of(call.slots, forward_slots(PORTS), tiles, arena)
    }

    /// What a call backward works on.
    #[inline(always)]
    pub(super) fn of_backward<'a, const PORTS: usize>(
        &'a self,
        call: &Call<C, BackwardCode<C>>,
        tiles: usize,
        arena: &'a mut [C],
    ) -> Slots<'a, C> {
        self.of(call.slots, backward_slots(PORTS), tiles, arena)
    }

    #[inline(always)]
    fn of<'a>(&'a self, slots: usize, count: usize, tiles: usize, arena: &'a mut [C]) -> Slots<'a, C> {
        assert!(arena.len() >= self.packs * tiles, "the arena is too small");
        let regions = &self.regions[slots..][..count];
        Slots::new(regions, tiles, arena)
    }

    /// What is to be zero before a call backward.
    #[inline(always)]
    pub(super) fn blank_before(&self, call: &Call<C, BackwardCode<C>>) -> &[Region] {
        &self.blank[call.blank.clone()]
    }

    /// Sets the gradients of parameters to zero that no layer sets.
    pub(super) fn clear_unset(&self, gradients: &mut [C::Element]) {
        for range in &self.unset {
            gradients[range.clone()].fill(C::Element::ZERO);
        }
        gradients[self.unset_from..].fill(C::Element::ZERO);
    }

    /// What is to be zero before it too, and to be added up after it.
    #[inline(always)]
    pub(super) fn again(&self, call: &Call<C, BackwardCode<C>>) -> &[Again] {
        &self.again[call.again.clone()]
    }
}

/// Whether a gradient goes to what was read before: then it gets room of its own, and is added at the end.
fn is_again(node: &Node, step: Step, input: usize) -> bool {
    step.adds >> input & 1 == 1 && node.first_reading(input) != input
}

/// The calls of the passes that have run, each found once.
#[derive(Debug)]
pub(super) struct Passes<C: Cell> {
    all: Vec<(Purpose, Calls<C>)>,
}

impl<C: Cell> Passes<C> {
    pub(super) const fn new() -> Self {
        Passes { all: Vec::new() }
    }

    /// Finds those of a pass, unless they are there.
    pub(super) fn find<N: Network, P: Pass>(&mut self) {
        if !self.all.iter().any(|(purpose, _)| *purpose == Purpose::of::<P>()) {
            self.all.push((Purpose::of::<P>(), Calls::new(&Program::<C>::of::<N, P>())));
        }
    }

    /// Those of a pass that was found.
    pub(super) fn of<P: Pass>(&self) -> &Calls<C> {
        let found = self.all.iter().find(|(purpose, _)| *purpose == Purpose::of::<P>());
        &found.expect("`find` comes first").1
    }
}
