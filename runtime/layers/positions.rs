use crate::Layer;

/// Learnt numbers added at every position of a sequence: `x + weight` (Gehring et al. 2017). `[steps, width]` stays.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [8, 16] -> Positions::new(); }
/// assert_eq!(Net::OUTPUTS[0].shape.dims(), [8, 16]);
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[s, e];
    param  weight[s, e] = Normal(std);
    output y[s, e] = x[s, e] + weight[s, e];
}]
pub struct Positions {
    /// The spread of the numbers to begin with.
    #[default(0.02)]
    pub std: f64,
}
