//! Axes: fused in every position, any number of them, none.

use crate::compare::agree;
use chainrule::{Layer, network};

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  a[i];
    input  b[j];
    param  w[o: out, i, j] = Normal(0.5);
    param  shift[o] if biased else 0.25 = Zeros;
    output y[o] = shift[o] + sum(i, j) w[o, i, j] * a[i] * b[j];
}]
struct Bilinear {
    out: usize,
    #[default(true)]
    biased: bool,
}
network! { struct BilinearNet; a: [3]; b: [4]; (a, b) -> layer: Bilinear::new(2); output layer; }
network! { struct BilinearElseNet; a: [3]; b: [4]; (a, b) -> layer: Bilinear::new(2).biased(false); output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[c, (h, a: 2), (w, b: 2)]; output y[(a, b, c), h, w] = x[c, (h, a), (w, b)] * (1 + a + 2*b); }]
struct SpaceToDepth;
network! { struct SpaceToDepthNet; x: [2, 4, 6] -> layer: SpaceToDepth; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input x[(a: 2, (b: 3, c)), t]; output y[((t, c), a), b] = x[(a, (b, c)), t] * x[(0, (b, 0)), t]; }]
struct Nested;
network! { struct NestedNet; x: [12, 2] -> layer: Nested; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(g: groups, c), t];
    output y[k: g * c, t] = x[k, t] * x[len(g, c) - 1 - k, t] + x[(0, 1), t];
}]
struct RowMajor {
    groups: usize,
}
network! { struct RowMajorNet; x: [6, 2] -> layer: RowMajor::new(3); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[k];
    param  w[(g: 2, (c: k / 2, r: 3))] = Normal(1.0);
    output y[r, g] = sum(c) w[(g, (c, r))] * x[(g, c)];
}]
struct FusedAgainstPlain;
network! { struct FusedAgainstPlainNet; x: [6] -> layer: FusedAgainstPlain; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(a: 2, b: 2, c)];
    param  w[(m: 4, c)] = Normal(1.0);
    output y[c, m] = x[(m, c)] * w[(m, c)] + sum(a, b) x[(a, b, c)] * w[(a, b, c)];
}]
struct FewerParts;
network! { struct FewerPartsNet; x: [12] -> layer: FewerParts; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..a: axis, k, ..b];
    let    size[..a, ..b] = norm(k) x[..a, k, ..b];
    output y[..b, k, ..a] = x[..a, k, ..b] / (0.5 + size[..a, ..b]);
}]
struct Turn {
    axis: usize,
}
network! { struct TurnNet; x: [2, 3, 4] -> layer: Turn::new(1); }
network! { struct TurnFrontNet; x: [2, 3, 4] -> layer: Turn::new(0); }
network! { struct TurnBackNet; x: [2, 3, 4] -> layer: Turn::new(2); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer { input a[..p]; input b[..q]; output y[..p, ..q] = tanh(a[..p] * b[..q]); }]
struct Outer;
network! { struct OuterNet; a: [2, 3]; b: [2]; (a, b) -> layer: Outer; output layer; }
network! { struct OuterScalarNet; a: []; b: [2, 2]; (a, b) -> layer: Outer; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[a, b, c, d, e, f];
    param  w[f, d, b] = Normal(1.0);
    output y[c, (a, e)] = sum(b, d, f) w[f, d, b] * sin(x[a, b, c, d, e, f]);
}]
struct SixAxes;
network! { struct SixAxesNet; x: [2, 1, 3, 2, 1, 2] -> layer: SixAxes; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  s;
    input  x[..];
    param  a = Constant(0.7);
    output y[..] = a * s * x[..] + s;
}]
struct ScalarGate;
network! { struct ScalarGateNet; s: []; x: [2, 2]; (s, x) -> layer: ScalarGate; output layer; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[s, ..];
    param  w[..] = Normal(1.0);
    let    m[s] = mean(..) x[s, ..];
    let    v[s] = mean(..) square(x[s, ..] - m[s]);
    output y[s, (..)] = w[..] * (x[s, ..] - m[s]) / sqrt(v[s] + 1e-3);
}]
struct NormTrailing;
network! { struct NormTrailingNet; x: [2, 3, 2] -> layer: NormTrailing; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  m[i, k: i] = Normal(1.0);
    output y[i] = m[i, i] * x[i] + sum(k) (m[i, k] - m[k, i]) * x[k];
}]
struct Antisymmetric;
network! { struct AntisymmetricNet; x: [4] -> layer: Antisymmetric; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[i];
    param  centre[k: K, i] = Normal(1.0);
    param  width[k] = Constant(0.4);
    output y[k] = exp(-square(width[k]) * sum(i) square(x[i] - centre[k, i]));
}]
struct Radial<const K: usize>;
network! { struct RadialNet; x: [3] -> layer: Radial::<4>; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(k: 2, i), t];
    param  w[(k, o: out), i] = Normal(1.0);
    output y[(k, o), t] = if k == 0 { sum(i) (w[(0, o), i] * x[(0, i), t] - w[(1, o), i] * x[(1, i), t]) }
                          else { sum(i) (w[(0, o), i] * x[(1, i), t] + w[(1, o), i] * x[(0, i), t]) };
}]
struct Complex {
    out: usize,
}
network! { struct ComplexNet; x: [4, 3] -> layer: Complex::new(3); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(i, j: 2)];
    param  a[o: 3, i] = Normal(1.0);
    param  b[p: 2, j] = Normal(1.0);
    output y[(o, p)] = sum(i, j) a[o, i] * b[p, j] * x[(i, j)];
}]
struct Kronecker;
network! { struct KroneckerNet; x: [6] -> layer: Kronecker; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[..before: lead, (..rest)];
    output y[..before, (..rest)] = x[..before, (..rest)] * len(..rest);
}]
struct Counted {
    lead: usize,
}
network! { struct CountedNet; x: [2, 3] -> layer: Counted::new(1); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[a, b];
    output y[i: min(a, b), j: max(a, b) % 3 + 1, k: ceil_div(a * b, 4) - 1] = x[i, i] * (1 + j) + x[0, k % len(b)];
}]
struct Extents;
network! { struct ExtentsNet; x: [3, 4] -> layer: Extents; }

agree! { "axes";
    bilinear: BilinearNet;
    bilinear_else: BilinearElseNet;
    space_to_depth: SpaceToDepthNet;
    nested: NestedNet;
    row_major: RowMajorNet;
    fused_against_plain: FusedAgainstPlainNet;
    fewer_parts: FewerPartsNet;
    turn: TurnNet;
    turn_front: TurnFrontNet;
    turn_back: TurnBackNet;
    outer: OuterNet;
    outer_scalar: OuterScalarNet;
    six_axes: SixAxesNet;
    scalar_gate: ScalarGateNet;
    norm_trailing: NormTrailingNet;
    antisymmetric: AntisymmetricNet;
    radial: RadialNet;
    complex: ComplexNet;
    kronecker: KroneckerNet;
    counted: CountedNet;
    extents: ExtentsNet;
}
