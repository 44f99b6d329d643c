// Mistakes that are found while reading, while wiring, while checking wires and while rustc evaluates: one compile tells them all.
use chainrule::prelude::*;

network! {
    #[gradient(picture)]
    pub struct Net;
    image: [1, 8, 8];
    mask: [8];
    spare: [4];
    image -> conv: Conv2d::new(4, 3) -> -> Relu;
    conv -> flat: Flatten -> Round -> fc: Dense::new(4) -> wide: Conv2d::new(2, 3);
    mask -> lost: Dense::new(4);
    falt -> Dense::new(3);
    fc -> out: Dense::new(2);
    loss CrossEntropy(out, label: Class(3));
}

fn main() {}
