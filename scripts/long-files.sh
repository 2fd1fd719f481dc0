#!/usr/bin/env bash
# Long and large mixes: masters each and prints wall time, CPU time, peak memory and whether the length is exact.
#
#   scripts/long-files.sh [2h] [6h] [192k] [384k] [4g]        without a name: all, about 25 GB of disk while it runs
#
#   2h, 6h       24 bits at 44.1 kHz
#   192k, 384k   ten minutes, 24 bits
#   RATE:BYTES:SECONDS, as in 96000:3:900, any other
#   4g           RF64 of 4.7 GB: 32-bit float at 192 kHz, 51 minutes
# The mixes are sparse: a minute of music, then ten of digital silence. Needs python3, ffmpeg and GNU time; $AUTOMASTER names the program.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
automaster=${AUTOMASTER:-$root/target/release/automaster}
[[ -x $automaster ]] || { echo "error: no $automaster: run cargo build --release first" >&2; exit 1; }
work=$(mktemp -d "${LONG_FILES_DIR:-$root/target}/long.XXXXXX")
trap 'rm -rf "$work"' EXIT
[[ $# -gt 0 ]] || set -- 2h 6h 192k 384k 4g

make_mix() { # file, rate, bytes a word, seconds: RF64, mostly holes
    ffmpeg -v error -y -i "$root/examples/mix.flac" -ar "$2" -ac 2 -f "$([[ $3 -eq 3 ]] && echo s24le || echo f32le)" "$work/minute.raw"
    python3 - "$@" "$work/minute.raw" <<'P'
import struct, sys
name, rate, word, seconds, minute = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), open(sys.argv[5], 'rb').read()
frames, align = rate * seconds, 2 * word
data = frames * align
fmt = struct.pack('<HHIIHH', 1 if word == 3 else 3, 2, rate, rate * align, align, 8 * word)
head = b'RF64' + struct.pack('<I', 0xFFFFFFFF) + b'WAVE' + b'ds64' + struct.pack('<IQQQI', 28, data + 72, data, frames, 0)
head += b'fmt ' + struct.pack('<I', 16) + fmt + b'data' + struct.pack('<I', 0xFFFFFFFF)
with open(name, 'wb') as f:
    f.write(head)
    for start in range(0, seconds, 660):
        f.seek(len(head) + start * rate * align)
        f.write(minute[: max(0, (seconds - start) * rate * align)])
    f.truncate(len(head) + data)
P
}

frames_of() { ffprobe -v error -select_streams a:0 -show_entries stream=duration_ts -of csv=p=0 "$1"; }

echo "| mix | length, s | file, GB | wall, s | CPU, s | peak memory, MiB | length exact |"
echo "|---|---:|---:|---:|---:|---:|---|"
for name in "$@"; do
    case $name in
        2h) rate=44100 word=3 seconds=7200 ;;
        6h) rate=44100 word=3 seconds=21600 ;;
        192k) rate=192000 word=3 seconds=600 ;;
        384k) rate=384000 word=3 seconds=600 ;;
        4g) rate=192000 word=4 seconds=3060 ;;
        *:*:*) IFS=: read -r rate word seconds <<<"$name" ;;
        *) echo "error: no mix is called $name" >&2; exit 2 ;;
    esac
    make_mix "$work/mix.wav" "$rate" "$word" "$seconds"
    /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$automaster" "$work/mix.wav" --ref "$root/examples/reference.flac" \
        -o "$work/master.wav" --quiet --no-report --overwrite
    read -r wall user system memory <"$work/time"
    exact=$([[ $(frames_of "$work/master.wav") -eq $((rate * seconds)) ]] && echo yes || echo NO)
    awk -v name="$name" -v length_s="$seconds" -v bytes="$(stat -c %s "$work/mix.wav")" -v wall="$wall" -v user="$user" -v sys="$system" \
        -v kib="$memory" -v exact="$exact" 'BEGIN {
            printf "| %s | %s | %.1f | %s | %.1f | %.0f | %s |\n", name, length_s, bytes / 1e9, wall, user + sys, kib / 1024, exact }'
    rm -f "$work/mix.wav" "$work/master.wav"
done
