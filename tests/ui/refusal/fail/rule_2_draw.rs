// A yes or no does not follow its probability; a normal draw follows its mean.
use chainrule::Layer;

#[derive(Layer, Clone, Copy)]
#[layer {
    input  x[i];
    param  keep[i] = Zeros;
    param  centre[i] = Zeros;
    let    kept[i] ~ Bernoulli(sigmoid(keep[i]));
    let    noise[i] ~ Normal(centre[i], 1);
    output y[i] = if training { x[i] * kept[i] + noise[i] } else { x[i] };
}]
pub struct Mine;

fn main() {}
