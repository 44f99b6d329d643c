//! Random draws that depend on where they are needed, never on when: counter-based, one independent stream for each
//! (seed, step, site), and in it one number for each (element, sample). Tiles, threads, instruction sets and the
//! order of evaluation make no difference.
//!
//! The generator is Philox 4x32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
//! 1, 2, 3", 2011), written here because a draw needs one block at any counter, sixteen counters at a time.

use super::{Element, LANES, Lanes, Value};
use fearless_simd::{Simd, SimdFrom, u32x16};

/// Which stream of random numbers: one for each use of a distribution, in each training step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawKey {
    /// The seed of the run.
    pub seed: u64,
    /// The training step.
    pub step: u64,
    /// Which draw of the network.
    pub site: u32,
}

const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
const KEY_STEPS: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const ROUNDS: usize = 10;

/// Philox 4x32-10: four random words for a counter.
#[inline(always)]
fn philox([mut a, mut b, mut c, mut d]: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let (high_a, low_a) = wide(MULTIPLIERS[0], a);
        let (high_c, low_c) = wide(MULTIPLIERS[1], c);
        (a, b, c, d) = (high_c ^ b ^ key[0], low_c, high_a ^ d ^ key[1], low_a);
        key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
    }
    [a, b, c, d]
}

/// The upper and the lower word of a product.
#[inline(always)]
fn wide(x: u32, y: u32) -> (u32, u32) {
    let product = u64::from(x) * u64::from(y);
    ((product >> 32) as u32, product as u32)
}

/// The same for sixteen counters under one key.
#[inline(always)]
fn philox_lanes<S: Simd>(simd: S, [mut a, mut b, mut c, mut d]: [u32x16<S>; 4], mut key: [u32; 2]) -> [u32x16<S>; 4] {
    for _ in 0..ROUNDS {
        let (high_a, low_a) = wide_lanes(simd, MULTIPLIERS[0], a);
        let (high_c, low_c) = wide_lanes(simd, MULTIPLIERS[1], c);
        let (key_a, key_c) = (simd.splat_u32x16(key[0]), simd.splat_u32x16(key[1]));
        (a, b, c, d) = (high_c ^ b ^ key_a, low_c, high_a ^ d ^ key_c, low_a);
        key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
    }
    [a, b, c, d]
}

/// The upper and the lower words of products.
#[inline(always)]
fn wide_lanes<S: Simd>(simd: S, x: u32, y: u32x16<S>) -> (u32x16<S>, u32x16<S>) {
    let (first, last) = simd.widening_mul_u32x16(simd.splat_u32x16(x), y);
    let high = simd.narrow_u64x8(simd.shr_u64x8(first, 32), simd.shr_u64x8(last, 32));
    (high, simd.narrow_u64x8(first, last))
}

impl DrawKey {
    /// The key of the stream, from a block of Philox under the seed.
    #[inline(always)]
    fn philox_key(self) -> [u32; 2] {
        let counter = [self.step as u32, (self.step >> 32) as u32, self.site, u32::MAX];
        let [first, second, ..] = philox(counter, [self.seed as u32, (self.seed >> 32) as u32]);
        [first, second]
    }

    /// Four random words for each sample: lane `l` depends on the key, `elements[l]` and `samples[l]` alone.
    #[inline(always)]
    fn words<S: Simd>(self, simd: S, elements: &[u32; LANES], samples: &[u64; LANES]) -> [u32x16<S>; 4] {
        let (mut low, mut high) = ([0; LANES], [0; LANES]);
        for lane in 0..LANES {
            low[lane] = samples[lane] as u32;
            high[lane] = (samples[lane] >> 32) as u32;
        }
        let counters = [
            u32x16::simd_from(simd, *elements),
            u32x16::simd_from(simd, low),
            u32x16::simd_from(simd, high),
            simd.splat_u32x16(0),
        ];
        philox_lanes(simd, counters, self.philox_key())
    }
}

/// Uniform in `[0, 1)`: a multiple of 2^-24 (`f32`) or 2^-53 (`f64`).
#[inline(always)]
pub fn standard_uniform<S: Simd, E: Element>(
    simd: S,
    key: DrawKey,
    elements: &[u32; LANES],
    samples: &[u64; LANES],
) -> E::Lanes<S> {
    let [a, b, ..] = key.words(simd, elements, samples);
    E::Lanes::unit(simd, a, b)
}

/// Normal with mean 0 and standard deviation 1 (Box and Muller's transformation).
#[inline(always)]
pub fn standard_normal<S: Simd, E: Element>(
    simd: S,
    key: DrawKey,
    elements: &[u32; LANES],
    samples: &[u64; LANES],
) -> E::Lanes<S> {
    let [a, b, c, d] = key.words(simd, elements, samples);
    let u = E::Lanes::open_unit(simd, a, b);
    let angle = E::Lanes::unit(simd, c, d);
    let radius = (u.ln() * u.constant(-2.0)).sqrt();
    radius * (angle * u.constant(std::f64::consts::TAU)).cos()
}

/// Uniform in `[low, high)`; rounding may reach `high`.
#[inline(always)]
pub fn uniform<S: Simd, E: Element>(
    simd: S,
    key: DrawKey,
    elements: &[u32; LANES],
    samples: &[u64; LANES],
    low: E,
    high: E,
) -> E::Lanes<S> {
    let unit = standard_uniform::<S, E>(simd, key, elements, samples);
    unit.mul_add(E::Lanes::splat(simd, high - low), E::Lanes::splat(simd, low))
}

/// Normal with the given mean and standard deviation.
#[inline(always)]
pub fn normal<S: Simd, E: Element>(
    simd: S,
    key: DrawKey,
    elements: &[u32; LANES],
    samples: &[u64; LANES],
    mean: E,
    std: E,
) -> E::Lanes<S> {
    let standard = standard_normal::<S, E>(simd, key, elements, samples);
    standard.mul_add(E::Lanes::splat(simd, std), E::Lanes::splat(simd, mean))
}

/// 1 with probability `p`, else 0. Never for `p = 0`, always for `p = 1`.
#[inline(always)]
pub fn bernoulli<S: Simd, E: Element>(
    simd: S,
    key: DrawKey,
    elements: &[u32; LANES],
    samples: &[u64; LANES],
    p: E,
) -> E::Lanes<S> {
    let unit = standard_uniform::<S, E>(simd, key, elements, samples);
    let (one, zero) = (unit.constant(1.0), unit.constant(0.0));
    Value::select(unit.is_lt(E::Lanes::splat(simd, p)), one, zero)
}

/// The standard Gumbel distribution, `-ln(-ln(u))`.
#[inline(always)]
pub fn gumbel<S: Simd, E: Element>(
    simd: S,
    key: DrawKey,
    elements: &[u32; LANES],
    samples: &[u64; LANES],
) -> E::Lanes<S> {
    let [a, b, ..] = key.words(simd, elements, samples);
    -(-E::Lanes::open_unit(simd, a, b).ln()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Level, Task, run};

    const KEY: DrawKey = DrawKey { seed: 7, step: 1 << 40, site: 3 };

    fn levels() -> Vec<Level> {
        vec![Level::new(), Level::baseline()]
    }

    #[test]
    fn philox_agrees_with_the_published_vectors() {
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        let table = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (pi, [0xa409_3822, 0x299f_31d0], [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
        ];
        for (counter, key, expected) in table {
            assert_eq!(philox(counter, key), expected);
        }
    }

    struct Words(u32, [u64; LANES]);
    impl Task for Words {
        type Output = [[u32; LANES]; 4];
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Output {
            KEY.words(simd, &[self.0; LANES], &self.1).map(Into::into)
        }
    }

    #[test]
    fn lanes_agree_with_the_scalar_generator() {
        let samples = std::array::from_fn(|lane| (lane as u64).wrapping_mul(0x9_1234_5678_9abc));
        for level in levels() {
            let words = run(level, Words(11, samples));
            for (lane, sample) in samples.into_iter().enumerate() {
                let counter = [11, sample as u32, (sample >> 32) as u32, 0];
                let expected = philox(counter, KEY.philox_key());
                assert_eq!(words.map(|word| word[lane]), expected, "{level:?}, lane {lane}");
            }
        }
    }

    /// `rounds` draws of sixteen, for elements 0, 1, 2, …
    struct Draw<F> {
        first_sample: u64,
        rounds: u32,
        draw: F,
    }

    #[derive(Clone, Copy)]
    enum Distribution {
        Uniform,
        Normal,
        Bernoulli,
        Gumbel,
    }

    impl Task for Draw<Distribution> {
        type Output = Vec<[f64; LANES]>;
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Output {
            let samples = std::array::from_fn(|lane| self.first_sample + lane as u64);
            (0..self.rounds).map(|element| draw::<S, f32>(simd, self.draw, element, &samples)).collect()
        }
    }

    #[inline(always)]
    fn draw<S: Simd, E: Element>(simd: S, which: Distribution, element: u32, samples: &[u64; LANES]) -> [f64; LANES] {
        let (of, elements) = (E::from_f64, &[element; LANES]);
        let lanes = match which {
            Distribution::Uniform => uniform(simd, KEY, elements, samples, of(-1.0), of(3.0)),
            Distribution::Normal => normal(simd, KEY, elements, samples, of(2.0), of(0.5)),
            Distribution::Bernoulli => bernoulli(simd, KEY, elements, samples, of(0.3)),
            Distribution::Gumbel => gumbel::<S, E>(simd, KEY, elements, samples),
        };
        lanes.to_array().map(Element::to_f64)
    }

    struct DrawWide(Distribution, u32);
    impl Task for DrawWide {
        type Output = Vec<[f64; LANES]>;
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Output {
            let samples = std::array::from_fn(|lane| lane as u64);
            (0..self.1).map(|element| draw::<S, f64>(simd, self.0, element, &samples)).collect()
        }
    }

    #[test]
    fn moments() {
        let euler_mascheroni = 0.577_215_664_9;
        let table = [
            // distribution, mean, variance, third central moment over σ³
            (Distribution::Uniform, 1.0, 16.0 / 12.0, 0.0),
            (Distribution::Normal, 2.0, 0.25, 0.0),
            (Distribution::Bernoulli, 0.3, 0.21, 0.4 / 0.21_f64.sqrt()),
            (Distribution::Gumbel, euler_mascheroni, std::f64::consts::PI.powi(2) / 6.0, 1.139_547),
        ];
        let rounds = if cfg!(miri) { 50 } else { 20_000 };
        for (which, mean, variance, skewness) in table {
            let narrow = Draw { first_sample: 0, rounds, draw: which };
            for draws in [run(Level::new(), narrow), run(Level::new(), DrawWide(which, rounds))] {
                let draws: Vec<f64> = draws.into_iter().flatten().collect();
                let count = draws.len() as f64;
                let found = draws.iter().sum::<f64>() / count;
                let moment = |power| draws.iter().map(|x| (x - found).powi(power)).sum::<f64>() / count;
                // five standard errors of the mean; the others' are a few times larger
                let near = |a: f64, b: f64, scale: f64| (a - b).abs() < 5.0 * scale / count.sqrt();
                assert!(near(found, mean, variance.sqrt()), "mean {found}");
                assert!(near(moment(2), variance, 3.0 * variance), "variance {}", moment(2));
                let skew = moment(3) / variance.powf(1.5);
                assert!(near(skew, skewness, 15.0), "skewness {skew}");
            }
        }
    }

    #[test]
    fn a_draw_does_not_depend_on_the_lane_or_the_level() {
        for level in levels() {
            for which in [Distribution::Uniform, Distribution::Bernoulli] {
                let at = |first_sample| {
                    let draw = Draw { first_sample, rounds: 3, draw: which };
                    run(level, draw)
                };
                let (here, shifted) = (at(0), at(5));
                for element in 0..3 {
                    assert_eq!(here[element][5..], shifted[element][..11]);
                }
                let draw = Draw { first_sample: 0, rounds: 3, draw: which };
                assert_eq!(here, run(Level::baseline(), draw));
            }
        }
    }

    #[test]
    fn keys_elements_and_samples_are_independent() {
        let stream = |key: DrawKey, element| {
            struct One(DrawKey, u32);
            impl Task for One {
                type Output = [f64; LANES];
                #[inline(always)]
                fn run<S: Simd>(self, simd: S) -> Self::Output {
                    let samples = std::array::from_fn(|lane| lane as u64);
                    standard_normal::<S, f64>(simd, self.0, &[self.1; LANES], &samples).to_array()
                }
            }
            run(Level::new(), One(key, element))
        };
        let variants = [
            KEY,
            DrawKey { seed: 8, ..KEY },
            DrawKey { step: KEY.step + 1, ..KEY },
            DrawKey { step: KEY.step + (1 << 32), ..KEY },
            DrawKey { site: 4, ..KEY },
        ];
        let rounds = if cfg!(miri) { 20 } else { 500 };
        let count = f64::from(rounds) * LANES as f64;
        for (i, &a) in variants.iter().enumerate() {
            for (j, &b) in variants.iter().enumerate().skip(i) {
                let correlation: f64 = (0..rounds)
                    .map(|element| {
                        let other = if i == j { element + 1 } else { element };
                        let (a, b) = (stream(a, element), stream(b, other));
                        a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>()
                    })
                    .sum::<f64>()
                    / count;
                assert!(correlation.abs() < 5.0 / count.sqrt(), "{i} {j}: {correlation}");
            }
        }
    }
}
