use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    input  gate[i];
    output y[i] = x[i];
}]
pub struct Mine;

fn main() {}
