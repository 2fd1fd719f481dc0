#!/usr/bin/env bash
# How the cost of a master grows with the mix's length and rate: 1 to 120 minutes at 44.1 kHz, and 4 minutes at 44.1 to 192 kHz.
#
#   benches/growth.sh          its figures of one day: benches/growth.md
#
# The mix of benches/peers.sh, repeated or resampled, is mastered to the same reference (3.5 minutes) each time. Prints CPU, wall and
# memory, and what a further minute costs: the slope of a straight line through the lengths, with the largest deviation from it.
# Needs ffmpeg, GNU time, python3, 4 GB of disk; $AUTOMASTER names the program.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
automaster=${AUTOMASTER:-$root/target/release/automaster}
{ read -r mix; read -r reference; } < <("$root/benches/peers.sh" --files | tail -2)
work=$(mktemp -d "$root/target/growth.XXXXXX")
trap 'rm -rf "$work"' EXIT

job() { # what, minutes, file: a row of the table
    /usr/bin/time -o "$work/time" -f "%U %S %e %M" "$automaster" "$3" --ref "$reference" -o "$work/master.wav" --quiet --no-report --overwrite
    read -r user system wall memory <"$work/time"
    cpu=$(awk -v u="$user" -v s="$system" 'BEGIN {printf "%.2f", u + s}')
    awk -v w="$1" -v m="$2" -v c="$cpu" -v s="$wall" -v k="$memory" \
        'BEGIN {printf "| %s | %d | %.2f | %.2f | %.0f |\n", w, m, c, s, k / 1024}'
    echo "$2 $cpu" >>"$work/$4"
    rm -f "$work/master.wav"
}

echo "| mix | minutes | CPU, s | wall, s | peak memory, MiB |"
echo "|---|---:|---:|---:|---:|"
for minutes in 1 4 16 64 120; do
    ffmpeg -v error -nostdin -y -stream_loop -1 -i "$mix" -t $((60 * minutes)) -c copy "$work/mix.wav"
    job "44.1 kHz" $minutes "$work/mix.wav" lengths
done
for rate in 48000 88200 96000 192000; do
    ffmpeg -v error -nostdin -y -i "$mix" -ar $rate -c:a pcm_s24le "$work/mix.wav"
    job "$(awk -v hz=$rate 'BEGIN {print hz / 1000}') kHz" 4 "$work/mix.wav" rates
done
python3 - "$work/lengths" <<'P'
import sys
rows = [tuple(map(float, line.split())) for line in open(sys.argv[1])]
n = len(rows)
mean_m, mean_c = sum(m for m, _ in rows) / n, sum(c for _, c in rows) / n
slope = sum((m - mean_m) * (c - mean_c) for m, c in rows) / sum((m - mean_m) ** 2 for m, _ in rows)
start = mean_c - slope * mean_m
off = max(abs(c - start - slope * m) / c for m, c in rows if m >= 4)
print(f"\nBy length: {start:.2f} s and {slope:.3f} CPU-s a minute; no length from 4 minutes on is further than {100 * off:.0f} % from that line.")
P
