//! The calls: a network's layers, forward or backward, on some tiles.
//!
//! Input: tiles, whose arena the network's plan has laid out. Each call cuts the arena into the regions that the layer works
//! on and runs the layer's code, which enters the instruction set. Nothing allocates. Nothing here depends on the network's type.

use super::code::{Plans, Program};
use super::cuts::{Cuts, FEW_PORTS, backward_slots, forward_slots, has_few_ports, two};
use crate::graph::{MAX_PORTS, Node};
use crate::lanes::{Cell, Element, Level};
use crate::site::{Backward, Draws, Forward};
use core::array;

/// What a network's code works on: some tiles that pass through each layer together, so that its parameters are read once for all.
/// Every region holds them one after the other.
#[derive(Debug)]
pub struct Tile<'a, C: Cell> {
    /// The network and the pass.
    pub program: Program<C>,
    /// What its calls work on.
    pub cuts: &'a Cuts,
    /// The instruction set.
    pub level: Level,
    /// `Plan::packs` cells for each tile. Their contents before `forward` do not matter but for inputs and targets.
    pub arena: &'a mut [C],
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
    /// Random draws of each tile.
    pub draws: &'a [Draws],
}

impl<C: Cell> Tile<'_, C> {
    /// Inputs to outputs (and loss).
    pub fn forward(&mut self) {
        for (at, code) in self.program.code.iter().enumerate() {
            if let Some(run) = code.forward {
                if has_few_ports(&self.program.graph.nodes[at]) {
                    self.layer_forward::<FEW_PORTS, { forward_slots(FEW_PORTS) }>(at, run);
                } else {
                    self.layer_forward::<MAX_PORTS, { forward_slots(MAX_PORTS) }>(at, run);
                }
            }
        }
    }

    /// Cotangents to gradients, for the tiles that `forward` left.
    pub fn backward(&mut self) {
        if self.first {
            self.clear_rest();
        }
        for (at, code) in self.program.code.iter().enumerate().rev() {
            if let Some(run) = code.backward {
                if has_few_ports(&self.program.graph.nodes[at]) {
                    self.layer_backward::<FEW_PORTS, { backward_slots(FEW_PORTS) }>(at, run);
                } else {
                    self.layer_backward::<MAX_PORTS, { backward_slots(MAX_PORTS) }>(at, run);
                }
            }
        }
    }

    /// Clears the gradients that no layer sets: of parameters that do not learn, or whose layer has nothing to do in this pass.
    fn clear_rest(&mut self) {
        let mut done = 0;
        for (code, scalars) in self.program.code.iter().zip(self.program.scalars) {
            let own = scalars.learning.range();
            if code.backward.is_some() && !own.is_empty() {
                self.gradients[done..own.start].fill(C::Element::ZERO);
                done = own.end;
            }
        }
        self.gradients[done..].fill(C::Element::ZERO);
    }

    fn layer_forward<const PORTS: usize, const SLOTS: usize>(&mut self, at: usize, run: fn(Level, Forward<'_, C>)) {
        const { assert!(SLOTS == forward_slots(PORTS)) };
        let Program { graph, scalars, .. } = self.program;
        let (node, scalars) = (&graph.nodes[at], &scalars[at]);
        let mut pieces: [_; SLOTS] = self.cuts.cut_forward(at, self.tiles, self.arena);
        let (inputs, rest) = pieces.split_at_mut(PORTS);
        let (outputs, rest) = rest.split_at_mut(PORTS);
        let [saved, scratch] = [0, 1].map(|slot| core::mem::take(&mut rest[slot]));
        let inputs: [&[C]; PORTS] = read(inputs, node);
        let frame = Forward {
            inputs: &inputs[..node.reads.len()],
            outputs: &mut outputs[..node.writes.len()],
            parameters: &self.parameters[scalars.parameters.range()],
            once: &self.once[scalars.once.range()],
            step: &self.step[scalars.step.range()],
            saved,
            scratch,
            plans: self.plans.of(at),
            number: at as u32,
            training: self.training,
            threads: self.threads,
            tiles: self.tiles,
            draws: self.draws,
        };
        run(self.level, frame);
    }

    fn layer_backward<const PORTS: usize, const SLOTS: usize>(&mut self, at: usize, run: fn(Level, Backward<'_, C>)) {
        let Program { graph, plan, scalars, .. } = self.program;
        const { assert!(SLOTS == backward_slots(PORTS)) };
        let (node, scalars, step) = (&graph.nodes[at], &scalars[at], plan.steps[at]);
        for region in self.cuts.blank_before(at) {
            self.arena[region.of(self.tiles).range()].fill(C::ZERO);
        }
        let mut pieces: [_; SLOTS] = self.cuts.cut_backward(at, self.tiles, self.arena);
        let (inputs, rest) = pieces.split_at_mut(PORTS);
        let (outputs, rest) = rest.split_at_mut(PORTS);
        let (output_gradients, rest) = rest.split_at_mut(PORTS);
        let (input_gradients, rest) = rest.split_at_mut(PORTS);
        let [saved, scratch, mut again] = [0, 1, 2].map(|slot| core::mem::take(&mut rest[slot]));
        for one in self.cuts.again_after(at) {
            let (room, others) = again.split_at_mut(one.room.length * self.tiles);
            room.fill(C::ZERO);
            input_gradients[one.input] = room;
            again = others;
        }
        let inputs: [&[C]; PORTS] = read(inputs, node);
        let outputs: [&[C]; PORTS] = array::from_fn(|output| &*outputs[output]);
        let gradients_of_outputs: [&[C]; PORTS] = array::from_fn(|output| &*output_gradients[output]);
        let frame = Backward {
            inputs: &inputs[..node.reads.len()],
            outputs: &outputs[..node.writes.len()],
            output_gradients: &gradients_of_outputs[..node.writes.len()],
            input_gradients: &mut input_gradients[..node.reads.len()],
            fresh: step.fresh,
            parameters: &self.parameters[scalars.parameters.range()],
            gradients: &mut self.gradients[scalars.learning.range()],
            first: self.first,
            once: &self.once[scalars.once.range()],
            step: &self.step[scalars.step.range()],
            step_gradients: &mut self.step_gradients[scalars.step.range()],
            saved,
            scratch,
            plans: self.plans.of(at),
            number: at as u32,
            training: self.training,
            threads: self.threads,
            tiles: self.tiles,
            draws: self.draws,
        };
        run(self.level, frame);
        // The gradients of what was read once more go to those of the first reading.
        for one in self.cuts.again_after(at) {
            let [to, from] = two(self.arena, self.tiles, one.gradient, one.room);
            for (to, &from) in C::elements_mut(to).iter_mut().zip(C::elements(from)) {
                *to = *to + from;
            }
        }
    }
}

/// The inputs, those that read the same wire sharing one piece.
fn read<'a, C, const PORTS: usize>(pieces: &'a [&mut [C]], node: &Node) -> [&'a [C]; PORTS] {
    array::from_fn(
        |input| if input < node.reads.len() { &*pieces[node.first_reading(input)] } else { Default::default() },
    )
}
