"""A catalogue as a task graph of Dask, through the Python package: master.py MANIFEST.jsonl [SCHEDULER-ADDRESS].

One task a row, tried again where a worker dies. A row whose master exists is left alone; masters appear whole or not at all. Ends
with 3 where rows failed, as `automaster batch` does.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Optional

import automaster
from dask.distributed import Client, LocalCluster, as_completed


def master_one(job: dict[str, Any]) -> tuple[str, Optional[str]]:
    """Masters a row; its id, and what went wrong."""
    options = dict(job)
    name, mix = options.pop("id"), options.pop("mix")
    fill = {"id": name, "stem": Path(mix).stem}
    output = Path(options.pop("output").format(**fill))
    report = Path(options.pop("report").format(**fill))
    if output.exists() and report.exists():
        return name, None
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        automaster.master(
            mix, references=options.pop("ref", ()), output=output, reports=[report], overwrite=True, threads=1, **options
        )
    except automaster.Error as error:
        return name, str(error)
    return name, None


def main() -> int:
    manifest = Path(sys.argv[1]).resolve()
    jobs = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line.strip()]
    address = sys.argv[2] if len(sys.argv) > 2 else None
    os.chdir(manifest.parent)
    cluster = None if address else LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    failed = 0
    with Client(address or cluster) as client:
        # A master is a file, not a value: a task that is run twice writes the same bytes.
        for future in as_completed(client.map(master_one, jobs, retries=3, pure=False)):
            name, error = future.result()
            if error:
                failed += 1
                print(f"{name}: {error}", file=sys.stderr)
    print(f"{len(jobs) - failed} done, {failed} failed")
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
