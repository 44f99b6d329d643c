// Recurrences are in the language, and not in this version.
use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[t];
    output y[t] outside 0 = y[t - 1] + x[t];
}]
pub struct Mine;

fn main() {}
