//! What `network!` says of a network, and what the executor runs.

use crate::executor::code::{self, Code, Plans};
use crate::executor::plan::Slots;
use crate::executor::plan::{Planned, Step};
pub use crate::executor::tile::Tile;
use crate::graph::{Graph, Source};
use crate::lanes::{Cell, Element, Pack};
use crate::shape::Shape;
use crate::site::{Class, Finish, Pass, Preparation, Tensor, Training, Why};
use crate::summary::Summary;
use crate::tables::Scalars;
use core::ops::Range;

/// An input, a target or an output of a network.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    /// Its name in the declaration.
    pub name: &'static str,
    /// One sample's shape.
    pub shape: Shape,
    /// The worst class on any path from it to an output or the loss (inputs only; `Smooth` elsewhere): `None` means that its
    /// gradient cannot be asked for.
    pub class: Class,
    /// What makes that class.
    pub why: Why,
}

/// A parameter of a network.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The layer's name, `conv1`, or its position where it has none.
    pub layer: &'static str,
    /// The parameter's name in checkpoints, `weight`; its full name is `conv1.weight`.
    pub name: &'static str,
    /// Shape and initialiser. Absent ones are listed with no elements.
    pub tensor: Tensor,
    /// Where its elements start in the flat buffer.
    pub offset: usize,
    /// Whether it learns (not `frozen`).
    pub trains: bool,
}

/// A row of the summary.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The layer's name, or its position.
    pub name: &'static str,
    /// The layer's type.
    pub layer: &'static str,
    /// The layer's expression as the user wrote it, such as `Conv2d::new(6, 5).padding(2)`.
    pub expression: &'static str,
    /// Shapes of its outputs.
    pub outputs: &'static [Shape],
    /// Elements of its parameters.
    pub parameters: usize,
    /// Whether they learn.
    pub trains: bool,
    /// The worst class of its inputs.
    pub class: Class,
    /// What makes that class.
    pub why: Why,
}

/// Packs of the arena, or scalars of a buffer: `start .. start + length`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Region {
    /// The first.
    pub start: usize,
    /// How many.
    pub length: usize,
}

impl Region {
    /// The region where there are so many tiles.
    #[must_use]
    pub const fn of(self, tiles: usize) -> Region {
        Region { start: self.start * tiles, length: self.length * tiles }
    }

    /// The part of one of so many tiles.
    #[must_use]
    pub const fn tile(self, tile: usize, tiles: usize) -> Region {
        Region { start: self.start * tiles + tile * self.length, length: self.length }
    }

    pub(crate) const fn range(self) -> Range<usize> {
        self.start..self.start + self.length
    }
}

/// Where a pass finds what passes its borders. An arena is `[Pack<E>]` of `packs` packs.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The arena's length.
    pub packs: usize,
    /// The inputs, to be filled before `forward`.
    pub inputs: &'static [Region],
    /// The targets, likewise (passes with a loss).
    pub targets: &'static [Region],
    /// The outputs: valid after `forward`.
    pub outputs: &'static [Region],
    /// The loss of each sample: one pack (passes with a loss), valid after `forward`.
    pub loss: Region,
    /// The loss's cotangent, one pack, to be filled between `forward` and `backward` (passes with a loss).
    pub loss_gradient: Region,
    /// The outputs' cotangents, to be filled between `forward` and `backward` (passes backward without a loss).
    pub output_gradients: &'static [Region],
    /// The inputs' gradients: valid after `backward` (passes with `INPUTS`; empty for integers).
    pub input_gradients: &'static [Region],
    /// Everything in the arena, in the order of [`crate::executor::plan`]'s slots.
    pub(crate) regions: &'static [Region],
    pub(crate) slots: Slots,
    /// What each layer does in this pass.
    pub(crate) steps: &'static [Step],
}

/// A network. Implemented by `network!` and `#[derive(Network)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network",
    label = "expected a network here",
    note = "declare one with `network! {{ pub struct Name; … }}` or `#[derive(Network)]`"
)]
pub trait Network: Sized + 'static {
    /// The type's name.
    const NAME: &'static str;
    /// Inputs, then targets, as declared.
    const SOURCES: &'static [Source];
    /// The wiring, with what is known of every layer: what the other constants are computed from.
    const GRAPH: &'static Graph;
    /// Inputs, in the order of the declaration.
    const INPUTS: &'static [Port];
    /// Targets of the loss.
    const TARGETS: &'static [Port];
    /// Outputs.
    const OUTPUTS: &'static [Port];
    /// Whether there is a loss.
    const LOSS: bool = Self::GRAPH.loss().is_some();
    /// For each layer the first with the same layer, shapes and gradients asked for: whose code it runs.
    const BODIES: &'static [usize];
    /// Where each layer's scalars stand.
    const SCALARS: &'static [Scalars];
    /// The layers in the order of the declaration, for the summary.
    const LAYERS: &'static [Row];
    /// The parameters, in the order of the flat buffer.
    const TENSORS: &'static [Parameter];
    /// Elements of all parameters.
    const PARAMETERS: usize = Self::GRAPH.parameters_before(Self::GRAPH.nodes.len());
    /// Scalars computed once.
    const ONCE: usize = Self::GRAPH.once_before(Self::GRAPH.nodes.len());
    /// Scalars computed once a step.
    const STEP: usize = Self::GRAPH.step_before(Self::GRAPH.nodes.len());
    /// Bytes (f32) of a training step: the arena of one tile, the parameters and their gradients.
    const TRAINING_BYTES: usize = 4
        * (<Self::Layout<Training> as Planned>::PLAN.packs * crate::lanes::LANES
            + 2 * Self::PARAMETERS
            + Self::ONCE
            + 2 * Self::STEP);
    /// The layout of each pass.
    type Layout<P: Pass>: Planned;

    // The tables as functions, never inlined, lest every piece of code that asks for one be given a copy of it.

    /// The layout of a pass.
    #[must_use]
    #[inline(never)]
    fn plan<P: Pass>() -> &'static Plan {
        <Self::Layout<P> as Planned>::PLAN
    }
    /// [`Self::GRAPH`].
    #[doc(hidden)]
    #[must_use]
    #[inline(never)]
    fn graph() -> &'static Graph {
        Self::GRAPH
    }
    /// [`Self::SCALARS`].
    #[doc(hidden)]
    #[must_use]
    #[inline(never)]
    fn scalars() -> &'static [Scalars] {
        Self::SCALARS
    }
    /// The table of layers: shapes, parameters, differentiability.
    #[must_use]
    fn summary() -> Summary {
        Summary::of::<Self>()
    }
    /// The code of every layer, in the order in which they run.
    #[must_use]
    fn code<C: Cell, P: Pass>() -> &'static [Code<C>];

    /// Plans the contractions, those of the way back too if they are wanted.
    #[doc(hidden)]
    fn plans<C: Cell>(backward: bool) -> Plans {
        Plans::new(Self::code::<C, Preparation>(), Self::BODIES, backward)
    }
    /// Fills the scalars computed once.
    fn once<E: Element>(once: &mut [E]) {
        code::once(Self::code::<Pack<E>, Preparation>(), Self::scalars(), once);
    }
    /// Fills the scalars computed once a step.
    fn prepare<E: Element>(parameters: &[E], once: &[E], step: &mut [E], training: bool) {
        code::prepare(Self::code::<Pack<E>, Preparation>(), Self::scalars(), parameters, once, step, training);
    }
    /// Takes the summed gradients of `step` on to the parameters, once a step.
    fn finish<E: Element>(frame: Finish<'_, E>) {
        code::finish(Self::code::<Pack<E>, Preparation>(), Self::scalars(), frame);
    }
}
