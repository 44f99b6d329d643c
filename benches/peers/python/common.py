"""What both Python workers share: they serve the driver as the Rust ones do, on data of the same shapes."""
import sys
import time

import numpy

# Workload: batch, shape of a sample, classes (0: numbers as targets, of shape 4).
SHAPES = {
    "mlp": (64, (784,), 10),
    "lenet": (64, (1, 28, 28), 10),
    "cnn32": (64, (3, 32, 32), 10),
    "gpt": (16, (64,), 96),
    "tiny": (1, (8,), 0),
    "infer": (1, (1, 28, 28), 10),
}


def data(workload):
    """Inputs and targets of one batch, the same each time."""
    batch, shape, classes = SHAPES[workload]
    random = numpy.random.default_rng(1)
    if workload == "gpt":
        return random.integers(0, 96, (batch, *shape)), random.integers(0, 96, (batch, *shape))
    x = random.uniform(-1, 1, (batch, *shape)).astype(numpy.float32)
    y = random.integers(0, classes, batch) if classes else random.uniform(-1, 1, (batch, 4)).astype(numpy.float32)
    return x, y


def serve(version, run):
    """`run(n)` runs at least n steps, waits for them and returns how many they were."""
    run(3)  # compiles, where that is done
    print(f"ready version={version}", flush=True)
    for line in sys.stdin:
        steps = int(line.removeprefix("run "))
        start = time.perf_counter()
        steps = run(steps)
        print((time.perf_counter() - start) / steps, flush=True)
