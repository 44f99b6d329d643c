use crate::Layer;

/// All axes as one, row-major.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[(..)] = x[..]; }]
pub struct Flatten;
