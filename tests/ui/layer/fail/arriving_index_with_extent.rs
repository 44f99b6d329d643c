use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i: size];
    output y[i] = x[i];
}]
pub struct Mine {
    pub size: usize,
}

fn main() {}
