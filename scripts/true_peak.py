"""An independent true-peak meter: 16 times oversampling by scipy, 64 taps a phase.

Reads paths, one a line, from standard input and answers each with its true peak in dBTP (the largest of samples and
interpolated values, of any channel).
"""

import math
import sys

import numpy
import scipy.signal
import soundfile

FACTOR = 16
TAPS_A_PHASE = 64
BLOCK_FRAMES = 1 << 17
FILTER = FACTOR * scipy.signal.firwin(FACTOR * TAPS_A_PHASE + 1, 1 / FACTOR, window=("kaiser", 9.0)).astype(numpy.float32)


def true_peak_dbtp(path):
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    peak = numpy.abs(samples).max(initial=0.0)
    for channel in samples.T:
        padded = numpy.pad(channel, TAPS_A_PHASE)
        for start in range(0, len(channel), BLOCK_FRAMES):
            block = padded[start : start + BLOCK_FRAMES + 2 * TAPS_A_PHASE]
            between = scipy.signal.upfirdn(FILTER, block, up=FACTOR)
            # Drop the ends, where the filter sees only a part of the block.
            edge = FACTOR * TAPS_A_PHASE
            peak = max(peak, numpy.abs(between[edge:-edge]).max(initial=0.0))
    return 20 * math.log10(max(peak, 1e-10))


for line in sys.stdin:
    print(f"{true_peak_dbtp(line.rstrip(chr(10))):.4f}", flush=True)
