#!/usr/bin/env bash
# Installs Matchering 2.0.6 from PyPI into a throw-away environment, .cache/venv-matchering, for evaluation and benches.
# Exit: 0 ready; 75 no registry answered.
set -euo pipefail
venv=$(cd "$(dirname "$0")/.." && pwd)/.cache/venv-matchering
"$venv/bin/python" -c 'import matchering, sys; sys.exit(matchering.__version__ != "2.0.6")' 2>/dev/null && exit 0
rm -rf "$venv"
mkdir -p "$(dirname "$venv")"
python3 -m venv "$venv"
if ! "$venv/bin/pip" install --quiet --disable-pip-version-check matchering==2.0.6; then
    rm -rf "$venv"
    echo "MATCHERING NOT INSTALLED: PyPI did not give matchering 2.0.6; comparisons with it are SKIPPED." >&2
    exit 75
fi
