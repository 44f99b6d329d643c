use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    param  w[i] = Ones;
    let    a[i] = w[i];
    let    b[i] = a[i];
    output y[i] = x[i];
}]
pub struct Mine;

fn main() {}
