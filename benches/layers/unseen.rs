//! Layers that no library has a kernel for, each beside a convolution of the same arithmetic.

use chainrule::prelude::*;
use chainrule_benches::{flops, tile};

network! { struct AsDepthwise; x: [8, 32, 32]; x -> Conv2d::new(8, 3).padding(1); }
network! { struct AsSmallDepthwise; x: [4, 16, 16]; x -> Conv2d::new(4, 3).padding(1); }
network! { struct SmallDepthwiseNet; x: [16, 16, 16]; x -> Depthwise::new(3, 2); }
network! { struct DepthwiseNet; x: [64, 32, 32]; x -> Depthwise::new(3, 2); }
network! { struct AsLowRank; x: [8, 12, 7]; x -> Conv2d::new(8, 3).padding(1); }
network! { struct LowRankNet; a: [128]; b: [128]; (a, b) -> LowRank::new(128, 128); }
network! { struct AsInvolution; x: [12, 14, 14]; x -> Conv2d::new(20, 3).padding(1); }
network! { struct AsEvenInvolution; x: [12, 16, 16]; x -> Conv2d::new(20, 3).padding(1); }
network! { struct InvolutionNet; x: [64, 14, 14]; x -> Involution::new(4, 16, 3); }
network! { struct EvenInvolutionNet; x: [64, 16, 16]; x -> Involution::new(4, 16, 3); }

/// Every channel with a window of its own, spread apart.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[c, h, w] outside 0;
    param  weight[c, p: size, q: size] = KaimingUniform;
    param  bias[c] = Zeros;
    output y[c, h, w] = bias[c] + sum(p, q) weight[c, p, q] * x[c, h + apart*(p - size / 2), w + apart*(q - size / 2)];
}]
struct Depthwise {
    size: usize,
    apart: usize,
}

/// A bilinear form whose matrix for every output is a sum of `rank` products.
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  a[i];
    input  b[j];
    param  left[r: rank, i]   = KaimingUniform;
    param  right[r, j]        = KaimingUniform;
    param  weight[o: out, r]  = KaimingUniform;
    output y[o] = sum(r, i, j) weight[o, r] * left[r, i] * a[i] * right[r, j] * b[j];
}]
struct LowRank {
    out: usize,
    rank: usize,
}

/// Every position makes its own window out of what it holds, one for each group of channels (Li et al. 2021).
#[derive(Layer, Clone, Copy, Debug)]
#[layer {
    input  x[(g: groups, c), h, w] outside 0;
    param  squeeze[r: inner, (k: groups, c)] = KaimingUniform;
    param  make[(g, p: size, q: size), r]    = KaimingUniform;
    let    seen[r, h, w]         = sum(k, c) squeeze[r, (k, c)] * x[(k, c), h, w];
    let    kernel[g, p, q, h, w] = sum(r) make[(g, p, q), r] * seen[r, h, w];
    output y[(g, c), h, w] = sum(p, q) kernel[g, p, q, h, w] * x[(g, c), h + p - size / 2, w + q - size / 2];
}]
struct Involution {
    groups: usize,
    inner: usize,
    size: usize,
}

fn main() {
    let involution = |n: usize| [n * n * 64 * 16, n * n * 16 * 4 * 9, n * n * 9 * 64];
    tile::heading();
    tile::layer::<AsSmallDepthwise>("convolution 4×16×16 -> 4, 3×3", &[flops::conv(4, 3, 4, 16, 16)]);
    tile::layer::<SmallDepthwiseNet>("depthwise 16×16×16, 3×3, dilation 2", &[flops::conv(1, 3, 16, 16, 16)]);
    tile::layer::<AsDepthwise>("convolution 8×32×32 -> 8, 3×3", &[flops::conv(8, 3, 8, 32, 32)]);
    tile::layer::<DepthwiseNet>("depthwise 64×32×32, 3×3, dilation 2", &[flops::conv(1, 3, 64, 32, 32)]);
    tile::layer::<AsLowRank>("convolution 8×12×7 -> 8, 3×3", &[flops::conv(8, 3, 8, 12, 7)]);
    tile::layer::<LowRankNet>("low-rank bilinear 128, 128 -> 128, rank 128", &[flops::dense(1, 128, 3 * 128)]);
    tile::layer::<AsInvolution>("convolution 12×14×14 -> 20, 3×3", &[flops::conv(12, 3, 20, 14, 14)]);
    tile::layer::<InvolutionNet>("involution 64×14×14, 4 groups, 3×3", &involution(14));
    // Planes of a power of two meet in few places of the caches.
    tile::layer::<AsEvenInvolution>("convolution 12×16×16 -> 20, 3×3", &[flops::conv(12, 3, 20, 16, 16)]);
    tile::layer::<EvenInvolutionNet>("involution 64×16×16, 4 groups, 3×3", &involution(16));
}
