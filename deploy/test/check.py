"""Compares a run with a run on one machine: check.py RUN ONE ROWS. Each row done once, the same files with the same bytes."""

import collections
import hashlib
import json
import sys
from pathlib import Path


def tree(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def main() -> None:
    run, one, rows = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    made, expected = tree(run / "out"), tree(one / "out")
    wrong = [f"{name}: missing" for name in expected.keys() - made.keys()]
    wrong += [f"{name}: nobody's" for name in made.keys() - expected.keys()]
    wrong += [f"{name}: other bytes" for name in made.keys() & expected.keys() if made[name] != expected[name]]
    done: collections.Counter[int] = collections.Counter()
    for results in run.glob("m.results*.jsonl"):
        for line in results.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(line)
            except ValueError:
                continue
            done[line["row"]] += line["status"] == "done"
            wrong += [f"row {line['row']}: {line['message']}"] if line["status"] == "failed" else []
    if list(run.glob("m.results*.jsonl")):
        wrong += [f"row {row}: done {done[row]} times" for row in range(1, rows + 1) if done[row] != 1]
    if len(expected) != 2 * rows:
        wrong.append(f"{len(expected)} files on one machine, {2 * rows} were expected")
    print("\n".join(wrong) or f"{rows} rows, each done once; {len(made)} files, all bytes equal")
    sys.exit(bool(wrong))


main()
