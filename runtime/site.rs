//! What the macros and the runtime agree on: a layer (`Layer`), a layer where it stands (`Site`), and the code of a layer
//! at a site (`Kernel`). `#[derive(Layer)]` implements `Layer` and `Kernel`, `network!` implements `Site`.

use crate::contract::{Part, Plan, Then};
use crate::lanes::{Cell, Element, Level, Simd};
use crate::message::Message;
use crate::shape::Shape;

/// How a function depends on an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Continuously differentiable in its domain.
    Smooth,
    /// Continuous, differentiable almost everywhere, with a fixed subgradient at the kinks.
    Piecewise,
    /// Constant almost everywhere, or with jumps: no useful gradient.
    None,
}

/// Why a class is not `Smooth`: the primitive that makes it so, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Why {
    /// The primitive as it is written, such as `round`.
    pub primitive: &'static str,
    /// What is wrong with it, such as "is constant between half-integers, where it jumps".
    pub sentence: &'static str,
    /// `file:line` of the primitive.
    pub place: &'static str,
}

impl Why {
    /// Nothing to explain.
    pub const NOTHING: Why = Why { primitive: "", sentence: "", place: "" };
}

/// An input or a target of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Its name in the layer's text.
    pub name: &'static str,
    /// Whether it holds integers.
    pub integer: bool,
    /// Whether it is a loss's target.
    pub target: bool,
    /// The worst class from it to an output.
    pub class: Class,
    /// What makes that class.
    pub why: Why,
    /// Whether the backward code reads its values.
    pub kept: bool,
}

/// A parameter of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in the layer's text.
    pub name: &'static str,
    /// Its name in checkpoints (`as "…"`; else the same).
    pub checkpoint: &'static str,
    /// The worst class from it to an output: `Smooth` or `Piecewise`.
    pub class: Class,
    /// What makes that class.
    pub why: Why,
}

/// An output of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Its name in the layer's text.
    pub name: &'static str,
    /// Whether it holds integers.
    pub integer: bool,
    /// Whether the backward code reads its values.
    pub kept: bool,
}

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialiser {
    /// All 0.
    Zeros,
    /// All 1.
    Ones,
    /// All the same.
    Constant(f64),
    /// Normal around 0 with this standard deviation.
    Normal(f64),
    /// Uniform between the two.
    Uniform(f64, f64),
    /// Uniform within ±√(6 / fan in) / √2·…, as PyTorch's layers start: ±1/√(fan in).
    KaimingUniform,
    /// Normal with standard deviation √(2 / fan in).
    KaimingNormal,
    /// Uniform within ±√(6 / (fan in + fan out)).
    XavierUniform,
    /// Normal with standard deviation √(2 / (fan in + fan out)).
    XavierNormal,
    /// A random matrix (first axis × the rest) with orthonormal rows or columns.
    Orthogonal,
}

/// A parameter where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Tensor {
    /// Its extents; [`Shape::ABSENT`] when the fields leave it out.
    pub shape: Shape,
    /// How it starts.
    pub initialiser: Initialiser,
    /// The product of the extents reduced where it is used.
    pub fan_in: usize,
    /// That of its other extents, times what it is reused over.
    pub fan_out: usize,
}

/// How much memory a layer needs where it stands, beside its inputs, outputs and parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Scalars computed once: they depend on fields and indices only.
    pub once: usize,
    /// Scalars computed once a step, from parameters only; as many again for their gradients.
    pub step: usize,
    /// Cells that the forward code leaves for the backward code.
    pub saved: usize,
    /// Cells that the forward code needs while it runs.
    pub forward: usize,
    /// Cells that the backward code needs while it runs.
    pub backward: usize,
}

/// A layer: what is known of it wherever it stands. Implemented by `#[derive(Layer)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "expected a layer here",
    note = "a layer is a `Copy` struct with `#[derive(Layer)]` and its mathematics in `#[layer {{ … }}]`"
)]
pub trait Layer: Copy + 'static {
    /// The type's name.
    const NAME: &'static str;
    /// Inputs first, then targets, each in the order of the text.
    const INPUTS: &'static [Input];
    /// In the order of the text.
    const PARAMETERS: &'static [Parameter];
    /// In the order of the text.
    const OUTPUTS: &'static [Output];
    /// Whether it draws random numbers in training.
    const DRAWS: bool;
    /// Differentiable layers to take in its place, for the message that refuses it: `#[instead("SoftRound")]`.
    const INSTEAD: &'static str = "";
}

/// A layer where it stands: which one, and the shapes that arrive. Implemented by `network!` for marker types.
pub trait Site: Sized + 'static {
    /// The layer's type.
    type Layer: Kernel<Self>;
    /// The layer, with its fields.
    const LAYER: Self::Layer;
    /// The shapes that arrive: of the inputs, then of the targets.
    const INPUTS: &'static [Shape];
    /// Which inputs' gradients are asked for (targets: never).
    const WANTS: &'static [Want];
    /// Whether the parameters learn (not `frozen`).
    const TRAINS: bool = true;
}

/// Whether an input's gradient is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// Nobody upstream learns and nobody can ask.
    Never,
    /// Only a network's input stands upstream: `vjp` may ask, training does not.
    OnRequest,
    /// Something upstream learns.
    Always,
}

/// Whether a gradient is asked for in any pass.
#[must_use]
pub const fn is_ever(want: Want) -> bool {
    !matches!(want, Want::Never)
}

/// What a run through a network is for: a type, so that what is not asked for is never compiled.
pub trait Pass: Copy + 'static {
    /// Whether the loss is computed.
    const LOSS: bool;
    /// Whether a backward pass follows: what it reads is kept.
    const BACKWARD: bool;
    /// Whether gradients of the network's inputs are computed too.
    const INPUTS: bool;
    /// Whether layers run at all.
    const RUNS: bool = true;

    /// Whether this pass computes a gradient.
    #[must_use]
    fn wants(want: Want) -> bool {
        wanted::<Self>(want)
    }
}

/// Whether a pass computes a gradient; [`Pass::wants`], for consts.
#[must_use]
pub const fn wanted<P: Pass>(want: Want) -> bool {
    P::BACKWARD
        && match want {
            Want::Never => false,
            Want::OnRequest => P::INPUTS,
            Want::Always => true,
        }
}

/// Outputs, and nothing kept.
#[derive(Clone, Copy, Debug)]
pub struct Inference;
/// The loss, and the gradients of the parameters.
#[derive(Clone, Copy, Debug)]
pub struct Training;
/// Outputs, and gradients of parameters and inputs from the outputs' cotangents; no loss.
#[derive(Clone, Copy, Debug)]
pub struct Vjp;
/// No samples pass: what is computed before and after.
#[derive(Clone, Copy, Debug)]
pub struct Preparation;

impl Pass for Inference {
    const LOSS: bool = false;
    const BACKWARD: bool = false;
    const INPUTS: bool = false;
}
impl Pass for Training {
    const LOSS: bool = true;
    const BACKWARD: bool = true;
    const INPUTS: bool = false;
}
impl Pass for Vjp {
    const LOSS: bool = false;
    const BACKWARD: bool = true;
    const INPUTS: bool = true;
}
impl Pass for Preparation {
    const LOSS: bool = false;
    const BACKWARD: bool = false;
    const INPUTS: bool = false;
    const RUNS: bool = false;
}

/// The random draws of one tile: the key of the step, and each lane's sample number.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    /// The run's seed.
    pub seed: u64,
    /// The step's number.
    pub step: u64,
    /// The number of the sample in each lane.
    pub samples: [u64; crate::lanes::LANES],
}

/// What the forward code of one layer works on, for some tiles. Lengths (for one tile) are those of the site's consts.
#[derive(Debug)]
pub struct Forward<'a, C: Cell> {
    /// Inputs, then targets.
    pub inputs: &'a [&'a [C]],
    /// Outputs.
    pub outputs: &'a mut [&'a mut [C]],
    /// The layer's parameters, one after the other.
    pub parameters: &'a [C::Element],
    /// `Memory::once`.
    pub once: &'a [C::Element],
    /// `Memory::step`.
    pub step: &'a [C::Element],
    /// `Memory::saved`.
    pub saved: &'a mut [C],
    /// `Memory::forward`, and what contractions of one sample want beside.
    pub scratch: &'a mut [C],
    /// The instruction set, for the contractions.
    pub level: Level,
    /// The plans of the kernel's contractions.
    pub plans: &'a [Plan],
    /// The layer's number, which no other of the network has: for random draws.
    pub number: u32,
    /// Whether this is training.
    pub training: bool,
    /// How many threads may share the work.
    pub threads: usize,
    /// How many tiles: every tensor of samples holds them one after the other.
    pub tiles: usize,
    /// Random draws of each tile.
    pub draws: &'a [Draws],
    /// What is to be done with the output's elements once they are there, if [`Kernel::FINISHES`].
    pub then: Option<Then<'a, C::Element>>,
}

/// What the backward code of one layer works on, for some tiles.
#[derive(Debug)]
pub struct Backward<'a, C: Cell> {
    /// Inputs, then targets. Those that are not `kept` may be empty.
    pub inputs: &'a [&'a [C]],
    /// Outputs. Those that are not `kept` may be empty.
    pub outputs: &'a [&'a [C]],
    /// The gradients of the outputs.
    pub output_gradients: &'a [&'a [C]],
    /// The gradients of the inputs, to be *added to*; empty where nobody asks. One entry for each input and target.
    pub input_gradients: &'a mut [&'a mut [C]],
    /// Those of them that hold nothing yet, as bits: to be set, if [`Kernel::SETS`] says so; else they are zero.
    pub fresh: u32,
    /// The layer's parameters, one after the other.
    pub parameters: &'a [C::Element],
    /// Their gradients, to be added to; empty when the parameters do not learn.
    pub gradients: &'a mut [C::Element],
    /// Whether these hold nothing yet: all of them are to be set, if [`Kernel::SETS_PARAMETERS`] says so; else they are zero.
    pub first: bool,
    /// `Memory::once`.
    pub once: &'a [C::Element],
    /// `Memory::step`.
    pub step: &'a [C::Element],
    /// The gradients of `step`, to be added to.
    pub step_gradients: &'a mut [C::Element],
    /// What the forward code left.
    pub saved: &'a [C],
    /// `Memory::backward`, likewise.
    pub scratch: &'a mut [C],
    /// The instruction set, for the contractions.
    pub level: Level,
    /// The plans of the kernel's contractions.
    pub plans: &'a [Plan],
    /// The layer's number, which no other of the network has: for random draws.
    pub number: u32,
    /// Whether this is training.
    pub training: bool,
    /// How many threads may share the work.
    pub threads: usize,
    /// Which part of the work, if [`Kernel::IN_PARTS`] lets it be cut.
    pub part: Part,
    /// How many tiles: every tensor of samples holds them one after the other.
    pub tiles: usize,
    /// Whether what samples are summed to has the bits of one tile after the other: see [`Call::apart`](crate::contract::Call::apart).
    pub apart: bool,
    /// Random draws of each tile.
    pub draws: &'a [Draws],
    /// What is to be done with the elements of an input's gradient once they are there, if [`Kernel::FINISHES_BACK`]; and which input's.
    pub then: Option<(usize, Then<'a, C::Element>)>,
}

/// What is computed from parameters only, once a step, before the tiles.
#[derive(Debug)]
pub struct Prepare<'a, E> {
    /// The layer's parameters.
    pub parameters: &'a [E],
    /// `Memory::once`.
    pub once: &'a [E],
    /// `Memory::step`, to be filled.
    pub step: &'a mut [E],
    /// Whether this is training.
    pub training: bool,
}

/// The way back of `Prepare`, once a step, after all tiles.
#[derive(Debug)]
pub struct Finish<'a, E> {
    /// The layer's parameters.
    pub parameters: &'a [E],
    /// `Memory::once`.
    pub once: &'a [E],
    /// `Memory::step`.
    pub step: &'a [E],
    /// Its gradients, summed over the batch; used up.
    pub step_gradients: &'a mut [E],
    /// The parameters' gradients, to be added to.
    pub gradients: &'a mut [E],
    /// Whether this is training.
    pub training: bool,
}

/// The code of a layer at a site. Implemented by `#[derive(Layer)]` for every site of the layer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "expected a layer here",
    note = "a layer is a `Copy` struct with `#[derive(Layer)]` and its mathematics in `#[layer {{ … }}]`",
    note = "a network as a layer comes in a later version"
)]
pub trait Kernel<S: Site<Layer = Self>>: Layer {
    /// What does not fit here, for rustc to print; empty when all is well or an input is [`Shape::UNKNOWN`].
    const PROBLEM: &'static Message;
    /// The outputs' shapes; [`Shape::UNKNOWN`] when there is a problem.
    const OUTPUTS: &'static [Shape];
    /// The shapes of inputs and targets as the layer understands them: inferred ones filled in.
    const INPUTS: &'static [Shape];
    /// The parameters.
    const PARAMETERS: &'static [Tensor];
    /// The memory beside.
    const MEMORY: Memory;
    /// The inputs, as bits, whose gradients the backward code sets where they are fresh.
    const SETS: u32 = 0;
    /// Whether the backward code sets the parameters' gradients where they hold nothing yet; else they are zero.
    const SETS_PARAMETERS: bool = false;
    /// Whether the backward code adds to each element of the parameters' gradients in one contraction alone.
    const ADDS_ONCE: bool = false;
    /// Whether every element of the output depends on the same element of the input alone, so that [`renew`](Self::renew) can put it in its
    /// place.
    const RENEWS: bool = false;
    /// A number, if every element of the output is that of the input where this is above the number, else the number.
    const AT_LEAST: Option<f64> = None;
    /// Whether the gradient of the input can be put in the place of the output's, with the output's values at hand and not the input's.
    const RENEWS_BACK: bool = false;
    /// A number, if that gradient is the output's where the output is above the number, and else 0.
    const WHERE_ABOVE: Option<f64> = None;
    /// The inputs, as bits, whose gradients the backward code can put in the place of their values: if `Backward::inputs` has none, these stand
    /// where the gradient is to go.
    const OVERWRITES: u32 = 0;
    /// Whether the forward code has loops of its own, beside contractions, and the backward code likewise: these are compiled for each
    /// instruction set.
    const IN_LANES: [bool; 2] = [true; 2];
    /// Whether the backward code can run part by part, as [`Backward::part`] says: all of it in contractions, none of which reads what
    /// another one writes.
    const IN_PARTS: bool = false;
    /// Whether the forward code does what `Forward::then` says.
    const FINISHES: bool = false;
    /// The inputs, as bits, with whose gradients the backward code does what `Backward::then` says.
    const FINISHES_BACK: u32 = 0;

    /// Adds the plans of the kernel's contractions, in the order of their numbers, for tiles of so many samples: sixteen, or one. Those of the
    /// way back are empty unless they are wanted.
    fn plans(_plans: &mut Vec<Plan>, (_samples, _backward): (usize, bool)) {}
    /// Fills `Memory::once`.
    fn once<E: Element>(once: &mut [E]);
    /// Fills `Memory::step`.
    fn prepare<E: Element>(frame: Prepare<'_, E>);
    /// Outputs from inputs. Inlined into a function compiled for `M`.
    fn forward<M: Simd, E: Element, C: Cell<Element = E>>(simd: M, frame: &mut Forward<'_, C>);
    /// Adds to the gradients of inputs and parameters. Inlined into a function compiled for `M`.
    fn backward<M: Simd, E: Element, C: Cell<Element = E>, P: Pass>(simd: M, frame: &mut Backward<'_, C>);
    /// Takes the gradients of `Memory::step` on to the parameters.
    fn finish<E: Element>(frame: Finish<'_, E>);
    /// Puts elements of the output in the place of those of the input, if the kernel [`RENEWS`](Self::RENEWS). Inlined into a function
    /// compiled for `M`.
    #[inline(always)]
    fn renew<M: Simd, E: Element>(_simd: M, _elements: &mut [E]) {}
    /// Puts elements of the input's gradient in the place of those of the output's, given the output's values, if the kernel
    /// [`RENEWS_BACK`](Self::RENEWS_BACK). Inlined into a function compiled for `M`.
    #[inline(always)]
    fn renew_back<M: Simd, E: Element>(_simd: M, _values: &[E], _gradients: &mut [E]) {}
}

/// The elements of all parameters of a layer at a site.
pub const fn parameter_count(parameters: &[Tensor]) -> usize {
    let mut count = 0;
    let mut at = 0;
    while at < parameters.len() {
        count += parameters[at].shape.size();
        at += 1;
    }
    count
}
