//! The convolutions of `lenet` and `cnn32`, each alone: `cargo bench -p chainrule-benches --bench conv -- cnn32`.

use chainrule::prelude::*;
use chainrule_benches::{flops, tile};

network! { struct Lenet1; x: [1, 28, 28]; x -> Conv2d::new(6, 5).padding(2); }
network! { struct Lenet2; x: [6, 14, 14]; x -> Conv2d::new(16, 5); }
network! { struct First; x: [3, 32, 32]; x -> Conv2d::new(32, 3).padding(1); }
network! { struct Second; x: [32, 32, 32]; x -> Conv2d::new(32, 3).padding(1); }
network! { struct Third; x: [32, 16, 16]; x -> Conv2d::new(64, 3).padding(1); }
network! { struct Fourth; x: [64, 16, 16]; x -> Conv2d::new(64, 3).padding(1); }

fn main() {
    tile::heading();
    tile::layer::<Lenet1>("lenet 1×28×28 -> 6, 5×5, padding 2", &[flops::conv(1, 5, 6, 28, 28)]);
    tile::layer::<Lenet2>("lenet 6×14×14 -> 16, 5×5", &[flops::conv(6, 5, 16, 10, 10)]);
    tile::layer::<First>("cnn32 3×32×32 -> 32, 3×3, padding 1", &[flops::conv(3, 3, 32, 32, 32)]);
    tile::layer::<Second>("cnn32 32×32×32 -> 32, 3×3, padding 1", &[flops::conv(32, 3, 32, 32, 32)]);
    tile::layer::<Third>("cnn32 32×16×16 -> 64, 3×3, padding 1", &[flops::conv(32, 3, 64, 16, 16)]);
    tile::layer::<Fourth>("cnn32 64×16×16 -> 64, 3×3, padding 1", &[flops::conv(64, 3, 64, 16, 16)]);
}
