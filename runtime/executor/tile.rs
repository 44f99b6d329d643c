//! The calls: one layer, forward or backward, on some tiles.
//!
//! Input: a tile, whose arena the network's plan has laid out. Each call cuts the arena into the regions that the layer works
//! on, enters the instruction set once, and runs the layer's code. Nothing allocates.

use super::plan::{Slots, Step};
use crate::contract;
use crate::graph::{Graph, MAX_PORTS, Node, Place};
use crate::lanes::{Element, LANES, Pack, Simd};
use crate::network::{Network, Plan, Region, Tile};
use crate::site::{Backward, Finish, Forward, Kernel, Pass, Prepare, Site, parameter_count};
use core::array;
use core::marker::PhantomData;
use core::ops::Range;

/// Where a site's scalars stand among the network's.
struct Scalars<S>(PhantomData<S>);

impl<S: Site + Place> Scalars<S> {
    const GRAPH: &'static Graph = <S::Of as Network>::GRAPH;
    const NODE: &'static Node = &Self::GRAPH.nodes[S::AT];
    const SLOTS: Slots = Slots::of(Self::GRAPH);
    const PARAMETERS: Range<usize> =
        range(Self::GRAPH.parameters_before(S::AT), parameter_count(<S::Layer as Kernel<S>>::PARAMETERS));
    const ONCE: Range<usize> = range(Self::GRAPH.once_before(S::AT), <S::Layer as Kernel<S>>::MEMORY.once);
    const STEP: Range<usize> = range(Self::GRAPH.step_before(S::AT), <S::Layer as Kernel<S>>::MEMORY.step);
    /// The parameters whose gradients are asked for: none where they do not learn.
    const LEARNING: Range<usize> =
        range(Self::PARAMETERS.start, if S::TRAINS { Self::PARAMETERS.end - Self::PARAMETERS.start } else { 0 });
}

const fn range(start: usize, length: usize) -> Range<usize> {
    start..start + length
}

/// Regions to be cut out of the arena, in the order of their starts. Each goes to a slot of its own.
struct Cuts<const SLOTS: usize> {
    pieces: [(Region, usize); SLOTS],
    count: usize,
    tiles: usize,
}

impl<const SLOTS: usize> Cuts<SLOTS> {
    const fn new(tiles: usize) -> Cuts<SLOTS> {
        Cuts { pieces: [(Region { start: 0, length: 0 }, 0); SLOTS], count: 0, tiles }
    }

    fn add(&mut self, slot: usize, region: Region) {
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
    fn cut<'a, E>(&self, arena: &'a mut [Pack<E>]) -> [&'a mut [Pack<E>]; SLOTS] {
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

// The slots of a call forward: inputs, outputs, then these.
const SAVED: usize = 2 * MAX_PORTS;
const SCRATCH: usize = 2 * MAX_PORTS + 1;
// Of a call backward: inputs, outputs, the outputs' gradients, the inputs' gradients, then these.
const BACK_SAVED: usize = 4 * MAX_PORTS;
const BACK_SCRATCH: usize = 4 * MAX_PORTS + 1;
const AGAIN: usize = 4 * MAX_PORTS + 2;

impl<E: Element> Tile<'_, E> {
    /// Runs a layer forward.
    #[inline(never)]
    pub fn forward<S, M, P>(&mut self, simd: M)
    where
        S: Site + Place,
        M: Simd,
        P: Pass,
    {
        let node = Scalars::<S>::NODE;
        let (slots, plan) = (Scalars::<S>::SLOTS, <S::Of as Network>::plan::<P>());
        let mut cuts = Cuts::<{ SCRATCH + 1 }>::new(self.tiles);
        for (input, &wire) in node.reads.iter().enumerate() {
            if node.first_reading(input) == input {
                cuts.add(input, plan.regions[slots.value(wire)]);
            }
        }
        for (output, &wire) in node.writes.iter().enumerate() {
            cuts.add(MAX_PORTS + output, plan.regions[slots.value(wire)]);
        }
        cuts.add(SAVED, plan.regions[slots.saved(S::AT)]);
        cuts.add(SCRATCH, plan.regions[slots.forward_scratch(S::AT)]);
        let mut pieces = cuts.cut(self.arena);
        let [saved, scratch] = [SAVED, SCRATCH].map(|slot| core::mem::take(&mut pieces[slot]));
        let (inputs, outputs) = pieces.split_at_mut(MAX_PORTS);
        let inputs: [&[Pack<E>]; MAX_PORTS] = read(inputs, node);
        let frame = Forward {
            inputs: &inputs[..node.reads.len()],
            outputs: &mut outputs[..node.writes.len()],
            parameters: &self.parameters[Scalars::<S>::PARAMETERS],
            once: &self.once[Scalars::<S>::ONCE],
            step: &self.step[Scalars::<S>::STEP],
            saved,
            scratch,
            plans: self.plans.of(S::AT),
            training: self.training,
            threads: self.threads,
            tiles: self.tiles,
            draws: self.draws,
        };
        simd.vectorize(
            #[inline(always)]
            || <S::Layer as Kernel<S>>::forward(simd, frame),
        );
    }

    /// Runs a layer backward, where a gradient arrives and somebody wants what it computes.
    #[inline(never)]
    pub fn backward<S, M, P>(&mut self, simd: M)
    where
        S: Site + Place,
        M: Simd,
        P: Pass,
    {
        let node = Scalars::<S>::NODE;
        let (slots, plan) = (Scalars::<S>::SLOTS, <S::Of as Network>::plan::<P>());
        let step = plan.steps[S::AT];
        if !step.backward {
            return;
        }
        self.zero_fresh(node, Step { fresh: step.fresh & !<S::Layer as Kernel<S>>::SETS, ..step }, slots, plan);
        let mut cuts = Cuts::<{ AGAIN + 1 }>::new(self.tiles);
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
        cuts.add(BACK_SAVED, plan.regions[slots.saved(S::AT)]);
        cuts.add(BACK_SCRATCH, plan.regions[slots.backward_scratch(S::AT)]);
        cuts.add(AGAIN, plan.regions[slots.again(S::AT)]);
        let mut pieces = cuts.cut(self.arena);
        let [saved, scratch, mut again] =
            [BACK_SAVED, BACK_SCRATCH, AGAIN].map(|slot| core::mem::take(&mut pieces[slot]));
        let (inputs, rest) = pieces.split_at_mut(MAX_PORTS);
        let (outputs, rest) = rest.split_at_mut(MAX_PORTS);
        let (output_gradients, input_gradients) = rest.split_at_mut(MAX_PORTS);
        // A gradient of what is read once more gets room of its own.
        for (input, &wire) in node.reads.iter().enumerate() {
            if is_again(node, step, input) {
                let (room, others) = again.split_at_mut(plan.regions[slots.gradient(wire)].length * self.tiles);
                room.fill(Pack::ZERO);
                input_gradients[input] = room;
                again = others;
            }
        }
        let inputs: [&[Pack<E>]; MAX_PORTS] = read(inputs, node);
        let outputs: [&[Pack<E>]; MAX_PORTS] = array::from_fn(|output| &*outputs[output]);
        let gradients_of_outputs: [&[Pack<E>]; MAX_PORTS] = array::from_fn(|output| &*output_gradients[output]);
        let frame = Backward {
            inputs: &inputs[..node.reads.len()],
            outputs: &outputs[..node.writes.len()],
            output_gradients: &gradients_of_outputs[..node.writes.len()],
            input_gradients: &mut input_gradients[..node.reads.len()],
            fresh: step.fresh,
            parameters: &self.parameters[Scalars::<S>::PARAMETERS],
            gradients: &mut self.gradients[Scalars::<S>::LEARNING],
            once: &self.once[Scalars::<S>::ONCE],
            step: &self.step[Scalars::<S>::STEP],
            step_gradients: &mut self.step_gradients[Scalars::<S>::STEP],
            saved,
            scratch,
            plans: self.plans.of(S::AT),
            training: self.training,
            threads: self.threads,
            tiles: self.tiles,
            draws: self.draws,
        };
        simd.vectorize(
            #[inline(always)]
            || <S::Layer as Kernel<S>>::backward::<M, E, P>(simd, frame),
        );
        self.add_again(node, step, slots, plan, S::AT);
    }

    fn zero_fresh(&mut self, node: &Node, step: Step, slots: Slots, plan: &Plan) {
        for (input, &wire) in node.reads.iter().enumerate() {
            if step.fresh >> input & 1 == 1 {
                self.arena[packs(plan.regions[slots.gradient(wire)].of(self.tiles))].fill(Pack::ZERO);
            }
        }
        for (output, &wire) in node.writes.iter().enumerate() {
            if step.blank >> output & 1 == 1 {
                self.arena[packs(plan.regions[slots.gradient(wire)].of(self.tiles))].fill(Pack::ZERO);
            }
        }
    }

    /// Adds the gradients of what was read once more to those of the first reading.
    fn add_again(&mut self, node: &Node, step: Step, slots: Slots, plan: &Plan, at: usize) {
        let mut room = plan.regions[slots.again(at)];
        for (input, &wire) in node.reads.iter().enumerate() {
            if is_again(node, step, input) {
                let gradient = plan.regions[slots.gradient(wire)];
                room.length = gradient.length;
                let mut cuts = Cuts::<2>::new(self.tiles);
                cuts.add(0, gradient);
                cuts.add(1, room);
                let [to, from] = cuts.cut(self.arena);
                for (to, from) in to.iter_mut().zip(from) {
                    for (to, from) in to.0.iter_mut().zip(from.0) {
                        *to = *to + from;
                    }
                }
                room.start += room.length;
            }
        }
    }
}

fn packs(region: Region) -> Range<usize> {
    range(region.start, region.length)
}

/// Whether any input of the node that reads this wire is read by the backward code.
fn reads_back(node: &Node, wire: usize) -> bool {
    (0..node.reads.len()).any(|input| node.reads[input] == wire && node.keeps(input))
}

fn is_again(node: &Node, step: Step, input: usize) -> bool {
    step.adds >> input & 1 == 1 && node.first_reading(input) != input
}

/// The inputs, those that read the same wire sharing one piece.
fn read<'a, E>(pieces: &'a [&mut [Pack<E>]], node: &Node) -> [&'a [Pack<E>]; MAX_PORTS] {
    array::from_fn(
        |input| if input < node.reads.len() { &*pieces[node.first_reading(input)] } else { Default::default() },
    )
}

/// Something to be done with every layer of a network, whatever its type.
pub trait Visitor {
    /// Does it with one.
    fn visit<S: Site + Place>(&mut self);
}

/// The plans of all contractions of a network.
#[derive(Debug, Default)]
pub struct Plans {
    all: Vec<contract::Plan>,
    /// Where those of each layer end, in the order in which they run.
    ends: Vec<usize>,
}

impl Plans {
    /// Multiplications for a tile, of sixteen samples each.
    pub(crate) fn work(&self) -> usize {
        self.all.iter().map(contract::Plan::work).sum()
    }

    fn of(&self, at: usize) -> &[contract::Plan] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.all[start..self.ends[at]]
    }
}

impl Visitor for Plans {
    fn visit<S: Site + Place>(&mut self) {
        debug_assert_eq!(S::AT, self.ends.len());
        <S::Layer as Kernel<S>>::plans(&mut self.all, LANES);
        self.ends.push(self.all.len());
    }
}

/// Fills what layers compute once.
pub(crate) struct OnceEach<'a, E> {
    pub(crate) once: &'a mut [E],
}

impl<E: Element> Visitor for OnceEach<'_, E> {
    fn visit<S: Site + Place>(&mut self) {
        <S::Layer as Kernel<S>>::once(&mut self.once[Scalars::<S>::ONCE]);
    }
}

/// Fills what layers compute once a step.
pub(crate) struct PrepareEach<'a, E> {
    pub(crate) parameters: &'a [E],
    pub(crate) once: &'a [E],
    pub(crate) step: &'a mut [E],
    pub(crate) training: bool,
}

impl<E: Element> Visitor for PrepareEach<'_, E> {
    fn visit<S: Site + Place>(&mut self) {
        <S::Layer as Kernel<S>>::prepare(Prepare {
            parameters: &self.parameters[Scalars::<S>::PARAMETERS],
            once: &self.once[Scalars::<S>::ONCE],
            step: &mut self.step[Scalars::<S>::STEP],
            training: self.training,
        });
    }
}

/// Takes the gradients of what layers compute once a step on to their parameters, where they learn.
pub(crate) struct FinishEach<'a, E> {
    pub(crate) parameters: &'a [E],
    pub(crate) once: &'a [E],
    pub(crate) step: &'a [E],
    pub(crate) step_gradients: &'a mut [E],
    pub(crate) gradients: &'a mut [E],
    pub(crate) training: bool,
}

impl<E: Element> Visitor for FinishEach<'_, E> {
    fn visit<S: Site + Place>(&mut self) {
        if S::TRAINS && <S::Layer as Kernel<S>>::MEMORY.step > 0 {
            <S::Layer as Kernel<S>>::finish(Finish {
                parameters: &self.parameters[Scalars::<S>::PARAMETERS],
                once: &self.once[Scalars::<S>::ONCE],
                step: &self.step[Scalars::<S>::STEP],
                step_gradients: &mut self.step_gradients[Scalars::<S>::STEP],
                gradients: &mut self.gradients[Scalars::<S>::LEARNING],
                training: self.training,
            });
        }
    }
}
