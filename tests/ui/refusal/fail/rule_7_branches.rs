// Rule 7: branches that do not meet, on a value that would learn.
use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    param  knee = Zeros;
    output y[i] = if x[i] > knee { x[i] } else { 0 };
}]
pub struct Mine;

fn main() {}
