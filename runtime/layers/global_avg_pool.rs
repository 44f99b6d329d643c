use crate::Layer;

/// The mean of every channel over all its positions (Lin et al. 2014, "Network in Network"). `[channels, ..]` becomes `[channels]`.
///
/// ```
/// # use chainrule::prelude::*;
/// network! { struct Net; x: [2, 1, 2] -> GlobalAvgPool; }
/// let y = Model::<Net>::new(1).predict(&ndarray::arr3(&[[[1.0_f32, 3.0]], [[5.0, 6.0]]]))?;
/// assert_eq!(*y.values(), ndarray::arr1(&[2.0, 5.5]).into_dyn());
/// # Ok::<(), Error>(())
/// ```
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[c, ..]; output y[c] = mean(..) x[c, ..]; }]
pub struct GlobalAvgPool;
