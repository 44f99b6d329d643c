//! Names of the user's that are ours, Rust's or the language's: fields, tensors, indices, generics, layers, networks, wires.

use chainrule::{Layer, Model, Network};

/// Tensors, indices and fields with the names of the expansion's locals and of the runtime's words.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  simd[frame, found];
    input  S[frame];
    param  Here[Elem: Run, found] = Ones;
    param  gradient_of_simd[Elem] = Zeros;
    let    x_data[frame, Elem] = gradient_of_simd[Elem] + sum(found) Here[Elem, found] * simd[frame, found] * Isa;
    let    x[frame] = mean(Elem) x_data[frame, Elem];
    output self_[frame, Elem] = x_data[frame, Elem] + x[frame] + S[frame];
}]
#[allow(non_snake_case)]
pub struct Names {
    /// An extent.
    pub Run: usize,
    /// A factor.
    #[default(2.0)]
    pub Isa: f64,
}

/// Raw identifiers everywhere.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  r#in[r#loop];
    param  r#fn[r#loop] = Constant(r#type) as "fn";
    let    r#match[r#loop] = r#fn[r#loop] * r#in[r#loop];
    output r#yield[r#loop] = if r#dyn { r#match[r#loop] } else { r#in[r#loop] };
}]
pub struct r#Raw {
    /// A keyword.
    pub r#type: f64,
    /// And another.
    #[default(true)]
    pub r#dyn: bool,
}

/// Const generics with the names of our own generics, and with defaults.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  w[o: S * M, i] = Ones;
    output y[o] = (if E { 1 } else { 2 }) * sum(i) w[o, i] * x[i] + P;
}]
#[allow(non_snake_case)]
pub struct Generic<const S: usize, const M: usize = 2, const E: bool = true> {
    /// A number.
    #[default(0.5)]
    pub P: f64,
}

/// More of them, beside a field of an array.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[i]; output y[i, k: Here] = x[i] * Elem[k % 2] + Isa + F; }]
#[allow(non_snake_case, non_upper_case_globals)]
pub struct Longer<const Here: usize, const Isa: usize, const F: i64> {
    /// Two numbers.
    pub Elem: [f64; 2],
}

chainrule::network! {
    /// Wires and a network with keywords and our names.
    pub struct r#Network_;
    r#in: [3, 2];
    r#self_: [3];
    (r#in, r#self_) -> forward: Names::new(2) -> chainrule::layers::Flatten -> r#type: Raw::new(1.5)
        -> graph: Generic::<2>::new() -> Site: <Generic<1, 3, false>>::new() -> backward: Longer::<2, 3, { -4 }>::new([1.0, -1.0]);
}

#[test]
fn values() {
    let model = Model::<Network_>::new(1);
    let names: Vec<String> = model.parameters().map(|(name, _)| name).collect();
    assert_eq!(names, ["forward.Here", "forward.gradient_of_simd", "type.fn", "graph.w", "Site.w"]);
    assert_eq!(Network_::INPUTS[0].name, "in");
    assert_eq!(Network_::OUTPUTS[0].shape.dims(), [3, 2]);
    assert_eq!(Network_::NAME, "Network_");
}
