"""The workloads in JAX: jax_worker.py WORKLOAD THREADS MODE, where MODE is jit (a call a step) or scan (a loop over steps in one call)."""
import functools
import os
import sys

workload, _threads, mode = sys.argv[1:]  # the driver binds the process to as many cores
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import numpy  # noqa: E402
from jax import lax, nn, numpy as jnp  # noqa: E402

from common import data, serve  # noqa: E402

random = numpy.random.default_rng(1)
SCANNED = {"tiny": 1000, "cnn32": 2}.get(workload, 8)


def weights(*shape):
    return jnp.asarray(random.normal(0, numpy.prod(shape[:-1]) ** -0.5, shape), jnp.float32)


def dense(inputs, outputs):
    return {"w": weights(inputs, outputs), "b": jnp.zeros(outputs)}


def apply_dense(p, x):
    return x @ p["w"] + p["b"]


def conv(inputs, outputs, size):
    return {"w": weights(size, size, inputs, outputs), "b": jnp.zeros(outputs)}


def apply_conv(p, x, padding):
    borders = [(padding, padding)] * 2
    return lax.conv_general_dilated(x, p["w"], (1, 1), borders, dimension_numbers=("NHWC", "HWIO", "NHWC")) + p["b"]


def pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def mlp(p, x, activation=nn.relu):
    for layer in p[:-1]:
        x = activation(apply_dense(layer, x))
    return apply_dense(p[-1], x)


def mlp_parameters(*widths):
    return [dense(*pair) for pair in zip(widths, widths[1:])]


def lenet(p, x):
    x = pool(nn.relu(apply_conv(p["conv1"], x, 2)))
    x = pool(nn.relu(apply_conv(p["conv2"], x, 0)))
    return mlp(p["dense"], x.reshape(x.shape[0], -1))


def lenet_parameters():
    return {"conv1": conv(1, 6, 5), "conv2": conv(6, 16, 5), "dense": mlp_parameters(400, 120, 84, 10)}


def cnn32(p, x):
    for at in range(0, 4, 2):
        x = nn.relu(apply_conv(p["convs"][at], x, 1))
        x = pool(nn.relu(apply_conv(p["convs"][at + 1], x, 1)))
    return mlp(p["dense"], x.reshape(x.shape[0], -1))


def cnn32_parameters():
    convs = [conv(3, 32, 3), conv(32, 32, 3), conv(32, 64, 3), conv(64, 64, 3)]
    return {"convs": convs, "dense": mlp_parameters(4096, 256, 10)}


def norm(p, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * p["w"] + p["b"]


def norm_parameters():
    return {"w": jnp.ones(128), "b": jnp.zeros(128)}


def gpt(p, text):
    x = p["embedding"][text] + p["positions"]
    batch, steps, width = x.shape
    for block in p["blocks"]:
        parts = (norm(block["norm1"], x) @ block["in"]).reshape(batch, steps, 3, 4, width // 4)
        q, k, v = (parts[:, :, at] for at in range(3))
        scores = jnp.einsum("bshd,bthd->bhst", q, k) * (width // 4) ** -0.5
        scores = jnp.where(jnp.tril(jnp.ones((steps, steps), bool)), scores, -jnp.inf)
        mixed = jnp.einsum("bhst,bthd->bshd", nn.softmax(scores), v)
        x = x + mixed.reshape(batch, steps, width) @ block["out"]
        x = x + apply_dense(block["narrow"], nn.gelu(apply_dense(block["widen"], norm(block["norm2"], x))))
    return apply_dense(p["head"], norm(p["norm"], x))


def gpt_parameters():
    block = lambda: {
        "norm1": norm_parameters(), "in": weights(128, 384), "out": weights(128, 128),
        "norm2": norm_parameters(), "widen": dense(128, 512), "narrow": dense(512, 128),
    }
    return {"embedding": weights(96, 128), "positions": 0.02 * weights(64, 128), "blocks": [block(), block()],
            "norm": norm_parameters(), "head": dense(128, 96)}


def cross_entropy(logits, y):
    return -jnp.take_along_axis(nn.log_softmax(logits), y[..., None], -1).mean()


def mean_squared_error(x, y):
    return ((x - y) ** 2).mean()


def adam(decay):
    def update(p, g, state):
        step, m, v = state
        step += 1
        m = jax.tree.map(lambda m, g: m + 0.1 * (g - m), m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        rate, correction = 1e-4 / (1 - 0.9**step), jnp.sqrt(1 - 0.999**step)
        shrink = 1 - 1e-4 * decay
        p = jax.tree.map(lambda p, m, v: p * shrink - rate * m / (jnp.sqrt(v) / correction + 1e-8), p, m, v)
        return p, (step, m, v)

    return lambda p: (jnp.float32(0), jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)), update


def descent(momentum):
    def update(p, g, v):
        v = jax.tree.map(lambda v, g: momentum * v + g, v, g) if momentum else g
        return jax.tree.map(lambda p, v: p - 1e-4 * v, p, v), v if momentum else ()

    return lambda p: jax.tree.map(jnp.zeros_like, p) if momentum else (), update


# Network, parameters, loss, optimiser.
NETWORKS = {
    "mlp": (mlp, lambda: mlp_parameters(784, 256, 128, 10), cross_entropy, adam(0)),
    "lenet": (lenet, lenet_parameters, cross_entropy, descent(0.9)),
    "cnn32": (cnn32, cnn32_parameters, cross_entropy, adam(0)),
    "gpt": (gpt, gpt_parameters, cross_entropy, adam(0.01)),
    "tiny": (functools.partial(mlp, activation=jnp.tanh), lambda: mlp_parameters(8, 32, 32, 4), mean_squared_error, descent(0)),
    "infer": (lenet, lenet_parameters, None, None),
}
network, parameters, loss_of, optimizer = NETWORKS[workload]
x, y = data(workload)
x = jnp.asarray(x.transpose(0, 2, 3, 1) if x.ndim == 4 else x)
y = jnp.asarray(y)
state = parameters()

if workload == "infer":
    # What is not read is not computed: each answer of the scanned loop goes into the next image, times nothing.
    chained = lambda image, _: (x + 0 * network(state, image).sum(), None)
    answer = jax.jit(network)
    many = jax.jit(lambda image: lax.scan(chained, image, None, SCANNED)[0])
    once, loop = lambda: answer(state, x), lambda: many(x)
else:
    start, update = optimizer
    state = (state, start(state))

    def step(state, x, y):
        p, rest = state
        return update(p, jax.grad(lambda p: loss_of(network(p, x), y))(p), rest)

    one = jax.jit(step, donate_argnums=0)
    many = jax.jit(lambda s, x, y: lax.scan(lambda s, _: (step(s, x, y), None), s, None, SCANNED)[0], donate_argnums=0)

    def once():
        global state
        state = one(state, x, y)
        return state

    def loop():
        global state
        state = many(state, x, y)
        return state


def run(steps):
    body, each = (loop, SCANNED) if mode == "scan" else (once, 1)
    calls = -(-steps // each)
    for _ in range(calls):
        result = body()
    jax.block_until_ready(result)
    return calls * each


serve(jax.__version__, run)
