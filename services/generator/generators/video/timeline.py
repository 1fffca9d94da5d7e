"""When each scene is seen, in frames: the only place where seconds become frames."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_MOST_OF_A_SCENE: Final = 0.4
"""A transition takes no more than this of the shorter of its two scenes."""


@dataclass(frozen=True, slots=True)
class Span:
    """The frames of one scene: it comes in from `first` to `settled`, the next one comes in from
    `next`, and from `gone` on it is not seen. Each is a frame number; the ends are exclusive.
    """

    first: int
    settled: int
    next: int
    gone: int

    def share(self, frame: int) -> float:
        """How much of the scene has passed, 0-1: its last frame is 1."""
        return (frame - self.first) / max(1, self.gone - 1 - self.first)

    def arrival(self, frame: int) -> float:
        """How much of its transition has passed; neither end is without movement."""
        return (frame - self.first + 1) / (self.settled - self.first + 1)


class Timeline:
    """The spans of all scenes; `seconds` of a scene run from its beginning to that of the next."""

    def __init__(self, seconds: Sequence[float], transitions: Sequence[float], fps: int) -> None:
        starts = [0]
        elapsed = 0.0
        for length in seconds:
            elapsed += length
            starts.append(max(starts[-1] + 1, round(elapsed * fps)))
        self.fps = fps
        self.starts = tuple(starts[:-1])
        self.frames = starts[-1]
        lengths = [end - start for start, end in pairwise(starts)]
        overlaps = [0]
        for before, after, wanted in zip(lengths, lengths[1:], transitions[1:], strict=False):
            overlaps.append(min(round(wanted * fps), int(_MOST_OF_A_SCENE * min(before, after))))
        overlaps.append(0)
        self.spans = tuple(
            Span(start, start + overlaps[i], starts[i + 1], starts[i + 1] + overlaps[i + 1])
            for i, start in enumerate(self.starts)
        )

    @property
    def seconds(self) -> float:
        return self.frames / self.fps

    def scene_at(self, frame: int) -> int:
        """The scene that has begun last."""
        return bisect_right(self.starts, frame) - 1
