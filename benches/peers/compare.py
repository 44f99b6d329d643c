"""Chainrule's workloads beside every peer's: all programs of a row are alive, one works at a time, they take turns, and medians count.

    python3 compare.py [WORKLOAD ...] [--threads 1 2] [--turns 7] [--only NAME ...] [--python PATH]

Builds Chainrule's and the Rust peers' programs first. What cannot start (a peer without that layer, a Python without torch or jax) leaves its cell empty.
"""
import argparse
import json
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKLOADS = ["mlp", "lenet", "cnn32", "gpt", "tiny", "infer"]
IMAGES = ["lenet", "cnn32", "infer"]
RUST = ["candle", "burn", "dfdx"]
PYTHON = {
    "torch": ["torch_worker.py", "eager"],
    "torch channels-last": ["torch_worker.py", "channels_last"],
    "torch compiled": ["torch_worker.py", "compiled"],
    "jax": ["jax_worker.py", "jit"],
    "jax scanned": ["jax_worker.py", "scan"],
}
# Seconds of a turn, and after which a program that has not made its first steps is given up.
TURN = 0.3
PATIENCE = 120


class Worker:
    """A program that runs steps when it is told to."""

    def __init__(self, name, command, threads):
        self.name, self.times, self.steps = name, [], None
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
        for variable in ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]:
            environment[variable] = str(threads)
        cores = sorted(os.sched_getaffinity(0))[-threads:]
        self.said = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.said,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )

    def ready(self):
        """Waits until it is; what it says of itself, or nothing where it does not start."""
        waited = select.select([self.process.stdout], [], [], PATIENCE)[0]
        line = self.process.stdout.readline() if waited else f"not ready after {PATIENCE} s"
        if not line.startswith("ready "):
            self.process.kill()
            self.said.seek(0)
            reason = [line, *self.said.read().strip().splitlines()][0 if line else -1]
            print(f"  {self.name} does not start: {reason[:120]}", file=sys.stderr)
            return None
        return dict(pair.split("=", 1) for pair in line.split()[1:])

    def run(self, steps):
        self.process.stdin.write(f"run {steps}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def settle(self):
        """Finds how many steps make a turn."""
        each, steps = self.run(1), 1
        while steps * each < TURN / 3:
            steps = max(2 * steps, round(TURN / 10 / each))
            each = self.run(steps)
        self.steps = max(1, round(TURN / each))

    def turn(self):
        self.times.append(self.run(self.steps))

    def peak_memory(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def chosen(name, only):
    return not only or any(part in name for part in only)


def build(workloads, only):
    """Builds the Rust programs; where Chainrule's are."""
    print("building", file=sys.stderr)
    command = ["cargo", "bench", "--no-run", "-p", "chainrule-benches", "--message-format", "json"]
    for name in ["peak", *workloads]:
        command += ["--bench", name]
    messages = subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    artifacts = [message for message in map(json.loads, messages) if message.get("executable")]
    peers = [peer for peer in RUST if chosen(peer, only)]
    if peers:
        subprocess.run(["cargo", "build", "--release", "--features", ",".join(peers)], cwd=HERE, check=True)
    return {artifact["target"]["name"]: artifact["executable"] for artifact in artifacts}


def commands(programs, workload, threads, arguments):
    """The programs of a row."""
    yield "peak", [programs["peak"], "--worker", "1"]
    yield "chainrule", [programs[workload], "--worker", str(threads)]
    for peer in RUST:
        if peer != "dfdx" or workload in ["mlp", "tiny"]:
            yield peer, [str(HERE / "target/release" / peer), workload]
    for name, (script, mode) in PYTHON.items():
        if mode != "channels_last" or workload in IMAGES:
            yield name, [arguments.python, str(HERE / "python" / script), workload, str(threads), mode]


def row(programs, workload, threads, arguments, versions, memory):
    """Measures; the median seconds of a step for each program, and what ours says of the workload."""
    workers = [
        Worker(name, command, threads)
        for name, command in commands(programs, workload, threads, arguments)
        if name in ["peak", "chainrule"] or chosen(name, arguments.only)
    ]
    said = {worker.name: worker.ready() for worker in workers}
    alive = [worker for worker in workers if said[worker.name]]
    for worker in alive:
        versions[worker.name.split()[0]] = said[worker.name]["version"]
        worker.settle()
    for _ in range(arguments.turns):
        for worker in alive:
            worker.turn()
    if workload == "lenet" and threads == 1:
        memory.update({worker.name: worker.peak_memory() for worker in alive if worker.name != "peak"})
    for worker in workers:
        worker.end()
    return {worker.name: statistics.median(worker.times) for worker in alive}, said["chainrule"], said["peak"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--only", nargs="+", help="peers whose name has one of these in it")
    parser.add_argument("--python", default=sys.executable, help="a Python that has torch and jax")
    arguments = parser.parse_args()
    workloads = arguments.workloads or WORKLOADS
    programs = build(workloads, arguments.only)
    names = ["candle", "burn", "dfdx", *PYTHON]
    versions, memory, peaks = {}, {}, []
    print("Time of a step as a multiple of Chainrule's; the best peer in bold.\n")
    line(["workload", "threads", "samples/s", "of the peak", "best peer's", *names])
    line(["---"] * (5 + len(names)))
    for workload in workloads:
        for threads in arguments.threads:
            print(f"{workload}, {threads}", file=sys.stderr)
            seconds, work, machine = row(programs, workload, threads, arguments, versions, memory)
            flops, ours = float(work["flops"]), seconds["chainrule"]
            peaks.append(1e9 / seconds["peak"])
            share = lambda time: f"{100 * flops / time / (threads * peaks[-1]):.1f} %"
            ratios = {name: seconds[name] / ours for name in names if name in seconds}
            best = min(ratios, key=ratios.get, default=None)
            cells = [f"{ratios[name]:.2f}" if name in ratios else "–" for name in names]
            cells = [f"**{cell}**" if name == best else cell for name, cell in zip(names, cells)]
            rate = f"{int(work['batch']) / ours:,.0f}"
            line([workload, threads, rate, share(ours), share(seconds[best]) if best else "–", *cells])
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    peak = f"{statistics.median(peaks) / 1e9:.1f} GFLOP/s a core, measured in turns with the rest"
    print(f"\n{model[1] if model else 'unknown CPU'}, {machine['level']}, {os.cpu_count()} cores; {peak}.")
    print(", ".join(f"{name} {version}" for name, version in versions.items() if name != "peak") + ".")
    if memory:
        print("\nPeak memory of the lenet program, one thread, in MB:\n")
        line(list(memory))
        line(["---"] * len(memory))
        line([f"{megabytes:.0f}" for megabytes in memory.values()])


def line(cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


main()
