"""One scene on its own: background, veil and words at any frame of its span."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.generator.generators.video.backgrounds import Backdrop
from services.generator.generators.video.overlays import Overlay
from services.generator.generators.video.planes import Planes
from services.generator.generators.video.timeline import Span
from services.generator.generators.video.transitions import settling
from services.generator.generators.video.veil import Veil

COMING_IN: Final = 0.9
_LATER: Final = 0.16
_RISE: Final = 0.045  # of the frame's height


Word = Sequence[Overlay]
"""What comes in as one: the letters, and under them a halo where the ground is restless."""


@dataclass(frozen=True, slots=True)
class Scenery:
    """A scene that is ready to be shown. `words` come in one after the other, from below."""

    backdrop: Backdrop
    veil: Veil | None
    words: Sequence[Word]
    span: Span
    fps: int

    def at(self, frame: int) -> Planes:
        """The picture at this frame of the video; a new one."""
        picture = self.backdrop.at(self.span.share(frame))
        if self.veil is not None:
            self.veil.laid(picture)
        for number, word in enumerate(self.words):
            arrived = settling(self._since(frame, number) / COMING_IN)
            rise = _RISE * picture.size[1] * (1 - arrived)
            for part in word:
                part.laid(picture, opacity=arrived, lower=rise)
        return picture

    def _since(self, frame: int, number: int) -> float:
        """Seconds since this word may come in: half-way through the transition, then in turn."""
        begins = (self.span.first + self.span.settled) / 2
        return (frame - begins) / self.fps - number * _LATER
