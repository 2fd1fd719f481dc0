#!/usr/bin/env bash
# Tests the models on the native ONNX Runtime: fetches PyPI's library into .cache/onnxruntime and runs tests/tagger.rs with it.
# The tests compare with stored outputs, and so the two runtimes with each other.
#
# Exit: 0 equal; 75 no registry answered; else as the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.32.0
folder=.cache/onnxruntime
if ! compgen -G "$folder/onnxruntime/capi/libonnxruntime.so.*" >/dev/null; then
    pip download --quiet --no-deps --dest "$folder" "onnxruntime==$version" || { echo "no registry: SKIPPED, not passed" >&2; exit 75; }
    python3 -m zipfile -e "$folder"/onnxruntime-"$version"-*.whl "$folder"
fi
ORT_DYLIB_PATH=$(echo "$PWD/$folder"/onnxruntime/capi/libonnxruntime.so.*) cargo test --test tagger
