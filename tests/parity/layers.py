"""The cases of the layers: each as our language writes it (`rust`) beside what PyTorch calls it (`torch`)."""

import numpy
import torch
import torch.nn.functional as F

from case import BATCH, LayerCase, around, expression

# ---- contractions ------------------------------------------------------------------------------------------------


def dense(name, shape, out, batch=BATCH, **setters):
    def draw(d):
        d.input(d.normal((batch, *shape)))
        d.parameter("weight", d.normal((out, shape[-1]), 0.5))
        if setters.get("biased", True):
            d.parameter("bias", d.normal((out,), 0.5))

    return LayerCase(name, expression("Dense", out, **setters), lambda x, weight, bias=None: F.linear(x, weight, bias), draw)


def conv2d(name, shape, out, kernel, batch=BATCH, **setters):
    other = {k: v for k, v in setters.items() if k != "biased"}

    def draw(d):
        d.input(d.normal((batch, *shape)))
        d.parameter("weight", d.normal((out, shape[0] // setters.get("groups", 1), kernel, kernel), 0.5))
        if setters.get("biased", True):
            d.parameter("bias", d.normal((out,), 0.5))

    return LayerCase(
        name, expression("Conv2d", out, kernel, **setters), lambda x, weight, bias=None: F.conv2d(x, weight, bias, **other), draw
    )


def conv_transpose2d(name, shape, out, kernel, batch=BATCH, **setters):
    other = {k: v for k, v in setters.items() if k != "biased"}

    def draw(d):
        d.input(d.normal((batch, *shape)))
        d.parameter("weight", d.normal((shape[0], out, kernel, kernel), 0.5))
        if setters.get("biased", True):
            d.parameter("bias", d.normal((out,), 0.5))

    return LayerCase(
        name,
        expression("ConvTranspose2d", out, kernel, **setters),
        lambda x, weight, bias=None: F.conv_transpose2d(x, weight, bias, **other),
        draw,
    )


DENSE = [
    dense("vector", [5], 4),
    dense("without bias", [6], 3, biased=False),
    dense("positions", [6, 5], 4),
    dense("two axes in front, one output", [2, 3, 5], 1),
    dense("one input", [1], 4),
    dense("batch of 1", [17], 9, batch=1),
    dense("batch of 19: a full tile and a partial one", [7], 5, batch=19),
]

CONV2D = [
    conv2d("plain, not square", [2, 5, 6], 3, 3),
    conv2d("without bias, kernel 1", [3, 3, 4], 5, 1, biased=False),
    conv2d("stride 2, padding 1, stride does not divide", [2, 6, 5], 4, 3, stride=2, padding=1),
    conv2d("stride 3 beyond kernel 2: inputs nobody reads", [1, 8, 6], 2, 2, stride=3),
    conv2d("kernel as large as the input", [2, 4, 4], 3, 4),
    conv2d("padding 3 beyond kernel 2: outputs of padding alone", [1, 3, 2], 2, 2, padding=3),
    conv2d("dilation 2", [2, 6, 7], 2, 3, dilation=2),
    conv2d("dilation 2, stride 2, padding 2", [2, 5, 6], 2, 3, stride=2, padding=2, dilation=2),
    conv2d("groups 2", [4, 4, 5], 6, 3, groups=2),
    conv2d("depthwise, two outputs a channel, padding 1", [3, 4, 3], 6, 3, padding=1, groups=3),
    conv2d("all at once", [4, 7, 5], 2, 2, stride=2, padding=1, dilation=3, groups=2, biased=False),
    conv2d("batch of 1", [1, 6, 4], 2, 3, batch=1),
    conv2d("batch of 19: a full tile and a partial one", [1, 4, 3], 2, 2, batch=19, stride=1, padding=1),
]

CONV_TRANSPOSE2D = [
    conv_transpose2d("plain, not square", [2, 3, 4], 3, 3),
    conv_transpose2d("stride 2: windows overlap", [2, 3, 2], 2, 3, stride=2),
    conv_transpose2d("stride 2, padding 1", [3, 3, 4], 2, 4, stride=2, padding=1),
    conv_transpose2d("stride 3 beyond kernel 2: outputs of bias alone", [1, 2, 3], 2, 2, stride=3),
    conv_transpose2d("without bias, kernel 5, padding 2", [2, 4, 3], 2, 5, padding=2, biased=False),
    conv_transpose2d("one position", [4, 1, 1], 2, 3),
    conv_transpose2d("batch of 19: a full tile and a partial one", [1, 2, 3], 1, 2, batch=19, stride=2),
]

# ---- pooling and shape -------------------------------------------------------------------------------------------


def max_pool2d(name, shape, size, batch=BATCH, values=None, **setters):
    def draw(d):
        d.input(d.distinct((batch, *shape)) if values is None else values(d, (batch, *shape)))

    return LayerCase(name, expression("MaxPool2d", size, **setters), lambda x: F.max_pool2d(x, size, **setters), draw)


def avg_pool2d(name, shape, size, borders=None, batch=BATCH, **setters):
    counted = {} if borders is None else {"borders": borders}

    def run(x):
        return F.avg_pool2d(x, size, count_include_pad=bool(borders), **setters)

    return LayerCase(
        name, expression("AvgPool2d", size, **setters, **counted), run, lambda d: d.input(d.normal((batch, *shape)))
    )


def plain(layer, name, shape, run, values=None, batch=BATCH, **more):
    """A layer of one input and no parameter; `layer` is its Rust expression."""

    def draw(d):
        d.input(d.normal((batch, *shape)) if values is None else values(d, (batch, *shape)))

    return LayerCase(name, layer, run, draw, **more)


MAX_POOL2D = [
    max_pool2d("plain, not square", [2, 4, 6], 2),
    max_pool2d("size does not divide: the rest is not read", [2, 5, 7], 2),
    max_pool2d("overlapping windows", [2, 5, 6], 3, stride=1),
    max_pool2d("overlapping windows, padding 1", [2, 6, 5], 3, stride=2, padding=1),
    max_pool2d("stride 3 beyond size 2: inputs nobody reads", [1, 8, 7], 2, stride=3),
    max_pool2d("padding never wins over negative values", [1, 4, 3], 2, stride=1, padding=1, values=lambda d, s: d.distinct(s) - 8),
    max_pool2d("ties: the first of equals takes all", [2, 4, 5], 3, stride=1, values=lambda d, s: d.random.integers(0, 2, size=s)),
    max_pool2d("ties everywhere, padding 1", [1, 3, 4], 2, stride=2, padding=1, values=lambda d, s: numpy.zeros(s)),
    max_pool2d("batch of 19: a full tile and a partial one", [1, 4, 3], 2, batch=19, stride=1),
]

AVG_POOL2D = [
    avg_pool2d("plain, not square", [2, 4, 6], 2),
    avg_pool2d("size does not divide", [2, 5, 7], 3),
    avg_pool2d("overlapping windows", [2, 5, 4], 3, stride=1),
    avg_pool2d("padding 1, borders counted", [2, 5, 6], 3, stride=2, padding=1, borders=True),
    avg_pool2d("padding 1, borders not counted", [2, 5, 6], 3, stride=2, padding=1, borders=False),
    avg_pool2d("padding half of size 4, borders counted", [1, 3, 5], 4, stride=1, padding=2, borders=True),
    avg_pool2d("padding half of size 4, borders not counted", [1, 3, 5], 4, stride=1, padding=2, borders=False),
    avg_pool2d("stride 3 beyond size 2", [1, 8, 7], 2, stride=3),
]

GLOBAL_AVG_POOL = [
    plain("GlobalAvgPool", name, shape, lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1))
    for name, shape in [("not square", [3, 4, 5]), ("one position", [4, 1, 1]), ("one channel, one row", [1, 1, 7])]
]

FLATTEN = [
    plain("Flatten", name, shape, lambda x: x.flatten(1))
    for name, shape in [("three axes", [2, 3, 4]), ("one axis", [5]), ("four axes", [2, 1, 3, 2])]
]

PIXEL_SHUFFLE = [
    plain(expression("PixelShuffle", factor), name, shape, lambda x, factor=factor: F.pixel_shuffle(x, factor))
    for name, shape, factor in [
        ("factor 2", [8, 2, 3], 2),
        ("factor 3, one channel", [9, 2, 1], 3),
        ("factor 1 changes nothing", [2, 2, 3], 1),
    ]
]

GLU = [
    plain("Glu", name, shape, lambda x: F.glu(x, -1), values)
    for name, shape, values in [
        ("vector", [6], None),
        ("positions", [4, 8], None),
        ("two axes in front", [2, 3, 2], None),
        ("gates far off", [8], lambda d, s: d.normal(s) * numpy.where(numpy.arange(8) < 4, 1, 64)),
    ]
]

# ---- pointwise ---------------------------------------------------------------------------------------------------


def zeros_among(d, shape):
    return d.normal(shape) * d.random.integers(0, 2, size=shape)


def pointwise(layer, run, *more, saturated=()):
    """Three ranks, both far ends, a batch that fills more than a tile, and `more` cases; the names of the saturated ones."""
    return [
        plain(layer, "vector", [7], run),
        plain(layer, "picture", [2, 3, 4], run),
        plain(layer, "batch of 19: a full tile and a partial one", [3], run, batch=19),
        *(
            plain(layer, name, [5], run, values, saturated=name in saturated)
            for name, values in [
                ("near 20", around(20)),
                ("near -20", around(-20)),
                ("near 1000", around(1000)),
                ("near -1000", around(-1000)),
                *more,
            ]
        ),
    ]


RELU = pointwise("Relu", F.relu, ("zeros among the values", zeros_among))

LEAKY_RELU = [
    *pointwise("LeakyRelu::new(0.01)", F.leaky_relu, ("zeros among the values", zeros_among)),
    plain("LeakyRelu::new(0.25)", "slope 0.25", [3, 4], lambda x: F.leaky_relu(x, 0.25)),
    plain("LeakyRelu::new(-0.5)", "negative slope", [3, 4], lambda x: F.leaky_relu(x, -0.5)),
]

ELU = [
    *pointwise("Elu::new(1.0)", F.elu, ("zeros among the values", zeros_among)),
    plain("Elu::new(0.5)", "alpha 0.5", [3, 4], lambda x: F.elu(x, 0.5)),
    plain("Elu::new(2.0)", "alpha 2", [3, 4], lambda x: F.elu(x, 2.0)),
    plain("Elu::new(1.0)", "just below zero: exp_m1, not exp - 1", [6], F.elu, lambda d, s: -numpy.abs(d.normal(s)) / 2**14),
]

SIGMOID = pointwise("Sigmoid", torch.sigmoid, ("near -5", around(-5)), saturated=["near 20"])
TANH = pointwise(
    "Tanh",
    torch.tanh,
    ("near zero", lambda d, s: d.normal(s) / 2**12),
    ("near 5", around(5)),
    saturated=["near 20", "near -20", "near 5"],
)
GELU = [
    *pointwise("Gelu::new()", F.gelu, ("near 5", around(5)), ("near -2", around(-2, 0.5)), saturated=["near -20"]),
    *(
        plain("Gelu::new().tanh(true)", f"tanh form, {name}", [6], lambda x: F.gelu(x, approximate="tanh"), values)
        for name, values in [
            ("moderate", None),
            ("near 5", around(5)),
            ("near -2", around(-2, 0.5)),
            ("near 20", around(20)),
            ("near -20", around(-20)),
            ("near 1000", around(1000)),
            ("near -1000", around(-1000)),
        ]
    ),
]
SILU = pointwise("Silu", F.silu, ("near -5", around(-5)))

# PyTorch replaces softplus by its argument above a threshold, 20 by default, which is 2e-9 off. At 40 the two are equal in float64.
SOFTPLUS = pointwise(
    "Softplus", lambda x: F.softplus(x, threshold=40), ("near 5", around(5)), ("across 20", around(20, 4)), ("near -5", around(-5))
)

DROPOUT = [
    plain(f"Dropout::new({rate})", f"evaluation, rate {rate}", shape, lambda x, rate=rate: F.dropout(x, rate, training=False), training=False)
    for rate, shape in [(0.5, [7]), (0.1, [2, 3, 2]), (0.0, [4])]
]


def prelu(name, shape, weight, values=None, batch=BATCH):
    def draw(d):
        d.input(d.normal((batch, *shape)) if values is None else values(d, (batch, *shape)))
        d.parameter("weight", weight)

    return LayerCase(name, "PRelu::new()", lambda x, weight: F.prelu(x, weight), draw)


PRELU = [
    prelu("picture", [3, 2, 4], [0.25, 0.5, 0.125]),
    prelu("negative weight and zero weight", [3, 4], [-0.5, 0.0, 1.5]),
    prelu("one channel, as initialised", [1, 3, 4], [0.25]),
    prelu("vector of channels", [4], [0.25, -0.25, 2.0, 0.75]),
    prelu("zeros among the values", [2, 6], [0.25, -0.75], zeros_among),
    prelu("batch of 19: a full tile and a partial one", [2, 2], [0.25, 0.5], batch=19),
]

# ---- softmax and normalisation -----------------------------------------------------------------------------------


def softmax(name, shape, axis, values=None, batch=BATCH):
    return plain(expression("Softmax", axis), name, shape, lambda x: F.softmax(x, axis + 1), values, batch)


SOFTMAX = [
    softmax("vector", [6], 0),
    softmax("positions, last axis", [4, 5], 1),
    softmax("positions, first axis", [4, 5], 0),
    softmax("middle of three axes", [2, 4, 3], 1),
    softmax("last of three axes", [2, 3, 4], 2),
    softmax("one class", [3, 1], 1),
    softmax("equal logits: a tie of the shift", [5], 0, lambda d, s: numpy.full(s, 2.5)),
    softmax("far off, all positive", [5], 0, around(1000)),
    softmax("far off, all negative", [5], 0, around(-1000)),
    softmax("1000 apart", [4], 0, lambda d, s: d.normal(s) + numpy.array([1000.0, -1000.0, 999.0, 0.0])),
    softmax("batch of 19: a full tile and a partial one", [3], 0, batch=19),
]


def layer_norm(name, shape, values=None, batch=BATCH, **setters):
    def draw(d):
        d.input(d.normal((batch, *shape)) if values is None else values(d, (batch, *shape)))
        d.parameter("weight", d.normal((shape[-1],), 0.5, 1.0))
        d.parameter("bias", d.normal((shape[-1],), 0.5))

    epsilon = setters.get("epsilon", 1e-5)
    return LayerCase(
        name, expression("LayerNorm", **setters), lambda x, weight, bias: F.layer_norm(x, (shape[-1],), weight, bias, epsilon), draw
    )


def group_norm(name, shape, groups, values=None, **setters):
    def draw(d):
        d.input(d.normal((BATCH, *shape)) if values is None else values(d, (BATCH, *shape)))
        d.parameter("weight", d.normal((shape[0],), 0.5, 1.0))
        d.parameter("bias", d.normal((shape[0],), 0.5))

    epsilon = setters.get("epsilon", 1e-5)
    return LayerCase(
        name,
        expression("GroupNorm", groups, **setters),
        lambda x, weight, bias: F.group_norm(x, groups, weight, bias, epsilon),
        draw,
    )


def alike(d, shape):
    """Equal within each row: the variance is 0 and epsilon alone is left. (A mean over 8 of them is exact, however it is taken.)"""
    return numpy.broadcast_to(d.normal((*shape[:-1], 1)), shape)


LAYER_NORM = [
    layer_norm("vector", [8]),
    layer_norm("positions", [4, 6]),
    layer_norm("two axes in front", [2, 3, 5]),
    layer_norm("large epsilon", [3, 6], epsilon=0.125),
    layer_norm("no variance: epsilon alone", [8], alike, epsilon=0.25),
    layer_norm("far from zero", [7], around(16)),
    layer_norm("batch of 19: a full tile and a partial one", [5], batch=19),
]

GROUP_NORM = [
    group_norm("two groups", [6, 3, 2], 2),
    group_norm("one group", [4, 2, 3], 1),
    group_norm("a group a channel", [3, 4, 2], 3),
    group_norm("channels alone", [6], 2),
    group_norm("large epsilon", [4, 5], 2, epsilon=0.125),
    group_norm("far from zero", [4, 3, 3], 2, around(16)),
]

# ---- not differentiable --------------------------------------------------------------------------------------------


def flat(layer, name, torch, draw, *fields):
    return LayerCase(name, expression(layer, *fields) if fields else layer, torch, lambda d: d.input(draw(d)), flat=True)


def steps(layer, torch, ties, *fields):
    """Values at random, values at which the layer jumps, and more than one tile."""
    return [
        flat(layer, "vector", torch, lambda d: d.normal((BATCH, 6), 2.0), *fields),
        flat(layer, "picture", torch, lambda d: d.normal((BATCH, 2, 3, 2), 2.0), *fields),
        flat(layer, "where it jumps", torch, lambda d: numpy.array([ties, [-t for t in ties]]), *fields),
        flat(layer, "batch of 19: a full tile and a partial one", torch, lambda d: d.normal((19, 3)), *fields),
    ]


ROUND = steps("Round", torch.round, [0.5, 1.5, 2.5, 3.5, 0.0, 7.0])
SIGN = steps("Sign", torch.sign, [0.0, 1.0, 2.0**-20, 1000.0])
QUANTIZE = steps("Quantize", lambda x: torch.round(x * 4) / 4, [0.125, 0.375, 0.625, 0.875, 1.0, 2.125], 4)
THRESHOLD = steps("Threshold", lambda x: (x > 0.5).to(x.dtype), [0.5, 0.5 + 2.0**-20, 0.0, 1.0], 0.5)

# ---- sequences ---------------------------------------------------------------------------------------------------


def embedding(name, vocabulary, width, tokens):
    def draw(d):
        d.tokens(tokens(d))
        d.parameter("table", d.normal((vocabulary, width)), checkpoint="weight")

    return LayerCase(name, expression("Embedding", vocabulary, width), lambda token, table: F.embedding(token, table), draw)


def positions(name, shape, batch=BATCH):
    def draw(d):
        d.input(d.normal((batch, *shape)))
        d.parameter("weight", d.normal(shape, 0.5))

    return LayerCase(name, "Positions::new()", lambda x, weight: x + weight, draw)


def attention(name, steps, width, heads, scale=0.5, batch=BATCH):
    module = torch.nn.MultiheadAttention(width, heads, bias=False, batch_first=True)
    later = torch.ones(steps, steps, dtype=torch.bool).triu(1)  # True: may not be seen

    def run(x, in_proj, out_proj):
        weights = {"in_proj_weight": in_proj, "out_proj.weight": out_proj}
        options = {"attn_mask": later, "need_weights": False}
        return torch.func.functional_call(module.to(x.dtype), weights, (x, x, x), options)[0]

    def draw(d):
        d.input(d.normal((batch, steps, width)))
        d.parameter("in_proj", d.normal((3 * width, width), scale), checkpoint="in_proj_weight")
        d.parameter("out_proj", d.normal((width, width), 0.5), checkpoint="out_proj.weight")

    return LayerCase(name, expression("CausalSelfAttention", heads), run, draw)


EMBEDDING = [
    embedding("distinct tokens", 7, 4, lambda d: [[0, 6], [3, 1], [5, 2]]),
    embedding("tokens that repeat, within a sample and across", 5, 3, lambda d: [[4, 4, 0, 4], [0, 4, 1, 1], [2, 2, 2, 2]]),
    embedding("one word", 1, 3, lambda d: [[0, 0], [0, 0], [0, 0]]),
    embedding("batch of 19: a full tile and a partial one", 6, 2, lambda d: d.random.integers(0, 6, size=(19, 3))),
]

POSITIONS = [
    positions("short", [3, 4]),
    positions("one position", [1, 5]),
    positions("batch of 19: a full tile and a partial one", [4, 2], batch=19),
]

CAUSAL_SELF_ATTENTION = [
    attention("two heads", 5, 6, 2),
    attention("one head", 4, 5, 1),
    attention("a head a channel", 4, 4, 4),
    attention("one position", 1, 4, 2),
    attention("scores far apart", 5, 4, 2, scale=4.0),
    attention("batch of 19: a full tile and a partial one", 3, 4, 2, batch=19),
]

LAYERS = {
    "dense": DENSE,
    "conv2d": CONV2D,
    "conv_transpose2d": CONV_TRANSPOSE2D,
    "max_pool2d": MAX_POOL2D,
    "avg_pool2d": AVG_POOL2D,
    "global_avg_pool": GLOBAL_AVG_POOL,
    "flatten": FLATTEN,
    "pixel_shuffle": PIXEL_SHUFFLE,
    "glu": GLU,
    "relu": RELU,
    "leaky_relu": LEAKY_RELU,
    "prelu": PRELU,
    "elu": ELU,
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "gelu": GELU,
    "silu": SILU,
    "softplus": SOFTPLUS,
    "softmax": SOFTMAX,
    "layer_norm": LAYER_NORM,
    "group_norm": GROUP_NORM,
    "embedding": EMBEDDING,
    "positions": POSITIONS,
    "causal_self_attention": CAUSAL_SELF_ATTENTION,
    "dropout": DROPOUT,
    "round": ROUND,
    "sign": SIGN,
    "quantize": QUANTIZE,
    "threshold": THRESHOLD,
}
