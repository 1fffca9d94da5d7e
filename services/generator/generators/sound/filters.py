"""Filters, as their response at the bins of an FFT; long sounds are filtered in overlapping chunks.

Sources: Robert Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients";
overlap-save convolution.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Response: TypeAlias = NDArray[np.complex128]

_CHUNK: Final = 1 << 18
_SETTLED: Final = 1 << 15
"""Frames after which a filter has forgotten what was before."""


def filtered(
    channel: NDArray[np.float32], response: Callable[[int], Response]
) -> Iterator[NDArray[np.float64]]:
    """The filtered channel, chunk after chunk; `response` is told the size of the FFT."""
    bins = response(_CHUNK + _SETTLED)
    padded = np.concatenate([np.zeros(_SETTLED, np.float32), channel])
    for start in range(0, len(channel), _CHUNK):
        part = padded[start : start + _CHUNK + _SETTLED]
        yield np.fft.irfft(np.fft.rfft(part, _CHUNK + _SETTLED) * bins)[_SETTLED : len(part)]


def biquad(
    above: tuple[float, float, float], below: tuple[float, float, float], size: int
) -> Response:
    """The response of (b0, b1, b2) over (a0, a1, a2) at the bins of a real FFT."""
    delay = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    top, bottom = (a + b * delay + c * delay**2 for a, b, c in (above, below))
    return np.asarray(top / bottom)


def high_pass(hertz: float, rate: int, size: int) -> Response:
    """Nothing below `hertz` (12 dB an octave)."""
    cosine, alpha = _terms(hertz, rate)
    top = ((1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2)
    return biquad(top, (1 + alpha, -2 * cosine, 1 - alpha), size)


def high_shelf(hertz: float, decibels: float, rate: int, size: int) -> Response:
    """All above `hertz` louder by so many decibels."""
    cosine, alpha = _terms(hertz, rate)
    gain = 10 ** (decibels / 40)
    bend = 2 * np.sqrt(gain) * alpha
    up, down = gain + 1, gain - 1
    top = (
        gain * (up + down * cosine + bend),
        -2 * gain * (down + up * cosine),
        gain * (up + down * cosine - bend),
    )
    bottom = (up - down * cosine + bend, 2 * (down - up * cosine), up - down * cosine - bend)
    return biquad(top, bottom, size)


def _terms(hertz: float, rate: int) -> tuple[float, float]:
    """Cosine and bandwidth of the cookbook, without a resonance."""
    angle = 2 * np.pi * hertz / rate
    return float(np.cos(angle)), float(np.sin(angle) / np.sqrt(2))
