#!/usr/bin/env python3
"""Writes fixtures/*.json: what PyTorch in float64 says of the layers beside this file, each written here a second time, for one sample.

Run with a Python that has torch (`pip install torch`): `python3 make_fixtures.py`. The numbers are drawn by a generator that the layer's
name seeds; a layer's inputs and parameters are rounded, so that a kink is met on purpose or not at all.
"""

import json
import math
import zlib
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
topics = {}
BATCHES = [2, 17, 1, 3]
count = 0


class Draw:
    def __init__(self, name):
        self.generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))

    def __call__(self, shape, low=-1.5, high=1.5):
        x = torch.rand(shape, generator=self.generator) * (high - low) + low
        return torch.round(x, decimals=3) + 0.0004321

    def integers(self, shape, below):
        return torch.randint(0, below, shape, generator=self.generator)

    def ties(self, shape):
        return torch.randint(-1, 2, shape, generator=self.generator) * 0.5


def tensor(name, x):
    integer = not x.is_floating_point()
    return {"name": name, "shape": list(x.shape), "integer": integer, "values": x.detach().flatten().tolist()}


def case(topic, name, inputs, f, params=None, smooth=True, batches=None):
    """inputs, params: name -> shape, or function of (draw, shape's batch); f(dict of one sample's tensors) -> dict of outputs."""
    global count
    for batch in batches or [BATCHES[count % 4]]:
        draw = Draw(f"{name} {batch}")
        make = lambda what, lead: what(draw, lead) if callable(what) else draw(lead + list(what))
        xs = {k: make(v, [batch]) for k, v in inputs.items()}
        ps = {k: make(v, []) for k, v in (params or {}).items()}
        leaves = [x.requires_grad_() for x in list(xs.values()) + list(ps.values()) if x.is_floating_point()]
        samples = [f({**{k: x[b] for k, x in xs.items()}, **ps}) for b in range(batch)]
        outputs = {k: torch.stack([s[k] for s in samples]) for k in samples[0]}
        cotangents = {k: draw(list(y.shape)) for k, y in outputs.items()}
        total = sum((y * cotangents[k]).sum() for k, y in outputs.items())
        grads = dict(zip(map(id, leaves), torch.autograd.grad(total, leaves, allow_unused=True)))
        gradient = lambda k, x: tensor(k, torch.zeros_like(x) if grads[id(x)] is None else grads[id(x)]) if x.is_floating_point() else None
        topics.setdefault(topic, []).append({
            "name": name,
            "inputs": [tensor(k, x) for k, x in xs.items()],
            "parameters": [tensor(k, x) for k, x in ps.items()],
            "cotangents": [tensor(k, x) for k, x in cotangents.items()],
            "outputs": [tensor(k, x) for k, x in outputs.items()],
            "input_gradients": [gradient(k, x) for k, x in xs.items()],
            "parameter_gradients": [gradient(k, x) for k, x in ps.items()],
            "smooth_here": smooth,
        })
    count += 1


def positive(*shape):
    return lambda draw, lead: draw(lead + list(shape), 0.2, 2.0)


def within(low, high, *shape):
    return lambda draw, lead: draw(lead + list(shape), low, high)


def tokens(below, *shape):
    return lambda draw, lead: draw.integers(lead + list(shape), below)


def ties(*shape):
    return lambda draw, lead: draw.ties(lead + list(shape))


def stack(shape, f):
    """A tensor from a function of its positions."""
    import itertools
    cells = [f(*at) for at in itertools.product(*map(range, shape))]
    cells = [c if torch.is_tensor(c) else torch.tensor(float(c)) for c in cells]
    return torch.stack(cells).reshape(shape)


def y(f):
    return lambda t: {"y": f(t)}


# --- windows
def local_response(t):
    x = t["x"]
    total = sum(F.pad(x.square(), (0, 0, 0, 0, 1, 1))[d:d + 5] for d in range(3))
    return x / (1 + 0.8 * total / 3) ** 0.75


case("windows", "local_response", {"x": [5, 2, 3]}, y(local_response))


def reflect(n, i):
    return i if 0 <= i < n else (-i if i < 0 else 2 * (n - 1) - i)


def reflect_conv(t):
    x, k = t["x"], t["k"]
    at = lambda i, j: x[:, reflect(7, i), reflect(5, j)]
    return stack([2, 4, 5], lambda o, i, j: sum((k[o, :, p, q] * at(2 * i + 2 * p - 2, j + 3 * q - 3)).sum() for p in range(3) for q in range(2)))


case("windows", "reflect_conv", {"x": [2, 7, 5]}, y(reflect_conv), {"k": [2, 2, 3, 2]})
case("windows", "wrap_taps", {"x": [4]}, y(lambda t: stack([4], lambda i: sum(t["taps"][k] * F.silu(t["x"])[(i + 3 * k - 7) % 4] for k in range(5)))), {"taps": [5]}, batches=[1, 16, 17, 40])
near = lambda n, i: min(max(i, 0), n - 1)
case("windows", "nearest_mirror", {"x": [5, 4]}, y(lambda t: stack([5, 2], lambda i, j: t["x"][near(5, 3 * i - 4), near(4, 4 - 2 * j)] * (i + 1))))
case("windows", "outside_product", {"x": [5]}, y(lambda t: F.pad(t["x"].exp(), (1, 1), value=1.5).unfold(0, 3, 1).prod(1)))
case("windows", "soft_max_pool", {"x": [2, 5]}, y(lambda t: stack([2, 5], lambda a, i: torch.logsumexp(t["x"][a, max(i - 1, 0):i + 2], 0))))
case("windows", "transpose_dilated", {"x": [2, 4]}, y(lambda t: F.conv_transpose1d(t["x"][None], t["k"], stride=3, dilation=2, padding=1)[0]), {"k": [2, 3, 3]})


def morphology(t):
    x = F.pad(t["x"], (1, 1, 1, 1), value=-math.inf)
    return torch.stack([x[:, p:p + 4, q:q + 3] + t["bump"][:, p, q, None, None] for p in range(3) for q in range(3)]).max(0).values


case("windows", "morphology", {"x": [2, 4, 3]}, y(morphology), {"bump": [2, 3, 3]})


def involution(t):
    kernel = torch.einsum("me,ehw->mhw", t["make"], t["x"]).reshape(2, 3, 3, 3, 4)
    windows = F.unfold(t["x"][None], 3, padding=1).reshape(2, 2, 3, 3, 3, 4)
    return torch.einsum("gpqhw,gcpqhw->gchw", kernel, windows).reshape(4, 3, 4)


case("windows", "involution", {"x": [4, 3, 4]}, y(involution), {"make": [18, 4]})


def mean_ceil(t):
    x = t["x"]
    return stack([2, 3, 3], lambda c, i, j: x[c, 2 * i:2 * i + 2, max(2 * j - 1, 0):2 * j + 2].mean())


case("windows", "mean_ceil", {"x": [2, 5, 6]}, y(mean_ceil))


def tied_max(t):
    x = F.pad(t["x"][0], (1, 1, 1, 1), value=-math.inf)
    def window(_, i, j):
        cells = x[2 * i:2 * i + 3, j:j + 2].reshape(-1)
        values = cells.tolist()
        return cells[values.index(max(values))]
    return stack([1, 3, 6], window)


case("windows", "tied_max", {"x": ties(1, 5, 6)}, y(tied_max), smooth=False)
case("windows", "adaptive_power", {"x": [2, 7]}, y(lambda t: F.adaptive_avg_pool1d(t["x"].square()[None], 3)[0]))
case("windows", "enlarge", {"x": [2, 3, 2]}, y(lambda t: F.interpolate(t["x"][None], scale_factor=3, mode="bilinear", align_corners=False)[0]))
case("windows", "wrap_all", {"x": [2, 4, 3]}, y(lambda t: stack([2, 2, 3], lambda a, i, c: sum(t["x"][(a - p) % 2, (2 * i + q - 5) % 4, (c + 2 * r) % 3] * (p + 2 * q + 3 * r) for p in range(2) for q in range(3) for r in range(2)))))
case("windows", "unfold", {"x": [2, 7]}, y(lambda t: stack([2, 3, 3], lambda c, k, i: t["x"][c, i + 2 * k]).reshape(6, 3)))


def spectrogram(t):
    x, k = t["x"], torch.arange(6.0)
    hann = torch.hann_window(6, periodic=True)
    frames = torch.stack([torch.stack([x[reflect(9, 4 * n + j - 3)] for j in range(6)]) * hann for n in range(3)])
    return torch.log1p(torch.fft.rfft(frames, dim=1).abs().square()).T


case("windows", "spectrogram", {"x": [9]}, y(spectrogram))

# --- axes
bilinear = lambda t: F.bilinear(t["a"], t["b"], t["w"])
case("axes", "bilinear", {"a": [3], "b": [4]}, y(lambda t: bilinear(t) + t["shift"]), {"w": [2, 3, 4], "shift": [2]}, batches=[1, 16, 17, 40])
case("axes", "bilinear_else", {"a": [3], "b": [4]}, y(lambda t: bilinear(t) + 0.25), {"w": [2, 3, 4]})


def space_to_depth(t):
    x = t["x"].reshape(2, 2, 2, 3, 2) * (1 + torch.arange(2.0)[:, None, None] + 2 * torch.arange(2.0))
    return x.permute(2, 4, 0, 1, 3).reshape(8, 2, 3)


case("axes", "space_to_depth", {"x": [2, 4, 6]}, y(space_to_depth))


def nested(t):
    x = t["x"].reshape(2, 3, 2, 2)
    return torch.einsum("abct,bt->tcab", x, x[0, :, 0]).reshape(8, 3)


case("axes", "nested", {"x": [12, 2]}, y(nested))
case("axes", "row_major", {"x": [6, 2]}, y(lambda t: t["x"] * t["x"].flip(0) + t["x"][1]))
case("axes", "fused_against_plain", {"x": [6]}, y(lambda t: torch.einsum("gcr,gc->rg", t["w"].reshape(2, 3, 3), t["x"].reshape(2, 3))), {"w": [18]})


def fewer_parts(t):
    x, w = t["x"].reshape(4, 3), t["w"].reshape(4, 3)
    return (x * w).T + (x * w).sum(0)[:, None]


case("axes", "fewer_parts", {"x": [12]}, y(fewer_parts), {"w": [12]})


def turn(axis):
    def f(t):
        x = t["x"]
        z = x / (0.5 + x.norm(dim=axis, keepdim=True))
        rest = list(range(axis + 1, 3))
        return z.permute(*rest, axis, *range(axis))
    return y(f)


case("axes", "turn", {"x": [2, 3, 4]}, turn(1))
case("axes", "turn_front", {"x": [2, 3, 4]}, turn(0))
case("axes", "turn_back", {"x": [2, 3, 4]}, turn(2))
case("axes", "outer", {"a": [2, 3], "b": [2]}, y(lambda t: torch.tanh(t["a"][..., None] * t["b"])))
case("axes", "outer_scalar", {"a": [], "b": [2, 2]}, y(lambda t: torch.tanh(t["a"] * t["b"])))
case("axes", "six_axes", {"x": [2, 1, 3, 2, 1, 2]}, y(lambda t: torch.einsum("fdb,abcdef->cae", t["w"], t["x"].sin()).reshape(3, 2)), {"w": [2, 2, 1]})
case("axes", "scalar_gate", {"s": [], "x": [2, 2]}, y(lambda t: t["a"] * t["s"] * t["x"] + t["s"]), {"a": []}, batches=[1, 16, 17, 40])
case("axes", "norm_trailing", {"x": [2, 3, 2]}, y(lambda t: F.layer_norm(t["x"], [3, 2], t["w"], eps=1e-3).reshape(2, 6)), {"w": [3, 2]})
case("axes", "antisymmetric", {"x": [4]}, y(lambda t: t["m"].diagonal() * t["x"] + (t["m"] - t["m"].T) @ t["x"]), {"m": [4, 4]})
case("axes", "radial", {"x": [3]}, y(lambda t: torch.exp(-t["width"].square() * (t["x"] - t["centre"]).square().sum(1))), {"centre": [4, 3], "width": [4]})


def complex_product(t):
    x, w = t["x"].reshape(2, 2, 3), t["w"].reshape(2, 3, 2)
    z = torch.complex(w[0], w[1]) @ torch.complex(x[0], x[1])
    return torch.cat([z.real, z.imag])


case("axes", "complex", {"x": [4, 3]}, y(complex_product), {"w": [6, 2]})
case("axes", "kronecker", {"x": [6]}, y(lambda t: torch.kron(t["a"], t["b"]) @ t["x"]), {"a": [3, 3], "b": [2, 2]})
case("axes", "counted", {"x": [2, 3]}, y(lambda t: 3 * t["x"]))
case("axes", "extents", {"x": [3, 4]}, y(lambda t: stack([3, 2, 2], lambda i, j, k: t["x"][i, i] * (1 + j) + t["x"][0, k % 4])))

# --- conditions


def sliding_attention(t):
    x = t["x"]
    q, k, v = ((x @ t[w].T).reshape(5, 2, 2).transpose(0, 1) for w in ("wq", "wk", "wv"))
    out = []
    for s in range(5):
        low = max(0, s - 2)
        score = (k[:, low:s + 1] @ q[:, s, :, None])[..., 0] / math.sqrt(2) + torch.stack([t["bias"][:, s - u] for u in range(low, s + 1)], 1)
        out.append((score.softmax(1)[..., None] * v[:, low:s + 1]).sum(1).reshape(4))
    return torch.stack(out)


case("conditions", "sliding_attention", {"x": [5, 4]}, y(sliding_attention), {"wq": [4, 4], "wk": [4, 4], "wv": [4, 4], "bias": [2, 3]}, batches=[1, 17])
case("conditions", "polynomials", {"a": [3], "b": [4]}, lambda t: {"c": F.conv1d(t["a"][None, None], t["b"].flip(0)[None, None], padding=3)[0, 0]})
case("conditions", "banded", {"x": [6]}, y(lambda t: (t["w"].tril() - t["w"].tril(-3)) @ t["x"]), {"w": [6, 6]})
case("conditions", "toeplitz", {"x": [5]}, y(lambda t: stack([5, 5], lambda i, j: t["w"][i - j + 4]) @ t["x"]), {"w": [9]})
case("conditions", "positive_others", {"x": [5]}, y(lambda t: t["x"] * (F.relu(t["x"]).sum() - F.relu(t["x"]))))


def guarded(t):
    x = t["x"]
    term = lambda i, k: (k + 1) * x[i + k].log() * x[i + k] if i + k < 6 and x[i + k] > 0 else 0 * x[0]
    return stack([6], lambda i: sum(term(i, k) for k in range(4)))


case("conditions", "guarded", {"x": [6]}, y(guarded))
case("conditions", "entropy", {"x": [2, 3]}, y(lambda t: torch.where(t["x"] > 0, torch.special.xlogy(t["x"], t["x"].clamp(min=1e-9)), 0 * t["x"])), batches=[1, 16, 17, 40])
case("conditions", "concat_three", {"a": [2, 2], "b": [1, 2], "c": [3, 2]}, y(lambda t: torch.cat([t["a"], 2 * t["b"], t["c"]])))


def residues(t):
    x, w = t["x"], t["w"]
    first = lambda i: sum((w[p] * x[h] for h in range(4) for p in range(3) if i == 3 * h - p + 1), 0 * x[0])
    second = lambda i: sum((x[h] for h in range(4) if h % 2 == i % 2 and h < i), 0 * x[0])
    return stack([12], lambda i: first(i) + second(i))


case("conditions", "residues", {"x": [4]}, y(residues), {"w": [3]})
case("conditions", "diagonals", {"x": [3, 4]}, y(lambda t: stack([6], lambda k: sum((t["x"][h, w] * (h + 1) for h in range(3) for w in range(4) if h - w + 3 == k or (h == 0 and w == k)), 0 * t["x"][0, 0]))))
case("conditions", "steps", {"x": [5]}, y(lambda t: torch.cat([t["x"][:1].square(), t["x"].diff()])))
case("conditions", "steps_unsigned", {"x": [5]}, y(lambda t: torch.cat([t["x"][:2].square(), t["x"][:3]])))


def unneeded(t):
    x = t["x"]
    square = torch.where(x > 0.5, (x - 0.5).square(), 0 * x)
    term = F.relu(x).square()
    return square + term.cumsum(0) - term


case("conditions", "unneeded", {"x": [5]}, y(unneeded))


def distances(t):
    x = t["x"]
    d = (x[:, None] - x[None]).abs()
    off = ~torch.eye(5, dtype=torch.bool)
    later = lambda i: d[i, i + 1:].max() if i < 4 else d[i].max()
    return stack([5], lambda i: d[i].sum() / 4 + later(i) + d[i][off[i]].min())


case("conditions", "distances", {"x": [5]}, y(distances))
case("conditions", "transmittance", {"x": [5]}, y(lambda t: (1 - t["x"]).cumprod(0) * (t["x"].square().sum() - t["x"].square().cumsum(0))))


def two_unknowns(t):
    x, w1 = t["x"], t["w1"]
    def cell(c, u, v):
        return sum((w1[c, k] * x[c, h, w] for h in range(5) for w in range(4) for k in range(3) if 2 * u == h + k - 1 and v + h == w + u), 0 * x[0, 0, 0])
    return stack([2, 5, 4], cell)


case("conditions", "two_unknowns", {"x": [2, 5, 4]}, y(two_unknowns), {"w1": [2, 3]})

# --- gathers
case("gathers", "bag", {"token": tokens(5, 4)}, y(lambda t: (t["weight"][t["token"]][:, None] * t["table"][t["token"]]).sum(0) / 2), {"table": [5, 3], "weight": [5]}, batches=[1, 16, 17, 40])
case("gathers", "pairs", {"a": tokens(4, 3), "b": tokens(3, 3)}, y(lambda t: t["table"][t["a"], t["b"]] * t["table"][t["a"].flip(0), t["b"][0]]), {"table": [4, 3]})
case("gathers", "pointers", {"x": [3, 2], "at": tokens(3, 2)}, y(lambda t: t["x"][t["at"]] * t["x"][t["at"]][:, :1] + sum((t["x"][i] for i in range(2) if t["at"][i] == 0), 0 * t["x"][0])))
case("gathers", "hard", {"score": [4], "x": [4, 2]}, y(lambda t: t["score"].max() * t["x"][t["score"].argmax()] - t["x"][t["score"].argmin()]))


def sampled(t):
    cell = t["at"].detach().floor().clamp(0, 3).long()
    weight = lambda p: 1 - (t["at"] - cell - p).abs()
    return sum(weight(p) * t["x"][:, cell + p] for p in range(2))


case("gathers", "sampled", {"x": [2, 5], "at": within(-0.9, 4.9, 3)}, y(sampled))


def warp(t):
    x = F.pad(t["x"], (9, 9, 9, 9))
    f = t["flow"]
    c = f.detach().floor().long()
    h, w = torch.meshgrid(torch.arange(3), torch.arange(4), indexing="ij")
    total = 0
    for p in range(2):
        for q in range(2):
            total = total + (1 - (f[0] - c[0] - p).abs()) * (1 - (f[1] - c[1] - q).abs()) * x[:, h + c[0] + p + 9, w + c[1] + q + 9]
    return total


case("gathers", "warp", {"x": [2, 3, 4], "flow": [2, 3, 4]}, y(warp))


def unpool(t):
    v, at = F.max_pool2d(t["x"][None], 2, return_indices=True)
    return F.max_unpool2d(v.exp(), at, 2)[0]


case("gathers", "unpool", {"x": [2, 4, 6]}, y(unpool))
case("gathers", "soft_histogram", {"x": [7]}, y(lambda t: F.relu(1 - (t["x"] - t["centre"][:, None]).abs() * t["width"][:, None]).mean(1)), {"centre": [4], "width": [4]})
case("gathers", "hashed", {"token": tokens(6, 4)}, y(lambda t: t["table"][(7 * t["token"] + 5 * torch.cat([t["token"][:1], t["token"][:-1]])) % 5] * t["scale"][t["token"]][:, None]), {"table": [5, 2], "scale": [6]})


def segments(t):
    hot = F.one_hot(t["segment"], 3).double()
    return t["bias"] + (hot.T @ t["x"]) / hot.sum(0).clamp(min=1)[:, None]


case("gathers", "segments", {"x": [5, 2], "segment": tokens(3, 5)}, y(segments), {"bias": [3, 2]})


def codebook(t):
    x, code = t["x"], t["code"]
    q = code[(x[:, None] - code[None]).square().sum(2).argmin(1)]
    return q.detach() + x - x.detach() + (q - x.detach()).square()


case("gathers", "codebook", {"x": [4, 2]}, y(codebook), {"code": [3, 2]}, smooth=False)
order = torch.tensor([(3 * k + 1) % 5 for k in range(5)])
case("gathers", "permuted", {"x": [5]}, y(lambda t: t["x"][order] * t["w"][order[order]]), {"w": [5]})



def previous(t):
    w = t["w"]
    cell = lambda k: (w[k - 1] if k > 0 else 0) + (w[k - 3] * w[k + 2] if k >= 3 else w[2])
    return torch.stack([cell(int(k)) for k in t["token"]])


case("gathers", "previous", {"token": tokens(5, 3)}, y(previous), {"w": [7]})

# --- parameters
case("parameters", "shifted", {"x": [4]}, y(lambda t: t["w"][1:5] * t["x"] + t["w"][:4] * t["w"][2:] - t["w"][0] ** 2), {"w": [6]}, batches=[1, 16, 17, 40])
case("parameters", "frobenius", {"x": [2, 3]}, y(lambda t: t["x"] @ (t["gain"][:, None] * t["v"] / t["v"].norm()).T), {"v": [4, 3], "gain": [4]}, batches=[1, 16, 17, 40])


def spectral(t):
    w = t["w"]
    v = w.T @ t["u0"]
    v = v / v.norm()
    u = w @ v
    u = u / (1e-12 + u.norm())
    return (w / (u @ w @ v)) @ t["x"]


case("parameters", "spectral", {"x": [3]}, y(spectral), {"w": [2, 3], "u0": [2]}, batches=[17, 40])
case("parameters", "mixture", {"x": [3, 2]}, y(lambda t: t["logit"].softmax(1) @ t["x"]), {"logit": [2, 3]}, batches=[2, 40])
case("parameters", "hypernetwork", {"z": [2], "x": [3]}, y(lambda t: torch.tanh((t["made"] + t["make"] @ t["z"]).reshape(2, 3) @ t["x"])), {"make": [6, 2], "made": [6]})


def rotary(t):
    x = t["x"].reshape(3, 2, 2)
    turn = torch.arange(3.0)[:, None] * 10000 ** (-torch.arange(2.0) / 2)
    late = turn + t["shift"][:, None]
    return torch.stack([x[..., 0] * turn.cos() - x[..., 1] * late.sin(), x[..., 0] * turn.sin() + x[..., 1] * late.cos()], 2).reshape(3, 4)


case("parameters", "rotary", {"x": [3, 4]}, y(rotary), {"shift": [3]})


def experts(t):
    x = t["x"]
    p = (x @ t["route"].T).softmax(1)
    return torch.sigmoid(x @ t["gate"].T) * torch.einsum("sk,koi,si->so", p, t["expert"], x)


case("parameters", "experts", {"x": [2, 3]}, y(experts), {"gate": [2, 3], "expert": [2, 2, 3], "route": [2, 3]})


def householder(t):
    x = t["x"]
    for v in t["v"]:
        x = x - 2 * v * (v @ x) / (v @ v)
    return x


case("parameters", "householder", {"x": [3]}, y(householder), {"v": [2, 3]})
case("parameters", "maxout", {"x": [3]}, y(lambda t: (t["b"].reshape(2, 3) + t["w"] @ t["x"]).max(1).values), {"w": [2, 3, 3], "b": [6]})
case("parameters", "factorization", {"x": [4]}, y(lambda t: t["b"] + t["w"] @ t["x"] + sum((t["v"][i] @ t["v"][j]) * t["x"][i] * t["x"][j] for i in range(4) for j in range(i))), {"v": [4, 3], "w": [4], "b": []})


def pade(t):
    x, p, q = t["x"], t["p"], t["q"]
    clamped = torch.where(x < -0.5, torch.full_like(x, -0.5), torch.where(x > q, q, x))
    return (p * x + q * x ** 3) / (1 + (p / x + q * x ** 2).abs()) + x.abs() ** p + clamped


case("parameters", "pade", {"x": [6]}, y(pade), {"p": positive(), "q": positive()})


def penalised(t):
    x, w = t["x"], t["w"]
    gram = torch.outer(w, w)
    a = x * w
    b = a * x + gram.square().sum() - gram.diagonal().square().sum()
    return a * b + b.sin()


case("parameters", "penalised", {"x": [3]}, y(penalised), {"w": [3]}, batches=[1, 17, 40])

# --- reductions
def with_zeros(*shape):
    def make(draw, lead):
        x = draw(lead + list(shape))
        return torch.where(draw.integers(lead + list(shape), 4) == 0, 0 * x, x)
    return make


case("reductions", "products", {"x": with_zeros(3, 4)}, y(lambda t: stack([3], lambda i: t["x"][i].prod() + t["x"][i, 1:].prod() * t["x"][i, 0])))


def zero_rows(draw, lead):
    x = draw(lead + [3, 4])
    x[:, 1] = 0
    return x


case("reductions", "norms", {"x": zero_rows}, y(lambda t: t["x"].norm(dim=1) + (t["x"][:, ::2] * torch.tensor([1.0, 3.0])).norm(dim=1)), smooth=False)


def extremes(t):
    x = t["x"]
    def first(row, f):
        values = row.tolist()
        return row[values.index(f(values))]
    chain = torch.max(torch.max(x[:, 0], x[:, 1]), x[:, 2])
    least = torch.stack([first(x[:, j], min) for j in range(4)])
    return stack([3], lambda i: first(x[i], max) * first(x[i, 1:], min) + chain[i] + torch.min(x[i, 0], torch.tensor(0.5)) + first(least, max))


case("reductions", "extremes", {"x": ties(3, 4)}, y(extremes), smooth=False, batches=[1, 17])


def nested_sums(t):
    x = t["x"]
    a = sum(x[i].mean() * x[i, :i + 1].square().mean() for i in range(3))
    b = torch.stack([x[i, j].exp() for i in range(3) for j in range(i, 4)]).mean()
    c = torch.logsumexp(x @ x.sum(0), 0)
    return torch.stack([a, b, c])


case("reductions", "nested_sums", {"x": [3, 4]}, y(nested_sums))


def moments(t):
    x = t["x"]
    v = x.var(unbiased=False)
    return torch.stack([x.mean(), v.sqrt(), ((x - x.mean()) ** 4).mean() / v ** 2])


case("reductions", "moments", {"x": [5]}, y(moments))
case("reductions", "cosine", {"a": [2, 3], "b": [3, 3]}, y(lambda t: F.cosine_similarity(t["a"][:, None], t["b"][None], dim=2)))


def functions(t):
    x = t["x"]
    return (torch.erf(x) + torch.atan(x) * torch.sinh(x / 3) + torch.log1p(x ** 2) + torch.expm1(x) + F.softplus(x) - torch.cosh(x / 2)
            + torch.tan(0.3 * x) + torch.asin(torch.tanh(x) / 2) * torch.acos(torch.sin(x) / 2) + 1 / (2 + torch.cos(x)))


case("reductions", "functions", {"x": [7]}, y(functions), batches=[1, 16, 17, 40])


def rounded(t):
    x, s = t["x"], t["s"]
    z = x * s
    return (z.round() - z).detach() / s.detach() * s.detach() / s + z / s + s.detach() * x + z.detach() + x.sign().detach() * x


case("reductions", "rounded", {"x": [6]}, y(rounded), {"s": []}, smooth=False)


def ranks(t):
    x = t["x"]
    rank = (x[None] < x[:, None]).sum(1)
    return x.square() * rank + x.sort().values


case("reductions", "ranks", {"x": [5]}, y(ranks))


def precedence(t):
    x = t["x"]
    return torch.arange(2.0)[:, None] + (x @ torch.arange(3.0))[:, None] + x / (1 + x.square().sum()) - x.sum(0)


case("reductions", "precedence", {"x": [2, 3]}, y(precedence))

for topic, cases in topics.items():
    path = Path(__file__).parent / "fixtures" / f"{topic}.json"
    path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    print(path.name, len(cases), path.stat().st_size)
