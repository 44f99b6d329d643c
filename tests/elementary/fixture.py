"""Makes fixture.csv: `pip install mpmath`, then run here. One line a case: function, argument(s) and the result rounded to
double precision, as the bits of the doubles in hexadecimal."""
from mpmath import mp, mpf, exp, expm1, log, log1p, tanh, sin, cos, erf, power, inf, nan
import random
import struct

mp.dps = 60
# enough for sin(1e308) and for results that are tiny differences
mp.prec = 2400
random.seed(1)


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def of_bits(b):
    return struct.unpack("<d", struct.pack("<Q", b))[0]


def rounded(x):
    try:
        return float(x)  # mpmath rounds to nearest, subnormal numbers too
    except OverflowError:
        return float("inf") if x > 0 else -float("inf")


FUNCTIONS = {
    "exp": exp, "exp_m1": expm1, "ln": log, "ln_1p": log1p, "tanh": tanh, "sin": sin, "cos": cos, "erf": erf,
    "sigmoid": lambda x: 1 / (1 + exp(-x)), "softplus": lambda x: log1p(exp(x)),
}
SPANS = {"exp": 750, "exp_m1": 750, "tanh": 25, "erf": 7, "sigmoid": 750, "softplus": 760, "sin": 2.0**21, "cos": 2.0**21, "ln": 3, "ln_1p": 3}

with open("fixture.csv", "w") as out:
    for name, f in FUNCTIONS.items():
        points = []
        for _ in range(250):
            points.append(random.uniform(-SPANS[name], SPANS[name]))
            points.append(random.uniform(-2, 2))
        for exponent in range(-1074, 1024, 7):
            for sign in (1, -1):
                points.append(sign * random.uniform(1, 2) * 2.0**exponent)
        if name in ("sin", "cos"):
            points += [k * 1.5707963267948966 for k in range(1, 60)] + [2.0**k for k in range(15, 40)]
        if name in ("ln", "ln_1p"):
            base = 1.0 if name == "ln" else 0.0
            points += [base + s * 2.0**-k for k in range(1, 53) for s in (1, -1)]
        for x in points:
            wide = mpf(x)
            if name == "ln" and x <= 0 or name == "ln_1p" and x <= -1:
                continue
            if name in ("exp", "exp_m1") and x > 800:
                y = float("inf")
            elif name == "exp" and x < -800:
                y = 0.0
            elif name == "sigmoid" and abs(x) > 800:
                y = float(x > 0)
            elif name == "softplus" and abs(x) > 800:
                y = max(x, 0.0)
            elif name in ("tanh", "erf") and abs(x) > 800:
                y = 1.0 if x > 0 else -1.0
            elif name == "exp_m1" and x < -800:
                y = -1.0
            else:
                y = rounded(f(wide))
            out.write(f"{name},{bits(x):x},,{bits(y):x}\n")
    count = 0
    while count < 1500:
        x = random.choice([random.uniform(0, 3), of_bits(random.getrandbits(63)), 1 + random.uniform(-1e-3, 1e-3), random.uniform(1, 1e4)])
        y = random.choice([random.uniform(-5, 5), random.uniform(-800, 800), random.uniform(-1e6, 1e6), of_bits(random.getrandbits(64)), float(random.randint(-20, 20))])
        if not (0 < x < float("inf") and abs(y) < float("inf")):
            continue
        estimate = y * log(mpf(x))
        if estimate > 800 or estimate < -800:
            if random.random() < 0.9:
                continue
            z = float("inf") if estimate > 0 else 0.0
        else:
            z = rounded(exp(estimate))
        out.write(f"powf,{bits(x):x},{bits(y):x},{bits(z):x}\n")
        count += 1
