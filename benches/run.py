"""All benchmarks: python3 benches/run.py [PART ...] [--python PATH]; README.md beside this file says what each part is.

Without parts, all of them, one after the other. Nothing else should run on the machine meanwhile.
"""
import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKLOADS = ["peak", "mlp", "lenet", "cnn32", "gpt", "tiny", "infer"]
LAYERS = ["conv", "dense", "attention", "unseen"]


def bench(names):
    """One after the other: a program a workload."""
    for name in names:
        run("cargo", "bench", "--quiet", "-p", "chainrule-benches", "--bench", name)


def run(*command):
    subprocess.run(command, cwd=HERE, check=True)


def main():
    parts = {
        "steps": lambda: bench(WORKLOADS),
        "layers": lambda: bench(LAYERS),
        "peers": lambda: run(sys.executable, "peers/compare.py", "--python", arguments.python),
        "matmul": lambda: run("cargo", "run", "--quiet", "--release", "--manifest-path", "peers/Cargo.toml", "--features", "matmul", "--bin", "matmul"),
        "counts": lambda: run(sys.executable, "counts.py"),
        "sizes": lambda: (bench(["sizes"]), run(sys.executable, "depth.py")),
        "build": lambda: run(sys.executable, "peers/build.py"),
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch and jax, for the peers")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    for part in arguments.parts or parts:
        print(f"\n== {part}\n", flush=True)
        parts[part]()


main()
