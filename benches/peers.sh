#!/usr/bin/env bash
# Whole-process comparison on the same files, in alternating runs: what does one master cost?
#
#   benches/peers.sh [--runs N] [--long] [--files]
#
# Job: a 4-minute 24-bit/44.1 kHz mix and a 3.5-minute reference, both put together from the corpus' dev split.
#   automaster   automaster MIX --ref REFERENCE        (target/release/automaster, or $AUTOMASTER)
#   genre        automaster MIX --genre rock           (no model is asked)
#   hears        automaster MIX                        (the models hear which genre it is)
#   matchering   Matchering 2.0.6                      (scripts/setup-matchering.sh)
#   loudnorm     ffmpeg loudnorm, two passes, on the mix (loudness only: no reference, no tone)
#   measuring    ffmpeg ebur128=peak=true on both files (measures, masters nothing)
# Prints medians of user+sys CPU time, wall time and peak memory, each peer's ratio to automaster, what
# `hears` takes more than `genre` (the models, and another target), and how large the program is.
# --files only makes the two files, .cache/peers/{mix,reference}.wav.
# --long masters a 2-hour mix too and compares its peak memory with the 4-minute job's.
# A peer that is not there is left out, loudly. Needs ffmpeg and GNU time.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
automaster=${AUTOMASTER:-$root/target/release/automaster}
corpus=${AUTOMASTER_CORPUS:-$root/.cache/corpus}
files=$root/.cache/peers
python=$root/.cache/venv-matchering/bin/python
runs=5
long=no
while [[ $# -gt 0 ]]; do
    case $1 in
    --runs) runs=$2 && shift 2 ;;
    --long) long=yes && shift ;;
    --files) runs=0 && shift ;;
    *) sed -n '2,19s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
done
for tool in ffmpeg /usr/bin/time; do
    command -v "$tool" >/dev/null || { echo "error: $tool is needed (Debian: apt-get install ffmpeg time)" >&2; exit 1; }
done
[[ -x $automaster ]] || { echo "error: no $automaster: run cargo build --release first" >&2; exit 1; }

"$root/scripts/fetch-corpus.sh" dev fretsonfire-songs-sectoid miceamaze
mkdir -p "$files"
work=$(mktemp -d "$files/run.XXXXXX")
trap 'rm -rf "$work"' EXIT

stems=$corpus/fretsonfire-songs-sectoid/usr/share/games/fretsonfire/data/songs/sectoid/Feelings
reference_song=$corpus/miceamaze/usr/share/games/miceamaze/music/DST-Azum.ogg
mix=$files/mix.wav
reference=$files/reference.wav
if [[ ! -f $mix || ! -f $reference ]]; then
    ffmpeg -v error -y -i "$stems/song.ogg" -i "$stems/guitar.ogg" -filter_complex \
        "amix=inputs=2:normalize=0,atrim=0:240,volume=-9dB" -ar 44100 -c:a pcm_s24le "$work/mix.wav"
    ffmpeg -v error -y -i "$reference_song" -t 210 -ar 44100 -ac 2 -c:a pcm_s16le "$work/reference.wav"
    mv "$work/mix.wav" "$mix"
    mv "$work/reference.wav" "$reference"
fi
[[ $runs -gt 0 ]] || { echo "$mix"; echo "$reference"; exit 0; }

run_genre() { "$automaster" "$mix" --genre rock -o "$work/genre.wav" --quiet --no-report --overwrite; }
run_hears() { "$automaster" "$mix" -o "$work/hears.wav" --quiet --no-report --overwrite; }
run_automaster() { "$automaster" "$mix" --ref "$reference" -o "$work/automaster.wav" --quiet --no-report --overwrite; }
run_matchering() { "$python" "$root/scripts/run-matchering.py" "$mix" "$reference" "$work/matchering.wav"; }
run_loudnorm() {
    local measured
    measured=$(ffmpeg -hide_banner -nostdin -i "$mix" -af loudnorm=I=-14:TP=-1:LRA=11:print_format=json -f null - 2>&1 |
        awk -F'"' '/input_i/{i=$4} /input_tp/{t=$4} /input_lra/{l=$4} /input_thresh/{h=$4} /target_offset/{o=$4}
            END {print "measured_I="i":measured_TP="t":measured_LRA="l":measured_thresh="h":offset="o}')
    ffmpeg -v error -nostdin -y -i "$mix" -af "loudnorm=I=-14:TP=-1:LRA=11:linear=true:$measured" -ar 44100 -c:a pcm_s24le "$work/loudnorm.wav"
}
run_measuring() {
    ffmpeg -v error -nostdin -i "$mix" -af ebur128=peak=true -f null -
    ffmpeg -v error -nostdin -i "$reference" -af ebur128=peak=true -f null -
}

systems=(automaster genre hears loudnorm measuring)
if "$root/scripts/setup-matchering.sh"; then
    systems=(automaster genre hears matchering loudnorm measuring)
    # Matchering compiles parts of itself on its first run; that run does not count.
    run_matchering
fi

export -f run_automaster run_genre run_hears run_matchering run_loudnorm run_measuring
export automaster mix reference work python root
# One run: appends "cpu_s wall_s peak_mib" to the system's list.
measure() { # SYSTEM
    rm -f "$work/$1.wav"
    /usr/bin/time -o "$work/time" -f "%U %S %e %M" bash -ec "run_$1" >"$work/log" 2>&1 ||
        { echo "error: $1 failed:" >&2; cat "$work/log" >&2; exit 1; }
    awk '{printf "%.2f %.2f %.0f\n", $1 + $2, $3, $4 / 1024}' "$work/time" >>"$work/$1.runs"
}
median() { # SYSTEM COLUMN
    sort -n -k"$2,$2" "$work/$1.runs" | awk -v c="$2" '{v[NR] = $c} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}

for ((run = 0; run < runs; run++)); do
    for system in "${systems[@]}"; do measure "$system"; done
done
echo "| system | CPU, s | wall, s | peak, MiB | CPU × | wall × | peak × |"
echo "|:--|--:|--:|--:|--:|--:|--:|"
for system in "${systems[@]}"; do
    row="| $system"
    ratios=""
    for column in 1 2 3; do
        value=$(median "$system" $column)
        row+=" | $value"
        ratios+=" | $(awk -v a="$value" -v b="$(median automaster $column)" 'BEGIN {printf "%.2f", a / b}')"
    done
    echo "$row$ratios |"
done
awk -v a="$(median hears 1)" -v b="$(median genre 1)" 'BEGIN {
    printf "Where no genre is named: %.2f CPU-s more, %.0f %% of that job. ", a - b, 100 * (a - b) / a}'
echo "The program: $(awk -v b="$(stat -c %s "$automaster")" 'BEGIN {printf "%.1f", b / 1048576}') MiB, models included."
echo "Medians of $runs alternating runs on $(nproc) cores; load average now $(cut -d' ' -f1 /proc/loadavg)."

if [[ $long == yes ]]; then
    ffmpeg -v error -nostdin -y -stream_loop 29 -i "$mix" -c copy "$work/long.wav"
    mix=$work/long.wav
    short_mib=$(median automaster 3)
    rm -f "$work/automaster.runs" "$work/automaster.wav"
    measure automaster
    read -r cpu_s wall_s long_mib <"$work/automaster.runs"
    echo "2-hour mix: $cpu_s s CPU, $wall_s s wall, $long_mib MiB: $(awk -v a="$long_mib" -v b="$short_mib" 'BEGIN {printf "%.2f", a / b}') × the 4-minute job's memory."
fi
