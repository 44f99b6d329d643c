use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    output y[i];
}]
pub struct Mine;

fn main() {}
