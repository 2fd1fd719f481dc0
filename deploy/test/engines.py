"""The same manifest by every engine on this machine: identical bytes, and what a task costs beside its music.

    engines.py PROGRAM PYTHON [ROWS]        PYTHON has the wheel, dask[distributed] and ray; an engine that is not there is left out, loudly

Two rows at once everywhere. Each engine makes all rows, then is asked once more for rows that are all done: what is left is the engine.
CPU seconds are those of all processes that it has started, its scheduler among them. Prints the table of docs/scale.md.
"""

import ctypes
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ONE = "one process, `--jobs 2`"


def commands(program: Path, python: str, rows: int) -> dict[str, tuple[list[str], str]]:
    """By name: the command in a folder with `m.jsonl`, and what has to be there for it."""
    batch, asked = shlex.quote(str(program)), shlex.quote(python)
    share = f"seq 0 {rows - 1} | parallel --will-cite -q -j2 {batch} batch m.jsonl --shard {{}}/{rows} --jobs 1 --threads 1 --quiet"
    graph = [python, str(HERE.parent / "python/master.py"), "m.jsonl", "--engine"]
    return {
        ONE: ([str(program), "batch", "m.jsonl", "--jobs", "2", "--threads", "2", "--quiet"], "true"),
        "GNU parallel, a process a row": (["bash", "-c", share], "command -v parallel"),
        "Dask, two workers": ([*graph, "dask"], f"{asked} -c 'import automaster, distributed'"),
        "Ray, two workers": ([*graph, "ray"], f"{asked} -c 'import automaster, ray'"),
    }


def children() -> set[int]:
    """All processes below this one."""
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    return {int(pid) for pid in listed}


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds on the clock, and CPU seconds of the command and of all that it left behind."""
    before, begun = os.times(), time.perf_counter()
    end = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - begun
    if end.returncode:
        sys.exit(f"{command}: {end.returncode}\n{end.stdout}{end.stderr}")
    # Daemons that outlive their starter become children of this process; their seconds count once they have ended.
    until = time.monotonic() + 10
    while left := children():
        if time.monotonic() > until:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        time.sleep(0.05)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu


def main() -> None:
    program, python = Path(sys.argv[1]).resolve(), sys.argv[2]
    rows = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    table, tasks = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, HERE / "make.py", folder / "made", str(rows)], check=True)
        for number, (engine, (command, there)) in enumerate(commands(program, python, rows).items()):
            if subprocess.run(["bash", "-c", there], capture_output=True, check=False).returncode:
                print(f"{engine}: NOT THERE, LEFT OUT", file=sys.stderr)
                continue
            run = folder / str(number)
            shutil.copytree(folder / "made", run)
            wall, cpu = timed(command, run)
            checked = subprocess.run([sys.executable, HERE / "check.py", run, folder / "0", str(rows)], capture_output=True, text=True)
            if checked.returncode:
                sys.exit(f"{engine}: {checked.stdout}")
            wall_again, cpu_again = timed(command, run)
            tasks[engine] = cpu / rows
            more = 1000 * (tasks[engine] - tasks[ONE])
            # Ray's daemon reaps its workers without counting them: less than the music's own work is no figure.
            costs = f"{1000 * cpu / rows:.0f} | {more:+.0f} | {1000 * cpu_again / rows:.1f}" if more >= 0 else "? | ? | ?"
            table.append(
                f"| {engine} | {rows / wall:.1f} | {costs} | {1000 * wall_again / rows:.1f} | {checked.stdout.strip().split('; ')[-1]} |"
            )
    print(f"{rows} rows of about one second of music on {os.cpu_count()} cores; load average {os.getloadavg()[0]:.1f}.\n")
    print("| engine | tasks a second | CPU a task, ms | against one process, ms | done already: CPU a task, ms | on the clock, ms | bytes |")
    print("|---|---:|---:|---:|---:|---:|---|")
    print("\n".join(table))


main()
