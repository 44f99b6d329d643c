//! What a site sees of its network: the shapes that arrive, and which gradients are wanted.

use crate::network::Network;
use crate::shape::{Shape, Values};
use crate::site::{Class, Kernel, Layer, Output, Site, Want, parameter_count};

/// The shape of a source, for the site that reads it.
#[must_use]
pub const fn source_shape<N: Network>(at: usize) -> Shape {
    N::SOURCES[at].shape
}

/// Whether the gradient of a source is asked for: it may be, unless it holds integers or is only compared with.
#[must_use]
pub const fn source_want<N: Network>(at: usize) -> Want {
    match N::SOURCES[at].shape.values() {
        Values::Real if !N::SOURCES[at].target => Want::OnRequest,
        _ => Want::Never,
    }
}

/// The shape of an output of a site, for the site that reads it.
#[must_use]
pub const fn output<S: Site>(at: usize) -> Shape {
    real_unless_integer(<S::Layer as Kernel<S>>::OUTPUTS, <S::Layer as Layer>::OUTPUTS, at)
}

/// An output holds real numbers unless the layer says that it holds integers.
pub(super) const fn real_unless_integer(shapes: &[Shape], outputs: &[Output], at: usize) -> Shape {
    if at >= shapes.len() || at >= outputs.len() {
        Shape::UNKNOWN
    } else if outputs[at].integer {
        shapes[at]
    } else {
        shapes[at].holding(Values::Real)
    }
}

/// Whether the gradient of a site's outputs is asked for: it is where the layer learns, or where its own inputs' are and
/// a gradient passes to them.
#[must_use]
pub const fn want<S: Site>() -> Want {
    if S::TRAINS && parameter_count(<S::Layer as Kernel<S>>::PARAMETERS) > 0 {
        return Want::Always;
    }
    let inputs = <S::Layer as Layer>::INPUTS;
    let mut want = Want::Never;
    let mut at = 0;
    while at < inputs.len() && at < S::WANTS.len() {
        let input = &inputs[at];
        let passes = !input.target && !input.integer && !matches!(input.class, Class::None);
        if passes && S::WANTS[at] as u8 > want as u8 {
            want = S::WANTS[at];
        }
        at += 1;
    }
    want
}
