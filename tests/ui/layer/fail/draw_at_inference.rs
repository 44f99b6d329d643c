use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    let    noise[i] ~ Normal(0, 1);
    output y[i] = x[i] + noise[i];
}]
pub struct Mine;

fn main() {}
