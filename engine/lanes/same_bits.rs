//! For tests: that results have the same bits wherever multiply-adds are fused. One machine seldom has all instruction sets, so the
//! bits are stored as a digest, which each of them has to meet. AVX2 and NEON have been seen to; AVX-512 not yet.

use super::{Element, LANES, Lanes, Level, Simd, Task, Value, draws, run};
use crate::lanes::DrawKey;

/// FNV-1a over the bits of numbers.
pub(crate) struct Digest(pub(crate) u64);

impl Digest {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// All NaN are one: which of them comes out is nobody's promise.
    pub(crate) fn add(&mut self, number: f64) {
        let number = if number.is_nan() { f64::NAN.abs() } else { number };
        for byte in number.to_bits().to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// The instruction sets of this machine with fused multiply-adds.
pub(crate) fn fused_levels() -> Vec<Level> {
    let best = super::level();
    let mut levels = vec![];
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = best.as_avx2() {
        levels.push(avx2.level());
        if best.as_avx512().is_some() {
            levels.push(best);
        }
    }
    if cfg!(target_arch = "aarch64") {
        levels.push(best);
    }
    levels
}

/// Every function that is made of operations of the lanes (the rest is `std`'s, the same for all), at numbers of all sizes.
struct Everything<E>(std::marker::PhantomData<E>);

impl<E: Element> Task for Everything<E> {
    type Output = Vec<(&'static str, u64)>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let mut digests = vec![];
        macro_rules! functions {
            ($($function:ident)*) => { $(
                let mut digest = Digest::new();
                for block in 0..BLOCKS {
                    let x = E::Lanes::from_array(simd, std::array::from_fn(|lane| number(block, lane)));
                    let y = E::Lanes::from_array(simd, std::array::from_fn(|lane| number(block + 1, 15 - lane)));
                    for result in functions::$function(x, y).to_array() {
                        digest.add(result.to_f64());
                    }
                }
                digests.push((stringify!($function), digest.0));
            )* };
        }
        functions!(add sub mul div mul_add sqrt floor ceil round trunc exp exp_m1 ln ln_1p sigmoid softplus powf sin cos tanh erf
            powi sign min max div_floor rem_floor reduce_sum);
        let mut digest = Digest::new();
        let key = DrawKey { seed: 3, step: 1 << 33, site: 5 };
        let samples = std::array::from_fn(|lane| lane as u64);
        for element in 0..BLOCKS as u32 {
            let normal = draws::standard_normal::<S, E>(simd, key, &[element; LANES], &samples);
            let gumbel = draws::gumbel::<S, E>(simd, key, &[element; LANES], &samples);
            normal.to_array().into_iter().chain(gumbel.to_array()).for_each(|draw| digest.add(draw.to_f64()));
        }
        digests.push(("draws", digest.0));
        digests
    }
}

const BLOCKS: usize = 3;

/// Zeros, infinities, NaN, subnormal numbers, and 1e-6 to 1e3 with both signs.
fn number<E: Element>(block: usize, lane: usize) -> E {
    let special = [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-40, -3e-320, 1.0];
    let at = block * LANES + lane;
    match (block, lane) {
        (0, 0..8) => E::from_f64(special[lane]),
        // Products alone: `std`'s powers differ from platform to platform.
        _ => {
            let power = (0..at * 7 % 10).fold(1e-6, |power, _| power * 10.0);
            let sign = if at.is_multiple_of(3) { -1.0 } else { 1.0 };
            E::from_f64(sign * power * (1.0 + (at * 37 % 101) as f64 / 101.0))
        }
    }
}

/// What is computed of two values.
mod functions {
    use super::{Lanes, Simd, Value};

    macro_rules! functions {
        ($($name:ident($x:ident, $y:ident) $result:expr;)*) => { $(
            #[inline(always)]
            pub(super) fn $name<S: Simd, V: Lanes<S>>($x: V, $y: V) -> V {
                $result
            }
        )* };
    }

    functions! {
        add(x, y) x + y;
        sub(x, y) x - y;
        mul(x, y) x * y;
        div(x, y) x / y;
        mul_add(x, y) x.mul_add(y, x);
        sqrt(x, _y) x.abs().sqrt();
        floor(x, _y) x.floor();
        ceil(x, _y) x.ceil();
        round(x, _y) x.round();
        trunc(x, _y) x.trunc();
        exp(x, _y) x.exp();
        exp_m1(x, _y) x.exp_m1();
        ln(x, _y) x.abs().ln();
        ln_1p(x, _y) x.abs().ln_1p();
        sigmoid(x, _y) x.sigmoid();
        softplus(x, _y) x.softplus();
        powf(x, y) x.abs().powf(y);
        // Not infinite: that is `std`'s.
        sin(x, _y) limited(x).sin();
        cos(x, _y) limited(x).cos();
        tanh(x, _y) x.tanh();
        erf(x, _y) x.erf();
        powi(x, _y) x.powi(-3);
        sign(x, _y) x.sign();
        min(x, y) x.min(y);
        max(x, y) x.max(y);
        div_floor(x, y) x.div_floor(y);
        rem_floor(x, y) x.rem_floor(y);
        reduce_sum(x, y) x.constant(Element::to_f64(limited(x).mul_add(limited(y), x.constant(0.1)).reduce_sum()));
    }

    use super::Element;

    #[inline(always)]
    fn limited<V: Value>(x: V) -> V {
        let finite = V::select(x.is_eq(x), x, x.constant(0.5));
        finite.clamp(x.constant(-1e3), x.constant(1e3))
    }
}

#[test]
fn functions_have_the_same_bits_where_multiply_adds_are_fused() {
    fn of<E: Element>(level: Level) -> Vec<(&'static str, u64)> {
        run(level, Everything::<E>(std::marker::PhantomData))
    }
    for level in fused_levels() {
        let found = of::<f32>(level).into_iter().zip(of::<f64>(level));
        let found: Vec<_> = found.map(|((name, single), (_, double))| (name, single, double)).collect();
        assert!(found == DIGESTS, "at {level:?}: {found:#x?}");
    }
}

/// The digests for `f32` and `f64`.
const DIGESTS: &[(&str, u64, u64)] = &[
    ("add", 0xb401c453370ef08, 0x22a8031551056e2d),
    ("sub", 0x53a7d5af4c8b069e, 0x1915aa7bd43fff65),
    ("mul", 0x5309d2b050d9a83c, 0xa4d7da19a4e4d732),
    ("div", 0xff1df1d89e80197d, 0x2d5470c6377a11f1),
    ("mul_add", 0xd28a6b3e77463a97, 0x17b0b353592b23a9),
    ("sqrt", 0x2f45a4ff2d258000, 0xd5619fc40774cab2),
    ("floor", 0x327ad902620c0140, 0xbe9b311c178d2be5),
    ("ceil", 0x639dbd48022c0795, 0x639dbd48022c0795),
    ("round", 0x5d65f36d1a6b4468, 0x5d65f36d1a6b4468),
    ("trunc", 0xbaf0001733beda71, 0xbaf0001733beda71),
    ("exp", 0xb4dfbfa538fa4b28, 0x884da79b4e93a37),
    ("exp_m1", 0xd4ef7039a574c584, 0xe2c92cf92cbbc119),
    ("ln", 0x24693f4b446a2aa7, 0xf5d0f60005e091d3),
    ("ln_1p", 0x95ed2c1fd7079d6a, 0xf19544db9170adc),
    ("sigmoid", 0x767e466f408dfc86, 0x13049d9441842b8d),
    ("softplus", 0x7451b13688e810f8, 0x6442843c125d43b4),
    ("powf", 0xd1a9f920bbbf7318, 0xa14ae6133657d8df),
    ("sin", 0x7ad4bcf4e901a9ff, 0x116c7d1a9d5af0e2),
    ("cos", 0x1a8f4d291a23a147, 0xebb349a5f9525aed),
    ("tanh", 0xba6dc2bf353eb84, 0x41f45fb6a534d610),
    ("erf", 0x7bd0d15cf8db9b76, 0x1cd4b7f2e6d86db5),
    ("powi", 0x932b0cd21242f949, 0x511f362cd96eccd8),
    ("sign", 0xca9bf69f7045a180, 0x3eea1e357ea791fd),
    ("min", 0xda8f416145ada1c, 0xabc8264eb6470d67),
    ("max", 0xcbe6c9f3cecd1166, 0xe092d7644bf7ba12),
    ("div_floor", 0x62fcff2337d10ee2, 0x190c6684692756db),
    ("rem_floor", 0x42e19719297a3984, 0x3e96b6b62e208d6c),
    ("reduce_sum", 0xa0df5a66b77b1ae5, 0x6ab203718a3a105),
    ("draws", 0x944e895f8a91b33e, 0xa19f84e43f0c3366),
];
