//! Networks declared where every name is somebody else's.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused_qualifications, unused_imports, clippy::pedantic)]

#[path = "network/layers.rs"]
mod layers;

/// Types with the names of the prelude and of our own, constants with those of our locals.
#[no_implicit_prelude]
pub mod hostile {
    #![allow(non_camel_case_types, non_upper_case_globals, dead_code)]
    use super::layers::{Relu, Scale, SquaredError};

    /// Not what you think.
    pub struct f32;
    /// Not what you think.
    pub struct usize;
    /// Not what you think.
    pub struct bool;
    /// Not what you think.
    pub struct str;
    /// Not what you think.
    pub enum Option {}
    /// Not what you think.
    pub enum Result {}
    /// Not what you think.
    pub trait Network {}
    /// Not what you think.
    pub mod chainrule {}
    /// Not what you think.
    pub mod core {}
    /// Not what you think.
    pub mod std {}
    /// Not what you think.
    pub const simd: () = ();
    /// Not what you think.
    pub const tile: () = ();
    /// Not what you think.
    pub static visitor: () = ();
    /// Takes the names of ours that expressions may meet.
    #[derive(Clone, Copy)]
    pub struct Shape;
    impl Shape {
        /// Three.
        pub const THREE: ::core::primitive::usize = 3;
    }
    /// And of the marker type.
    pub const HostileLayer: ::core::primitive::f64 = 1.0;

    ::chainrule::network! {
        /// A network.
        pub struct Hostile;
        simd: [Shape::THREE] -> tile: Scale -> r#type: Relu -> pre: (Relu, Scale);
        tile + r#type + pre -> E: Relu;
        E * tile -> M: Relu;
        loss SquaredError(M, P: [3]);
    }
}

macro_rules! declare {
    ($name:ident, $input:ident, $size:expr, $layer:expr, $loss:expr) => {
        chainrule::network! {
            /// Made by a macro.
            pub struct $name;
            $input: [$size * 2] -> first: $layer -> out: $layer;
            loss $loss(out, target: [2 * $size]);
        }
    };
}

declare!(Declared, image, 1 + 1, layers::Scale, layers::SquaredError);

/// Networks that are called as what their own code speaks of.
#[allow(missing_docs)]
pub mod named {
    use super::layers::Scale;

    macro_rules! declare_all {
        ($($name:ident)*) => {
            $(pub mod $name {
                use super::Scale;
                chainrule::network! { pub struct $name; x: [2] -> y: Scale; }
            })*
        };
    }
    #[allow(non_snake_case)]
    pub mod all {
        use super::Scale;
        declare_all!(C P Arena Cell Code Graph Network Node Parameter Pass Place Port Row Scalars Shape Site Source Want);
    }
}

/// The runtime under another name.
pub mod renamed {
    /// It.
    pub use chainrule as rules;

    /// By its attribute.
    #[derive(rules::Network)]
    #[chainrule(crate = rules)]
    #[network { x: [2] -> crate::layers::Scale; }]
    pub struct Derived;

    rules::network! {
        /// By its attribute, too.
        #[chainrule(crate = crate::renamed::rules)]
        pub struct Called;
        x: [2] -> crate::layers::Scale;
    }
}

#[test]
fn two_networks_inside_a_function() {
    use chainrule::Network;
    use layers::{Relu, Scale};
    const SIZE: usize = 3;
    chainrule::network! { struct One; x: [SIZE] -> Scale -> Relu; }
    chainrule::network! { struct Two; x: [SIZE, SIZE] -> Scale -> Scale; }
    assert_eq!((One::PARAMETERS, Two::PARAMETERS), (1, 2));
    assert_eq!(Two::OUTPUTS[0].shape.dims(), [3, 3]);
}

#[test]
fn all_of_them_are_networks() {
    use chainrule::Network;
    assert_eq!(<hostile::Hostile as Network>::INPUTS[0].name, "simd");
    assert_eq!(hostile::Hostile::LAYERS[2].name, "pre.0");
    assert_eq!(Declared::INPUTS[0].shape.dims(), [4], "the expression keeps its parentheses");
    assert_eq!((renamed::Derived::PARAMETERS, renamed::Called::PARAMETERS), (1, 1));
}
