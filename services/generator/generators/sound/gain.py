"""Gain that changes over time, worked out in steps of five milliseconds."""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

STEP: Final = 0.005
"""Seconds between two values of an envelope or a gain."""
_CHUNK: Final = 1 << 18
"""Frames at a time: a long sound is large enough without copies of it."""


def envelope(samples: NDArray[np.float32], rate: int) -> Floats:
    """The root mean square of each step, over all channels."""
    squares = np.square(samples, dtype=np.float64).mean(axis=1)
    return np.asarray(np.sqrt(_steps(squares, rate, fill=0).mean(axis=1)))


def lowest(gains: NDArray[np.float32], rate: int) -> Floats:
    """The lowest gain of each step, of one for every frame."""
    return np.asarray(_steps(gains, rate, fill=1).min(axis=1), dtype=np.float64)


def smoothed(wanted: Floats, *, ahead: float, after: float) -> Floats:
    """Gain that is as low as `wanted` wherever that is low, and gets there and back in time.

    It begins to fall `ahead` seconds before, and is back `after` seconds later, without corners.
    """
    before, behind = max(2, round(ahead / STEP)), max(2, round(after / STEP))
    padded = np.pad(wanted, (behind, before), mode="edge")
    held = sliding_window_view(padded, before + behind + 1).min(axis=1)
    # As wide as what was held, less one step to each side, which `applied` interpolates across.
    window = _bell(before - 1, behind - 1)
    return np.convolve(np.pad(held, (before - 1, behind - 1), mode="edge"), window, "valid")


def moved(gains: Floats, seconds: float, *, around: bool = False) -> Floats:
    """The gains without jumps: each change takes `seconds`; `around`: also from end to start."""
    steps = max(1, round(seconds / STEP / 2))
    padded = np.pad(gains, steps, mode="wrap" if around else "edge")
    return np.convolve(padded, _bell(steps, steps), "valid")


def applied(samples: NDArray[np.float32], gains: Floats, rate: int) -> NDArray[np.float32]:
    """The samples with a gain for each step, interpolated in between."""
    size, steps, made = _step_frames(rate), np.arange(len(gains)), np.empty_like(samples)
    for start in range(0, len(samples), _CHUNK):
        part = samples[start : start + _CHUNK]
        at = (np.arange(start, start + len(part)) + 0.5) / size - 0.5
        curve = np.interp(at, steps, gains).astype(np.float32)
        np.multiply(part, curve[:, None], out=made[start : start + _CHUNK])
    return made


def _bell(before: int, behind: int) -> Floats:
    """A window of `before` + 1 + `behind` steps that rises and falls, of sum 1."""
    rise = np.hanning(2 * behind + 3)[1 : behind + 2]
    fall = np.hanning(2 * before + 3)[before + 2 : -1]
    window = np.concatenate([rise, fall])
    return np.asarray(window / window.sum(), dtype=np.float64)


def _steps(values: NDArray[Any], rate: int, *, fill: float) -> NDArray[Any]:
    """One row for each step, the last filled up."""
    size = _step_frames(rate)
    return np.pad(values, (0, -len(values) % size), constant_values=fill).reshape(-1, size)


def _step_frames(rate: int) -> int:
    return max(1, round(rate * STEP))
