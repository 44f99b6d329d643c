//! Layers and declaring macros of another crate, in the oldest edition that is still common: `gen` is a name in it, and paths
//! of other crates may be shadowed.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]

use chainrule::Layer;

/// For the macros: users of this crate need not depend on `chainrule`.
#[doc(hidden)]
pub use chainrule;

/// Not differentiable.
#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[..]; output y[..] = floor(x[..]); }]
pub struct Steps;

/// A parameter, two fields, and a name that later editions keep for themselves.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[.., i];
    param  weight[gen: out, i] = XavierUniform;
    output y[.., gen] = sum(i) weight[gen, i] * x[.., i] * r#try;
}]
pub struct Generate {
    /// Outputs.
    pub out: usize,
    /// A factor.
    #[default(1.0)]
    pub r#try: f64,
}

/// A layer that scales by `$factor`, made where the macro is called: by an expression, a type, a name.
#[macro_export]
macro_rules! scale_by {
    ($(#[$what:meta])* $visibility:vis $name:ident, $field:ident: $ty:ty, $factor:expr) => {
        $(#[$what])*
        #[derive($crate::chainrule::Layer, ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #[chainrule(crate = $crate::chainrule)]
        #[layer { input x[..]; output y[..] = x[..] * $factor - $field; }]
        $visibility struct $name {
            /// What is taken away.
            pub $field: $ty,
        }
    };
}

/// A network whose names, shapes and layers come from whoever calls.
#[macro_export]
macro_rules! chain_of {
    ($name:ident: $input:ident [$($extent:expr),*] -> $first:ident $layer:expr, $other:ty) => {
        $crate::chainrule::network! {
            #[chainrule(crate = $crate::chainrule)]
            /// Made by a macro of another crate.
            pub struct $name;
            $input: [$($extent * 2),*] -> gen: $crate::Generate::new(3) -> $first: $layer;
            gen + $first -> last: <$other>::new(1);
        }
    };
}
