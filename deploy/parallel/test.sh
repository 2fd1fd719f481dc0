#!/usr/bin/env bash
# The one-liner of docs/scale.md by GNU parallel: the bytes of one machine. test.sh PROGRAM [ROWS]; ends with 75 without parallel.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?the program}")
rows=${2:-8}
command -v parallel >/dev/null || { echo "parallel is missing: not tested"; exit 75; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 "$here/../test/make.py" "$dir/one" "$rows"
cp -r "$dir/one" "$dir/many"
cd "$dir/one" && "$program" batch m.jsonl --jobs 2 --quiet
cd "$dir/many" && seq 0 3 | parallel --will-cite -q -j2 "$program" batch m.jsonl --shard {}/4 --jobs 1 --threads 1 --quiet
python3 "$here/../test/check.py" "$dir/many" "$dir/one" "$rows"
