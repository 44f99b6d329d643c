use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    output y[i] = x[i] * size;
}]
pub struct Mine<'a> {
    pub size: usize,
    pub names: &'a [usize],
    pub list: Vec<usize>,
}

fn main() {}
