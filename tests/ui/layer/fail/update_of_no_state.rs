use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    let    m[i] = x[i];
    update m[i] = x[i] / 2;
    output y[i] = m[i];
}]
pub struct Mine;

fn main() {}
