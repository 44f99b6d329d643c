"""What depth costs: networks of 1, 10, 100 and 1000 dense layers, generated, expanded, compiled and trained.

    python3 depth.py [LAYERS ...]

For each: the time that rustc spends in expanding macros (its own `-Ztime-passes`), `cargo check` and a release build of the program alone (what it
depends on is built already), the stripped program, and a whole training step. A network of no layers shows what the rest of the program costs.
"""
import os
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent / "target/depth"
WIDTH = 16

MANIFEST = """[package]
name = "depth"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
chainrule = {{ path = "{root}" }}
chainrule-benches = {{ path = "{benches}" }}
"""

PROGRAM = """use chainrule::prelude::*;

network! {{
    struct Deep;

    x: [{width}]
{layers}
        -> y: Dense::new({width});

    loss MeanSquaredError(y, wanted: [{width}]);
}}

fn main() {{
    let flops = chainrule_benches::flops::step(&[{width} * {width}; {depth}]);
    chainrule_benches::training::<Deep>("{depth}", 64, flops, Sgd::new(1e-4)).main();
}}
"""


def cargo(*arguments, stderr=None, **environment):
    environment = {**os.environ, "CARGO_PROFILE_RELEASE_STRIP": "true", "CARGO_TARGET_DIR": f"{ROOT}/target", **environment}
    return subprocess.run(["cargo", *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, stderr=stderr, text=True)


def seconds(*arguments):
    """What a command takes when only the program's own text is new."""
    (ROOT / "src/main.rs").touch()
    start = time.perf_counter()
    cargo(*arguments, "--quiet")
    return time.perf_counter() - start


def expansion():
    (ROOT / "src/main.rs").touch()
    # On stable the option is rustc's own developers' alone: only this measurement uses it, in a directory of its own.
    done = cargo("rustc", "--profile", "check", "--", "-Ztime-passes", stderr=subprocess.PIPE, RUSTC_BOOTSTRAP="1", CARGO_TARGET_DIR=f"{ROOT}/target/expansion")
    return float(re.search(r"time:\s+([\d.]+).*\smacro_expand_crate", done.stdout + done.stderr)[1])


def main():
    (ROOT / "src").mkdir(parents=True, exist_ok=True)
    (ROOT / "Cargo.toml").write_text(MANIFEST.format(root=HERE.parent, benches=HERE))
    print("| layers | expansion | check | release build | stripped | a step of 64 samples |")
    print("| --- | --- | --- | --- | --- | --- |")
    warm = False
    for depth in [int(argument) for argument in sys.argv[1:]] or [1, 10, 100, 1000]:
        layers = "\n".join(f"        -> Dense::new({WIDTH})" + " -> Relu" * (at % 4 == 3) for at in range(depth - 1))
        (ROOT / "src/main.rs").write_text(PROGRAM.format(width=WIDTH, layers=layers, depth=depth))
        if not warm:
            seconds("check"), seconds("build", "--release"), expansion()
            warm = True
        expand, check, build = expansion(), seconds("check"), seconds("build", "--release")
        program = ROOT / "target/release/depth"
        worker = subprocess.run([program, "--worker", "1"], input="run 1\nrun 100\n", capture_output=True, text=True, check=True)
        step = float(worker.stdout.split()[-1])
        size = program.stat().st_size / 1e6
        print(f"| {depth} | {expand:.2f} s | {check:.1f} s | {build:.1f} s | {size:.2f} MB | {1e6 * step:.0f} µs |", flush=True)


main()
