// Two statements, two mistakes.
use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    let    a[i] = x[i] ^ 2;
    output y[i] = a[i] += 1;
}]
pub struct Mine;

fn main() {}
