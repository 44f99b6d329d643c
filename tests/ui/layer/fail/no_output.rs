use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    let    y[i] = 2 * x[i];
}]
pub struct Mine;

fn main() {}
