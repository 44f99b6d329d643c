"""The workloads in PyTorch: torch_worker.py WORKLOAD THREADS MODE, where MODE is eager, channels_last or compiled."""
import sys

import torch
from torch import nn
from torch.nn import functional as F

from common import data, serve

workload, threads, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(1)


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )


def cnn32():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4096, 256), nn.ReLU(), nn.Linear(256, 10),
    )


class Block(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.project_in, self.project_out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def attend(self, x):
        batch, steps, width = x.shape
        q, k, v = self.project_in(x).view(batch, steps, 3, 4, width // 4).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.project_out(mixed.transpose(1, 2).reshape(batch, steps, width))

    def forward(self, x):
        x = x + self.attend(self.norm1(x))
        return x + self.narrow(F.gelu(self.widen(self.norm2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.embedding = nn.Embedding(96, width)
        self.positions = nn.Parameter(0.02 * torch.randn(64, width))
        self.blocks = nn.Sequential(Block(), Block())
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 96)

    def forward(self, text):
        return self.head(self.norm(self.blocks(self.embedding(text) + self.positions))).flatten(0, 1)


def dense(*widths, activation):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


# Model, loss, optimiser.
adam = lambda parameters: torch.optim.Adam(parameters, lr=1e-4)
MODELS = {
    "mlp": (lambda: dense(784, 256, 128, 10, activation=nn.ReLU), F.cross_entropy, adam),
    "lenet": (lenet, F.cross_entropy, lambda parameters: torch.optim.SGD(parameters, lr=1e-4, momentum=0.9)),
    "cnn32": (cnn32, F.cross_entropy, adam),
    "gpt": (Gpt, F.cross_entropy, lambda parameters: torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.01)),
    "tiny": (lambda: dense(8, 32, 32, 4, activation=nn.Tanh), F.mse_loss, lambda p: torch.optim.SGD(p, lr=1e-4)),
    "infer": (lenet, None, None),
}

make, loss_of, optimizer_of = MODELS[workload]
model = make()
x, y = map(torch.from_numpy, data(workload))
y = y.flatten() if workload == "gpt" else y
if mode == "channels_last":
    model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)


def gradients():
    loss_of(model(x), y).backward()


if workload == "infer":
    model.eval()
    answer = torch.compile(model) if mode == "compiled" else model

    def step():
        with torch.inference_mode():
            answer(x)
else:
    optimizer = optimizer_of(model.parameters())
    if mode == "compiled":
        model = torch.compile(model)
        update = torch.compile(optimizer.step)
    else:
        update = optimizer.step

    def step():
        optimizer.zero_grad(set_to_none=True)
        gradients()
        update()


def run(steps):
    for _ in range(steps):
        step()
    return steps


serve(torch.__version__, run)
