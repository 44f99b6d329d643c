//! The calls: a network's layers, forward or backward, on some tiles.
//!
//! Input: tiles, whose arena the network's plan has laid out. Each call cuts the arena into the regions that the layer works
//! on and runs the layer's code, which enters the instruction set. Nothing allocates. Nothing here depends on the network's type.

use super::calls::{Call, Calls};
use super::code::Plans;
use super::slots::{FEW_PORTS, backward_slots, forward_slots, room_for};
use crate::contract::{Part, Then};
use crate::graph::{MAX_PORTS, Node};
use crate::lanes::{Cell, Level};
use crate::site::{Backward, Draws, Forward};

/// What a network's code works on: some tiles that pass through each layer together, so that its parameters are read once for all.
/// Every region holds them one after the other.
#[derive(Debug)]
pub struct Tile<'a, C: Cell> {
    /// The calls of the network's layers in a pass.
    pub calls: &'a Calls<C>,
    /// The instruction set.
    pub level: Level,
    /// `Plan::packs` cells for each tile. Their contents before `forward` do not matter but for inputs and targets.
    pub arena: &'a mut [C],
    /// Scratch memory of all layers, in place of what the arena has for each. Empty: none.
    pub scratch: &'a mut [C],
    /// All parameters.
    pub parameters: &'a [C::Element],
    /// `Network::ONCE` scalars, filled by `Network::once`.
    pub once: &'a [C::Element],
    /// `Network::STEP` scalars, filled by `Network::prepare`.
    pub step: &'a [C::Element],
    /// The parameters' gradients, `Network::PARAMETERS` long, to be added to (empty in a pass without backward).
    pub gradients: &'a mut [C::Element],
    /// Whether they hold nothing yet: they are set, then.
    pub first: bool,
    /// The gradients of the units before, as long: layers that add to each element once add to these. Empty: none.
    pub before: &'a mut [C::Element],
    /// The gradients of `step`, to be added to (empty in a pass without backward).
    pub step_gradients: &'a mut [C::Element],
    /// The plans of all contractions, and where each layer's begin.
    pub plans: &'a Plans,
    /// Whether this is training (dropout draws, and so on); a pass backward may run in evaluation too.
    pub training: bool,
    /// How many threads may share a layer's work.
    pub threads: usize,
    /// How many tiles.
    pub tiles: usize,
    /// Whether each adds to the gradients of parameters as if it passed alone: all layers add to each element once.
    pub apart: bool,
    /// Random draws of each tile.
    pub draws: &'a [Draws],
}

impl<C: Cell> Tile<'_, C> {
    /// Inputs to outputs (and loss).
    pub fn forward(&mut self) {
        let calls = self.calls;
        for call in &calls.forward {
            call.enter(self);
        }
    }

    /// Cotangents to gradients, for the tiles that `forward` left.
    pub fn backward(&mut self) {
        if self.first && !self.gradients.is_empty() {
            self.calls.clear_unset(self.gradients);
        }
        let calls = self.calls;
        for call in &calls.backward {
            call.enter(self);
        }
    }

    fn layer_forward<const PORTS: usize>(&mut self, call: &Call<C, ForwardCode<C>>) {
        let (at, scalars) = (call.at, call.scalars);
        let then = call.next.map(|next| Then {
            level: self.level,
            run: next.run,
            values: &[],
            at_least: next.threshold,
            where_above: None,
        });
        let slots = self.calls.regions.slots(&call.regions, forward_slots(PORTS), self.tiles, self.arena);
        // SAFETY: each slot is asked for once.
        let (inputs, mut outputs, saved, scratch) = unsafe {
            (
                slots.read_all::<PORTS>(0),
                slots.write_all::<PORTS>(PORTS),
                slots.write(2 * PORTS),
                slots.write(2 * PORTS + 1),
            )
        };
        let scratch = if self.scratch.is_empty() { scratch } else { &mut *self.scratch };
        let mut frame = Forward {
            inputs: &inputs[..call.reads],
            outputs: &mut outputs[..call.writes],
            parameters: &self.parameters[scalars.parameters.range()],
            once: &self.once[scalars.once.range()],
            step: &self.step[scalars.step.range()],
            saved,
            scratch,
            level: self.level,
            plans: self.plans.of(at),
            number: at as u32,
            training: self.training,
            threads: self.threads,
            tiles: self.tiles,
            draws: self.draws,
            then,
        };
        (call.run)(self.level, &mut frame);
    }

    fn layer_backward<const PORTS: usize>(&mut self, call: &Call<C, BackwardCode<C>>) {
        let (at, scalars) = (call.at, call.scalars);
        let regions = &self.calls.regions;
        let (blank, again) = (regions.blank_before(&call.regions), regions.again(&call.regions));
        for region in blank {
            self.arena[region.of(self.tiles).range()].fill(C::ZERO);
        }
        for one in again {
            self.arena[one.room.of(self.tiles).range()].fill(C::ZERO);
        }
        let slots = self.calls.regions.slots(&call.regions, backward_slots(PORTS), self.tiles, self.arena);
        // SAFETY: each slot is asked for once.
        let [inputs, outputs, output_gradients] =
            unsafe { [slots.read_all::<PORTS>(0), slots.read_all(PORTS), slots.read_all(2 * PORTS)] };
        // SAFETY: likewise.
        let (mut input_gradients, saved, scratch) =
            unsafe { (slots.write_all::<PORTS>(3 * PORTS), slots.read(4 * PORTS), slots.write(4 * PORTS + 1)) };
        let scratch = if self.scratch.is_empty() { scratch } else { &mut *self.scratch };
        let then = call.next.map(|next| {
            // SAFETY: likewise.
            let values = C::elements(unsafe { slots.read(4 * PORTS + 2) });
            (next.input, Then { level: self.level, run: next.run, values, at_least: None, where_above: next.threshold })
        });
        let (gradients, first) = if !self.before.is_empty() && self.plans.adds_once(at) {
            (&mut self.before[scalars.learning.range()], false)
        } else {
            (&mut self.gradients[scalars.learning.range()], self.first)
        };
        let mut frame = Backward {
            inputs: &inputs[..call.reads],
            outputs: &outputs[..call.writes],
            output_gradients: &output_gradients[..call.writes],
            input_gradients: &mut input_gradients[..call.reads],
            fresh: call.fresh,
            parameters: &self.parameters[scalars.parameters.range()],
            gradients,
            first,
            once: &self.once[scalars.once.range()],
            step: &self.step[scalars.step.range()],
            step_gradients: &mut self.step_gradients[scalars.step.range()],
            saved,
            scratch,
            level: self.level,
            plans: self.plans.of(at),
            number: at as u32,
            training: self.training,
            threads: self.threads,
            part: Part::WHOLE,
            tiles: self.tiles,
            apart: self.apart,
            draws: self.draws,
            then,
        };
        let parts = if self.threads == 1 { self.plans.parts(at) } else { 1 };
        for part in 0..parts {
            frame.part = Part { at: part, of: parts };
            (call.run)(self.level, &mut frame);
        }
        // The gradients of what was read once more go to those of the first reading.
        for one in again {
            let [gradient, room] = [one.gradient, one.room].map(|region| region.of(self.tiles).range());
            let Ok([to, from]) = self.arena.get_disjoint_mut([gradient, room]) else {
                unreachable!("the plan keeps tensors apart")
            };
            for (to, &from) in C::elements_mut(to).iter_mut().zip(C::elements(from)) {
                *to = *to + from;
            }
        }
    }
}

pub(super) type ForwardCode<C> = fn(Level, &mut Forward<'_, C>);
pub(super) type BackwardCode<C> = fn(Level, &mut Backward<'_, C>);

/// What calls a layer's code, with room for as many ports as it has. In the table of the network's code, so that a program has no calls for
/// many ports unless a layer of it has as many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Enter<C: Cell> {
    pub(super) forward: fn(&mut Tile<'_, C>, &Call<C, ForwardCode<C>>),
    pub(super) backward: fn(&mut Tile<'_, C>, &Call<C, BackwardCode<C>>),
}

/// Those for a node.
pub(super) const fn enter<C: Cell>(node: &Node) -> Enter<C> {
    match room_for(node) {
        1 => Enter { forward: forward::<C, 1>, backward: backward::<C, 1> },
        FEW_PORTS => Enter { forward: forward::<C, FEW_PORTS>, backward: backward::<C, FEW_PORTS> },
        _ => Enter { forward: forward::<C, MAX_PORTS>, backward: backward::<C, MAX_PORTS> },
    }
}

fn forward<C: Cell, const PORTS: usize>(tile: &mut Tile<'_, C>, call: &Call<C, ForwardCode<C>>) {
    tile.layer_forward::<PORTS>(call);
}

fn backward<C: Cell, const PORTS: usize>(tile: &mut Tile<'_, C>, call: &Call<C, BackwardCode<C>>) {
    tile.layer_backward::<PORTS>(call);
}
