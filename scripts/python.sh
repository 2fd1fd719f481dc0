#!/usr/bin/env bash
# The Python package: the wheel, built from the libraries that `cargo test` has built already (profile dev; --release for the real
# one), installed into a clean virtual environment, and its tests. python.sh [--release]
# Exit: 0 all pass; 75 nothing was tested, for want of Python; else as the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=(--profile dev)
program=target/debug/automaster
[ "${1:-}" = --release ] && profile=(--release) && program=target/release/automaster

not_tested() { echo "$1: THE PYTHON PACKAGE IS NOT TESTED (Debian: apt-get install python3-venv)" >&2; exit 75; }
command -v python3 >/dev/null || not_tested "python3 is missing"
venv=target/python/venv
rm -rf target/python
python3 -m venv "$venv" || not_tested "python3 has no venv"
"$venv/bin/pip" install --quiet "maturin>=1.9,<2"
# --locked: what Cargo.lock names, as everywhere else.
(cd python && "../$venv/bin/maturin" build --quiet --locked "${profile[@]}" --out ../target/python/wheels)
"$venv/bin/pip" install --quiet target/python/wheels/*.whl pytest nbclient jupytext ipykernel mypy
[ -x "$program" ] && export AUTOMASTER=$PWD/$program
"$venv/bin/mypy" --strict --python-version 3.11 python/package/automaster
(cd python && "../$venv/bin/python" -m pytest -p no:cacheprovider)
