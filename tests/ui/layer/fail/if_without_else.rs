use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    output y[i] = if x[i] > 0 { x[i] };
}]
pub struct Mine;

fn main() {}
