//! The multiply-add peak of one core: chains of fused multiply-adds in registers, enough of them side by side to hide the latency, with
//! the best instruction set found at run time. The same safe code as a network's.

use std::hint::black_box;

use chainrule::lanes::{self, Simd, Task};
use fearless_simd::{SimdBase, SimdFloat};

use crate::measure::core_seconds;

/// Chains side by side: four cycles of latency, two a cycle, and some to spare; sixteen registers hold them with a factor.
const CHAINS: usize = 12;

struct Chains {
    operations: usize,
    factor: f32,
}

impl Task for Chains {
    type Output = f32;

    /// A result, to keep the work from being left out.
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        let factor = S::f32s::splat(simd, self.factor);
        let mut sums = [factor; CHAINS];
        for _ in 0..self.operations / (2 * CHAINS * factor.as_slice().len()) {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, factor);
            }
        }
        sums.into_iter().fold(0.0, |total, sum| total + sum.as_slice()[0])
    }
}

/// Does so many operations in registers.
pub fn work(operations: usize) {
    black_box(lanes::run(lanes::level(), Chains { operations, factor: black_box(0.5) }));
}

/// Operations a second of one core.
#[must_use]
pub fn peak() -> f64 {
    let operations = 1_000_000_000;
    operations as f64 / core_seconds(|| work(operations))
}

/// The instruction set that networks run with on this machine.
#[must_use]
pub fn instruction_set() -> &'static str {
    let level = lanes::level();
    match level {
        #[cfg(target_arch = "x86_64")]
        _ if level.as_avx512().is_some() => "AVX-512",
        #[cfg(target_arch = "x86_64")]
        _ if level.as_avx2().is_some() => "AVX2",
        #[cfg(target_arch = "aarch64")]
        _ if level.as_neon().is_some() => "NEON",
        _ => "baseline",
    }
}
