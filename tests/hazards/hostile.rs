//! Types, modules, constants and functions that have the names of the prelude, of the runtime, and of what the expansion calls its own.

use chainrule::Model;
use chainrule::Network;

/// All of it in one scope.
#[no_implicit_prelude]
#[allow(non_camel_case_types, non_upper_case_globals, non_snake_case, dead_code, missing_docs, unreachable_pub)]
pub mod everything {
    macro_rules! types { ($($name:ident)*) => { $(pub struct $name;)* } }
    macro_rules! modules { ($($name:ident)*) => { $(pub mod $name {})* } }
    macro_rules! constants { ($($name:ident)*) => { $(pub const $name: () = ();)* } }
    macro_rules! functions { ($($name:ident)*) => { $(pub fn $name() {})* } }

    types! { Option Result Vec String Box Default Copy Clone Debug Iterator Sized Some None Ok Err f32 f64 usize i64 u32 bool str }
    types! { Kernel Site Shape Message Pack Forward Backward Prepare Finish Element Simd Memory Pass Tensor Class Why }
    types! { Here Isa Elem Run S M E P T F V Self_ AffineSizes }
    modules! { std core alloc chainrule _words vocabulary expansion refusal graph plan tables wiring }
    constants! { x i y all weight bias hidden top logits target loss label tile found frame simd grad block sums rows count at }
    functions! { o out_ new_ input output sum mean exp max training }
    pub static biased: () = ();
    pub static scale: () = ();

    #[derive(::chainrule::Layer, ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    #[layer {
        input  x[.., i];
        param  weight[o: out, i] = KaimingUniform;
        param  bias[o] if biased = Zeros;
        let    hidden[.., o] = exp(min(0, bias[o] + sum(i) weight[o, i] * x[.., i]));
        let    top[..] = max(o) hidden[.., o];
        output y[.., o] = if training { hidden[.., o] } else { hidden[.., o] / (1 + square(top[..])) };
    }]
    pub struct Affine {
        pub out: ::core::primitive::usize,
        #[default(true)]
        pub biased: ::core::primitive::bool,
    }

    #[derive(::chainrule::Layer, ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    #[layer { input logits[i]; target label of i; output loss = square(logits[label]); }]
    pub struct Surprise;

    ::chainrule::network! {
        pub struct Hostile;
        x: [4] -> weight: Affine::new(3) -> simd: Affine::new(3).biased(false) -> found: Affine { out: 3, biased: true };
        weight + found * simd -> y: Affine::new(3);
        loss Surprise(y, label: Class(3));
    }
}

/// Methods of everything, with the names of ours.
#[allow(missing_docs, dead_code)]
pub mod methods {
    pub trait Everything {
        fn rank(&self) {}
        fn shape(&self) {}
        fn dim(&self) {}
        fn is_empty(&self) {}
        fn split_at(&self) {}
        fn split_at_mut(&self) {}
        fn visit(&self) {}
        fn forward(&self) {}
        fn backward(&self) {}
        fn many(&self) {}
        fn one(&self) {}
        fn add(&self) {}
        fn mul(&self) {}
        fn store(&self) {}
        fn splat(&self) {}
        fn first(&self) {}
        fn get(&self) {}
        fn len(&self) {}
    }
    impl<T: ?Sized> Everything for T {}

    /// A layer among them.
    #[derive(chainrule::Layer, Clone, Copy, Debug)]
    #[layer {
        input  x[.., i];
        param  weight[o: out, i] = KaimingUniform;
        let    noise[.., o] ~ Normal(0, 1);
        let    once[o] = sin(1.0 * o);
        let    each[o] = sum(i) square(weight[o, i]);
        output y[.., o] = once[o] * each[o] + sum(i) weight[o, i] * x[.., i] + (if training { noise[.., o] } else { 0 });
    }]
    pub struct Affine {
        pub out: usize,
    }

    chainrule::network! {
        /// A network among them.
        pub struct Net;
        x: [4] -> a: Affine::new(3) -> Affine::new(1);
    }
}

/// Constants and statics with the names of the expansion's locals, and layers with those of its generics.
#[allow(non_upper_case_globals, dead_code, missing_docs)]
pub mod locals {
    macro_rules! constants { ($($name:ident)*) => { $(pub const $name: usize = 7;)* } }
    macro_rules! statics { ($($name:ident)*) => { $(pub static $name: usize = 7;)* } }

    constants! { x_data x_size weight_data bias_data y_data gradient_of_x_data gradient_of_weight_data token_data }
    constants! { i_at o_at all_at i_len o_len all_len all_rank simd_now frame_now training_now draws_now once_now out grad }
    constants! { position_1 position_2 read_1 value_1 found_now count_now empty_now row_now column_now step_now sums_now block_1 }
    statics! { rest_now sum_now better_now candidate_now left_now right_now best_1 sum_1 total_1 local noise_data keep size_now }

    #[derive(chainrule::Layer, Clone, Copy, Debug)]
    #[layer {
        input  x[.., i] outside 0;
        param  weight[o: out, i] = KaimingUniform;
        param  bias[o] = Zeros;
        let    noise[.., o] ~ Normal(0, 1);
        let    grad_x[.., o] = max(i) weight[o, i] * x[.., i - 1];
        output y[.., o] = bias[o] + grad_x[.., o] + sum(i) weight[o, i] * x[.., i] + (if training { noise[.., o] } else { mean(i where i < 2) x[.., i] });
    }]
    pub struct Here {
        pub out: usize,
    }

    #[derive(chainrule::Layer, Clone, Copy, Debug)]
    #[layer { input x[i]; input token of i; let best = max(i) x[i]; output y[i] = x[token] * best - x[i]; }]
    pub struct Isa;

    #[derive(chainrule::Layer, Clone, Copy, Debug)]
    #[layer { input x[i]; output y[i, k: N] = x[i] * (k + 1); }]
    pub struct Elem<const N: usize>;

    #[derive(chainrule::Layer, Clone, Copy, Debug)]
    #[layer { input x[..]; param slope = Constant(2); output y[..] = slope * x[..]; }]
    pub struct Run;

    chainrule::network! {
        /// All of them.
        pub struct Net;
        x: [4]; token: [] of Class(3);
        x -> h: Here::new(3);
        (h, token) -> Isa -> Elem::<2> -> Run;
    }
}

#[test]
fn they_compute() {
    let model = Model::<everything::Hostile>::new(1);
    assert_eq!(everything::Hostile::PARAMETERS, 4 * 3 + 3 + 9 + 9 + 3 + 9 + 3);
    assert_eq!(model.parameters().count(), 7);
    assert_eq!(methods::Net::PARAMETERS, 12 + 3);
    assert_eq!(locals::Net::OUTPUTS[0].shape.dims(), [3, 2]);
    let mut model = Model::<locals::Net, f64>::new(1);
    model.set_parameter("h.weight", ndarray::Array2::<f64>::ones((3, 4))).unwrap();
    let answers = model.predict((ndarray::array![1.0, 2.0, 3.0, 4.0], ndarray::arr0(1))).unwrap();
    // y = 3 + 10 + 1.5, thrice; then (y² - y) (k + 1) · 2.
    assert_eq!(answers.values().iter().copied().collect::<Vec<f64>>(), [391.5, 783.0, 391.5, 783.0, 391.5, 783.0]);
}
