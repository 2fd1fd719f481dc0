#!/usr/bin/env bash
# Instructions that three jobs on examples/ take, counted by callgrind: a figure of cost without the machine's noise.
#
#   benches/instructions.sh            counts, and fails where one is over benches/instructions.txt by more than 3 %
#   benches/instructions.sh --write    counts, and writes that file: after a change that is meant to cost more, or that costs less
#
# Jobs: `reference` masters the mix to the reference, `genre` to a genre that is given, `render` renders the plan of the first. One
# thread, no report. Needs the release build, valgrind (Debian: apt-get install valgrind) and a processor with AVX2, whose transforms
# rustfft picks; ends with 75, loudly, without them.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
automaster=${AUTOMASTER:-$root/target/release/automaster}
counts=$root/benches/instructions.txt
tolerance_percent=3
[[ $# -eq 0 || $* == --write ]] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[[ -x $automaster ]] || { echo "error: no $automaster: run cargo build --release first" >&2; exit 1; }
command -v valgrind >/dev/null || { echo "valgrind is missing: instructions are not counted" >&2; exit 75; }
grep -qw avx2 /proc/cpuinfo || { echo "no AVX2: the counts would be others" >&2; exit 75; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mix=$root/examples/mix.flac
reference=$root/examples/reference.flac
common=(--threads 1 --quiet --overwrite)
count() {
    local job=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file="$work/$job.out" "$automaster" "$@" "${common[@]}" 2>"$work/$job.log" >/dev/null ||
        { cat "$work/$job.log" >&2; exit 1; }
    echo "$job $(awk '/^summary:/ { print $2 }' "$work/$job.out")"
}

"$automaster" suggest "$mix" --ref "$reference" -o "$work/plan.toml" "${common[@]}" >/dev/null
# Two at a time: the counts do not know of each other.
count reference "$mix" --ref "$reference" -o "$work/reference.wav" --no-report >"$work/1" &
count genre "$mix" --genre rock -o "$work/genre.wav" --no-report >"$work/2"
wait $!
count render render "$mix" --plan "$work/plan.toml" -o "$work/render.wav" --no-report >"$work/3"
cat "$work"/[123] >"$work/counts"

if [[ ${1-} == --write ]]; then
    cp "$work/counts" "$counts"
    cat "$counts"
    exit
fi
awk -v tolerance="$tolerance_percent" '
    NR == FNR { before[$1] = $2; next }
    {
        change = 100 * ($2 / before[$1] - 1)
        printf "%-10s %14.0f instructions, %+.2f %% against %.0f\n", $1, $2, change, before[$1]
        if (!($1 in before) || change > tolerance) worse = 1
    }
    END {
        if (worse) print "error: more than " tolerance " % more: mend it, or say why and run benches/instructions.sh --write"
        exit worse
    }
' "$counts" "$work/counts"
