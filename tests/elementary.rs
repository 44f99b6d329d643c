//! How accurate the elementary functions are, on every instruction set of this machine.
//!
//! Single precision: about one of every thousand bit patterns against double precision; all 2^32 of them, in a minute a
//! function, with `ELEMENTARY_STEP=1 cargo test --release --test elementary single -- --nocapture`. Double precision:
//! against `elementary/fixture.csv`, made by `elementary/fixture.py` with hundreds of digits.

use chainrule::lanes::{Element, LANES, Lanes, Level, Pack, Simd, Task, Value, level, run};

/// A function of packs, for any instruction set, and the double-precision function it is compared with.
struct Row<E> {
    name: &'static str,
    lanes: fn(Level, &mut [Pack<E>]),
    reference: fn(f64) -> f64,
    /// The largest error allowed, in units of the last place.
    ulp: f64,
}

macro_rules! row {
    ($E:ident, $name:ident, $reference:expr, $ulp:expr) => {{
        struct Apply<'a>(&'a mut [Pack<$E>]);
        impl Task for Apply<'_> {
            type Output = ();
            #[inline(always)]
            fn run<S: Simd>(self, simd: S) {
                for pack in self.0 {
                    <$E as Element>::Lanes::<S>::load(simd, pack).$name().store(pack);
                }
            }
        }
        Row {
            name: stringify!($name),
            lanes: |level, packs: &mut [Pack<$E>]| run(level, Apply(packs)),
            reference: $reference,
            ulp: $ulp,
        }
    }};
}

fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p() + if x.is_nan() { x } else { 0.0 }
}

macro_rules! rows {
    ($E:ident, $ulp:expr) => {
        vec![
            row!($E, exp, f64::exp, $ulp),
            row!($E, exp_m1, f64::exp_m1, $ulp),
            row!($E, ln, f64::ln, $ulp),
            row!($E, ln_1p, f64::ln_1p, $ulp),
            row!($E, tanh, f64::tanh, $ulp),
            row!($E, sigmoid, sigmoid, $ulp),
            row!($E, softplus, softplus, $ulp),
            row!($E, erf, libm::erf, $ulp),
            row!($E, sin, f64::sin, $ulp),
            row!($E, cos, f64::cos, $ulp),
        ]
    };
}

fn single_rows() -> Vec<Row<f32>> {
    let mut rows = rows!(f32, 2.0);
    rows.extend([
        row!(f32, tan, f64::tan, 2.0),
        row!(f32, sinh, f64::sinh, 2.0),
        row!(f32, cosh, f64::cosh, 2.0),
        row!(f32, asin, f64::asin, 2.0),
        row!(f32, acos, f64::acos, 2.0),
        row!(f32, atan, f64::atan, 2.0),
    ]);
    rows
}

/// Every instruction set that this machine has and `run` distinguishes.
fn levels() -> Vec<Level> {
    let best = level();
    let mut levels = vec![best];
    #[cfg(target_arch = "x86_64")]
    if best.as_avx512().is_some() {
        levels.extend(best.as_avx2().map(Level::Avx2));
    }
    levels.push(Level::baseline());
    levels
}

/// Whether two instruction sets must agree to the last bit: those with a fused multiply-add.
fn fuses(level: Level) -> bool {
    #[cfg(target_arch = "x86_64")]
    return level.as_avx2().is_some();
    #[cfg(not(target_arch = "x86_64"))]
    return !level.is_fallback();
}

/// The distance of `found` from `expected` in units of single precision's last place at `expected`.
fn ulps_single(found: f32, expected: f64) -> f64 {
    let nearest = expected as f32;
    if found == nearest || found.is_nan() && nearest.is_nan() {
        return 0.0;
    }
    let size = (expected.abs() as f32).clamp(f32::MIN_POSITIVE, f32::MAX);
    let ulp = 2_f64.powi((size.to_bits() >> 23) as i32 - 150);
    // an overflow counts as the number after the largest one
    let reach = |x: f64| x.clamp(-2_f64.powi(128), 2_f64.powi(128));
    let error = (reach(f64::from(found)) - reach(expected)).abs() / ulp;
    if error.is_nan() { f64::INFINITY } else { error }
}

/// The same for double precision, by counting the numbers between.
fn ulps_double(found: f64, expected: f64) -> f64 {
    if found == expected || found.is_nan() && expected.is_nan() {
        return 0.0;
    }
    if found.is_nan() || expected.is_nan() {
        return f64::INFINITY;
    }
    let place = |x: f64| {
        let bits = (x.to_bits() & !(1 << 63)) as i64;
        i128::from(if x.is_sign_negative() { -bits } else { bits })
    };
    (place(found) - place(expected)).unsigned_abs() as f64
}

/// The largest error of a row over the bit patterns, and where; checks that fused instruction sets agree.
fn sweep(row: &Row<f32>, patterns: impl Iterator<Item = u32>, levels: &[Level]) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    let mut patterns = patterns.map(f32::from_bits).fuse();
    let mut arguments = vec![Pack([0.0_f32; LANES]); 256];
    loop {
        let mut filled = 0;
        for (to, from) in arguments.iter_mut().flat_map(|pack| &mut pack.0).zip(&mut patterns) {
            *to = from;
            filled += 1;
        }
        if filled == 0 {
            return worst;
        }
        let results: Vec<_> = levels
            .iter()
            .map(|&level| {
                let mut packs = arguments.clone();
                (row.lanes)(level, &mut packs);
                packs
            })
            .collect();
        for (place, &x) in arguments.iter().flat_map(|pack| &pack.0).take(filled).enumerate() {
            let expected = (row.reference)(f64::from(x));
            let at = |packs: &Vec<Pack<f32>>| packs[place / LANES].0[place % LANES];
            for (level, packs) in levels.iter().zip(&results) {
                let found = at(packs);
                let error = ulps_single(found, expected);
                if error > worst.0 {
                    worst = (error, x);
                }
                let first = at(&results[0]);
                let same = found.to_bits() == first.to_bits() || found.is_nan() && first.is_nan();
                assert!(
                    same || !fuses(*level) || !fuses(levels[0]),
                    "{} of {x:e} is {first:e}, but {found:e} on {level:?}",
                    row.name
                );
            }
        }
    }
}

/// Numbers where things change: the ends of the ranges, zeros, integers, halves, neighbours of all.
fn special_patterns() -> Vec<u32> {
    let numbers = [
        0.0,
        f32::MIN_POSITIVE,
        1e-45,
        1e-40,
        0.25,
        0.5,
        0.55,
        1.0,
        1.5,
        2.0,
        4.0,
        8.0,
        17.0,
        88.0,
        88.722_84,
        89.0,
        103.97,
        104.0,
        127.0,
        128.0,
        8_388_608.0,
        16_777_216.0,
        4_194_304.0,
        1e9,
        1e20,
        f32::MAX,
        f32::INFINITY,
        f32::NAN,
        std::f32::consts::PI,
        std::f32::consts::LN_2,
        std::f32::consts::FRAC_1_SQRT_2,
    ];
    let mut patterns = Vec::new();
    for number in numbers {
        for step in -3..=3_i32 {
            for sign in [0, 1 << 31] {
                patterns.push(f32::to_bits(number).wrapping_add_signed(step) | sign);
            }
        }
    }
    patterns
}

/// Every how manieth bit pattern is tried: all of them with `ELEMENTARY_STEP=1`.
fn step() -> usize {
    let chosen = std::env::var("ELEMENTARY_STEP").ok();
    chosen.map_or(1009, |step| step.parse().expect("a number above 0"))
}

#[test]
fn single_precision_is_within_two_ulp() {
    let (levels, step) = (levels(), step());
    for row in single_rows() {
        let positive = (0..=u32::MAX >> 1).step_by(step);
        let negative = (1 << 31..=u32::MAX).step_by(step);
        let halves = std::thread::scope(|scope| {
            let left = scope.spawn(|| sweep(&row, negative, &levels));
            let right = sweep(&row, special_patterns().into_iter().chain(positive), &levels);
            [left.join().expect("no panic"), right]
        });
        for (error, at) in halves {
            println!("{:>10}: {error:.3} ulp at {at:e}", row.name);
            assert!(error <= row.ulp, "{} is {error} ulp off at {at:e}", row.name);
        }
    }
}

struct Power<'a, E>(&'a mut [Pack<E>], &'a [Pack<E>]);
impl<E: Element> Task for Power<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (base, exponent) in self.0.iter_mut().zip(self.1) {
            let exponent = E::Lanes::load(simd, exponent);
            E::Lanes::load(simd, base).powf(exponent).store(base);
        }
    }
}

/// `base^exponent` on every instruction set.
fn powers<E: Element>(cases: &[(E, E)]) -> Vec<(Level, Vec<E>)> {
    let packs = |of: fn(&(E, E)) -> E| -> Vec<Pack<E>> {
        cases.chunks(LANES).map(|chunk| Pack(std::array::from_fn(|lane| chunk.get(lane).map_or(E::ONE, of)))).collect()
    };
    let power = |level| {
        let (mut bases, exponents) = (packs(|case| case.0), packs(|case| case.1));
        run(level, Power(&mut bases, &exponents));
        bases.iter().flat_map(|pack| pack.0).take(cases.len()).collect()
    };
    levels().into_iter().map(|level| (level, power(level))).collect()
}

#[test]
fn single_precision_powers_are_within_two_ulp() {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        2.0,
        -2.0,
        0.5,
        -0.5,
        3.0,
        -3.0,
        1e-40,
        1e30,
        -1e30,
        f32::INFINITY,
        -f32::INFINITY,
        f32::NAN,
        16_777_217.0,
    ];
    let mut cases: Vec<(f32, f32)> = special.iter().flat_map(|&x| special.iter().map(move |&y| (x, y))).collect();
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    };
    for _ in 0..100_000 {
        let x = f32::from_bits(random() & !(1 << 31));
        let y = f32::from_bits(random());
        // so that the result is neither 0 nor infinite
        let modest = (random() as f32 / u32::MAX as f32 - 0.5) * 200.0 / x.ln();
        cases.extend([(x, y), (x, modest), (-x, modest.round())]);
    }
    let mut worst = 0.0_f64;
    for (level, found) in powers(&cases) {
        for (&(x, y), found) in cases.iter().zip(found) {
            let expected = f64::from(x).powf(f64::from(y));
            let error = ulps_single(found, expected);
            worst = worst.max(error);
            assert!(error <= 2.0, "{x:e}^{y:e} is {found:e}, not {expected:e} ({level:?})");
            let sign = found.is_nan() || found.is_sign_negative() == expected.is_sign_negative();
            assert!(sign, "{x:e}^{y:e} is {found:e}, not {expected:e} ({level:?})");
        }
    }
    println!("      powf: {worst:.3} ulp");
}

fn fixture() -> impl Iterator<Item = (&'static str, f64, f64, f64)> {
    include_str!("elementary/fixture.csv").lines().map(|line| {
        let fields: Vec<&'static str> = line.split(',').collect();
        let number = |text: &str| {
            f64::from_bits(if text.is_empty() { 0 } else { u64::from_str_radix(text, 16).expect("hexadecimal") })
        };
        (fields[0], number(fields[1]), number(fields[2]), number(fields[3]))
    })
}

#[test]
fn double_precision_is_within_four_ulp() {
    for row in rows!(f64, 4.0) {
        let cases: Vec<_> = fixture().filter(|case| case.0 == row.name).collect();
        assert!(cases.len() > 500, "{} has {} cases", row.name, cases.len());
        let mut worst = (0.0, 0.0);
        for level in levels() {
            for chunk in cases.chunks(LANES) {
                let mut packs = [Pack(std::array::from_fn(|lane| chunk.get(lane).map_or(1.0, |case| case.1)))];
                (row.lanes)(level, &mut packs);
                for (lane, &(_, x, _, expected)) in chunk.iter().enumerate() {
                    let error = ulps_double(packs[0].0[lane], expected);
                    if error > worst.0 {
                        worst = (error, x);
                    }
                }
            }
        }
        println!("{:>10}: {} ulp at {:e}", row.name, worst.0, worst.1);
        assert!(worst.0 <= row.ulp, "{} is {} ulp off at {:e}", row.name, worst.0, worst.1);
    }
}

#[test]
fn single_precision_at_the_ends() {
    let ends = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e-45, -1e-45, f32::MAX, f32::MIN, -1.0, -2.0];
    for row in single_rows() {
        for level in levels() {
            let mut packs = [Pack(std::array::from_fn(|lane| ends.get(lane).copied().unwrap_or(1.0)))];
            (row.lanes)(level, &mut packs);
            for (&x, &found) in ends.iter().zip(&packs[0].0) {
                let expected = (row.reference)(f64::from(x));
                let signs = expected.is_nan() || expected.is_sign_negative() == found.is_sign_negative();
                let near = ulps_single(found, expected) <= row.ulp;
                assert!(signs && near, "{} of {x:e} is {found:e}, not {expected:e}", row.name);
            }
        }
    }
}

#[test]
fn double_precision_at_the_ends() {
    let ends = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324, -5e-324, f64::MAX, f64::MIN, -1.0, -2.0];
    for row in rows!(f64, 4.0) {
        for level in levels() {
            let mut packs = [Pack(std::array::from_fn(|lane| ends.get(lane).copied().unwrap_or(1.0)))];
            (row.lanes)(level, &mut packs);
            for (&x, &found) in ends.iter().zip(&packs[0].0) {
                let expected = (row.reference)(x);
                let signs = expected.is_nan() || expected.is_sign_negative() == found.is_sign_negative();
                let near = ulps_double(found, expected) <= row.ulp;
                assert!(signs && near, "{} of {x:e} is {found:e}, not {expected:e}", row.name);
            }
        }
    }
}

#[test]
fn double_precision_has_the_same_bits_where_multiply_and_add_fuse() {
    let fused: Vec<Level> = levels().into_iter().filter(|&l| fuses(l)).collect();
    for row in rows!(f64, 4.0) {
        for case in fixture() {
            let x = case.1;
            let [first, others @ ..] = &fused[..] else {
                return;
            };
            let at = |level| {
                let mut packs = [Pack([x; LANES])];
                (row.lanes)(level, &mut packs);
                packs[0].0.map(|y| if y.is_nan() { 0 } else { y.to_bits() })
            };
            let expected = at(*first);
            for &level in others {
                assert_eq!(at(level), expected, "{} of {x:e} on {level:?}", row.name);
            }
        }
    }
    let cases: Vec<_> = fixture().map(|case| (case.1, case.2)).collect();
    let mut powers = powers(&cases).into_iter().filter(|(level, _)| fuses(*level));
    let Some((_, expected)) = powers.next() else {
        return;
    };
    for (level, found) in powers {
        for (a, b) in expected.iter().zip(found) {
            assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "{a:e} {b:e} {level:?}");
        }
    }
}

#[test]
fn double_precision_powers_are_within_four_ulp() {
    let cases: Vec<_> = fixture().filter(|case| case.0 == "powf").collect();
    assert!(cases.len() > 1000);
    let arguments: Vec<_> = cases.iter().map(|case| (case.1, case.2)).collect();
    let mut worst = 0.0_f64;
    for (level, found) in powers(&arguments) {
        for (&(_, x, y, expected), found) in cases.iter().zip(found) {
            let error = ulps_double(found, expected);
            worst = worst.max(error);
            assert!(error <= 4.0, "{x:e}^{y:e} is {found:e}, not {expected:e} ({level:?})");
        }
    }
    println!("      powf: {worst} ulp");
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        2.0,
        -2.0,
        0.5,
        -0.5,
        3.0,
        -3.0,
        1e-310,
        1e300,
        -1e300,
        f64::INFINITY,
        -f64::INFINITY,
        f64::NAN,
    ];
    let cases: Vec<_> = special.iter().flat_map(|&x| special.iter().map(move |&y| (x, y))).collect();
    for (level, found) in powers(&cases) {
        for (&(x, y), found) in cases.iter().zip(found) {
            let expected = x.powf(y);
            let sign = expected.is_nan() || found.is_sign_negative() == expected.is_sign_negative();
            assert!(
                sign && ulps_double(found, expected) <= 4.0,
                "{x:e}^{y:e} is {found:e}, not {expected:e} ({level:?})"
            );
        }
    }
}
