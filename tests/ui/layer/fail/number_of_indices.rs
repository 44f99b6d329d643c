use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i, j];
    output y[i] = x[i];
}]
pub struct Mine;

fn main() {}
