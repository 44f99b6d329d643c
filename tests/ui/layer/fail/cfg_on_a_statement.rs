// A macro is not told what is configured: rustc resolves `cfg` outside of texts only.
use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    #[cfg(unix)]
    output y[i] = 2 * x[i];
    output z[i] = x[i];
}]
pub struct Mine;

fn main() {}
