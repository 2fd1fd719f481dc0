"""What a call of the package costs over the program, for a song of four minutes.

    overhead.py PROGRAM MIX REFERENCE [RUNS]        with a Python that has the wheel; benches/peers.sh --files makes the two files

`automaster.master()` in a process that has imported the package, and the program, in turns, each with a report; the bytes must be
equal. Prints medians over the turns of both, and of the ratio within a turn, on the clock and in CPU seconds. The import is counted
apart, in fresh interpreters.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import automaster


def cpu_s() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system


def timed(call: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), cpu_s()
    call()
    return time.perf_counter() - wall, cpu_s() - cpu


def imported(code: str) -> float:
    """Seconds of an interpreter that runs `code`, the least of five."""
    return min(timed(lambda: subprocess.run([sys.executable, "-c", code], check=True))[0] for _ in range(5))


def main() -> None:
    program, mix, reference = (Path(argument).resolve() for argument in sys.argv[1:4])
    runs = int(sys.argv[4]) if len(sys.argv) > 4 else 7
    took: dict[str, list[tuple[float, float]]] = {"program": [], "call": []}
    with tempfile.TemporaryDirectory() as name:
        one, two = Path(name) / "program.wav", Path(name) / "call.wav"
        command = [program, mix, "--ref", reference, "-o", one, "--report", Path(name) / "one.json", "--quiet", "--overwrite"]

        def by_program() -> None:
            subprocess.run(command, check=True)

        def by_call() -> None:
            automaster.master(mix, references=[reference], output=two, reports=[Path(name) / "two.json"], overwrite=True)

        # The files are in the system's cache, and both have found their models, before anything counts.
        by_program()
        by_call()
        if one.read_bytes() != two.read_bytes():
            sys.exit("the call's bytes are not the program's")
        for turn in range(runs):
            # Who comes first changes with the turn: what else the machine does must favour neither.
            both = [("program", by_program), ("call", by_call)]
            for who, call in both if turn % 2 == 0 else reversed(both):
                took[who].append(timed(call))
        size = one.stat().st_size
    print(f"{runs} turns on {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}; masters of {size} bytes are equal.\n")
    print("| | program | call | call / program, median of turns |")
    print("|---|---:|---:|---:|")
    for column, what in ((1, "CPU, s"), (0, "on the clock, s")):
        program_s, call_s = ([run[column] for run in took[who]] for who in ("program", "call"))
        ratio = statistics.median(call / program for program, call in zip(program_s, call_s))
        print(f"| {what} | {statistics.median(program_s):.2f} | {statistics.median(call_s):.2f} | {ratio:.3f} |")
    bare, numpy, whole = (imported(code) for code in ("pass", "import numpy", "import automaster"))
    print(f"\nOnce a process: `import automaster` {1000 * (whole - bare):.0f} ms, {1000 * (numpy - bare):.0f} of them NumPy's.")


main()
