#[path = "../tests/network/layers.rs"]
mod layers;
use layers::*;
chainrule::network! {
    /// d
    pub struct Bad;
    x: [4] -> first: Scale(1.0) -> Scale(2.0)
      -> Round
      -> Halve { parts: 3 } -> Scale(1.0) -> out: Relu;
    loss ZeroOne(out, label: Class(10));
}
chainrule::network! {
    #[smooth] #[gradient(x)] #[budget(training = 100)]
    struct Smooth;
    x: [4, 0] of Class(3) -> a: Scale(1.0) -> Relu -> frozen Relu -> b: Scale(2.0) -> c: (Scale(1.0), Round);
    (a, b) -> Scale(1.0) -> d: Scale(1.0);
    d + c -> (p, q): Lookup;
    p * q -> w: Scale(1.0);
    loss ZeroOne(w, x);
}
chainrule::network! {
    #[budget(training = 100)]
    #[gradient(x)]
    struct Small;
    x: [4] -> Round -> a: Scale(1.0);
}
chainrule::network! {
    struct Missing;
    x: [4] -> a: Scale(1.0) -> c: Conv3d::new(3) -> Scale(1.0);
}
struct NoLayer;
chainrule::network! {
    struct Missing2;
    x: [4] -> a: Scale(1.0) -> c: NoLayer -> Scale(1.0);
}
fn main(){}
