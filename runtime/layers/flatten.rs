use crate::Layer;

/// All axes as one, row-major: `[a, b, …]` becomes `[a b …]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2, 3, 4] -> Flatten; }
/// assert_eq!(Net::OUTPUTS[0].shape.dims(), [24]);
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[(..)] = x[..]; }]
pub struct Flatten;
