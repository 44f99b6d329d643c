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
