#!/usr/bin/env bash
# Builds the fuzzers and runs them one after the other: fuzz/run.sh SECONDS [TARGET…]. Needs no nightly toolchain and no cargo-fuzz:
# libFuzzer comes with libfuzzer-sys (a C++ compiler builds it), coverage with LLVM's pass. What is found lies in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?how many seconds for each target}
shift
host=$(rustc -vV | sed -n 's/^host: //p')
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
export RUSTFLAGS="$coverage --cfg fuzzing -Ccodegen-units=4" CARGO_TARGET_DIR="$PWD/target"
[ $# -gt 0 ] || set -- wav flac mp3 aac ogg opus aiff caf m4a mka plan report profile manifest request words
nice -n 19 cargo build --quiet --locked --release --target "$host" $(printf -- '--bin %s ' "$@")

seeds() { # the tests' files that a target begins with
    case $1 in
        wav) find ../tests/data -name '*.wav' -o -name '*.w64' -o -path '*wavfile*' -type f ;;
        flac) find ../tests/data -name '*.flac' -o -path '*flacfile*' -type f ;;
        mp3) find ../tests/data -name '*.mp3' -o -path '*mpegfile*' -type f ;;
        aac) find ../tests/data -name '*.aac' ;;
        ogg) find ../tests/data -name '*.ogg' -o -name '*.oga' ;;
        opus) find ../tests/data -name '*.opus' ;;
        aiff) find ../tests/data -name '*.aif*' -o -path '*aifffile*' -type f ;;
        caf) find ../tests/data -name '*.caf' ;;
        m4a) find ../tests/data -name '*.m4a' -o -path '*mp4file*' -type f ;;
        mka) find ../tests/data -name '*.mka' ;;
    esac
}

# The targets hand what they read on as a file: about twice as many a second where that lies in memory.
[ -w /dev/shm ] && export TMPDIR=/dev/shm

for target in "$@"; do
    mkdir -p "corpus/$target" "artifacts/$target"
    # Long files teach nothing that short ones do not.
    seeds "$target" | while read -r file; do [ "$(stat -c %s "$file")" -lt 60000 ] && cp "$file" "corpus/$target/$(echo "$file" | md5sum | cut -c1-16)"; done || true
    log="corpus/$target.log"
    code=0
    nice -n 19 "target/$host/release/$target" "corpus/$target" $([ -d "seeds/$target" ] && echo "seeds/$target") \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target/" >"$log" 2>&1 || code=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2 || true)
    [ "$code" -eq 0 ] && found=none || found="$(grep -m1 -E 'panicked at|timeout|out-of-memory' -A1 "$log" | tr '\n' ' ' | cut -c1-160 || true)"
    echo "| $target | ${runs:-0} | $seconds | ${edges:-0} | $found |"
done
