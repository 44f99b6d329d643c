//! In: a function of one number, as the terms of a sum. Out: its slope by five-point central differences, and whether there seems to be
//! a kink or a jump. Accurate to about 1e-12 of the terms where the function is smooth on the scale of the number (or of 1).

use crate::error::Error;

/// A slope.
pub(super) struct Estimate {
    pub(super) slope: f64,
    /// No two step sizes agree, or the slopes from the left and from the right do not.
    pub(super) kink: bool,
}

/// The first step, as a part of the number, or of 1 where that is larger; the further ones are a quarter each.
const FIRST: f64 = 1e-3;
const STEPS: i32 = 6;
/// Two step sizes that agree so well settle it; the best two that agree worse than `KINK` do not.
const SETTLED: f64 = 1e-11;
const KINK: f64 = 1e-6;

/// The slope of `f`'s sum at `x`, where its terms are `here` and their absolute values add up to `size`.
pub(super) fn estimate(
    x: f64,
    here: &[f64],
    size: f64,
    mut f: impl FnMut(f64) -> Result<Vec<f64>, Error>,
) -> Result<Estimate, Error> {
    let mut best = (f64::INFINITY, f64::NAN);
    let mut before: Option<Slopes> = None;
    let mut bent = false;
    for step in 0..STEPS {
        let h = FIRST * x.abs().max(1.0) / 4.0_f64.powi(step);
        let slopes = slopes(x, h, here, &mut f)?;
        if let Some(before) = before {
            let scale = slopes.central.abs().max(1e-4 * size).max(f64::MIN_POSITIVE);
            // Where f is smooth, left and right slopes approach each other as h shrinks.
            bent = slopes.bend > 1e-3 * scale && slopes.bend > 0.5 * before.bend;
            // Of two steps that differ by rounding only, the larger is more accurate, else the smaller.
            let apart = (slopes.central - before.central).abs();
            let rounding = 4.0 * f64::EPSILON * size / h;
            let (error, slope) =
                if apart <= rounding { (rounding / 4.0, before.central) } else { (apart, slopes.central) };
            if error / scale < best.0 {
                best = (error / scale, slope);
            }
            if !bent && (best.0 <= SETTLED || apart <= rounding) {
                break;
            }
        }
        before = Some(slopes);
    }
    let (error, slope) = best;
    Ok(Estimate { slope, kink: bent || error > KINK || slope.is_nan() })
}

struct Slopes {
    central: f64,
    /// How far the slope from the right is from that from the left.
    bend: f64,
}

// f'(x) ≈ (f(x - 2h) - 8 f(x - h) + 8 f(x + h) - f(x + 2h)) / 12h, with an error of h⁴ f⁽⁵⁾(x) / 30
fn slopes(x: f64, h: f64, here: &[f64], f: &mut impl FnMut(f64) -> Result<Vec<f64>, Error>) -> Result<Slopes, Error> {
    // The numbers that are really h apart.
    let (near, far) = ((x + h) - x, (x + 2.0 * h) - x);
    let (a, b) = (f(x - far)?, f(x - near)?);
    let (c, d) = (f(x + near)?, f(x + far)?);
    // Differences of terms first: what does not depend on x cancels exactly.
    let (mut sum, mut bend) = (0.0, 0.0);
    for (at, here) in here.iter().enumerate() {
        sum += 8.0 * (c[at] - b[at]) - (d[at] - a[at]);
        bend += (c[at] - here) - (here - b[at]);
    }
    Ok(Slopes { central: sum / (12.0 * h), bend: (bend / h).abs() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, f: impl Fn(f64) -> f64) -> Estimate {
        estimate(x, &[f(x)], f(x).abs(), |x| Ok(vec![f(x)])).unwrap()
    }

    #[test]
    fn slopes_of_smooth_functions() {
        type Case = (&'static str, fn(f64) -> f64, f64, f64);
        let table: [Case; 7] = [
            ("exp", f64::exp, 1.0, 1.0_f64.exp()),
            ("sin far out", f64::sin, 100.0, 100.0_f64.cos()),
            ("ln near 0", f64::ln, 1e-3, 1e3),
            ("constant", |_| 3.0, 2.0, 0.0),
            ("square at 0", |x| x * x, 0.0, 0.0),
            ("steep", |x| (50.0 * x).tanh(), 0.01, 50.0 / 0.5_f64.cosh().powi(2)),
            ("beside a kink", f64::abs, 1e-4, 1.0),
        ];
        for (name, f, x, expected) in table {
            let found = at(x, f);
            assert!(!found.kink, "{name}");
            assert!((found.slope - expected).abs() <= 1e-8 * expected.abs().max(1e-3), "{name}: {}", found.slope);
        }
    }

    #[test]
    fn kinks_and_jumps_are_suspected() {
        assert!(at(0.0, |x| x.max(0.0)).kink);
        assert!(at(1.0, |x| (x - 1.0).abs() + x).kink);
        assert!(at(0.5, f64::round).kink);
        assert!(at(1e-7, |x| x.max(0.0)).kink);
    }
}
