"""What a picture of a sound shows: how far it swings in each column."""

import numpy as np
from numpy.typing import NDArray

from services.generator.generators.sound.signal import Sound


def peaks(sound: Sound, n: int) -> NDArray[np.float32]:
    """(n, 2): the lowest and the highest sample of each of `n` equal stretches, of all channels.

    A sound of fewer than `n` frames repeats them; no sound is flat.
    """
    frames = len(sound.samples)
    if not frames:
        return np.zeros((n, 2), np.float32)
    starts = np.arange(n) * frames // n
    lowest = np.minimum.reduceat(sound.samples.min(axis=1), starts)
    highest = np.maximum.reduceat(sound.samples.max(axis=1), starts)
    return np.stack([lowest, highest], axis=1)
