#[path = "../tests/network/layers.rs"]
mod layers;
use layers::*;
chainrule::network! {
    struct Missing;
    x: [4] -> a: Scale(1.0) -> c: Conv3d::new(3) -> Scale(1.0);
}
chainrule::network! {
    struct Missing2;
    x: [4] -> a: Scale(1.0) -> c: Relu6 -> Scale(1.0, 2) -> Scale::make(1.0);
}
fn main(){}
