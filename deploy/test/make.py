"""Makes a folder of short synthetic mixes, a reference and a manifest: make.py FOLDER ROWS."""

import array
import json
import math
import random
import sys
import wave
from pathlib import Path

RATE = 44_100


def write(path: Path, seconds: float, pitch: float, loud: float, seed: int) -> None:
    noise = random.Random(seed)
    frames = array.array("h")
    for n in range(int(seconds * RATE)):
        t = n / RATE
        kick = math.sin(2 * math.pi * 55 * (t % 0.5)) * math.exp(-14 * (t % 0.5))
        chord = sum(math.sin(2 * math.pi * hz * pitch * t) for hz in (330.0, 415.3, 493.9)) / 3
        hat = noise.uniform(-1, 1) * math.exp(-40 * (t % 0.25))
        side = 0.04 * math.sin(2 * math.pi * 659.3 * pitch * t)
        mid = 0.3 * kick + 0.15 * chord + 0.1 * hat
        frames.extend(int(32767 * math.tanh(loud * x)) for x in (mid + side, mid - side))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(frames.tobytes())


def main() -> None:
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    (folder / "in").mkdir(parents=True)
    write(folder / "in/ref.wav", 1.5, 1.0, 2.5, 1)
    # Ten mixes are enough: every row has its own loudness, so that no two masters are alike.
    for mix in range(10):
        write(folder / f"in/{mix}.wav", 0.8 + 0.04 * mix, 1 + 0.03 * mix, 0.7, mix)
    with open(folder / "m.jsonl", "w", encoding="utf-8") as out:
        for row in range(rows):
            job = {
                "id": f"row-{row:04}",
                "mix": f"in/{row % 10}.wav",
                "ref": "in/ref.wav",
                "loudness": round(-16 + 4 * row / rows, 3),
                "output": "out/{id}.flac",
                "report": "out/{id}.json",
            }
            out.write(json.dumps(job) + "\n")


main()
