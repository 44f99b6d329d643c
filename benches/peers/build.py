"""What a program costs to build: LeNet-5, trained for ten steps, in Chainrule, burn and candle; in dfdx, whose convolutions need a nightly
compiler, a network of three dense layers.

    python3 build.py [NAME ...]

For each: the crates it is made of, a clean release build, one after a change of the program's own text, and the stripped program.
Builds in a directory of its own, which it empties.
"""
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE / "target/clean"
NAMES = ["chainrule", "candle", "burn", "dfdx"]


def cargo(*arguments):
    environment = {**os.environ, "CARGO_PROFILE_RELEASE_STRIP": "true", "CARGO_TARGET_DIR": str(TARGET)}
    done = subprocess.run(["cargo", *arguments], cwd=HERE, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def seconds(*arguments):
    start = time.perf_counter()
    cargo(*arguments)
    return time.perf_counter() - start


def main():
    compiler = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    host = next(line.removeprefix("host: ") for line in compiler if line.startswith("host: "))
    print(f"{os.cpu_count()} cores, {compiler[0]}\n")
    print("| program | crates | clean build | after a change | stripped |")
    print("| --- | --- | --- | --- | --- |")
    for name in sys.argv[1:] or NAMES:
        cargo("fetch", "--target", host)  # downloads do not count
        shutil.rmtree(TARGET, ignore_errors=True)
        tree = cargo("tree", "--features", name, "--edges", "normal,build", "--prefix", "none", "--format", "{p}")
        crates = {line.removesuffix(" (*)") for line in tree.splitlines()} - {""}
        program = f"minimal-{name}"
        build = ["build", "--release", "--quiet", "--features", name, "--bin", program]
        clean = seconds(*build)
        source = HERE / "minimal" / f"{name}.rs"
        source.touch()
        changed = seconds(*build)
        size = (TARGET / "release" / program).stat().st_size
        kind = " (dense layers)" if name == "dfdx" else ""
        print(f"| {name}{kind} | {len(crates) - 1} | {clean:.1f} s | {changed:.1f} s | {size / 1e6:.2f} MB |", flush=True)
    shutil.rmtree(TARGET)


main()
