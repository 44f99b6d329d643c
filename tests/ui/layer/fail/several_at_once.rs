// Mistakes that are found while reading, while looking names up and while checking: one compile tells them all, and nothing twice.
use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    input  z[i];
    param  w[o: out, i] = KaimingUniform;
    param  q[o] = Ones;
    let    broken[i] = x[i] + * 2;
    let    hidden[k: units] = sum(i) w[0, i] * x[i] * k;
    let    step[o] = round(q[o]);
    output y[o, k] = hidden[k] + broken[0] + scael * step[o];
    output shifted[i] = x[i + 1] + broken[i];
    output gate[i] = if x[i] > 0 { x[i] };
    output rounded[i, o] = x[i] * step[o];
}]
pub struct Mine {
    pub out: usize,
    pub scale: f64,
}

fn main() {}
