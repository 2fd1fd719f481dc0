#!/usr/bin/env bash
# Where the CPU time of a whole `--ref` job goes, beside the least that any such job needs: reading the mix, its loudness by BS.1770,
# writing the master.
#
#   benches/profile.sh            writes benches/profile.md
#
# Samples the job of benches/peers.sh with perf (Debian: apt-get install linux-perf) and counts each sample for the innermost function that
# the table below knows. Needs the release build.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
automaster=${AUTOMASTER:-$root/target/release/automaster}
command -v perf >/dev/null || { echo "error: perf is needed (Debian: apt-get install linux-perf)" >&2; exit 1; }
[[ -x $automaster ]] || { echo "error: no $automaster: run cargo build --release first" >&2; exit 1; }
mapfile -t files < <("$root/benches/peers.sh" --files)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for run in 1 2 3; do
    perf record --quiet --output "$work/perf" --freq 1999 --call-graph dwarf,16384 "$automaster" "${files[0]}" --ref "${files[1]}" \
        -o "$work/master.wav" --quiet --no-report --overwrite 2>/dev/null
    perf script --input "$work/perf" --fields tid,ip,sym 2>/dev/null >>"$work/samples"
done

python3 - "$work/samples" >"$work/profile.md" <<'PYTHON'
import collections
import re
import sys

# What is told -> the functions that it is known by. The innermost known function of a sample decides.
KNOWN = [
    ("reading mix, reference and the master again", r"audio::decode::|symphonia"),
    ("writing the master: dither, words, file", r"audio::encode::|audio::dither::"),
    ("fingerprints: what was sent, what is read back", r"Fingerprint"),
    ("the job's own temporary files", r"audio::spill::|audio::pcm::append_interleaved"),
    ("loudness (BS.1770)", r"analysis::loudness::|dsp::kweight|render::drive::power"),
    ("true peak of files", r"analysis::true_peak::"),
    ("four bands of mid and side", r"analysis::bands::"),
    ("spectra", r"analysis::spectrum::|analysis::decimate::"),
    ("the rest of listening", r"analysis::"),
    ("chain: level riding", r"chain::leveler::"),
    ("chain: multiband dynamics", r"chain::multiband::"),
    ("chain: tone matching", r"chain::match_eq::|dsp::fir::"),
    ("chain: stereo image", r"chain::stereo::"),
    ("chain: limiter", r"chain::limiter::|dsp::true_peak::|dsp::interpolate::|dsp::chunk::"),
    ("chain: other stages", r"chain::"),
    ("proposing and explaining", r"propose::|target::|plan::"),
]
patterns = [(name, re.compile(pattern)) for name, pattern in KNOWN]
counts, stacks, total = collections.Counter(), open(sys.argv[1]).read().split("\n\n"), 0
for stack in stacks:
    frames = stack.strip().split("\n")[1:]
    if not frames:
        continue
    total += 1
    known = (name for frame in frames for name, pattern in patterns if pattern.search(frame))
    counts[next(known, "the rest: start, threads, what the system does for no function above")] += 1
seconds = lambda count: count / 1999 / 3
print("# Where the time of a job goes\n")
print("Made by `benches/profile.sh`: a 4-minute mix mastered to a reference of 3.5 minutes, no report; CPU seconds, mean of three runs.")
print("Listening covers mix, reference, auditions of excerpts and master; the chain covers auditions, probes and the whole render.\n")
print("| work | CPU, s | share |\n|:--|--:|--:|")
for name, count in counts.most_common():
    print(f"| {name} | {seconds(count):.2f} | {100 * count / total:.0f} % |")
print(f"| all | {seconds(total):.2f} | |")
# Mix, reference, what goes to the limiter and the master are weighed by BS.1770, and the excerpts: about four times the mix.
least = seconds(counts[KNOWN[0][0]] + counts[KNOWN[1][0]] + counts["loudness (BS.1770)"] / 4)
print(f"\nReading, one pass of BS.1770 (a quarter of what loudness takes here) and writing, the least that any such job needs, take {least:.2f} s at most.")
PYTHON
cp "$work/profile.md" "$root/benches/profile.md"
cat "$root/benches/profile.md"
