// Just across the line of each mistake in a layer.
use chainrule::Layer;

macro_rules! layers {
    ($($(#[$what:meta])* $name:ident { $($field:ident: $ty:ty),* } = { $($text:tt)* })*) => {$(
        $(#[$what])*
        #[derive(Layer, Clone, Copy)]
        #[layer { $($text)* }]
        pub struct $name {
            $(pub $field: $ty,)*
        }
    )*};
}

layers! {
    /// An index with its extent, once, and again by its name.
    Extent { out: usize } = { input x[i]; let a[o: out] = sum(i) x[i] + o; output y[o] = a[o] + 1; }
    /// The same extent twice is one extent.
    SameExtent { out: usize } = { input x[i]; let a[o: out] = sum(i) x[i] + o; output y[o: out] = a[o] + o; }
    /// An index of the right that is reduced.
    Reduced {} = { input x[i, j]; output y[i] = sum(j) x[i, j]; }
    /// A diagonal has its index twice on the right.
    Diagonal {} = { input x[i, j]; require len(i) == len(j), "square"; output y[i] = x[i, i]; }
    /// Reads that stay in range: by `outside`, by `where`, by `if`, by `clamp`.
    Outside {} = { input x[t] outside 0; output y[t] = x[t] - x[t - 1]; }
    Where {} = { input x[t]; output y[t] = sum(s: len(t) where s < t) x[s]; }
    If {} = { input x[t]; output y[t] = if t > 0 { x[t] - x[t - 1] } else { x[t] }; }
    Clamp {} = { input x[t]; input at[i]; output y[i] = x[clamp(floor(stop(at[i])), 0, len(t) - 1)] + at[i]; }
    /// No cycle, whatever the order of the statements.
    Order {} = { output y[i] = b[i]; let b[i] = 2 * a[i]; let a[i] = x[i]; input x[i]; }
    /// Integers where integers stand, and a quotient of integers in brackets.
    Integers {} = { input x[i]; output y[j: ceil_div(i, 2)] = x[2*j] + floor(j / 2) + 1.0 * j / 2; }
    /// A draw where `training` is true.
    Draw {} = { input x[i]; let noise[i] ~ Normal(0, 1); output y[i] = if training { x[i] + noise[i] } else { x[i] }; }
    /// Distributions that parameters move.
    Moved {} = { input x[i]; param centre = Zeros; param width = Ones; let a[i] ~ Normal(centre, width); let b[i] ~ Uniform(-width, width);
        output y[i] = if training { x[i] + a[i] + b[i] } else { x[i] + centre }; }
    /// A parameter beside one that is stopped; a threshold with a surrogate.
    Stopped {} = { input x[i]; param w[i] = Ones; output y[i] = x[i] * stop(w[i]) + w[i]; }
    Learns {} = { input x[i]; param w = Zeros; output y[i] = straight_through(round(x[i] * w), x[i] * w); }
    /// Branches that meet, by value, by a parameter, by a field.
    Meets { slope: f64 } = { input x[i]; param knee = Zeros; output y[i] = if x[i] > knee { x[i] - knee } else { slope * (x[i] - knee) }; }
    /// No input: a learnt constant would have one; a field's extent.
    Ramp { size: usize } = { input x[i]; output y[i, k: size] = x[i] * k; }
}

fn main() {}
