//! Windows: strided, dilated, over the edges in every way, of inputs and of `let`s.

use crate::compare::agree;
use chainrule::{Layer, network};

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, ..] outside 0;
    let    total[c, ..] = sum(d: 2*radius + 1) square(x[c + d - radius, ..]);
    output y[c, ..] = x[c, ..] / powf(bias + alpha * total[c, ..] / len(d), beta);
}]
struct LocalResponse {
    radius: usize,
    #[default(0.3)]
    alpha: f64,
    #[default(0.75)]
    beta: f64,
    #[default(1.0)]
    bias: f64,
}
network! { struct LocalResponseNet; x: [5, 2, 3] -> layer: LocalResponse::new(1).alpha(0.8); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside reflect;
    param  k[o: out, c, p: 3, q: 2] = KaimingUniform;
    output y[o, i: (h + 1) / stride[0], j: ceil_div(w, stride[1])]
         = sum(c, p, q) k[o, c, p, q] * x[c, stride[0]*i + dilation[0]*p - dilation[0], stride[1]*j + dilation[1]*q - dilation[1]];
}]
struct ReflectConv {
    out: usize,
    stride: [usize; 2],
    dilation: [usize; 2],
}
network! { struct ReflectConvNet; x: [2, 7, 5] -> layer: ReflectConv { out: 2, stride: [2, 1], dilation: [2, 3] }; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[t];
    param  taps[k: 5] = Normal(1.0);
    let    z[t] outside wrap = x[t] * sigmoid(x[t]);
    output y[t] = sum(k) taps[k] * z[t + 3*k - 7];
}]
struct WrapTaps;
network! { struct WrapTapsNet; x: [4] -> layer: WrapTaps; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[h, w] outside nearest;
    output y[i: h, j: ceil_div(w, 2)] = x[3*i - 4, len(w) - 2*j] * (i + 1);
}]
struct NearestMirror;
network! { struct NearestMirrorNet; x: [5, 4] -> layer: NearestMirror; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[t];
    let    e[t] outside 1.5 = exp(x[t]);
    output y[t] = prod(k: 3) e[t + k - 1];
}]
struct OutsideProduct;
network! { struct OutsideProductNet; x: [5] -> layer: OutsideProduct; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[.., t] outside -inf;
    let    top[.., t] = max(k: 3) x[.., t + k - 1];
    output y[.., t] = stop(top[.., t]) + ln(sum(k) exp(x[.., t + k - 1] - stop(top[.., t])));
}]
struct SoftMaxPool;
network! { struct SoftMaxPoolNet; x: [2, 5] -> layer: SoftMaxPool; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h];
    param  k[c, o: out, p: size] = KaimingUniform;
    output y[o, i: (h - 1)*stride + dilation*(size - 1) + 1 - 2*padding]
         = sum(c, h, p where i == h*stride + p*dilation - padding) k[c, o, p] * x[c, h];
}]
struct TransposeDilated {
    out: usize,
    size: usize,
    stride: usize,
    dilation: usize,
    padding: usize,
}
network! { struct TransposeDilatedNet; x: [2, 4] -> layer: TransposeDilated::new(3, 3, 3, 2, 1); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside -inf;
    param  bump[c, p: 3, q: 3] = Normal(1.0);
    output y[c, i: h, j: w] = max(p, q) (x[c, i + p - 1, j + q - 1] + bump[c, p, q]);
}]
struct Morphology;
network! { struct MorphologyNet; x: [2, 4, 3] -> layer: Morphology; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(g: groups, c), h, w] outside 0;
    param  make[(g, p: size, q: size), (k: groups, c)] = Normal(0.3);
    let    kernel[g, p, q, h, w] = sum(k, c) make[(g, p, q), (k, c)] * x[(k, c), h, w];
    output y[(g, c), h, w] = sum(p, q) kernel[g, p, q, h, w] * x[(g, c), h + p - size / 2, w + q - size / 2];
}]
struct Involution {
    groups: usize,
    size: usize,
}
network! { struct InvolutionNet; x: [4, 3, 4] -> layer: Involution::new(2, 3); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w];
    output y[c, i: ceil_div(h, 2), j: (w + 2 - 3) / 2 + 1]
         = mean(h, w, p: 2, q: 3 where h == 2*i + p, w == 2*j + q - 1) x[c, h, w];
}]
struct MeanCeil;
network! { struct MeanCeilNet; x: [2, 5, 6] -> layer: MeanCeil; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside -inf;
    output y[c, i: (h - 1) / 2 + 1, j: w] = max(p: 3, q: 2) x[c, 2*i + p - 1, j + q - 1];
}]
struct TiedMax;
network! { struct TiedMaxNet; x: [1, 5, 6] -> layer: TiedMax; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h];
    output y[c, i: out] = mean(h where h >= i*len(h) / out, h < ceil_div((i + 1)*len(h), out)) square(x[c, h]);
}]
struct AdaptivePower {
    out: usize,
}
network! { struct AdaptivePowerNet; x: [2, 7] -> layer: AdaptivePower::new(3); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside nearest;
    let    u[i: h*scale] = (i + 0.5) / scale - 0.5;
    let    v[j: w*scale] = (j + 0.5) / scale - 0.5;
    output y[c, i, j] = sum(p: 2, q: 2) (1 - abs(u[i] - floor(u[i]) - p)) * (1 - abs(v[j] - floor(v[j]) - q)) * x[c, floor(u[i]) + p, floor(v[j]) + q];
}]
struct Enlarge {
    scale: usize,
}
network! { struct EnlargeNet; x: [2, 3, 2] -> layer: Enlarge::new(3); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[a, b, c] outside wrap;
    output y[a, i: b / 2, c] = sum(p: 2, q: 3, r: 2) x[a - p, 2*i + q - 5, c + 2*r] * (p + 2*q + 3*r);
}]
struct WrapAll;
network! { struct WrapAllNet; x: [2, 4, 3] -> layer: WrapAll; }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, t];
    output y[(c, k: size), i: t - (size - 1)*dilation] = x[c, i + k*dilation];
}]
struct Unfold {
    size: usize,
    #[default(1)]
    dilation: usize,
}
network! { struct UnfoldNet; x: [2, 7] -> layer: Unfold::new(3).dilation(2); }

#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[t] outside reflect;
    let    hann[k: size] = 0.5 - 0.5 * cos(2 * pi * k / size);
    let    frame[n: (t - 1) / hop + 1, k] = hann[k] * x[n*hop + k - size / 2];
    let    re[n, f: size / 2 + 1] = sum(k) frame[n, k] * cos(2 * pi * f * k / size);
    let    im[n, f] = sum(k) frame[n, k] * sin(2 * pi * f * k / size);
    output y[f, n] = ln_1p(square(re[n, f]) + square(im[n, f]));
}]
struct Spectrogram {
    size: usize,
    hop: usize,
}
network! { struct SpectrogramNet; x: [9] -> layer: Spectrogram::new(6, 4); }

agree! { "windows";
    local_response: LocalResponseNet;
    reflect_conv: ReflectConvNet;
    wrap_taps: WrapTapsNet;
    nearest_mirror: NearestMirrorNet;
    outside_product: OutsideProductNet;
    soft_max_pool: SoftMaxPoolNet;
    transpose_dilated: TransposeDilatedNet;
    morphology: MorphologyNet;
    involution: InvolutionNet;
    mean_ceil: MeanCeilNet;
    tied_max: TiedMaxNet;
    adaptive_power: AdaptivePowerNet;
    enlarge: EnlargeNet;
    wrap_all: WrapAllNet;
    unfold: UnfoldNet;
    spectrogram: SpectrogramNet;
}
