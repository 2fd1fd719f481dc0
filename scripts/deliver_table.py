"""Reads a delivery with programs that know nothing of automaster; called by deliver-table.sh with its folder, the profiles, the table."""

import json
import re
import struct
import subprocess
import sys
import tomllib
from pathlib import Path

WORK, PROFILES, TABLE = map(Path, sys.argv[1:4])
RELEASE = WORK / "release"
SOUND = {".wav", ".flac", ".mp3", ".m4a", ".opus"}
ENCODERS = {"mp3": ("libmp3lame", "mp3"), "aac": ("aac", "m4a"), "opus": ("libopus", "opus"), "vorbis": ("libvorbis", "ogg")}
faults = []
meter = subprocess.Popen(
    [sys.executable, Path(__file__).with_name("true_peak.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)


def run(*command, cwd=None, lenient=False):
    """What a program says, its complaints too. A failure is a fault of the delivery."""
    ended = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, errors="replace")
    if ended.returncode and not lenient:
        faults.append(f"`{Path(command[0]).name}` refuses {command[-1]}: {(ended.stderr or ended.stdout).strip()[-200:]}")
    return ended.stdout + ended.stderr


def expect(right, what):
    if not right:
        faults.append(what)
    return right


def floats(path):
    """The file decoded by ffmpeg to 32-bit float at its own rate."""
    wav = WORK / "decoded.wav"
    run("ffmpeg", "-v", "error", "-y", "-i", path, "-map", "0:a", "-c:a", "pcm_f32le", wav)
    return wav


def true_peak(path):
    meter.stdin.write(f"{floats(path)}\n")
    meter.stdin.flush()
    return float(meter.stdout.readline())


def lufs(path):
    said = run("ffmpeg", "-hide_banner", "-nostdin", "-i", path, "-map", "0:a", "-af", "ebur128", "-f", "null", "-")
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])


def probe(path):
    return json.loads(run("ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", path))


def tags_of(info):
    tags = dict(info["format"].get("tags", {}))
    for stream in info["streams"]:
        if stream["codec_type"] == "audio":
            tags.update(stream.get("tags", {}))
    return {key.lower(): value for key, value in tags.items()}


def bext(path):
    """Loudness, range, true peak of a bext chunk of version 2 (EBU Tech 3285)."""
    data = path.read_bytes()
    at = data.find(b"bext") + 8
    version = struct.unpack_from("<H", data, at + 346)[0]
    return [value / 100 for value in struct.unpack_from("<3h", data, at + 412)] if at > 7 and version == 2 else None


def read_file(place, made):
    path = RELEASE / made["file"]
    info = probe(path)
    audio = next(stream for stream in info["streams"] if stream["codec_type"] == "audio")
    tags = tags_of(info)
    cover = any(stream["codec_type"] == "video" for stream in info["streams"])
    loudness, peak = lufs(path), true_peak(path)
    bits = audio.get("bits_per_raw_sample") or audio.get("bits_per_sample") or ""
    name, own = made["file"], made["audio"]
    expect(abs(loudness - own["integrated_lufs"]) <= 0.15, f"{name}: ffmpeg measures {loudness} LUFS")
    expect(abs(peak - own["true_peak_dbtp"]) <= 0.1, f"{name}: the other meter measures {peak:.2f} dBTP")
    expect(int(audio["channels"]) == 2, f"{name}: {audio['channels']} channels")
    read = []
    if place == "cd":
        expect("title" not in tags, f"{name}: tags on a disc's image")
    else:
        for key, value in [("title", "Feelings (excerpt)"), ("artist", "Carlos Viola Iborra"), ("album", "An Album")]:
            if expect(tags.get(key) == value, f"{name}: ffprobe reads {key} as {tags.get(key)!r}"):
                read.append(key)
        # Beside a bext chunk ffmpeg leaves out the texts of an ID3 chunk; there, mediainfo is asked.
        isrc = tags.get("isrc") or tags.get("tsrc") or run("mediainfo", "--Output=General;%ISRC%", path).strip()
        if expect(isrc == "GBAAA2600001", f"{name}: the ISRC is read as {isrc!r}"):
            read.append("ISRC")
        if expect(cover, f"{name}: ffprobe reads no cover"):
            read.append("cover")
    gain = tags.get("replaygain_track_gain") or tags.get("r128_track_gain")
    if gain:
        wanted = f"{-18 - own['integrated_lufs']:.2f} dB" if "replaygain_track_gain" in tags else None
        read.append(f"gain {gain}")
        expect(wanted is None or abs(float(gain.split()[0]) - float(wanted.split()[0])) < 0.3, f"{name}: gain {gain}")
    chunk = bext(path) if path.suffix == ".wav" else None
    if chunk:
        read.append(f"bext {chunk[0]:.2f} LUFS, {chunk[1]:.2f} LU, {chunk[2]:.2f} dBTP")
        expect(abs(chunk[0] - loudness) <= 0.15 and abs(chunk[2] - peak) <= 0.1, f"{name}: bext says {chunk}")
    row = [name, audio["codec_name"], audio["sample_rate"], bits, loudness, peak, ", ".join(read)]
    return [str(cell) if not isinstance(cell, float) else f"{cell:.2f}" for cell in row], loudness, peak


def codec_rows(place, profile):
    rows = []
    first = RELEASE / place["files"][0]["file"]
    for figures in place["codecs"]:
        codec, kbps = figures["coding"]["codec"], figures["coding"]["bitrate_kbps"]
        encoder, extension = ENCODERS[codec]
        coded = WORK / f"coded.{extension}"
        rate = ["-ar", "48000"] if codec == "opus" else []
        run("ffmpeg", "-v", "error", "-y", "-i", first, "-map", "0:a", *rate, "-c:a", encoder, "-b:a", f"{kbps}k", coded)
        other = true_peak(coded)
        limit = profile["decoded_dbtp"]
        expect(figures["decoded_dbtp"] <= limit, f"{place['place']}: {codec} {kbps} decodes to {figures['decoded_dbtp']:.2f} dBTP")
        expect(other <= limit, f"{place['place']}: ffmpeg's {encoder} {kbps} decodes to {other:.2f} dBTP")
        rows.append(
            f"| {place['place']} | {codec} {kbps} | {figures['mean_kbps']:.0f} | {figures['original_dbtp']:.2f} | "
            f"{figures['decoded_dbtp']:.2f} | {other:.2f} | {limit:g} | {figures['noise_to_mask_db']:.1f} | "
            f"{figures['heard_percent']:.1f} | {figures['bandwidth_hz'] / 1000:.1f} of {figures['original_bandwidth_hz'] / 1000:.1f} |"
        )
    return rows


def readers():
    """What the readers of each kind say, in rows."""
    rows = []

    def row(reader, file, says, right):
        expect(right, f"{reader} on {file}: {says}")
        rows.append(f"| `{reader}` | {file} | {says} |")

    archive, disc = RELEASE / "archive", RELEASE / "cd"
    said = run("flac", "-t", archive / "master.flac")
    row("flac -t", "archive/master.flac", "ok" if ": ok" in said else said.strip()[-100:], ": ok" in said)
    said = run("metaflac", "--list", "--block-type=PICTURE,VORBIS_COMMENT", archive / "master.flac")
    keys = sorted(set(re.findall(r"comment\[\d+\]: ([^=]+)=", said)))
    row("metaflac --list", "archive/master.flac", f"{', '.join(keys)}; picture {'image/png' in said}", "TITLE" in keys and "image/png" in said)
    said = run("opusinfo", archive / "master.opus")
    quiet = "WARNING" not in said
    row("opusinfo", "archive/master.opus", f"{'no' if quiet else 'a'} warning, R128 gain {re.findall('R128_TRACK_GAIN=(.*)', said)}", quiet)
    for name in sorted(path.name for path in archive.iterdir() if path.suffix in SOUND):
        said = run("mediainfo", "--Output=General;%Title% | %Performer% | %Album% | cover %Cover%", archive / name).strip()
        row("mediainfo", f"archive/{name}", said.replace("|", "·"), said == "Feelings (excerpt) | Carlos Viola Iborra | An Album | cover Yes")
    for folder, name, title in [(disc, "master", "Feelings (excerpt)"), (WORK / "mono/cd", "mono", "Megtört 'Álom'")]:
        where = folder.relative_to(WORK)
        said = run("cdrdao", "show-toc", f"{name}.toc", cwd=folder)
        size = int(re.findall(r"^\d+$", run("cdrdao", "toc-size", f"{name}.toc", cwd=folder), re.M)[-1])
        frames = int(probe(folder / f"{name}.wav")["streams"][0]["duration_ts"])
        good = "ERROR" not in said and "TWO CHANNEL AUDIO" in said and size * 588 == frames
        row("cdrdao", f"{where}/{name}.toc", f"{'accepted' if good else said[-200:]}, {size} sectors of {frames} frames", good)
        said = subprocess.run(["toc2cddb", f"{name}.toc"], cwd=folder, capture_output=True).stdout.decode("latin-1")
        texts = " / ".join(re.findall(r"^(?:DTITLE|TTITLE\d+)=(.*)$", said, re.M))
        row("toc2cddb", f"{where}/{name}.toc", f"CD-Text: {texts}", f"TTITLE0={title}" in said)
        channels = probe(folder / f"{name}.wav")["streams"][0]["channels"]
        row("ffprobe", f"{where}/{name}.wav", f"{channels} channels", channels == 2)
        said = run("md5sum", "-c", "CHECKSUM.MD5", cwd=folder / "ddp")
        count, image = said.count(": OK"), (folder / "ddp/IMAGE.DAT").stat().st_size
        good = count == 5 and image == (size + 150) * 2352
        row("md5sum -c", f"{where}/ddp/CHECKSUM.MD5", f"{count} of 5 files; image of {image // 2352} sectors, 150 of them the pause", good)
    said = run("md5sum", "-c", "checksums.md5", cwd=archive)
    row("md5sum -c", "archive/checksums.md5", f"{said.count(': OK')} files", "FAILED" not in said)
    return rows


delivered = json.loads((RELEASE / "delivery.json").read_text())
files, codecs, distance = [], [], [0.0, 0.0]
for place in delivered["places"]:
    profile = tomllib.loads((PROFILES / f"{place['place']}.toml").read_text())
    for made in (made for made in place["files"] if made["audio"]):
        cells, loudness, peak = read_file(place["place"], made)
        files.append(f"| {' | '.join(cells)} |")
        own = made["audio"]
        distance = [max(distance[0], abs(loudness - own["integrated_lufs"])), max(distance[1], abs(peak - own["true_peak_dbtp"]))]
        if made is place["files"][0]:
            ceiling = profile["ceiling_dbtp"]
            if profile["kind"] != "archive":
                expect(peak <= ceiling + 0.1, f"{made['file']}: {peak:.2f} dBTP, the place asks for {ceiling}")
            if profile["kind"] == "broadcast":
                expect(abs(loudness - profile["loudness_lufs"]) <= 0.15, f"{made['file']}: {loudness} LUFS, {profile['loudness_lufs']} are asked for")
    codecs += codec_rows(place, profile)
rows = readers()
verdict = "All is as it should be." if not faults else "Faults:\n\n" + "\n".join(f"- {fault}" for fault in faults)
TABLE.write_text(
    f"""# One master, every place

Made by `scripts/deliver-table.sh` from `examples/` (the mix with a cover, album and ISRC added, mastered to the reference). {verdict}

Loudness by ffmpeg's `ebur128`, true peak at 16 times by scipy (`scripts/true_peak.py`) of what ffmpeg decodes, the rest by ffprobe. The
program's own figures differ by {distance[0]:.2f} LU and {distance[1]:.2f} dB at most. ffmpeg rounds loudness to 0.1.

| file | codec | rate, Hz | bits | LUFS | dBTP | read by ffprobe |
|---|---|---:|---:|---:|---:|---|
{chr(10).join(files)}

## Codecs

*Decoded* is the program's figure; *by ffmpeg* the same file through ffmpeg's encoder and decoder and scipy's meter. *Noise to mask* is the mean
of the codec's noise over what the music hides (total NMR of ITU-R BS.1387, simplified as `src/audio/codec/loss.rs` says; under 0 dB it
hides), *heard* the share of moments in which some band's noise is 1.5 dB over that, *up to* where copy and file end.

| place | codec, kbit/s | mean | in, dBTP | decoded, dBTP | by ffmpeg, dBTP | limit | noise to mask, dB | heard, % | up to, kHz |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|
{chr(10).join(codecs)}

## Readers

| reader | file | says |
|---|---|---|
{chr(10).join(rows)}
"""
)
print(TABLE.read_text())
sys.exit(1 if faults else 0)
