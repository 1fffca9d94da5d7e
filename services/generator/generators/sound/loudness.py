"""How loud a sound is to an ear: integrated loudness in LUFS.

Source: ITU-R BS.1770-5 (K-weighting, blocks of 400 ms, gates at -70 LUFS and 10 LU below the
mean); the filters at other rates than 48 kHz as libebur128 derives them.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.generator.generators.sound.filters import Response, biquad, filtered

Floats = NDArray[np.float64]

_HOPS: Final = 10
"""Hops a second; a block is four of them."""
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
    squares = np.zeros(len(samples), np.float32)
    for channel in samples.T:
        at = 0
        for part in _weighted_squares(channel, rate):
            squares[at : at + len(part)] += part
            at += len(part)
    hops = squares[: len(squares) // hop * hop].reshape(-1, hop).mean(axis=1, dtype=np.float64)
    if len(hops) < 4:
        return np.asarray([squares.mean() if len(squares) else 0.0])
    return np.asarray(np.convolve(hops, np.full(4, 0.25), "valid"))


def _weighted_squares(channel: NDArray[np.float32], rate: int) -> Iterator[Floats]:
    """The squared, K-weighted channel."""
    for part in filtered(channel, lambda size: _k_weighting(rate, size)):
        yield np.square(part)


def _k_weighting(rate: int, size: int) -> Response:
    """The two filters: a shelf for the head, a high-pass."""
    k, quality, high = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 1.58486470113
    band = high**0.4996667741545416
    shelf = (
        high + band * k / quality + k * k,
        2 * (k * k - high),
        high - band * k / quality + k * k,
    )
    low, steep = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    norm = 1 + low / steep + low * low
    return np.asarray(
        biquad(shelf, _poles(k, quality), size)
        * biquad((norm, -2 * norm, norm), _poles(low, steep), size)
    )


def _poles(k: float, quality: float) -> tuple[float, float, float]:
    return 1 + k / quality + k * k, 2 * (k * k - 1), 1 - k / quality + k * k
