"""The cases of the losses: each as our language writes it (`rust`) beside what PyTorch calls it (`torch`)."""

import numpy
import torch.nn.functional as F

from case import BATCH, LossCase, around


def cross_entropy(name, shape, values=None, labels=None, batch=BATCH):
    def draw(d):
        d.input(d.normal((batch, *shape)) if values is None else values(d, (batch, *shape)), "logits")
        d.tokens(d.random.integers(0, shape[-1], size=(batch, *shape[:-1])) if labels is None else labels, "label")

    # PyTorch wants the classes on axis 1; every position weighs the same, so the mean over all is the mean of means
    return LossCase(name, "CrossEntropy", lambda p, t: F.cross_entropy(p.reshape(-1, shape[-1]), t.reshape(-1)), draw)


def with_target(layer, name, shape, run, prediction=None, target=None, batch=BATCH):
    def draw(d):
        d.input(d.normal((batch, *shape)) if prediction is None else prediction(d, (batch, *shape)), "prediction")
        d.input(d.normal((batch, *shape)) if target is None else target(d, (batch, *shape)), "target")

    return LossCase(name, layer, run, draw)


def bits(d, shape):
    return d.random.integers(0, 2, size=shape)


def soft(d, shape):
    return d.random.integers(0, 65, size=shape) / 64


FAR = numpy.array([1000.0, -1000.0, 0.0])

CROSS_ENTROPY = [
    cross_entropy("vector", [5]),
    cross_entropy("two classes", [2]),
    cross_entropy("positions", [4, 5]),
    cross_entropy("two axes of positions", [2, 3, 4]),
    cross_entropy("far off together", [4], around(1000)),
    cross_entropy("1000 apart, right", [3], lambda d, s: d.normal(s) + FAR, [0, 0, 0]),
    cross_entropy("1000 apart, wrong", [3], lambda d, s: d.normal(s) + FAR, [1, 1, 2]),
    cross_entropy("equal logits", [4], lambda d, s: numpy.zeros(s)),
    cross_entropy("batch of 1", [6], batch=1),
    cross_entropy("batch of 19: a full tile and a partial one", [3], batch=19),
]

BINARY_CROSS_ENTROPY = [
    with_target("BinaryCrossEntropy", name, shape, F.binary_cross_entropy_with_logits, prediction, target, batch)
    for name, shape, prediction, target, batch in [
        ("vector, hard targets", [5], None, bits, 3),
        ("soft targets", [4], None, soft, 3),
        ("picture", [2, 3, 2], None, bits, 3),
        ("one output", [1], None, bits, 3),
        ("near 20", [4], around(20), bits, 3),
        ("near -20", [4], around(-20), bits, 3),
        ("far off, right", [3], lambda d, s: d.normal(s) + [1000, -1000, 1000], lambda d, s: numpy.tile([1, 0, 1], (s[0], 1)), 3),
        ("far off, wrong", [3], lambda d, s: d.normal(s) + [1000, -1000, 1000], lambda d, s: numpy.tile([0, 1, 0], (s[0], 1)), 3),
        ("logit zero, where max(x, 0) has its kink", [4], lambda d, s: numpy.zeros(s), soft, 3),
        ("batch of 19: a full tile and a partial one", [2], None, bits, 19),
    ]
]

MEAN_SQUARED_ERROR = [
    with_target("MeanSquaredError", name, shape, F.mse_loss, prediction, None, batch)
    for name, shape, prediction, batch in [
        ("vector", [5], None, 3),
        ("picture", [2, 3, 2], None, 3),
        ("one output", [1], None, 3),
        ("far off", [4], around(1000), 3),
        ("batch of 19: a full tile and a partial one", [2], None, 19),
    ]
]

HUBER = [
    with_target(f"Huber::new({delta})", name, shape, lambda p, t, delta=delta: F.huber_loss(p, t, delta=delta), prediction, target, batch)
    for delta, name, shape, prediction, target, batch in [
        (1.0, "vector", [6], None, None, 3),
        (0.5, "delta 0.5, picture", [2, 3, 2], None, None, 3),
        (2.0, "delta 2, one output", [1], None, None, 3),
        (1.0, "far off", [4], around(1000), None, 3),
        (1.0, "exactly delta apart, and equal", [3], lambda d, s: numpy.tile([1.0, -1.0, 0.0], (s[0], 1)), lambda d, s: numpy.zeros(s), 3),
        (1.0, "batch of 19: a full tile and a partial one", [2], None, None, 19),
    ]
]

LOSSES = {
    "cross_entropy": CROSS_ENTROPY,
    "binary_cross_entropy": BINARY_CROSS_ENTROPY,
    "mean_squared_error": MEAN_SQUARED_ERROR,
    "huber": HUBER,
}
