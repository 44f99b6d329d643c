"""The coefficients in engine/lanes/elementary: `pip install mpmath`, then run; prints them, with each fit's largest error.

Each is the interpolation of a smooth function at Chebyshev's points (within a small factor of the minimax polynomial), lowest
power first, rounded to the precision it is used in.
"""
from mpmath import mp, mpf, exp, log, tanh, erf, erfc, sqrt, cos, pi, matrix, lu_solve
import struct

mp.dps = 60


def single(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def fit(name, f, low, high, degree, rounded=float, weight=lambda x: 1):
    low, high, n = mpf(low), mpf(high), degree + 1
    points = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    powers = matrix(n, n)
    for i, x in enumerate(points):
        for j in range(n):
            powers[i, j] = x**j
    coefficients = [rounded(c) for c in lu_solve(powers, matrix([f(x) for x in points]))]
    value = lambda x: sum(mpf(c) * x**j for j, c in enumerate(coefficients))
    grid = [low + (high - low) * k / 997 for k in range(998)]
    worst = max(abs((value(x) - f(x)) * weight(x)) for x in grid)
    print(f"\n// {name}: largest error {float(worst):.1e}")
    print(",\n".join(f"    {c!r}" for c in coefficients))


def away(x, f, series):
    """f, or its series where f would be 0/0."""
    return f(x) if abs(x) > mpf(10) ** -12 else mpf(series)


half = log(mpf(2)) / 2 * mpf("1.001")
exp_tail = lambda r: away(r, lambda r: (exp(r) - 1 - r) / r**2, 0.5)
fit("EXP_32", exp_tail, -half, half, 4, single, lambda r: r**2)
fit("EXP_64", exp_tail, -half, half, 9, float, lambda r: r**2)
fit("LN_32", lambda f: away(f, lambda f: (log(1 + f) - f + f**2 / 2) / f**3, mpf(1) / 3),
    sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1, 8, single, lambda f: f**2)
fit("TANH_32", lambda z: away(z, lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 3), 0, mpf("0.57") ** 2, 5, single, lambda z: z)
fit("ERF_NEAR", lambda z: away(z, lambda z: erf(sqrt(z)) / sqrt(z), 2 / sqrt(pi)) - 1, 0, 1, 12, float)
# erfc(x) exp(x^2) in t = (x - 2.5) / (x + 2.5), 1 <= x <= 6
A = mpf("2.5")
at = lambda t: A * (1 + t) / (1 - t)
fit("ERF_FAR", lambda t: erfc(at(t)) * exp(at(t) ** 2), (1 - A) / (1 + A), (6 - A) / (6 + A), 17, float, lambda t: exp(-at(t)**2))
atanh_tail = lambda z: away(z, lambda z: ((log((1 + sqrt(z)) / (1 - sqrt(z)))) / sqrt(z) - 2 - 2 * z / 3) / z**2, mpf(2) / 5)
fit("ATANH", atanh_tail, 0, (sqrt(mpf(2)) - 1) ** 2 / (sqrt(mpf(2)) + 1) ** 2 * mpf("1.01"), 8, float, lambda z: z**2)

print("\n// pi/2 in three parts of 33 bits and the rest; ln 2 in 32 bits (f64) or 12 (f32) and the rest")
rest = pi / 2
for _ in range(3):
    m, e = mp.frexp(rest)
    part = mp.ldexp(mp.floor(m * 2**33), e - 33)
    print(repr(float(part)))
    rest -= part
print(repr(float(rest)))
rest = pi / 2
m, e = mp.frexp(rest)
part = mp.ldexp(mp.floor(m * 2**25), e - 25)
print("25 bits", repr(float(part)), repr(float(rest - part)))
for bits, rounded in ((32, float), (12, single)):
    m, e = mp.frexp(log(mpf(2)))
    part = mp.ldexp(mp.nint(m * 2**bits), e - bits)
    print(repr(float(part)), repr(rounded(log(mpf(2)) - part)))
print("ln2 dd", repr(float(log(mpf(2)))), repr(float(log(mpf(2)) - mpf(float(log(mpf(2)))))))
print("2/3 dd", repr(float(mpf(2)/3)), repr(float(mpf(2)/3 - mpf(float(mpf(2)/3)))))
