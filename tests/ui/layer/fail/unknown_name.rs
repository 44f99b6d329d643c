use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    output y[i] = x[i] * scael;
}]
pub struct Mine {
    pub scale: f64,
}

fn main() {}
