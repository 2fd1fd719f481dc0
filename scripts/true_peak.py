"""An independent true-peak meter: 16 times oversampling, 64 taps a phase, filter designed by scipy.

Reads paths, one a line, from standard input and answers each with its true peak in dBTP (the largest of samples and
interpolated values, of any channel), or with "error" and why.
"""

import math
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy
import scipy.signal
import soundfile

FACTOR = 16
TAPS = 64
BLOCK_FRAMES = 1 << 15
# y[16·m + p] = Σ_k filter[16·k + p] · x[m − k]: one row of taps for each sample of the past, newest last; one column a
# phase. The filter's last sample, at its window's end, is zero.
FILTER = FACTOR * scipy.signal.firwin(FACTOR * TAPS + 1, 1 / FACTOR, window=("kaiser", 9.0))
PHASES = numpy.ascontiguousarray(FILTER[:-1].reshape(TAPS, FACTOR)[::-1], dtype=numpy.float32)


def true_peak_dbtp(path):
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    peak = numpy.abs(samples).max(initial=0.0)
    for channel in samples.T:
        windows = numpy.lib.stride_tricks.sliding_window_view(numpy.pad(channel, TAPS), TAPS)
        for start in range(0, len(windows), BLOCK_FRAMES):
            between = numpy.ascontiguousarray(windows[start : start + BLOCK_FRAMES]) @ PHASES
            peak = max(peak, between.max(), -between.min())
    return 20 * math.log10(max(peak, 1e-10))


for line in sys.stdin:
    try:
        print(f"{true_peak_dbtp(line.rstrip(chr(10))):.4f}", flush=True)
    except (OSError, RuntimeError) as error:
        print(f"error: {error}".replace("\n", " "), flush=True)
