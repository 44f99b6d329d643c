//! The calls of a pass, in their order: what each runs, and on what.
//!
//! Input: the graph, its code, a pass laid out. Output: calls with all that does not change from one step to the next. Found
//! once for a pass and kept: most layers of a small network take little longer than finding it would.

use super::code::Program;
use super::plan::Purpose;
use super::slots::{OfCall, Regions};
use super::tile::{BackwardCode, ForwardCode};
use crate::contract::Renew;
use crate::lanes::{Cell, Element};
use crate::network::{Network, Tile};
use crate::site::Pass;
use crate::tables::Scalars;
use core::ops::Range;

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
    pub(super) regions: OfCall,
    enter: fn(&mut Tile<'_, C>, &Self),
}

impl<C: Cell, F> Call<C, F> {
    fn new(program: &Program<C>, regions: OfCall, run: F, enter: fn(&mut Tile<'_, C>, &Self)) -> Self {
        let (at, node) = (regions.at, &program.graph.nodes[regions.at]);
        let (reads, writes) = (node.reads.len(), node.writes.len());
        Call { at, run, reads, writes, scalars: &program.scalars[at], next: None, fresh: 0, regions, enter }
    }

    /// Runs it.
    #[inline]
    pub(super) fn enter(&self, tile: &mut Tile<'_, C>) {
        (self.enter)(tile, self);
    }
}

/// The calls of a network's layers in a pass.
#[derive(Debug)]
pub struct Calls<C: Cell> {
    /// Those of layers that run forward.
    pub(super) forward: Vec<Call<C, ForwardCode<C>>>,
    /// Those of layers that run backward, the last one first.
    pub(super) backward: Vec<Call<C, BackwardCode<C>>>,
    /// What they work on.
    pub(super) regions: Regions,
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
        let regions = Regions::new(program.graph, program.plan);
        let mut calls = Calls { forward: Vec::new(), backward: Vec::new(), regions, unset: Vec::new(), unset_from: 0 };
        for (at, code) in program.code.iter().enumerate() {
            let step = program.plan.steps[at];
            if let Some(run) = code.forward {
                let next = step.then.and_then(|next| {
                    let threshold = program.code[next].at_least.map(C::Element::from_f64);
                    program.code[next].renew.map(|run| Next { input: 0, run, threshold })
                });
                let call = Call::new(program, calls.regions.forward(at), run, code.enter.forward);
                calls.forward.push(Call { next, ..call });
            }
            if let Some(run) = code.backward {
                let next = step.then_back.and_then(|(input, before)| {
                    let threshold = program.code[before].where_above.map(C::Element::from_f64);
                    program.code[before].renew_back.map(|run| Next { input, run, threshold })
                });
                let call = Call::new(program, calls.regions.backward(at, code.sets), run, code.enter.backward);
                calls.backward.push(Call { next, fresh: step.fresh, ..call });
                let own = program.scalars[at].learning.range();
                if code.sets_parameters && !own.is_empty() {
                    calls.unset.push(calls.unset_from..own.start);
                    calls.unset_from = own.end;
                }
            }
        }
        calls.backward.reverse();
        calls.unset.retain(|range| !range.is_empty());
        calls
    }

    /// Sets the gradients of parameters to zero that no layer sets.
    pub(super) fn clear_unset(&self, gradients: &mut [C::Element]) {
        for range in &self.unset {
            gradients[range.clone()].fill(C::Element::ZERO);
        }
        gradients[self.unset_from..].fill(C::Element::ZERO);
    }
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
