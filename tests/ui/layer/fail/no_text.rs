use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
pub struct Mine;

#[derive(Layer, Clone, Copy)]
#[layer { input x[i]; output y[i] = x[i]; }]
pub enum Either {
    One,
    Two,
}

fn main() {}
