"""Synthetic music, the same at every run, and the examples of the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
RATE = 44_100


def song(seconds: float, bright: float, loud: float) -> np.ndarray:
    """A loop of drums, bass and chords: shape (frames, 2), float32."""
    t = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(7).uniform(-1, 1, t.size)
    kick = np.sin(2 * np.pi * 55 * (t % 0.5)) * np.exp(-14 * (t % 0.5))
    hat = noise * np.exp(-40 * (t % 0.25)) * bright
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (330.0, 415.3, 493.9)) / 3
    mid, side = 0.3 * kick + 0.1 * chord + 0.1 * hat, 0.03 * np.sin(2 * np.pi * 659.3 * t)
    return np.tanh(loud * np.stack([mid + side, mid - side], axis=1)).astype(np.float32)


@pytest.fixture(scope="session")
def mix() -> np.ndarray:
    return song(2.5, 0.5, 0.7)


@pytest.fixture(scope="session")
def reference() -> np.ndarray:
    return song(2.5, 1.5, 2.5)


@pytest.fixture(scope="session")
def examples() -> Path:
    return ROOT / "examples"
