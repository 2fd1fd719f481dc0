#!/bin/sh
# Makes the files of this folder (ffmpeg 5.1 or later with libmp3lame, libopus, libvorbis). The signal is known in closed
# form: 0.25 s (0.08 s where uncompressed), left 0.5·sin(2π(200 t + 3000 t²)), right 0.4·cos(2π(300 t + 2000 t²)), so that tests can tell any shift.
set -e
cd "$(dirname "$0")"
seconds=0.25
sweep() { # rate, then output arguments
    rate=$1; shift
    ffmpeg -hide_banner -v error -y -f lavfi \
        -i "aevalsrc=0.5*sin(2*PI*(200*t+3000*t*t))|0.4*cos(2*PI*(300*t+2000*t*t)):s=$rate:d=$seconds" -fflags +bitexact -map_metadata -1 "$@"
}
sweep 44100 -c:a libmp3lame -b:a 128k gapless.mp3
sweep 44100 -c:a libmp3lame -b:a 128k -write_xing 0 -id3v2_version 0 no-xing.mp3
sweep 44100 -c:a aac -aac_pns 0 -aac_is 0 -b:a 160k priming.m4a
sweep 44100 -c:a aac -b:a 128k stream.aac
sweep 24000 -c:a aac -aac_pns 0 -aac_is 0 -b:a 64k low.aac
sweep 44100 -c:a alac -sample_fmt s16p lossless-16.m4a
sweep 48000 -c:a libopus -b:a 96k stereo.opus
sweep 48000 -ac 1 -af "pan=mono|c0=c0" -c:a libopus -b:a 64k mono.opus
sweep 44100 -c:a libvorbis -q:a 4 stereo.ogg
sweep 44100 -c:a libvorbis -q:a 4 -page_duration 50000 pages.ogg
sweep 44100 -c:a flac -sample_fmt s16 -f ogg flac.oga
sweep 44100 -c:a flac -sample_fmt s16 flac.mka
sweep 44100 -c:a libvorbis -q:a 4 vorbis.mka
sweep 44100 -c:a alac -sample_fmt s16p lossless.caf
seconds=0.08
sweep 48000 -c:a alac -sample_fmt s32p lossless-24.m4a
sweep 44100 -c:a pcm_s16be plain.aiff
sweep 44100 -c:a pcm_s24be plain-24.aiff
sweep 44100 -c:a pcm_f32be plain-f32.aif
sweep 44100 -c:a pcm_s16le plain.caf
sweep 44100 -c:a pcm_mulaw mulaw.wav
sweep 44100 -c:a pcm_s24le plain-24.w64
seconds=0.25
sweep 44100 -c:a libmp3lame -b:a 128k mp3.wav
