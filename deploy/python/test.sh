#!/usr/bin/env bash
# The task graph on two local workers: the bytes of one machine. test.sh PROGRAM PYTHON [ROWS [ENGINE]], where PYTHON has the wheel and
# dask[distributed] or ray; ends with 75 where it has not.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?the program}")
python=${2:?a Python that has the wheel and the engine}
rows=${3:-8}
engine=${4:-dask}
module=${engine/dask/distributed}
"$python" -c "import automaster, $module" 2>/dev/null || { echo "$python lacks automaster or $module: not tested"; exit 75; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 "$here/../test/make.py" "$dir/one" "$rows"
cp -r "$dir/one" "$dir/many"
(cd "$dir/one" && "$program" batch m.jsonl --jobs 2 --quiet)
"$python" "$here/master.py" "$dir/many/m.jsonl" --engine "$engine"
python3 "$here/../test/check.py" "$dir/many" "$dir/one" "$rows"
