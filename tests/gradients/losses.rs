//! Losses, each by the network that holds only it.

macro_rules! loss {
    ($test:ident: $({ $($wire:tt)* })+) => {
        #[test]
        fn $test() {
            use chainrule::prelude::*;
            $({
                network! { struct One; $($wire)* }
                $crate::ask::loss::<One>();
            })+
        }
    };
}

loss! { cross_entropy:
    { x: [5]; loss CrossEntropy(x, label: Class(5)); }
    { x: [2]; loss CrossEntropy(x, label: Class(2)); }
    { x: [4, 3]; loss CrossEntropy(x, label: [4] of Class(3)); }
    { x: [2, 3, 4]; loss CrossEntropy(x, label: [2, 3] of Class(4)); }
}

loss! { binary_cross_entropy:
    { x: [1]; loss BinaryCrossEntropy(x, seen: [1]); }
    { x: [6]; loss BinaryCrossEntropy(x, seen: [6]); }
    { x: [2, 3]; loss BinaryCrossEntropy(x, seen: [2, 3]); }
}

loss! { mean_squared_error:
    { x: [1]; loss MeanSquaredError(x, wanted: [1]); }
    { x: [6]; loss MeanSquaredError(x, wanted: [6]); }
    { x: [2, 3]; loss MeanSquaredError(x, wanted: [2, 3]); }
}

loss! { huber:
    { x: [7]; loss Huber::new(1.0)(x, wanted: [7]); }
    { x: [7]; loss Huber::new(0.25)(x, wanted: [7]); }
    { x: [2, 3]; loss Huber::new(3.0)(x, wanted: [2, 3]); }
}

loss! { a_layer_before_it:
    { x: [4, 5] -> y: Dense::new(3); loss CrossEntropy(y, label: [4] of Class(3)); }
    { x: [4, 5] -> y: Dense::new(3); loss Huber::new(0.5)(y, wanted: [4, 3]); }
}
