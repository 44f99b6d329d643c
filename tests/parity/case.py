"""What a case is, and how its tensors are drawn.

A layer's case draws inputs and parameters in the order in which our layer declares them; shapes of inputs begin with the batch.
"""

from dataclasses import dataclass
from typing import Callable

import numpy

GRID = 1024  # random values are k / GRID or the like, exact in float32
BATCH = 3


@dataclass(frozen=True)
class Tensor:
    name: str
    values: numpy.ndarray
    integer: bool = False
    checkpoint: str | None = None  # the name in PyTorch's state_dict, where ours differs


class Drawn:
    """Draws a case's tensors and keeps them in order."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.inputs, self.parameters = [], []

    def normal(self, shape, scale=1.0, shift=0.0):
        """Never 0 on the grid before the shift: no activation stands on its kink by chance."""
        k = numpy.rint(self.random.normal(size=shape) * scale * GRID)
        sign = numpy.where(self.random.random(size=shape) < 0.5, -1.0, 1.0)
        return (numpy.where(k == 0, sign, k) + shift * GRID) / GRID

    def distinct(self, shape):
        """All different, in about [-4, 4]: a maximum has one place."""
        count = int(numpy.prod(shape))
        assert count <= 8 * GRID
        return (self.random.choice(8 * GRID, size=count, replace=False) - 4.0 * GRID + 0.5).reshape(shape) / GRID

    def input(self, values, name="x"):
        self.inputs.append(Tensor(name, exact(values)))

    def tokens(self, values, name="token"):
        self.inputs.append(Tensor(name, numpy.asarray(values, dtype=numpy.int64), integer=True))

    def parameter(self, name, values, checkpoint=None):
        self.parameters.append(Tensor(name, exact(values), checkpoint=checkpoint))

    def cotangent(self, shape):
        return Tensor("y", exact(self.normal(shape)))


def exact(values):
    values = numpy.asarray(values, dtype=numpy.float64)
    assert (values == values.astype(numpy.float32)).all(), "not exact in float32"
    return values


@dataclass(frozen=True)
class LayerCase:
    name: str
    rust: str
    torch: Callable
    draw: Callable[[Drawn], None]
    training: bool = True  # False: the layer is asked in evaluation
    flat: bool = False  # constant almost everywhere: PyTorch's gradient is zero, and our layer refuses to have one
    saturated: bool = False  # 1 - y is about all that is left of some gradient: nearly equal numbers cancel


@dataclass(frozen=True)
class LossCase:
    name: str
    rust: str
    torch: Callable
    draw: Callable[[Drawn], None]


def expression(layer, *fields, **setters):
    """The Rust expression: `expression("Conv2d", 4, 3, stride=2)` is `Conv2d::new(4, 3).stride(2)`."""

    def literal(value):
        return str(value).lower() if isinstance(value, bool) else repr(value)

    text = f"{layer}::new({', '.join(map(literal, fields))})"
    return text + "".join(f".{name}({literal(value)})" for name, value in setters.items())


def around(centre, spread=1.0):
    return lambda d, shape: d.normal(shape, spread, centre)
