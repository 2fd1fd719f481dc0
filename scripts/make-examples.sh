#!/usr/bin/env bash
# Cuts the two excerpts in examples/ from corpus packages (needs ffmpeg): a mix that no one mastered, the sum of the
# two stems of a record with its peaks at -6 dBFS, and a loud master of related genre. See examples/ATTRIBUTION.md.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
corpus=${AUTOMASTER_CORPUS:-$root/.cache/corpus}
"$root/scripts/fetch-corpus.sh" all fretsonfire-songs-sectoid marsshooter-data

stems=$corpus/fretsonfire-songs-sectoid/usr/share/games/fretsonfire/data/songs/sectoid/Feelings
reference=$corpus/marsshooter-data/usr/share/games/marsshooter/audio/menu.ogg
fades="afade=t=in:d=0.02,afade=t=out:st=23.9:d=0.1"
flac=(-ar 44100 -sample_fmt s16 -dither_method triangular -c:a flac -compression_level 12 -map_metadata -1 -fflags +bitexact -flags:a +bitexact)

ffmpeg -v error -y -i "$stems/song.ogg" -i "$stems/guitar.ogg" -filter_complex \
    "amix=inputs=2:normalize=0,atrim=40:64,asetpts=PTS-STARTPTS,volume=-7.2dB,$fades" \
    "${flac[@]}" -metadata title="Feelings (excerpt)" -metadata artist="Carlos Viola Iborra" -metadata copyright="MIT" \
    "$root/examples/mix.flac"
ffmpeg -v error -y -i "$reference" -filter_complex \
    "atrim=100:124,asetpts=PTS-STARTPTS,$fades" \
    "${flac[@]}" -metadata title="Megtört Álom (excerpt)" -metadata artist="Obsidian Shell" -metadata copyright="CC-BY-SA-3.0" \
    "$root/examples/reference.flac"
