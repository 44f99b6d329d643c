//! Windows of every size at every stride and padding: all combinations, some of which leave elements unread, read others many
//! times, or read nothing but padding.

use chainrule::prelude::*;

/// Calls a macro with every combination of three lists of numbers.
macro_rules! all {
    ($call:ident: [$($a:literal)+] $b:tt $c:tt) => { $( all!(@b $call $a $b $c); )+ };
    (@b $call:ident $a:literal [$($b:literal)+] $c:tt) => { $( all!(@c $call $a $b $c); )+ };
    (@c $call:ident $a:literal $b:literal [$($c:literal)+]) => { $( $call!($a $b $c); )+ };
}

/// A network of the wiring, checked.
macro_rules! check {
    ($($wire:tt)*) => {{
        network! { struct One; $($wire)* }
        crate::ask::layer_in::<One>(chainrule::model::Mode::Evaluation);
    }};
}

macro_rules! convolution {
    ($kernel:literal $stride:literal $padding:literal) => {
        check! { x: [2, 5, 4] -> Conv2d::new(2, $kernel).stride($stride).padding($padding); }
    };
}

#[test]
fn convolutions() {
    all!(convolution: [1 2 3] [1 2 3] [0 1 3]);
}

macro_rules! apart {
    ($dilation:literal $stride:literal $groups:literal) => {
        check! { x: [4, 4, 3] -> Conv2d::new(4, 2).dilation($dilation).stride($stride).padding(1).groups($groups).biased(false); }
    };
}

#[test]
fn dilated_and_grouped_convolutions() {
    all!(apart: [1 2 3] [1 2] [1 2 4]);
}

macro_rules! transposed {
    ($kernel:literal $stride:literal $padding:literal) => {
        check! { x: [2, 3, 4] -> ConvTranspose2d::new(2, $kernel).stride($stride).padding($padding); }
    };
}

#[test]
fn transposed_convolutions() {
    all!(transposed: [1 2 4] [1 2 3] [0 1]);
}

macro_rules! maximum {
    ($size:literal $stride:literal $padding:literal) => {
        check! { x: [2, 5, 6] -> MaxPool2d::new($size).stride($stride).padding($padding); }
    };
}

macro_rules! mean {
    ($size:literal $stride:literal $padding:literal) => {
        check! { x: [2, 5, 6] -> AvgPool2d::new($size).stride($stride).padding($padding); }
        check! { x: [1, 5, 6] -> AvgPool2d::new($size).stride($stride).padding($padding).borders(true); }
    };
}

#[test]
fn largest_of_windows() {
    all!(maximum: [1 2 3] [1 2 4] [0]);
    all!(maximum: [2 3] [1 2 4] [1]);
}

#[test]
fn means_of_windows() {
    all!(mean: [1 2 3] [1 2 4] [0]);
    all!(mean: [2 3] [1 2 4] [1]);
}

macro_rules! soft {
    ($size:literal $stride:literal $sharpness:literal) => {
        check! { x: [1, 4, 5] -> LogSumExpPool2d::new($size).stride($stride).sharpness($sharpness); }
    };
}

#[test]
fn soft_maxima_of_windows() {
    all!(soft: [2 3] [1 2 4] [0.5 4.0]);
}

/// Windows of users' own layers, a stride apart.
mod own {
    use chainrule::Layer;

    /// Along the outermost index, from the second element to beyond the edge.
    #[derive(Layer, Clone, Copy, Debug)]
    #[layer {
        input  x[h, c] outside 0;
        output y[i: ceil_div(h, stride), c] = max(p: size) x[i*stride + p + 1, c];
    }]
    pub(super) struct Beyond {
        size: usize,
        stride: usize,
    }

    /// Two kinds of windows over one index.
    #[derive(Layer, Clone, Copy, Debug)]
    #[layer {
        input  x[h] outside 0;
        output y[i: ceil_div(h, 3)] = max(p: 2) x[2*i + p] * min(q: 4) x[3*i + q - 1];
    }]
    pub(super) struct Two;

    /// The windows' own elements, seen from what they lie on.
    #[derive(Layer, Clone, Copy, Debug)]
    #[layer {
        input  x[i, p];
        require stride > 0, "windows lie apart";
        output y[h: i*stride] = max(i, p where h == i*stride + p) x[i, p];
    }]
    pub(super) struct Fold {
        stride: usize,
    }
}

use own::{Beyond, Fold, Two};

macro_rules! beyond {
    ($size:literal $stride:literal $columns:literal) => {
        check! { x: [7, $columns] -> Beyond::new($size, $stride); }
    };
}

#[test]
fn windows_of_other_layers() {
    all!(beyond: [1 2 3] [1 2 3] [1 5]);
    check! { x: [8] -> Two; }
    check! { x: [4, 2] -> Fold::new(2); }
    check! { x: [4, 5] -> Fold::new(2); }
}

/// Threads share the outermost index, also where that is the one with windows.
#[test]
fn threads_share_windows() {
    network! { struct Long; x: [600, 3] -> Beyond::new(3, 2); }
    network! { struct Deep; x: [5, 24, 30] -> MaxPool2d::new(2); }
    fn same<N: chainrule::network::Network>() {
        let columns = |ports: &[chainrule::network::Port]| {
            let values: Vec<f32> = (0..3 * ports[0].shape.size()).map(|at| (at * 37 % 101) as f32 - 50.0).collect();
            vec![chainrule::model::Column { dims: [&[3], ports[0].shape.dims()].concat(), values: values.into() }]
        };
        let run = |threads| {
            let model = Model::<N>::new(1).threads(threads);
            model.vjp(columns(N::INPUTS), columns(N::OUTPUTS)).unwrap().input("x").unwrap().to_owned()
        };
        assert_eq!(run(3), run(1));
    }
    same::<Long>();
    same::<Deep>();
}
