//! The dense layers of `lenet`, `mlp`, `cnn32` and `gpt`, each alone: `cargo bench -p chainrule-benches --bench dense -- gpt`.

use chainrule::prelude::*;
use chainrule_benches::{flops, tile};

network! { struct Lenet; x: [400]; x -> Dense::new(120); }
network! { struct Mlp1; x: [784]; x -> Dense::new(256); }
network! { struct Mlp2; x: [256]; x -> Dense::new(128); }
network! { struct Cnn32; x: [4096]; x -> Dense::new(256); }
network! { struct Project; x: [64, 128]; x -> Dense::new(128); }
network! { struct Widen; x: [64, 128]; x -> Dense::new(512); }
network! { struct Narrow; x: [64, 512]; x -> Dense::new(128); }
network! { struct Head; x: [64, 128]; x -> Dense::new(96); }

fn main() {
    tile::heading();
    tile::layer::<Lenet>("lenet 400 -> 120", &[flops::dense(1, 400, 120)]);
    tile::layer::<Mlp1>("mlp 784 -> 256", &[flops::dense(1, 784, 256)]);
    tile::layer::<Mlp2>("mlp 256 -> 128", &[flops::dense(1, 256, 128)]);
    tile::layer::<Cnn32>("cnn32 4096 -> 256", &[flops::dense(1, 4096, 256)]);
    tile::layer::<Project>("gpt 64×128 -> 128", &[flops::dense(64, 128, 128)]);
    tile::layer::<Widen>("gpt 64×128 -> 512", &[flops::dense(64, 128, 512)]);
    tile::layer::<Narrow>("gpt 64×512 -> 128", &[flops::dense(64, 512, 128)]);
    tile::layer::<Head>("gpt 64×128 -> 96", &[flops::dense(64, 128, 96)]);
}
