"""A look-ahead limiter for true peaks: those that a converter makes between two samples.

Source: ITU-R BS.1770-5, annex 2 (true peaks by four-fold oversampling).
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.generator.generators.sound.gain import applied, lowest, smoothed

_CHUNK: Final = 1 << 18
_TAPS: Final = 16
_PHASES: Final = (0.25, 0.5, 0.75)
_AHEAD: Final = 0.01
_AFTER: Final = 0.06


def limited(samples: NDArray[np.float32], rate: int, ceiling: float) -> NDArray[np.float32]:
    """The samples, turned down in time wherever a peak would pass the ceiling (1 is full scale)."""
    peaks = true_peaks(samples)
    if float(peaks.max(initial=0)) <= ceiling:
        return samples
    wanted = lowest(np.minimum(1, ceiling / np.maximum(peaks, 1e-9)), rate)
    return applied(samples, smoothed(wanted, ahead=_AHEAD, after=_AFTER), rate)


def true_peaks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """For every frame the highest magnitude there, and on the way to the next, in any channel."""
    peaks = np.empty(len(samples), np.float32)
    for start in range(0, len(samples), _CHUNK):
        before = min(start, _TAPS)
        part = samples[start - before : start + _CHUNK + _TAPS]
        found = _peaks_of(part)[before:][:_CHUNK]
        peaks[start : start + len(found)] = found
    return peaks


def _peaks_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    peaks: NDArray[np.float32] = np.abs(samples).max(axis=1)
    for channel in samples.T:
        for kernel in _kernels():
            between = np.abs(np.convolve(channel, kernel)[_TAPS // 2 - 1 :][: len(channel)])
            np.maximum(peaks, between, out=peaks)
    return peaks


@cache
def _kernels() -> tuple[NDArray[np.float32], ...]:
    """Windowed sincs that read a quarter, a half and three quarters of a frame later."""
    at = np.arange(_TAPS) - (_TAPS // 2 - 1)
    kernels = []
    for phase in _PHASES:
        shifted = at[::-1] - (1 - phase)
        window = np.cos(np.pi * shifted / (_TAPS + 1)) ** 2
        kernel = np.sinc(shifted) * window
        kernels.append((kernel / kernel.sum()).astype(np.float32))
    return tuple(kernels)
