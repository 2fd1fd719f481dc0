"""A catalogue as a task graph of Dask or Ray, through the Python package.

    master.py MANIFEST.jsonl [--engine dask|ray] [--address SCHEDULER]

Without an address the engine starts two workers on this machine. One task a row, tried again where a worker dies. A row whose master
exists is left alone; masters appear whole or not at all. Ends with 3 where rows failed, as `automaster batch` does; with 2, and nothing
done, where a row of the manifest is not one of these: `id`, `mix`, `output` and `report` (one file) are there, with `{id}` and `{stem}`
filled in; `ref` is a file or a list of files; what else `docs/batch.md` names is an option.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

Job = dict[str, Any]
End = tuple[str, Optional[str]]
RETRIES = 3
NEEDED = ("id", "mix", "output", "report")


def is_file_name(ref: Any) -> bool:
    """Whether a reference is one file, and neither several nor one with a weight."""
    return isinstance(ref, str) and ";" not in ref and not re.search(r":[0-9.]+$", ref)


def faults(jobs: list[Job]) -> Iterator[str]:
    """What keeps rows from being tasks."""
    for row, job in enumerate(jobs, start=1):
        missing = [name for name in NEEDED if not isinstance(job.get(name), str)]
        if missing:
            yield f"row {row}: {', '.join(missing)} must be there, as text"
            continue
        refs = job.get("ref") or []
        if not isinstance(refs, (str, list)) or not all(is_file_name(ref) for ref in ([refs] if isinstance(refs, str) else refs)):
            yield f"row {row}: ref is a file or a list of files here, without weights"
        for name in ("output", "report"):
            try:
                job[name].format(id="", stem="")
            except (KeyError, IndexError, ValueError):
                yield f"row {row}: {name} has more to fill in than {{id}} and {{stem}}"


def master_one(job: Job, folder: str) -> End:
    """Masters a row of the manifest in `folder`; its id, and what went wrong."""
    # Here, and not above: a worker on another machine is sent this function alone.
    import automaster

    os.chdir(folder)
    options = dict(job)
    name, mix = options.pop("id"), options.pop("mix")
    fill = {"id": name, "stem": Path(mix).stem}
    output = Path(options.pop("output").format(**fill))
    report = Path(options.pop("report").format(**fill))
    if output.exists() and report.exists():
        return name, None
    try:
        for file in (output, report):
            file.parent.mkdir(parents=True, exist_ok=True)
        # A master is a file, not a value: a task that is run twice writes the same bytes.
        automaster.master(
            mix, references=options.pop("ref", ()), output=output, reports=[report], overwrite=True, threads=1, **options
        )
    except Exception as error:  # Whatever is wrong with a row, the others go on.
        return name, str(error) or type(error).__name__
    return name, None


def by_dask(jobs: list[Job], folder: str, address: Optional[str]) -> Iterator[End]:
    from dask.distributed import Client, LocalCluster, as_completed

    cluster = None if address else LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with Client(address or cluster) as client:
        for future in as_completed(client.map(master_one, jobs, folder=folder, retries=RETRIES, pure=False)):
            yield future.result()
    if cluster is not None:
        cluster.close()


def by_ray(jobs: list[Job], folder: str, address: Optional[str]) -> Iterator[End]:
    import ray

    own = {} if address else {"num_cpus": 2, "include_dashboard": False, "object_store_memory": 100 * 2**20}
    ray.init(address=address, log_to_driver=False, logging_level="warning", **own)
    task = ray.remote(max_retries=RETRIES, num_cpus=1)(master_one)
    waiting = [task.remote(job, folder) for job in jobs]
    while waiting:
        ready, waiting = ray.wait(waiting, num_returns=1)
        yield from ray.get(ready)
    ray.shutdown()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--engine", choices=["dask", "ray"], default="dask")
    parser.add_argument("--address")
    asked = parser.parse_args()
    lines = asked.manifest.read_text(encoding="utf-8").splitlines()
    jobs = [json.loads(line) for line in lines if line.strip()]
    wrong = list(faults(jobs))
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 2
    engine = by_ray if asked.engine == "ray" else by_dask
    failed = 0
    for name, error in engine(jobs, str(asked.manifest.resolve().parent), asked.address):
        if error:
            failed += 1
            print(f"{name}: {error}", file=sys.stderr)
    print(f"{len(jobs) - failed} done, {failed} failed")
    return 3 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
