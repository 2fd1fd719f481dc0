"""What a track costs: measure.py PROGRAM [PRICE-PER-CPU-HOUR]. Prints the figures of docs/scale.md for this machine and this build.

CPU seconds of a track are those of a process that masters a song of four minutes, made of the repository's example, with
one thread; overhead is what a process and a row cost where there is nothing to do.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv[1]).resolve()
PRICE = float(sys.argv[2]) if len(sys.argv) > 2 else None
ROWS = 200


def run(folder: Path, *arguments: str) -> tuple[float, float, float]:
    """Seconds on the clock, CPU seconds, and largest resident size in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen([PROGRAM, "batch", *arguments, "--quiet"], cwd=folder)
    # Of this process alone: what is told of all children is the largest of any, ffmpeg's too.
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "examples/reference.flac", folder)
        loop = ["ffmpeg", "-v", "error", "-stream_loop", "9", "-i", ROOT / "examples/mix.flac", "-c:a", "flac", folder / "song.flac"]
        subprocess.run(loop, check=True)
        costs = {}
        for kind, options in (("to a reference", ["--ref", "reference.flac"]), ("genre recognised", [])):
            output = ["-o", f"{len(costs)}.flac", "--results", f"{len(costs)}.jsonl", "--jobs", "1", "--threads", "1"]
            _, costs[kind], size = run(folder, "song.flac", *options, *output)
            print(f"| CPU seconds of a 4-minute track, {kind} | {costs[kind]:.1f} |")
            print(f"| largest resident size, {kind}, MB | {size:.0f} |")
        # Rows that are done cost what a row costs beside its music.
        subprocess.run([sys.executable, ROOT / "deploy/test/make.py", folder / "short", str(ROWS)], check=True)
        short = folder / "short"
        run(short, "m.jsonl", "--jobs", str(os.cpu_count() or 1))
        lines = [json.loads(line) for line in (short / "m.results.jsonl").read_text().splitlines()]
        all_rows, *_ = min(run(short, "m.jsonl", "--jobs", "1") for _ in range(3))
        one_row, *_ = min(run(short, "m.jsonl", "--shard", f"0/{ROWS}", "--jobs", "1") for _ in range(5))
        print(f"| a process with one row that is done, ms | {1000 * one_row:.0f} |")
        print(f"| each row more that is done, ms | {1000 * (all_rows - one_row) / (ROWS - 1):.2f} |")
        mean = sum(line["seconds"] for line in lines) / len(lines)
        print(f"| a row of one second of music, in a process with others, ms | {1000 * mean:.0f} |")
        if PRICE is not None:
            for kind, seconds in costs.items():
                print(f"| 1,000 tracks at {PRICE} a CPU-hour, {kind} | {1000 * seconds / 3600 * PRICE:.2f} |")
                print(f"| 1,000,000 tracks, {kind} | {1e6 * seconds / 3600 * PRICE:.0f} |")


main()
