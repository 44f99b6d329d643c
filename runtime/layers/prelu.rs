use crate::Layer;

/// `x` above 0, `weight[c] x` from 0 down: a slope to be learnt for every channel, the first axis (He et al. 2015, "Delving deep
/// into rectifiers"). `[channels, ..]` stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2, 1] -> PRelu::new(); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr2(&[[-1.0_f32], [2.0]]))?;
/// assert_eq!(*y.values(), ndarray::arr2(&[[-0.25], [2.0]]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[instead("Silu")]
#[layer {
    input  x[c, ..];
    param  weight[c] = Constant(slope);
    output y[c, ..] = if x[c, ..] > 0 { x[c, ..] } else { weight[c] * x[c, ..] };
}]
pub struct PRelu {
    /// The slopes to begin with.
    #[default(0.25)]
    pub slope: f64,
}
