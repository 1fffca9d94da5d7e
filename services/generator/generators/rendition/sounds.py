"""Sounds of strangers, decoded piece by piece: however long they are, memory stays small.

The demuxer is the one that the bytes ask for, and reads the open file only.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from services.generator.derivation.opening import UndecodableError
from services.generator.generators.rendition.sources import SOUNDS, Source
from shared.errors import InvalidInputError

LONGEST_SECONDS: Final = 2 * 3600
_LAYOUTS: Final = {1: "mono", 2: "stereo"}


@contextmanager
def opened(source: Source) -> Iterator[Any]:
    """The file and its first sound. Raises `UndecodableError`."""
    with source.file.path.open("rb") as file:
        try:
            with av.open(file, format=SOUNDS[source.media_type]) as container:
                if not container.streams.audio:
                    raise UndecodableError("has no sound")
                container.streams.audio[0].codec_context.thread_count = 1
                yield container
        except av.FFmpegError as error:
            raise UndecodableError("is broken, or not whole") from error


def pieces(
    container: Any, *, rate: int, channels: int, start: float = 0, end: float | None = None
) -> Iterator[NDArray[np.float32]]:
    """(channels, frames) at a time, from `start` to `end` seconds, exact to the frame.

    Raises `InvalidInputError` for a start that comes after the end of it all.
    """
    first, last = round(start * rate), math.inf if end is None else round(end * rate)
    place = 0
    for piece in _resampled(container, rate, channels):
        if place > LONGEST_SECONDS * rate:
            raise UndecodableError("lasts longer than two hours: ask for a part, with end")
        begin, stop = max(0, first - place), min(piece.shape[1], last - place)
        place += piece.shape[1]
        if stop > begin:
            yield piece[:, begin : int(stop)]
        if place >= last:
            return
    if place <= first:
        raise InvalidInputError(f"start: the sound lasts {place / rate:.1f} seconds only")


def _resampled(container: Any, rate: int, channels: int) -> Iterator[NDArray[np.float32]]:
    resampler = av.AudioResampler("fltp", _LAYOUTS[channels], rate)
    for frame in container.decode(audio=0):
        for made in resampler.resample(frame):
            yield _samples(made)
    for made in resampler.resample(None):
        yield _samples(made)


def _samples(frame: av.AudioFrame) -> NDArray[np.float32]:
    return np.asarray(frame.to_ndarray(), dtype=np.float32)
