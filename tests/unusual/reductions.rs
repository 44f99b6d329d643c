//! Every reduction, with and without conditions, at ties, zeros and ends.

use crate::compare::agree;
use chainrule::{Layer, network};

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[i, j]; output y[i] = (prod(j) x[i, j]) + (prod(j where j > 0) x[i, j]) * x[i, 0]; }]
struct Products;
network! { struct ProductsNet; x: [3, 4] -> layer: Products; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[i, j]; output y[i] = (norm(j) x[i, j]) + (norm(j where j % 2 == 0) (x[i, j] * (j + 1))); }]
struct Norms;
network! { struct NormsNet; x: [3, 4] -> layer: Norms; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i, j];
    output y[i] = (max(j) x[i, j]) * (min(j where j > 0) x[i, j]) + max(x[i, 0], x[i, 1], x[i, 2]) + min(x[i, 0], 0.5) + (max(j) (min(i) x[i, j]));
}]
struct Extremes;
network! { struct ExtremesNet; x: [3, 4] -> layer: Extremes; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i, j];
    output y[k: 3] = if k == 0 { sum(i) (mean(j) x[i, j]) * (mean(j where j <= i) square(x[i, j])) }
                     else if k == 1 { mean(i, j where j >= i) exp(x[i, j]) }
                     else { ln(sum(i) exp(sum(j) x[i, j] * sum(i) x[i, j])) };
}]
struct NestedSums;
network! { struct NestedSumsNet; x: [3, 4] -> layer: NestedSums; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    let    m = mean(i) x[i];
    let    v = mean(i) square(x[i] - m);
    output y[k: 3] = if k == 0 { m } else if k == 1 { sqrt(v) } else { (mean(i) powi(x[i] - m, 4)) / square(v) };
}]
struct Moments;
network! { struct MomentsNet; x: [5] -> layer: Moments; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  a[s, d];
    input  b[t, d];
    output y[s, t] = (sum(d) a[s, d] * b[t, d]) / max(norm(d) a[s, d], 1e-8) / max(norm(d) b[t, d], 1e-8);
}]
struct Cosine;
network! { struct CosineNet; a: [2, 3]; b: [3, 3]; (a, b) -> layer: Cosine; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    output y[i] = erf(x[i]) + atan(x[i]) * sinh(x[i] / 3) + ln_1p(square(x[i])) + exp_m1(x[i]) + softplus(x[i]) - cosh(0.5 * x[i])
                + tan(0.3 * x[i]) + asin(tanh(x[i]) / 2) * acos(sin(x[i]) / 2) + recip(2 + cos(x[i]));
}]
struct Functions;
network! { struct FunctionsNet; x: [7] -> layer: Functions; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  s = Constant(1.5);
    output y[i] = straight_through(round(x[i] * s), x[i] * s) / s + stop(s) * x[i] + stop(x[i] * s) + stop(sign(x[i])) * x[i];
}]
struct Rounded;
network! { struct RoundedNet; x: [6] -> layer: Rounded; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    let    a[i] = if training { 3 * x[i] } else { square(x[i]) };
    let    rank[i] = stop(sum(j: i where x[j] < x[i]) 1);
    output y[i] = a[i] * rank[i] + (sum(j where rank[j] == i) x[j]);
}]
struct Ranks;
network! { struct RanksNet; x: [5] -> layer: Ranks; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[b, c]; output y[b, c] = b + (sum(c) c * x[b, c]) + x[b, c] / (1 + sum(b, c) square(x[b, c])) - sum(b) x[b, c]; }]
struct Precedence;
network! { struct PrecedenceNet; x: [2, 3] -> layer: Precedence; }

agree! { "reductions";
    products: ProductsNet;
    norms: NormsNet;
    extremes: ExtremesNet;
    nested_sums: NestedSumsNet;
    moments: MomentsNet;
    cosine: CosineNet;
    functions: FunctionsNet;
    rounded: RoundedNet;
    ranks: RanksNet;
    precedence: PrecedenceNet;
}
