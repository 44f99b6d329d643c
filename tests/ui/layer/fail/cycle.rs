use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    let    a[i] = b[i] + x[i];
    let    b[i] = 2 * a[i];
    output y[i] = b[i];
}]
pub struct Mine;

fn main() {}
