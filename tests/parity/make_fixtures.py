#!/usr/bin/env python3
"""Writes the fixtures of the parity tests: what PyTorch computes for every layer and loss that it has too.

    python3 -m venv venv && venv/bin/pip install torch numpy && venv/bin/python tests/parity/make_fixtures.py

Output: `fixtures/<layer>.json` beside this file, one object a layer, its cases in the order of `layers.py` and `losses.py`; the
versions used are in each. The same versions on the same kind of machine write the same bytes.

- Computed in float64, on one thread. Every input, parameter and cotangent is exact in float32 as well, so an f32 run answers
  the same question and owes nothing to rounded inputs.
- Each case has its own generator, seeded by its layer and name: adding a case leaves the others as they are.
- Gradients are those of sum(cotangent * output): those of the parameters are sums over the batch.
- No random value lies on a kink; cases that are about a kink say so in their name.
- Every case is run once more in float32 and must meet the tolerance that the Rust tests ask of f32.
"""

import json
import platform
import zlib
from pathlib import Path

import numpy
import torch

from case import Drawn, LossCase
from layers import LAYERS
from losses import LOSSES

F32_TOLERANCE = 1e-5
SMALLEST_SCALE = 1e-2  # this and `check_single` as in compare.rs
LARGEST_FILE = 200_000


def evaluate_layer(case, drawn, dtype):
    """Output, input gradients (None for integers, and where the layer is flat) and parameter gradients, all as float64 arrays."""
    inputs = [torch.tensor(d.values, dtype=None if d.integer else dtype) for d in drawn.inputs]
    parameters = [torch.tensor(d.values, dtype=dtype) for d in drawn.parameters]
    leaves = [t.requires_grad_() for t in [*inputs, *parameters] if t.is_floating_point() and not case.flat]
    output = case.torch(*inputs, **{d.name: p for d, p in zip(drawn.parameters, parameters)})
    cotangent = drawn.cotangent(tuple(output.shape))
    gradients = torch.autograd.grad(output, leaves, torch.tensor(cotangent.values, dtype=dtype)) if leaves else []
    found = {id(leaf): gradient.double().numpy() for leaf, gradient in zip(leaves, gradients)}
    return (
        [output.detach().double().numpy()],
        [found.get(id(t)) for t in inputs],
        [found[id(t)] for t in parameters],
        cotangent,
    )


def layer_object(name, case):
    def run(dtype):
        drawn = Drawn(seed(name, case))
        case.draw(drawn)
        return drawn, evaluate_layer(case, drawn, dtype)

    drawn, (outputs, input_gradients, parameter_gradients, cotangent) = run(torch.float64)
    _, single = run(torch.float32)
    for exact, rounded in zip([outputs, input_gradients, parameter_gradients], single):
        for e, r in zip(exact, rounded):
            check_single(name, case, e, r)
    return {
        "case": case.name,
        "layer": case.rust,
        "training": case.training,
        "saturated": case.saturated,
        **({"flat": True} if case.flat else {}),
        "inputs": [of_drawn(d) for d in drawn.inputs],
        "parameters": [of_drawn(d) for d in drawn.parameters],
        "cotangent": of_drawn(cotangent),
        "outputs": [tensor("y", a) for a in outputs],
        "input_gradients": [a if a is None else tensor(d.name, a) for d, a in zip(drawn.inputs, input_gradients)],
        "parameter_gradients": [tensor(d.name, a) for d, a in zip(drawn.parameters, parameter_gradients)],
    }


def loss_object(name, case):
    drawn = Drawn(seed(name, case))
    case.draw(drawn)
    prediction, target = drawn.inputs

    def run(dtype):
        p = torch.tensor(prediction.values, dtype=dtype).requires_grad_()
        t = torch.tensor(target.values, dtype=None if target.integer else dtype)
        mean = case.torch(p, t)
        (gradient,) = torch.autograd.grad(mean, p)
        return mean.detach().double().numpy(), gradient.double().numpy()

    mean, gradient = run(torch.float64)
    for exact, rounded in zip((mean, gradient), run(torch.float32)):
        check_single(name, case, exact, rounded)
    return {
        "case": case.name,
        "layer": case.rust,
        "prediction": of_drawn(prediction),
        "target": of_drawn(target),
        "mean": float(mean),
        "prediction_gradient": tensor(prediction.name, gradient),
    }


def seed(name, case):
    return zlib.crc32(f"{name}: {case.name}".encode())


def check_single(name, case, exact, rounded):
    """PyTorch's own float32 must reach the tolerance, or the case asks for the impossible."""
    if exact is None:
        return
    scale = numpy.abs(exact).max()
    if scale == 0 or getattr(case, "saturated", False):
        scale = max(scale, SMALLEST_SCALE)
    worst = numpy.abs(exact - rounded).max() / scale
    assert worst <= F32_TOLERANCE, f"{name}, {case.name}: float32 is off by {worst:.1e} of {scale:.1e}"


def of_drawn(drawn):
    return tensor(drawn.name, drawn.values, drawn.checkpoint)


def tensor(name, array, checkpoint=None):
    integer = array.dtype.kind == "i"
    if not integer:
        assert numpy.isfinite(array).all(), name
    found = {"name": name, "shape": list(array.shape), "integer": integer, "values": array.reshape(-1).tolist()}
    if checkpoint:
        found["checkpoint"] = checkpoint
    return found


def text(document):
    """JSON with one tensor a line: small, and a changed tensor is a changed line. Floats in the shortest form that reads back exactly."""

    def one(value):
        return json.dumps(value, allow_nan=False, separators=(",", ":"))

    def entry(key, value):
        if isinstance(value, list) and value and not all(v is None for v in value):
            return f'{one(key)}:[\n   ' + ",\n   ".join(one(v) for v in value) + "]"
        return f"{one(key)}:{one(value)}"

    cases = ",\n".join("{" + ",\n  ".join(entry(k, v) for k, v in c.items()) + "}" for c in document["cases"])
    head = ",\n".join(entry(k, v) for k, v in document.items() if k != "cases")
    return "{" + head + ',\n"cases":[\n' + cases + "]}\n"


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    folder = Path(__file__).parent / "fixtures"
    folder.mkdir(exist_ok=True)
    versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": numpy.__version__}
    total = 0
    for name, cases in {**LAYERS, **LOSSES}.items():
        assert len(cases) >= 3, name
        assert len({c.name for c in cases}) == len(cases), f"{name}: a name twice"
        make = loss_object if isinstance(cases[0], LossCase) else layer_object
        document = {"layer": name, "versions": versions, "cases": [make(name, case) for case in cases]}
        written = text(document)
        assert json.loads(written) == document, name
        assert len(written) <= LARGEST_FILE, f"{name}: {len(written)} bytes"
        (folder / f"{name}.json").write_text(written)
        total += len(written)
        print(f"{name:24} {len(cases):3} cases {len(written):8} bytes")
    kept = {f"{name}.json" for name in [*LAYERS, *LOSSES]}
    for stray in folder.glob("*.json"):
        if stray.name not in kept:
            stray.unlink()
    print(f"{total} bytes")


if __name__ == "__main__":
    main()
