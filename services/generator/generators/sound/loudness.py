"""How loud a sound is to an ear: integrated loudness in LUFS.

Source: ITU-R BS.1770-5 (K-weighting, blocks of 400 ms, gates at -70 LUFS and 10 LU below the
mean); the filters at other rates than 48 kHz as libebur128 derives them.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_HOPS: Final = 10
"""Hops a second; a block is four of them."""
_CHUNK: Final = 1 << 18
_SETTLED: Final = 1 << 15
"""Frames after which the filters have forgotten what was before."""
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0


def loudness(samples: NDArray[np.float32], rate: int) -> float:
    """LUFS of (frames, channels), the same weight for each channel; -inf for silence.

    What is shorter than a block is measured as one block.
    """
    energies = _block_energies(samples, rate)
    gated = energies[_lufs(energies) > _ABSOLUTE_GATE]
    if not gated.size:
        return -np.inf
    gate = _lufs(gated.mean()) + _RELATIVE_GATE
    return float(_lufs(gated[_lufs(gated) > gate].mean()))


def _lufs(energy: Floats | np.float64) -> Floats:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-12)))


def _block_energies(samples: NDArray[np.float32], rate: int) -> Floats:
    hop = rate // _HOPS
    squares = np.zeros(len(samples))
    for channel in samples.T:
        squares += np.concatenate([*_weighted_squares(channel, rate)]) if len(channel) else 0
    hops = squares[: len(squares) // hop * hop].reshape(-1, hop).mean(axis=1)
    if len(hops) < 4:
        return np.asarray([squares.mean() if len(squares) else 0.0])
    return np.asarray(np.convolve(hops, np.full(4, 0.25), "valid"))


def _weighted_squares(channel: NDArray[np.float32], rate: int) -> Iterator[Floats]:
    """The squared, K-weighted channel, filtered in the frequency domain (overlap-save)."""
    response = _k_weighting(rate, _CHUNK + _SETTLED)
    padded = np.concatenate([np.zeros(_SETTLED, np.float32), channel])
    for start in range(0, len(channel), _CHUNK):
        part = padded[start : start + _CHUNK + _SETTLED]
        filtered = np.fft.irfft(np.fft.rfft(part, _CHUNK + _SETTLED) * response)
        yield np.square(filtered[_SETTLED : len(part)])


def _k_weighting(rate: int, size: int) -> NDArray[np.complex128]:
    """The response of the two filters (a shelf for the head, a high-pass) at the bins of an FFT."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    k, quality, high = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 1.58486470113
    band = high**0.4996667741545416
    shelf = (high + band * k / quality + k * k) + 2 * (k * k - high) * z
    shelf += (high - band * k / quality + k * k) * z**2
    low, steep = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    pass_norm = 1 + low / steep + low * low
    high_pass = (1 - 2 * z + z**2) * pass_norm / _denominator(low, steep, z)
    return np.asarray(shelf / _denominator(k, quality, z) * high_pass)


def _denominator(k: float, quality: float, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.asarray(
        (1 + k / quality + k * k) + 2 * (k * k - 1) * z + (1 - k / quality + k * k) * z**2
    )
