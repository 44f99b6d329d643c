//! Where a declaration stands, and what stands on it: functions, blocks, `cfg`, docs, deprecation, privacy, several in one scope, other crates.

use chainrule::layers::{Dense, Relu};
use chainrule::losses::MeanSquaredError;
use chainrule::{Layer, Network};

#[test]
fn inside_a_function() {
    const WIDTH: usize = 3;
    #[derive(Layer, Clone, Copy)]
    #[layer { input x[i]; param w[o: out, i] = Ones; output y[o] = sum(i) w[o, i] * x[i]; }]
    struct Local {
        out: usize,
    }
    #[derive(Layer, Clone, Copy)]
    #[layer { input x[i]; output y[i] = 2 * x[i]; }]
    struct Twice;
    chainrule::network! { struct One; x: [WIDTH] -> Local::new(WIDTH + 1) -> Twice; }
    chainrule::network! { struct Two; x: [WIDTH] -> Local::new(1); }
    assert_eq!((One::PARAMETERS, Two::PARAMETERS), (12, 3));
    {
        chainrule::network! { struct One; x: [1] -> Local::new(1); }
        assert_eq!(One::PARAMETERS, 1);
    }
}

/// What `cfg` takes away is gone, and what it leaves is not.
#[derive(Layer, Clone, Copy, Debug)]
#[cfg_attr(all(), layer { input x[i]; output y[i] = x[i] * kept; })]
pub struct Conditional {
    /// Never there.
    #[cfg(any())]
    pub gone: NoSuchType,
    /// Always there.
    #[cfg(not(any()))]
    pub kept: f64,
}

chainrule::network! {
    /// Not for this machine.
    #[cfg(any())]
    pub struct Gone;
    x: [1] -> NoSuchLayer::new();
}

chainrule::network! {
    /// For every machine.
    #[cfg(all())]
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[must_use]
    pub struct Kept;
    x: [1] -> Conditional::new(2.0);
}

#[cfg(any())]
#[derive(chainrule::Network)]
#[network { x: [1] -> NoSuchLayer::new(); }]
pub struct GoneToo;

#[test]
fn attributes_of_the_struct_are_kept() {
    let copy = Kept;
    assert_eq!(Kept, copy);
    assert_eq!(format!("{Kept:?}"), "Kept");
}

/// Old things in code that forgives no warning: whoever names them allows it, and the expansions warn of nothing.
pub mod old {
    use chainrule::{Layer, Network};

    /// Old.
    #[deprecated(note = "take another")]
    #[derive(Layer, Clone, Copy, Debug)]
    #[layer { input x[i]; param w[i] = Ones; output y[i] = w[i] * x[i] * factor; }]
    pub struct OldLayer {
        /// An old field.
        #[deprecated]
        #[default(1.0)]
        pub factor: f64,
    }

    chainrule::network! {
        /// Old.
        #[deprecated]
        #[allow(deprecated)]
        pub struct OldNetwork;
        x: [1] -> OldLayer::new();
    }

    /// Old.
    #[deprecated]
    #[allow(deprecated)]
    #[derive(Network)]
    #[network { x: [1] -> OldLayer::new(); }]
    pub struct OldDerived;
}

/// A public network of private layers, with a private constant.
pub mod private {
    use chainrule::Layer;

    #[derive(Layer, Clone, Copy)]
    #[layer { input x[i]; param w[i] = Ones; output y[i] = w[i] * x[i]; }]
    struct Private;

    const WIDTH: usize = 5;

    chainrule::network! {
        /// Public.
        pub struct Public;
        x: [WIDTH] -> Private;
    }

    chainrule::network! {
        /// Public in the crate.
        pub(in crate::declared) struct Restricted;
        x: [WIDTH] -> Private -> Private;
    }
}

#[test]
fn private_layers() {
    assert_eq!((private::Public::PARAMETERS, private::Restricted::PARAMETERS), (5, 10));
}

#[doc = include_str!("../../tests/hazards/words.txt")]
#[doc(alias = "documented")]
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    //! An inner comment of documentation.
    /// And one of a statement.
    input  x[i];
    /** A block. */
    param  w[i] = Ones; // An ordinary one.
    output y[i] = /* inside */ w[i] * x[i];
}]
pub struct Documented;

chainrule::network! {
    #![doc = "An inner attribute of the declaration."]
    //! And an inner comment.
    /// Documented.
    pub struct DocumentedNetwork;
    // An ordinary comment.
    x: [2] -> Documented /* inside */ -> out: Documented;
}

/// Networks of layers and losses that other crates define, one of which calls the library otherwise.
pub mod elsewhere {
    use super::{Dense, MeanSquaredError, Network, Relu};
    use edition_2018::{Generate, Steps};

    chainrule::network! {
        /// Their layers among ours.
        pub struct Mixed;
        x: [4] -> Steps -> generate: Generate::new(3) -> Relu -> renamed::Affine::new(2) -> out: Dense::new(1);
        loss MeanSquaredError(out, truth: [1]);
    }

    #[test]
    fn count() {
        assert_eq!(Mixed::PARAMETERS, 12 + 8 + 3);
        assert_eq!((renamed::Called::PARAMETERS, renamed::Derived::PARAMETERS), (4 * 3 + 3 + 1, 4 * 2 + 2));
    }
}
