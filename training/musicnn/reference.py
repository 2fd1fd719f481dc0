"""Makes the test vector of the tagger: a signal's mel spectrogram by librosa's formulas in f64, and what ONNX Runtime says
of it.

    .cache/venv-musicnn/bin/pip install onnxruntime==1.32.0
    .cache/venv-musicnn/bin/python training/musicnn/reference.py models/musicnn.onnx tests/data/tagger

Writes `mel.f32` (187 × 96 values, little-endian) and `outputs.f32` (50 tags, then the embedding's 200 values). The signal is
defined by `signal` below; `tests/tagger.rs` makes the same one.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime

RATE, SIZE, HOP, BANDS, FRAMES = 16000, 512, 256, 96, 187


def signal():
    """A sawtooth-like chord with a beat, a gliding tone and noise: 188 hops, as f32."""
    n = np.arange((FRAMES + 1) * HOP)
    t = n / RATE
    chord = sum(np.sin(2 * np.pi * f * k * t) / k for f in (110.0, 164.8, 220.5) for k in range(1, 13))
    beat = np.exp(-8 * np.mod(t, 0.5))
    glide = np.sin(2 * np.pi * (300 * t + 550 * t * t))
    state, noise = 1, np.empty(len(n))
    for i in n:
        state = (1664525 * state + 1013904223) % 2**32
        noise[i] = state / 2**31 - 1
    return (0.1 * chord * (0.3 + 0.7 * beat) + 0.1 * glide + 0.2 * noise * beat**3).astype(np.float32)


def hz_to_mel(hz):
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1e-9) / 1000) / (np.log(6.4) / 27))


def mel_to_hz(mel):
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * (np.log(6.4) / 27)))


def filters():
    bins = np.linspace(0, RATE / 2, SIZE // 2 + 1)
    edges = mel_to_hz(np.linspace(0, hz_to_mel(RATE / 2), BANDS + 2))
    distance, ramps = np.diff(edges), edges[:, None] - bins
    weights = np.maximum(0, np.minimum(-ramps[:-2] / distance[:-1, None], ramps[2:] / distance[1:, None]))
    return weights * (2 / (edges[2:] - edges[:-2]))[:, None]


def log_mel(samples):
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE)
    frames = np.stack([samples[i * HOP : i * HOP + SIZE] for i in range(FRAMES)]).astype(np.float64)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    return np.log10(10000 * power @ filters().T + 1)


def main():
    model, folder = sys.argv[1], Path(sys.argv[2])
    mel = log_mel(signal()).astype("<f4")
    run = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run
    outputs = run(["tags", "embedding"], {"mel": mel[None]})
    (folder / "mel.f32").write_bytes(mel.tobytes())
    (folder / "outputs.f32").write_bytes(np.concatenate([o.ravel() for o in outputs]).astype("<f4").tobytes())


if __name__ == "__main__":
    main()
