// A layer is `Copy`.
use chainrule::Layer;

#[derive(Layer)]
#[layer { input x[i]; output y[i] = x[i]; }]
pub struct Mine;

fn main() {}
