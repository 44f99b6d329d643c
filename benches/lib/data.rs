//! Random data of a network's shapes, the same in every run.

use chainrule::model::Column;
use chainrule::network::{Network, Port};
use chainrule::shape::Values;

/// Numbers that look random: xorshift, from a fixed seed.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// From this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// From 0 to below 1.
    pub fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }
}

/// So many samples of what a port takes: numbers between -1 and 1, or integers in their range.
fn column(port: &Port, samples: usize, random: &mut Random) -> Column<'static, f32> {
    let mut value = || match port.shape.values() {
        Values::Real => 2.0 * random.uniform() - 1.0,
        Values::Below(count) => (random.uniform() * count as f32).floor(),
    };
    let dims = [&[samples], port.shape.dims()].concat();
    let values = (0..samples * port.shape.size()).map(|_| value()).collect();
    Column { dims, values }
}

/// So many samples for a network: its inputs, then its targets.
#[must_use]
pub fn examples<N: Network>(samples: usize) -> Vec<Column<'static, f32>> {
    let mut random = Random::new(1);
    N::INPUTS.iter().chain(N::TARGETS).map(|port| column(port, samples, &mut random)).collect()
}
