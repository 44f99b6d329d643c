use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    let    a[o: out] = sum(i) x[i] + o;
    output y[o: out + 1] = a[0] + o;
}]
pub struct Mine {
    pub out: usize,
}

fn main() {}
