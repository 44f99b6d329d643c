//! The multiply-add peak of one core: chains of fused multiply-adds in registers, enough of them side by side to hide the latency, with
//! the best instruction set found at run time. The same safe code as a network's.

use std::hint::black_box;
use std::time::Instant;

use chainrule::lanes::{self, Simd, Task};
use fearless_simd::{SimdBase, SimdFloat};

/// Chains side by side: four cycles of latency, two a cycle, and some to spare; sixteen registers hold them with a factor.
const CHAINS: usize = 12;

struct Chains {
    rounds: usize,
    factor: f32,
}

impl Task for Chains {
    type Output = (usize, f32);

    /// How many numbers go into a register, and a result to keep the work from being left out.
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> (usize, f32) {
        let factor = S::f32s::splat(simd, self.factor);
        let mut sums = [S::f32s::splat(simd, 1.0); CHAINS];
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, factor);
            }
        }
        let all = sums.into_iter().reduce(|a, b| a + b);
        all.map_or((0, 0.0), |all| (all.as_slice().len(), all.as_slice()[0]))
    }
}

/// Operations a second, measured for some 10 ms.
#[must_use]
pub fn peak() -> f64 {
    let rounds = 1_000_000;
    let start = Instant::now();
    let (lanes, result) = lanes::run(lanes::level(), Chains { rounds, factor: black_box(0.5) });
    let seconds = start.elapsed().as_secs_f64();
    black_box(result);
    (2 * rounds * CHAINS * lanes) as f64 / seconds
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
