use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    let    half[i] = x[i] / 2;
    output y[i] = x[i];
}]
pub struct Mine;

fn main() {}
