#!/usr/bin/env bash
# The Python package: the wheel, built from the libraries that `cargo test` has built already (profile dev; --release for the real
# one), installed into a clean virtual environment, and its tests. python.sh [--release]
set -euo pipefail
cd "$(dirname "$0")/.."
profile=(--profile dev)
program=target/debug/automaster
[ "${1:-}" = --release ] && profile=(--release) && program=target/release/automaster

command -v python3 >/dev/null || { echo "python3 is missing: the Python package is not tested"; exit 0; }
venv=target/python/venv
rm -rf target/python
python3 -m venv "$venv" || { echo "python3 has no venv: the Python package is not tested"; exit 0; }
"$venv/bin/pip" install --quiet "maturin>=1.9,<2"
# --locked: what Cargo.lock names, as everywhere else.
(cd python && "../$venv/bin/maturin" build --quiet --locked "${profile[@]}" --out ../target/python/wheels)
"$venv/bin/pip" install --quiet target/python/wheels/*.whl pytest nbclient jupytext ipykernel mypy
[ -x "$program" ] && export AUTOMASTER=$PWD/$program
"$venv/bin/mypy" --strict --python-version 3.11 python/package/automaster
(cd python && "../$venv/bin/python" -m pytest -p no:cacheprovider)
