use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[t];
    output y[t] = x[t] - x[t - 1];
}]
pub struct Mine;

fn main() {}
