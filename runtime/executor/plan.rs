//! Where everything lies in the arena, for each pass: computed while compiling.
//!
//! Input: the graph, with the sizes of wires and what the layers need beside. Output: a region for every value, gradient and
//! piece of scratch memory, such that what is alive at the same time never overlaps. May assume a graph whose nodes read
//! only wires written before; layers that were refused have sizes of 0. Guarantees that `packs` covers every region.
//!
//! Time: node `i` runs forward at time `i`; at time `n` (the number of nodes) the caller reads outputs and writes their
//! cotangents; node `i` runs backward at time `2n - i`; at time `2n + 1` the caller reads the gradients of the inputs.

mod place;
mod renew;
mod step;

use crate::graph::Graph;
use crate::network::{Network, Plan, Region};
use crate::site::Pass;
use core::marker::PhantomData;
use step::step_back;
pub use step::{Purpose, Step};

/// The number of a region: values of wires, gradients of wires, four of each node, then copies for the caller.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    wires: usize,
    nodes: usize,
    results: usize,
}

impl Slots {
    /// Those of a graph.
    #[must_use]
    pub const fn of(graph: &Graph) -> Slots {
        Slots { wires: graph.wires(), nodes: graph.nodes.len(), results: graph.results.len() }
    }

    /// How many.
    #[must_use]
    pub const fn count(self) -> usize {
        2 * self.wires + 4 * self.nodes + 2 * self.results
    }

    pub(crate) const fn value(self, wire: usize) -> usize {
        wire
    }

    pub(crate) const fn gradient(self, wire: usize) -> usize {
        self.wires + wire
    }

    pub(crate) const fn saved(self, node: usize) -> usize {
        2 * self.wires + 4 * node
    }

    pub(crate) const fn forward_scratch(self, node: usize) -> usize {
        2 * self.wires + 4 * node + 1
    }

    pub(crate) const fn backward_scratch(self, node: usize) -> usize {
        2 * self.wires + 4 * node + 2
    }

    /// Gradients of inputs that read a wire once more.
    pub(crate) const fn again(self, node: usize) -> usize {
        2 * self.wires + 4 * node + 3
    }

    const fn result(self, at: usize) -> usize {
        2 * self.wires + 4 * self.nodes + at
    }

    const fn result_gradient(self, at: usize) -> usize {
        2 * self.wires + 4 * self.nodes + self.results + at
    }
}

/// How many regions a network's layouts have.
#[must_use]
pub const fn regions<N: Network>() -> usize {
    Slots::of(N::GRAPH).count()
}

/// A pass laid out: `REGIONS` regions, `STEPS` nodes.
#[derive(Clone, Copy, Debug)]
pub struct Layout<const REGIONS: usize, const STEPS: usize> {
    regions: [Region; REGIONS],
    /// When each region is alive, both ends included.
    lives: [(usize, usize); REGIONS],
    steps: [Step; STEPS],
    /// The size of each wire's value.
    sizes: [usize; REGIONS],
    /// For each wire the one in whose place its value lies: mostly its own.
    value_of: [usize; REGIONS],
    /// Likewise its gradient.
    gradient_of: [usize; REGIONS],
    /// For each wire the node that reads it, and which of its inputs does, if nothing and nobody else does.
    reader: [Option<(usize, usize)>; REGIONS],
    slots: Slots,
    packs: usize,
}

/// Something with a plan: a network and a pass.
pub trait Planned {
    /// The plan.
    const PLAN: &'static Plan;
}

/// The layout of a network for a pass.
#[derive(Debug)]
pub struct Arena<N, P, const REGIONS: usize, const STEPS: usize>(PhantomData<(N, P)>);

impl<N: Network, P: Pass, const REGIONS: usize, const STEPS: usize> Arena<N, P, REGIONS, STEPS> {
    const LAYOUT: &'static Layout<REGIONS, STEPS> = &Layout::new(N::GRAPH, Purpose::of::<P>());
}

impl<N: Network, P: Pass, const REGIONS: usize, const STEPS: usize> Planned for Arena<N, P, REGIONS, STEPS> {
    const PLAN: &'static Plan = &Self::LAYOUT.plan(N::GRAPH, Purpose::of::<P>());
}

impl<const REGIONS: usize, const STEPS: usize> Layout<REGIONS, STEPS> {
    /// Lays out a pass.
    #[must_use]
    pub const fn new(graph: &Graph, purpose: Purpose) -> Layout<REGIONS, STEPS> {
        let mut layout = Layout {
            regions: [Region { start: 0, length: 0 }; REGIONS],
            lives: [(0, 0); REGIONS],
            steps: [Step::NOTHING; STEPS],
            sizes: [0; REGIONS],
            value_of: each_its_own(),
            gradient_of: each_its_own(),
            reader: [None; REGIONS],
            slots: Slots::of(graph),
            packs: 0,
        };
        layout.measure(graph);
        layout.find_in_place(graph, purpose);
        layout.go_forward(graph, purpose);
        if purpose.backward {
            layout.go_back(graph, purpose);
            layout.find_overwritten(graph);
        }
        layout.place();
        layout.share_places(graph);
        layout.copy_results(graph);
        layout
    }

    const fn needs(&mut self, slot: usize, length: usize, from: usize, to: usize) {
        self.regions[slot].length = length;
        self.lives[slot] = (from, to);
    }

    const fn live_until(&mut self, slot: usize, time: usize) {
        if self.lives[slot].1 < time {
            self.lives[slot].1 = time;
        }
    }

    const fn measure(&mut self, graph: &Graph) {
        let mut wire = 0;
        while wire < graph.sources.len() {
            self.sizes[wire] = graph.shape(wire).size();
            wire += 1;
        }
        let mut at = 0;
        while at < graph.nodes.len() {
            let node = &graph.nodes[at];
            let mut output = 0;
            while output < node.writes.len() && output < node.shapes.len() {
                self.sizes[node.writes[output]] = node.shapes[output].size();
                output += 1;
            }
            at += 1;
        }
    }

    /// The values, and what each layer needs as it runs forward.
    const fn go_forward(&mut self, graph: &Graph, purpose: Purpose) {
        let slots = self.slots;
        let mut wire = 0;
        while wire < graph.sources.len() {
            // A target that nobody reads in this pass need not be given.
            if purpose.loss || !graph.sources[wire].target {
                self.needs(slots.value(wire), self.sizes[wire], 0, 0);
            }
            wire += 1;
        }
        let middle = graph.nodes.len();
        let mut at = 0;
        while at < graph.nodes.len() {
            let node = &graph.nodes[at];
            if purpose.loss || !node.loss {
                self.steps[at].forward = true;
                self.needs(slots.saved(at), node.memory.saved, at, at);
                self.needs(slots.forward_scratch(at), node.memory.forward, at, at);
                let mut input = 0;
                while input < node.reads.len() {
                    self.value_lives_until(node.reads[input], at);
                    input += 1;
                }
                let mut output = 0;
                while output < node.writes.len() && !self.steps[at].in_place {
                    let last = if node.loss { middle } else { at };
                    self.needs(slots.value(node.writes[output]), self.sizes[node.writes[output]], at, last);
                    output += 1;
                }
            }
            at += 1;
        }
        let mut result = 0;
        while result < graph.results.len() {
            self.value_lives_until(graph.results[result], middle);
            result += 1;
        }
    }

    /// The gradients, and what each layer needs as it runs backward. A layer runs where the gradient of an output arrives
    /// and somebody wants what it computes.
    const fn go_back(&mut self, graph: &Graph, purpose: Purpose) {
        let slots = self.slots;
        let middle = graph.nodes.len();
        let mut arrived = [false; REGIONS];
        let fed = match graph.loss() {
            Some(loss) if purpose.loss => graph.nodes[loss].writes,
            _ => graph.results,
        };
        let mut at = 0;
        while at < fed.len() {
            arrived[fed[at]] = true;
            let last = if fed[at] < graph.sources.len() { 2 * middle + 1 } else { middle };
            self.needs(slots.gradient(fed[at]), self.sizes[fed[at]], middle, last);
            at += 1;
        }
        let mut at = graph.nodes.len();
        while at > 0 {
            at -= 1;
            let node = &graph.nodes[at];
            let step = step_back(node, self.steps[at], purpose, &arrived);
            self.steps[at] = step;
            if step.backward {
                let mut input = 0;
                while input < node.reads.len() {
                    arrived[node.reads[input]] |= step.adds >> input & 1 == 1;
                    input += 1;
                }
                self.measure_back(graph, at, step);
            }
        }
    }

    const fn measure_back(&mut self, graph: &Graph, at: usize, step: Step) {
        let slots = self.slots;
        let node = &graph.nodes[at];
        let back = 2 * graph.nodes.len() - at;
        self.live_until(slots.saved(at), back);
        self.needs(slots.backward_scratch(at), node.memory.backward, back, back);
        if step.in_place && step.adds & 1 == 1 {
            self.merge_back(graph, at);
        }
        // Where the layer behind does what this one does, it reads the values for it.
        let read = match self.reader[node.writes[0]] {
            Some((behind, _)) if self.steps[at].merged_back => 2 * graph.nodes.len() - behind,
            _ => back,
        };
        let mut output = 0;
        while output < node.writes.len() {
            let wire = node.writes[output];
            if node.outputs[output].kept {
                self.value_lives_until(wire, read);
            }
            if step.blank >> output & 1 == 1 {
                self.needs(slots.gradient(wire), self.sizes[wire], back, back);
            } else {
                // A gradient lives from the first that adds to it (or the caller, who fills it) to the node that made the value.
                self.live_until(slots.gradient(self.gradient_of[wire]), back);
            }
            output += 1;
        }
        let mut again = 0;
        let mut input = 0;
        while input < node.reads.len() {
            let wire = node.reads[input];
            let size = self.sizes[wire];
            if node.keeps(input) {
                self.value_lives_until(wire, back);
            }
            if step.in_place && step.adds >> input & 1 == 1 {
                self.gradient_of[wire] = self.gradient_of[node.writes[0]];
            } else if step.fresh >> input & 1 == 1 {
                let last = if wire < graph.sources.len() { 2 * graph.nodes.len() + 1 } else { back };
                self.needs(slots.gradient(wire), size, back, last);
            }
            if step.adds >> input & 1 == 1 && node.first_reading(input) != input {
                again += size;
            }
            input += 1;
        }
        self.needs(slots.again(at), again, back, back);
    }

    const fn copy_results(&mut self, graph: &Graph) {
        let slots = self.slots;
        let mut at = 0;
        while at < graph.results.len() {
            self.regions[slots.result(at)] = self.regions[slots.value(graph.results[at])];
            self.regions[slots.result_gradient(at)] = self.regions[slots.gradient(graph.results[at])];
            at += 1;
        }
    }

    const fn plan(&'static self, graph: &Graph, purpose: Purpose) -> Plan {
        let slots = self.slots;
        let (mut loss, mut loss_gradient) = (Region { start: 0, length: 0 }, Region { start: 0, length: 0 });
        let mut feeds_loss = false;
        if let Some(at) = graph.loss()
            && purpose.loss
            && !graph.nodes[at].writes.is_empty()
        {
            let wire = graph.nodes[at].writes[0];
            loss = self.regions[slots.value(wire)];
            loss_gradient = self.regions[slots.gradient(wire)];
            feeds_loss = true;
        }
        let inputs = graph.inputs();
        Plan {
            packs: self.packs,
            inputs: part(&self.regions, 0, inputs),
            targets: part(&self.regions, inputs, if purpose.loss { graph.sources.len() - inputs } else { 0 }),
            outputs: part(&self.regions, slots.result(0), slots.results),
            loss,
            loss_gradient,
            output_gradients: part(
                &self.regions,
                slots.result_gradient(0),
                if purpose.backward && !feeds_loss { slots.results } else { 0 },
            ),
            input_gradients: part(&self.regions, slots.gradient(0), if purpose.inputs { inputs } else { 0 }),
            regions: &self.regions,
            slots,
            steps: &self.steps,
        }
    }
}

const fn each_its_own<const COUNT: usize>() -> [usize; COUNT] {
    let mut all = [0; COUNT];
    let mut at = 0;
    while at < COUNT {
        all[at] = at;
        at += 1;
    }
    all
}

const fn part(regions: &[Region], start: usize, length: usize) -> &[Region] {
    regions.split_at(start).1.split_at(length).0
}

#[cfg(test)]
mod tests;
