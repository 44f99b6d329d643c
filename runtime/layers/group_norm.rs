use crate::Layer;

/// Every group of channels, with all positions, shifted and scaled to mean 0 and variance 1, then every channel by learnt numbers
/// (Wu and He 2018). `[channels, ..]` stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2, 2] -> GroupNorm::new(2).epsilon(0.0); }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr2(&[[1.0_f32, 3.0], [5.0, 6.0]]))?;
/// assert_eq!(*y.values(), ndarray::arr2(&[[-1.0, 1.0], [-1.0, 1.0]]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(g: groups, c), ..];
    param  weight[(g, c)] = Ones;
    param  bias[(g, c)]   = Zeros;
    let    m[g] = mean(c, ..) x[(g, c), ..];
    let    v[g] = mean(c, ..) square(x[(g, c), ..] - m[g]);
    let    s[g] = sqrt(v[g] + epsilon);
    output y[(g, c), ..] = (x[(g, c), ..] - m[g]) / s[g] * weight[(g, c)] + bias[(g, c)];
}]
pub struct GroupNorm {
    /// Into how many groups the channels are cut.
    pub groups: usize,
    /// What keeps the root away from 0.
    #[default(1e-5)]
    pub epsilon: f64,
}
