//! A network's code as a table: what is compiled for each layer, and what the executor must know to call it.
//!
//! Input: the sites, each with the *body* it runs, a site of the same layer and shapes. Output: functions of no site, network or
//! instruction set. Whatever calls them is compiled once; a layer that stands in a hundred places is compiled once as well.

use super::parts::share_slices;
use super::plan::{Planned, Step};
use super::tile::{BackwardCode, Enter, ForwardCode, enter};
use crate::contract;
use crate::graph::Graph;
use crate::lanes::{self, Cell, Element, Level, Pack, Simd, Task};
use crate::network::{Network, Plan};
use crate::site::{Backward, Finish, Forward, Kernel, Pass, Prepare, Site};
use crate::tables::Scalars;
use core::marker::PhantomData;
use core::ops::Range;

/// The code of a layer where it stands, for one pass. `None`: nothing to do.
#[derive(Clone, Copy, Debug)]
pub struct Code<C: Cell> {
    pub(super) plans: fn(&mut Vec<contract::Plan>, (usize, bool)),
    pub(super) once: Option<fn(&mut [C::Element])>,
    pub(super) prepare: Option<fn(Prepare<'_, C::Element>)>,
    pub(super) forward: Option<ForwardCode<C>>,
    pub(super) backward: Option<BackwardCode<C>>,
    /// What calls them.
    pub(super) enter: Enter<C>,
    pub(super) finish: Option<fn(Finish<'_, C::Element>)>,
    /// [`Kernel::SETS`].
    pub(super) sets: u32,
    /// [`Kernel::SETS_PARAMETERS`].
    pub(super) sets_parameters: bool,
    /// [`Kernel::ADDS_ONCE`].
    pub(super) adds_once: bool,
    /// [`Kernel::IN_PARTS`].
    pub(super) in_parts: bool,
    /// What puts the output's elements in the place of the input's, if the layer before does that.
    pub(super) renew: Option<contract::Renew<C::Element>>,
    /// [`Kernel::AT_LEAST`], likewise.
    pub(super) at_least: Option<f64>,
    /// What puts the input's gradient in the place of the output's, if the layer behind does that.
    pub(super) renew_back: Option<contract::Renew<C::Element>>,
    /// [`Kernel::WHERE_ABOVE`], likewise.
    pub(super) where_above: Option<f64>,
}

impl<C: Cell> Code<C> {
    /// That of layer number `at`, whose body is `S`; `A` is the first layer that is written alike, whatever its shapes: what works element by
    /// element does not depend on them.
    #[must_use]
    pub const fn of<N: Network, S: Site, A: Site, P: Pass>(at: usize) -> Code<C> {
        let memory = <S::Layer as Kernel<S>>::MEMORY;
        let step = step::<N, P>(at);
        let has_step = memory.step > 0;
        Code {
            plans: <S::Layer as Kernel<S>>::plans,
            once: if memory.once > 0 { Some(<S::Layer as Kernel<S>>::once) } else { None },
            prepare: if has_step { Some(<S::Layer as Kernel<S>>::prepare) } else { None },
            forward: match (step.forward && !step.merged, step.in_place) {
                (false, _) => None,
                (true, false) => Some(forward::<S, C>),
                (true, true) => Some(in_place::<A, C>),
            },
            backward: match (step.backward && !step.merged_back, step.in_place) {
                (false, _) => None,
                (true, false) => Some(backward::<S, C, P>),
                (true, true) => Some(back_in_place::<A, C>),
            },
            enter: enter(&N::GRAPH.nodes[at]),
            finish: if has_step && S::TRAINS { Some(<S::Layer as Kernel<S>>::finish) } else { None },
            sets: if step.in_place { u32::MAX } else { <S::Layer as Kernel<S>>::SETS },
            sets_parameters: <S::Layer as Kernel<S>>::SETS_PARAMETERS,
            adds_once: <S::Layer as Kernel<S>>::ADDS_ONCE,
            in_parts: <S::Layer as Kernel<S>>::IN_PARTS,
            renew: if step.merged { Some(renew::<A, C>) } else { None },
            at_least: if step.merged { <S::Layer as Kernel<S>>::AT_LEAST } else { None },
            renew_back: if step.merged_back { Some(renew_back::<A, C>) } else { None },
            where_above: if step.merged_back { <S::Layer as Kernel<S>>::WHERE_ABOVE } else { None },
        }
    }
}

/// What a layer does in a pass.
const fn step<N: Network, P: Pass>(at: usize) -> Step {
    if P::RUNS { step_of_run::<N, P>(at) } else { Step::NOTHING }
}

/// Apart, for the plan of a pass that is no run is never made.
const fn step_of_run<N: Network, P: Pass>(at: usize) -> Step {
    <N::Layout<P> as Planned>::PLAN.steps[at]
}

fn forward<S: Site, C: Cell>(level: Level, frame: &mut Forward<'_, C>) {
    let task = RunForward::<S, C>(frame, PhantomData);
    if const { C::SAMPLES > 1 && !<S::Layer as Kernel<S>>::IN_LANES[0] } {
        return lanes::run_anywhere(task);
    }
    run::<C, _>(level, task);
}

fn backward<S: Site, C: Cell, P: Pass>(level: Level, frame: &mut Backward<'_, C>) {
    let task = RunBackward::<S, C, P>(frame, PhantomData);
    if const { C::SAMPLES > 1 && !<S::Layer as Kernel<S>>::IN_LANES[1] } {
        return lanes::run_anywhere(task);
    }
    run::<C, _>(level, task);
}

fn in_place<S: Site, C: Cell>(level: Level, frame: &mut Forward<'_, C>) {
    let elements = C::elements_mut(frame.outputs[0]);
    share_slices(threads_for(frame.threads, elements.len()), elements, ELEMENTS, &|_, part| {
        renew::<S, C>(level, &[], part);
    });
}

fn back_in_place<S: Site, C: Cell>(level: Level, frame: &mut Backward<'_, C>) {
    let (values, gradients) = (C::elements(frame.outputs[0]), C::elements_mut(frame.input_gradients[0]));
    share_slices(threads_for(frame.threads, gradients.len()), gradients, ELEMENTS, &|first, part| {
        // None, if they are not kept.
        renew_back::<S, C>(level, values.get(first * ELEMENTS..).unwrap_or_default(), part);
    });
}

fn renew<S: Site, C: Cell>(level: Level, _: &[C::Element], elements: &mut [C::Element]) {
    run::<C, _>(level, Renew::<S, C::Element>(elements, PhantomData));
}

fn renew_back<S: Site, C: Cell>(level: Level, values: &[C::Element], gradients: &mut [C::Element]) {
    run::<C, _>(level, RenewBack::<S, C::Element>(values, gradients, PhantomData));
}

/// Elements in place that a thread is worth.
const ELEMENTS: usize = if cfg!(miri) { 1 << 6 } else { 1 << 14 };

fn threads_for(threads: usize, elements: usize) -> usize {
    threads.min(elements / ELEMENTS)
}

/// One sample serves wide lanes badly. (Const, so that what is not called is not compiled.)
fn run<C: Cell, T: Task>(level: Level, task: T) -> T::Output {
    if const { C::SAMPLES == 1 } { lanes::run_narrow(level, task) } else { lanes::run(level, task) }
}

struct RunForward<'a, 'b, S, C: Cell>(&'a mut Forward<'b, C>, PhantomData<S>);

impl<S: Site, C: Cell> Task for RunForward<'_, '_, S, C> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        <S::Layer as Kernel<S>>::forward(simd, self.0);
    }
}

struct RunBackward<'a, 'b, S, C: Cell, P>(&'a mut Backward<'b, C>, PhantomData<(S, P)>);

impl<S: Site, C: Cell, P: Pass> Task for RunBackward<'_, '_, S, C, P> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        <S::Layer as Kernel<S>>::backward::<M, C::Element, C, P>(simd, self.0);
    }
}

struct Renew<'a, S, E>(&'a mut [E], PhantomData<S>);

impl<S: Site, E: Element> Task for Renew<'_, S, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        <S::Layer as Kernel<S>>::renew(simd, self.0);
    }
}

struct RenewBack<'a, S, E>(&'a [E], &'a mut [E], PhantomData<S>);

impl<S: Site, E: Element> Task for RenewBack<'_, S, E> {
    type Output = ();

    #[inline(always)]
    fn run<M: Simd>(self, simd: M) {
        <S::Layer as Kernel<S>>::renew_back(simd, self.0, self.1);
    }
}

/// All that is known of a network that runs a pass.
#[derive(Clone, Copy, Debug)]
pub struct Program<C: Cell> {
    pub(super) graph: &'static Graph,
    pub(super) plan: &'static Plan,
    pub(super) scalars: &'static [Scalars],
    pub(super) code: &'static [Code<C>],
}

impl<C: Cell> Program<C> {
    /// That of a network and a pass.
    #[must_use]
    pub fn of<N: Network, P: Pass>() -> Program<C> {
        Program { graph: N::graph(), plan: N::plan::<P>(), scalars: N::scalars(), code: N::code::<C, P>() }
    }
}

/// The plans of all contractions of a network.
#[derive(Debug, Default)]
pub struct Plans {
    /// For what they are made: nothing, the way forward, or back too.
    made: Option<bool>,
    all: Vec<contract::Plan>,
    /// Those of each layer: layers of one body share them.
    of: Vec<Range<usize>>,
    /// See [`adds_once`](Self::adds_once).
    adds_once: Vec<bool>,
    /// See [`parts`](Self::parts).
    parts: Vec<usize>,
    /// See [`work`](Self::work); and how much of it gains from tiles beside each other.
    work: usize,
    work_that_gains: usize,
}

/// Bytes of a tile that a contraction reads and writes, and others of the same layer beside: of a part, so that all of it stays in the second
/// cache, and of a layer that is worth cutting.
const AT_ONCE: usize = 512 << 10;
const MUCH: usize = 1 << 20;

/// One part in so many is a good one: measured with 7 %, pairs took 0.98 to 0.99 of the time.
const GOOD_PART: usize = 16;

/// Into how many parts a layer's contractions are cut, so that what one has read the next still finds in the cache.
fn parts<E>(plans: &[contract::Plan]) -> usize {
    let mut all = plans.iter().filter(|plan| !plan.is_none());
    let most = all.clone().map(|plan| plan.passes() * size_of::<E>()).max().unwrap_or(0);
    // Cut along indices of one extent: likely the same one.
    match all.next().and_then(contract::Plan::parts) {
        Some(extent) if most > MUCH && all.all(|plan| plan.parts() == Some(extent)) => {
            most.div_ceil(AT_ONCE).min(extent)
        }
        _ => 1,
    }
}

impl Plans {
    /// Those of layers that run these bodies; those of the way back, unless they are wanted, are empty.
    pub(crate) fn new<C: Cell>(code: &[Code<C>], bodies: &[usize], backward: bool) -> Plans {
        let mut plans = Plans { made: Some(backward), ..Plans::default() };
        for (at, (code, &body)) in code.iter().zip(bodies).enumerate() {
            let start = plans.all.len();
            let own = if body == at {
                (code.plans)(&mut plans.all, (C::SAMPLES, backward));
                start..plans.all.len()
            } else {
                plans.of[body].clone()
            };
            plans.adds_once.push(code.adds_once && plans.all[own.clone()].iter().all(contract::Plan::adds_once));
            plans.parts.push(if code.in_parts { parts::<C::Element>(&plans.all[own.clone()]) } else { 1 });
            for plan in &plans.all[own.clone()] {
                plans.work += plan.work();
                plans.work_that_gains += if plan.gains_from_tiles() { plan.work() } else { 0 };
            }
            plans.of.push(own);
        }
        plans
    }

    /// Makes them, unless they are there; whether it has. Who only asks for answers does not wait for those of the way back.
    pub(super) fn complete<N: Network, C: Cell>(&mut self, backward: bool) -> bool {
        let wanted = self.made.is_none_or(|made| backward && !made);
        if wanted {
            *self = N::plans::<C>(backward);
        }
        wanted
    }

    /// Multiplications for a tile, of sixteen samples each.
    pub(crate) fn work(&self) -> usize {
        self.work
    }

    /// Numbers of scratch memory that any plan for one sample wants.
    pub(crate) fn room(&self) -> usize {
        self.all.iter().map(contract::Plan::room).max().unwrap_or(0)
    }

    /// Whether a layer, run on one tile, adds to each element of its parameters' gradients once: what it would make of a tile's own may then be
    /// added to all tiles' before, to the same bits.
    pub(super) fn adds_once(&self, at: usize) -> bool {
        self.adds_once[at]
    }

    /// Into how many parts a layer's way back is best cut, where one thread runs it.
    #[inline]
    pub(super) fn parts(&self, at: usize) -> usize {
        self.parts[at]
    }

    /// Whether a good part of the work is that of contractions that have a single column for each tile.
    pub(super) fn gain_from_tiles(&self) -> bool {
        GOOD_PART * self.work_that_gains > self.work
    }

    /// Whether all layers do.
    pub(super) fn all_add_once(&self) -> bool {
        self.adds_once.iter().all(|once| *once)
    }

    #[inline]
    pub(super) fn of(&self, at: usize) -> &[contract::Plan] {
        &self.all[self.of[at].clone()]
    }
}

/// Fills what layers compute once.
pub(crate) fn once<E: Element>(code: &[Code<Pack<E>>], scalars: &[Scalars], once: &mut [E]) {
    for (code, at) in code.iter().zip(scalars) {
        if let Some(run) = code.once {
            run(&mut once[at.once.range()]);
        }
    }
}

/// Fills what layers compute once a step.
pub(crate) fn prepare<E: Element>(
    code: &[Code<Pack<E>>],
    scalars: &[Scalars],
    parameters: &[E],
    once: &[E],
    step: &mut [E],
    training: bool,
) {
    for (code, at) in code.iter().zip(scalars) {
        if let Some(run) = code.prepare {
            run(Prepare {
                parameters: &parameters[at.parameters.range()],
                once: &once[at.once.range()],
                step: &mut step[at.step.range()],
                training,
            });
        }
    }
}

/// Takes the gradients of what layers compute once a step on to their parameters, where they learn.
pub(crate) fn finish<E: Element>(code: &[Code<Pack<E>>], scalars: &[Scalars], frame: Finish<'_, E>) {
    for (code, at) in code.iter().zip(scalars) {
        if let Some(run) = code.finish {
            run(Finish {
                parameters: &frame.parameters[at.parameters.range()],
                once: &frame.once[at.once.range()],
                step: &frame.step[at.step.range()],
                step_gradients: &mut frame.step_gradients[at.step.range()],
                gradients: &mut frame.gradients[at.learning.range()],
                training: frame.training,
            });
        }
    }
}
