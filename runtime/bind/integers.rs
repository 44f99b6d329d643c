//! Arithmetic of integers as the language means it: quotients round towards minus infinity.

/// The quotient rounded down; 0 for a divisor of 0.
#[inline(always)]
pub const fn div(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

/// The quotient rounded up; 0 for a divisor of 0.
#[inline(always)]
pub const fn ceil_div(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let quotient = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) == (b < 0) { quotient + 1 } else { quotient }
}

/// The remainder of [`div`].
#[inline(always)]
pub const fn rem(a: i64, b: i64) -> i64 {
    a.wrapping_sub(div(a, b).wrapping_mul(b))
}

/// The smaller one.
#[inline(always)]
pub const fn least(a: i64, b: i64) -> i64 {
    if a < b { a } else { b }
}

/// The larger one.
#[inline(always)]
pub const fn greatest(a: i64, b: i64) -> i64 {
    if a > b { a } else { b }
}

/// The absolute value.
#[inline(always)]
pub const fn magnitude(a: i64) -> i64 {
    a.wrapping_abs()
}

/// The square.
#[inline(always)]
pub const fn squared(a: i64) -> i64 {
    a.wrapping_mul(a)
}

/// An integer to an integer power; 0 for negative exponents of what is not ±1.
#[inline(always)]
pub const fn power(a: i64, n: i64) -> i64 {
    if n < 0 {
        return if a == 1 || (a == -1 && n % 2 == 0) {
            1
        } else if a == -1 {
            -1
        } else {
            0
        };
    }
    a.wrapping_pow(n as u32)
}

/// -1, 0 or 1.
#[inline(always)]
pub const fn sign_of(a: i64) -> i64 {
    a.signum()
}

/// A bound of a position: an integer, or what the rounding of a real number gives.
pub const fn whole(value: f64) -> i64 {
    value as i64
}

/// The nearest position in range.
#[inline(always)]
pub const fn nearest(at: i64, len: i64) -> i64 {
    greatest(least(at, len - 1), 0)
}

/// The position mirrored at the edges, which do not repeat: …, 2, 1, 0, 1, 2, …
#[inline(always)]
pub const fn reflect(at: i64, len: i64) -> i64 {
    let period = greatest(2 * (len - 1), 1);
    let folded = rem(at, period);
    least(folded, period - folded)
}
