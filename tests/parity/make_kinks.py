#!/usr/bin/env python3
"""Writes `kinks.json`: what PyTorch answers exactly where a function has a kink, a tie or an end of its domain.

    venv/bin/python tests/parity/make_kinks.py        (the environment of make_fixtures.py)

One object a question, one a line: `expression` in our language, `torch` as asked here, `at` its arguments, the `value` and the
`gradient` by each argument in float64. Numbers that JSON lacks are the strings "inf", "-inf" and "nan". Where our convention
differs on purpose, `ours` is our gradient and `why` says the reason; otherwise both are null. `gradient` is null where PyTorch
gives none (argmax).

The answers belong to the version recorded: clamp's gradient at a scalar bound is 0 in 2.15.0 and was 1 in earlier releases.

For a reduction the arguments are the elements reduced.
"""

import json
import math
import platform
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F

NAN_BRANCH = "the branch of an `if` that is not taken contributes nothing, not even a nan"
ONE_PLACE = "a maximum over an axis has one place, the first of equals, as in a window"
POWER = "the derivative by the exponent is 0 at base 0, whatever the exponent"
AT_BOUNDS = "1 at both bounds, so that a value at its bound can come back; PyTorch's own varies with version and form of the call"


def window(reduce):
    return lambda x: reduce(x.reshape(1, 1, -1)).reshape(())


def between_tensors(x):
    return x.clamp(torch.tensor(-1.0), torch.tensor(1.0))[0]


# expression in our language, PyTorch's name, the function of one tensor of arguments, arguments, (our gradient, why)
QUESTIONS = [
    ("if x > 0 { x } else { 0 }", "relu(x)", lambda x: F.relu(x)[0], [0.0], None),
    ("if x > 0 { x } else { 0.25 * x }", "leaky_relu(x, 0.25)", lambda x: F.leaky_relu(x, 0.25)[0], [0.0], None),
    ("if x > 0 { x } else { w * x }", "prelu(x, w)", lambda x: F.prelu(x[:1], x[1:])[0], [0.0, 0.25], None),
    ("if x > 0 { x } else { 0.5 * exp_m1(x) }", "elu(x, 0.5)", lambda x: F.elu(x, 0.5)[0], [0.0], None),
    ("abs(x)", "abs(x)", lambda x: x.abs()[0], [0.0], None),
    ("sign(x)", "sign(x)", lambda x: x.sign()[0], [0.0], None),
    ("max(a, b)", "maximum(a, b)", lambda x: torch.maximum(x[0], x[1]), [1.5, 1.5], None),
    ("min(a, b)", "minimum(a, b)", lambda x: torch.minimum(x[0], x[1]), [1.5, 1.5], None),
    ("max(x, 0)", "maximum(x, 0)", lambda x: torch.maximum(x[0], torch.zeros(())), [0.0], None),
    ("max(i) x[i]", "max_pool1d(x)", window(lambda x: F.max_pool1d(x, 4)), [1.0, 2.0, 2.0, 2.0], None),
    ("max(i) x[i]", "max(x, dim=0)", lambda x: x.max(0).values, [1.0, 2.0, 2.0, 2.0], None),
    ("max(i) x[i]", "amax(x, dim=0)", lambda x: x.amax(0), [1.0, 2.0, 2.0], ([0.0, 1.0, 0.0], ONE_PLACE)),
    ("min(i) x[i]", "min(x, dim=0)", lambda x: x.min(0).values, [3.0, 2.0, 2.0, 2.0], None),
    ("min(i) x[i]", "amin(x, dim=0)", lambda x: x.amin(0), [3.0, 2.0, 2.0], ([0.0, 1.0, 0.0], ONE_PLACE)),
    ("argmax(i) x[i]", "argmax(x)", lambda x: x.argmax(), [1.0, 2.0, 2.0], None),
    ("clamp(x, -1, 1)", "clamp(x, -1, 1)", lambda x: x.clamp(-1, 1)[0], [-1.0], ([1.0], AT_BOUNDS)),
    ("clamp(x, -1, 1)", "clamp(x, -1, 1)", lambda x: x.clamp(-1, 1)[0], [1.0], ([1.0], AT_BOUNDS)),
    ("clamp(x, -1, 1)", "clamp(x, tensor(-1), tensor(1))", between_tensors, [-1.0], ([1.0], AT_BOUNDS)),
    ("clamp(x, -1, 1)", "clamp(x, tensor(-1), tensor(1))", between_tensors, [1.0], ([1.0], AT_BOUNDS)),
    ("clamp(x, -1, 1)", "hardtanh(x)", lambda x: F.hardtanh(x)[0], [-1.0], ([1.0], AT_BOUNDS)),
    ("clamp(x, -1, 1)", "hardtanh(x)", lambda x: F.hardtanh(x)[0], [1.0], ([1.0], AT_BOUNDS)),
    ("clamp(x, 0, 6)", "relu6(x)", lambda x: F.relu6(x)[0], [0.0], ([1.0], AT_BOUNDS)),
    ("clamp(x, 0, 6)", "relu6(x)", lambda x: F.relu6(x)[0], [6.0], ([1.0], AT_BOUNDS)),
    ("sqrt(x)", "sqrt(x)", lambda x: x.sqrt()[0], [0.0], None),
    ("ln(x)", "log(x)", lambda x: x.log()[0], [0.0], None),
    ("ln_1p(x)", "log1p(x)", lambda x: x.log1p()[0], [-1.0], None),
    ("1 / x", "reciprocal(x)", lambda x: x.reciprocal()[0], [0.0], None),
    ("powi(x, 0)", "pow(x, 0)", lambda x: x.pow(0)[0], [0.0], None),
    ("powi(x, 1)", "pow(x, 1)", lambda x: x.pow(1)[0], [0.0], None),
    ("powi(x, 2)", "pow(x, 2)", lambda x: x.pow(2)[0], [0.0], None),
    ("powf(x, 0.5)", "pow(x, 0.5)", lambda x: x.pow(0.5)[0], [0.0], None),
    ("powf(x, 1.5)", "pow(x, 1.5)", lambda x: x.pow(1.5)[0], [0.0], None),
    ("powf(a, b)", "pow(a, b)", lambda x: torch.pow(x[0], x[1]), [0.0, 2.0], None),
    ("powf(a, b)", "pow(a, b)", lambda x: torch.pow(x[0], x[1]), [0.0, 1.0], None),
    ("powf(a, b)", "pow(a, b)", lambda x: torch.pow(x[0], x[1]), [0.0, 0.0], None),
    ("powf(a, b)", "pow(a, b)", lambda x: torch.pow(x[0], x[1]), [0.0, 0.5], None),
    ("powf(a, b)", "pow(a, b)", lambda x: torch.pow(x[0], x[1]), [0.0, -1.0], ([-math.inf, 0.0], POWER)),
    ("powf(a, b)", "pow(a, b)", lambda x: torch.pow(x[0], x[1]), [2.0, 0.0], None),
    ("norm(i) x[i]", "linalg.vector_norm(x)", torch.linalg.vector_norm, [0.0, 0.0], None),
    ("prod(i) x[i]", "prod(x)", torch.prod, [0.0, 2.0, 3.0], None),
    ("prod(i) x[i]", "prod(x)", torch.prod, [0.0, 0.0, 3.0], None),
    ("round(x)", "round(x)", lambda x: x.round()[0], [0.5], None),
    ("round(x)", "round(x)", lambda x: x.round()[0], [1.5], None),
    ("floor(x)", "floor(x)", lambda x: x.floor()[0], [2.0], None),
    ("ceil(x)", "ceil(x)", lambda x: x.ceil()[0], [2.0], None),
    (
        "if x > 0 { sqrt(x) } else { 0 }",
        "where(x > 0, sqrt(x), 0)",
        lambda x: torch.where(x > 0, x.sqrt(), torch.zeros(()))[0],
        [0.0],
        ([0.0], NAN_BRANCH),
    ),
    (
        "if x > 0 { sqrt(x) } else { 0 }",
        "where(x > 0, sqrt(x), 0)",
        lambda x: torch.where(x > 0, x.sqrt(), torch.zeros(()))[0],
        [-1.0],
        ([0.0], NAN_BRANCH),
    ),
]


def number(x):
    x = float(x)
    return x if math.isfinite(x) else str(x)


def main():
    torch.set_default_dtype(torch.float64)
    lines = []
    for expression, name, run, at, differs in QUESTIONS:
        x = torch.tensor(at).requires_grad_()
        value = run(x)
        gradient = torch.autograd.grad(value, x)[0] if value.requires_grad else None
        ours, why = differs or (None, None)
        same = ours is not None and numpy.array_equal(gradient.numpy(), numpy.array(ours), equal_nan=True)
        assert not same, f"{name} at {at}: said to differ, and does not"
        answer = {
            "expression": expression,
            "torch": name,
            "at": at,
            "value": number(value.detach()),
            "gradient": None if gradient is None else [number(g) for g in gradient],
            "ours": ours and [number(g) for g in ours],
            "why": why,
        }
        print(name, at, answer["value"], answer["gradient"], ours or "")
        lines.append(json.dumps(answer, allow_nan=False))
    versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": numpy.__version__}
    text = f'{{"versions": {json.dumps(versions)},\n"kinks": [\n' + ",\n".join(lines) + "]}\n"
    (Path(__file__).parent / "kinks.json").write_text(text)


if __name__ == "__main__":
    main()
