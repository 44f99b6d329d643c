"""Instructions of one whole training step, counted by callgrind: what no other load on the machine disturbs.

    python3 counts.py [WORKLOAD ...] [--write]

Runs each program with few and with more steps under valgrind and takes the difference, so that start-up does not count. Compares with
`counts.txt` and fails where a step takes over 1 % more; `--write` stores the counts there. They depend on the instruction set (valgrind
knows AVX2, not AVX-512) and on the compiler's version, which stand in the file.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STORED = HERE / "counts.txt"
# Steps of the shorter run, and how many more there are in the longer one.
STEPS = {"lenet": (1, 2), "mlp": (1, 2), "gpt": (1, 1), "tiny": (1000, 1000)}


def programs():
    command = ["cargo", "bench", "--no-run", "-p", "chainrule-benches", "--message-format", "json"]
    for name in STEPS:
        command += ["--bench", name]
    messages = subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    artifacts = [message for message in map(json.loads, messages) if message.get("executable")]
    return {artifact["target"]["name"]: artifact["executable"] for artifact in artifacts}


def count(program, steps):
    """Instructions of the whole program, and the instruction set it chose."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "--worker", "1"]
    done = subprocess.run(command, input=f"run {steps}\n", capture_output=True, text=True, check=True)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    return int(collected[1]), re.search(r"level=(\S+)", done.stdout)[1]


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    stored = dict(line.rsplit(None, 1) for line in STORED.read_text().splitlines()) if STORED.exists() else {}
    compiler = subprocess.run(["rustc", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[1]
    counts, worse = {}, False
    for name, program in programs().items():
        if arguments and name not in arguments:
            continue
        few, more = STEPS[name]
        (before, level), (after, _) = count(program, few), count(program, few + more)
        key = f"{name} {level} rustc-{compiler}"
        counts[key] = (after - before) // more
        old = int(stored.get(key, 0))
        change = 100 * (counts[key] / old - 1) if old else 0.0
        worse |= change > 1
        print(f"{key:32} {counts[key]:14,} instructions a step" + (f" {change:+.2f} %" if old else "  (nothing stored)"), flush=True)
    if "--write" in sys.argv:
        stored.update({key: str(value) for key, value in counts.items()})
        STORED.write_text("".join(f"{key} {value}\n" for key, value in sorted(stored.items())))
    sys.exit(worse and "over 1 % more than stored")


main()
