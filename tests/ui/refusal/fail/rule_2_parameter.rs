// Rule 2: a parameter that can never learn.
use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    param  scale[i] = Ones;
    param  threshold = Zeros;
    output y[i] = round(x[i] * scale[i]) + threshold;
}]
pub struct Mine;

fn main() {}
