//! Declarations made by macros: fragments, names from parameters, `$crate`, macros in macros, and macros of another edition.

use chainrule::layers::{Dense, Relu};
use chainrule::{Layer, Network};

macro_rules! layer {
    ($(#[$what:meta])* $visibility:vis $name:ident($x:ident[$i:ident]) = $factor:expr, $power:literal; $($field:ident: $ty:ty = $default:expr),*) => {
        $(#[$what])*
        #[derive(Layer, Clone, Copy, Debug)]
        #[layer {
            input  $x[$i];
            param  weight[$i] = Constant($factor);
            output result[$i] = powi($x[$i], $power) * weight[$i] * 2 * $factor $(+ $field)*;
        }]
        $visibility struct $name {
            $(
                /// A field.
                #[default($default)]
                $visibility $field: $ty,
            )*
        }
    };
}

layer! {
    /// Made by a macro.
    pub Made(x[i]) = 1.0 + 2.0, 3; offset: f64 = 1.0, other: usize = 1 + 1
}
layer! {
    /// Again, with other names, one of them the macro's own.
    pub Again(weight_[result_]) = 0.5, 2;
}

macro_rules! network {
    ($name:ident, $input:ident: [$($extent:expr),*], $layer:expr, $ty:ty, $last:ident, $loss:path, $budget:expr) => {
        chainrule::network! {
            /// Made by a macro.
            #[budget(training = $budget)]
            #[gradient($input)]
            pub struct $name;
            $input: [$($extent * 2),*] -> middle: $layer -> <$ty>::new(3) -> $last: ($layer, Relu);
            loss $loss($last, truth: [1 + $($extent)*]);
        }
    };
}

network!(Networked, image: [1 + 1], Made::new(), Dense, out, chainrule::losses::MeanSquaredError, 64 * 1024);

macro_rules! outer {
    ($name:ident $inner:ident) => {
        macro_rules! $inner {
            ($input:ident $layer:expr) => {
                chainrule::network! {
                    /// A macro's macro's.
                    pub struct $name;
                    $input: [2] -> first: $layer -> second: $layer;
                    $input + second -> third: $layer;
                }
            };
        }
    };
}

outer!(Nested nested);
nested!(x Dense::new(2));

edition_2018::scale_by! {
    /// Of another crate's macro.
    pub Scaled, shift: f64, 1.0 + 0.5
}

edition_2018::chain_of!(Chained: image [1, 1 + 1] -> second edition_2018::Generate::new(3).r#try(2.0), edition_2018::Generate);

#[test]
fn expressions_keep_their_precedence() {
    assert_eq!(Networked::INPUTS[0].shape.dims(), [4], "(1 + 1) * 2");
    assert_eq!(Networked::TARGETS[0].shape.dims(), [3], "1 + (1 + 1)");
    assert_eq!(Nested::PARAMETERS, 3 * 6);
    assert_eq!(Chained::INPUTS[0].shape.dims(), [2, 4], "1 * 2, (1 + 1) * 2");
    assert_eq!(Chained::PARAMETERS, 4 * 3 + 3 * 3 + 3);
    assert_eq!(Chained::LAYERS[0].name, "gen");
}

chainrule::network! {
    struct Values;
    x: [1] -> made: frozen Made::new() -> Scaled::new(0.25) -> Again {};
}

#[test]
fn values() {
    // 3 x³ · 2 · (1 + 2) + 1 + 2, times (1 + 0.5) less 0.25, then 0.5 x² · 2 · 0.5.
    let model = chainrule::Model::<Values>::new(1);
    let x = ndarray::arr2(&[[0.5_f32]]);
    let y = model.predict(&x).expect("the right shape");
    let made = 3.0 * 0.125 * 2.0 * 3.0 + 3.0;
    let scaled = made * 1.5 - 0.25;
    assert_eq!(y.outputs()[0].iter().copied().collect::<Vec<f32>>(), [0.5 * scaled * scaled * 2.0 * 0.5]);
}
