use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    input  at[i];
    output y[i] = x[at[i]];
}]
pub struct Mine;

fn main() {}
