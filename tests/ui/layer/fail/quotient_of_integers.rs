use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    output y[i] = x[i] * (i / 2);
}]
pub struct Mine;

fn main() {}
