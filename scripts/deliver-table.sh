#!/usr/bin/env bash
# Delivers one master (examples/, with a cover) to every place, has every file read and measured by other programs (ffprobe, ffmpeg, flac,
# metaflac, opusinfo, mediainfo, cdrdao, a true-peak meter of scipy's), and writes the table. deliver-table.sh [PROGRAM [TABLE]]
# Exit: 0 all is as it should be; 1 a reader refuses or reads something else; 75 no scipy to be had.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-target/release/automaster}
table=${2:-training/results/delivery.md}
python=${AUTOMASTER_SCIPY:-.cache/venv-matchering/bin/python}
[ -x "$python" ] || scripts/setup-matchering.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp examples/mix.flac "$work/mix.flac"
ffmpeg -v error -f lavfi -i testsrc=size=300x300:rate=1 -frames:v 1 "$work/cover.png"
metaflac --import-picture-from="$work/cover.png" --set-tag=ALBUM="An Album" --set-tag=ISRC=GBAAA2600001 "$work/mix.flac"
"$program" "$work/mix.flac" --ref examples/reference.flac -o "$work/master.flac" --quiet
places=spotify,apple,youtube,amazon,tidal,deezer,aes,ebu-r128,atsc,netflix,cd,vinyl,archive
"$program" deliver "$work/master.flac" --for "$places" -o "$work/release" --quiet
# The same from a mono master whose names no disc can show.
ffmpeg -v error -i "$work/master.flac" -map 0:a -ac 1 -c:a flac -sample_fmt s32 -bits_per_raw_sample 24 \
    -metadata title="Megtört “Álom”" -metadata artist="Москва" "$work/mono.flac"
"$program" deliver "$work/mono.flac" --for cd -o "$work/mono" --quiet
"$python" scripts/deliver_table.py "$work" references/delivery "$table"
