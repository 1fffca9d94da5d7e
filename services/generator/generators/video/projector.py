"""All frames of a video, one after the other: scenes, transitions, captions on top.

Only the scenes that are seen at the moment are in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.generator.generators.pixels import generator_for
from services.generator.generators.video.backgrounds import Backdrop, Backdrops
from services.generator.generators.video.captioning import Shown
from services.generator.generators.video.halo import halo
from services.generator.generators.video.inputs import Scene, TransitionName
from services.generator.generators.video.lettering import Lettering
from services.generator.generators.video.overlays import Overlay
from services.generator.generators.video.planes import Planes
from services.generator.generators.video.scenery import Scenery
from services.generator.generators.video.themes import Ink, Theme, inks, is_lost
from services.generator.generators.video.timeline import Timeline
from services.generator.generators.video.transitions import TRANSITIONS
from services.generator.generators.video.veil import brightness, veiled


@dataclass(slots=True)
class Projector:
    """`scenes` as the timeline says, with `lettering`, and captions where some are given."""

    scenes: Sequence[Scene]
    transitions: Sequence[TransitionName]
    timeline: Timeline
    backdrops: Backdrops
    lettering: Lettering
    captions: Sequence[Shown]
    theme: Theme
    seed: int
    _caption: tuple[int, Overlay] | None = field(default=None, init=False)

    def frames(self) -> Iterator[Planes]:
        """Each frame, without captions (`caption` lays them); to be used before the next one."""
        before: Scenery | None = None
        now: Scenery | None = None
        for number, span in enumerate(self.timeline.spans):
            before, now = now, self._ready(number)
            change = TRANSITIONS[self.transitions[number]]
            for frame in range(span.first, span.next):
                picture = now.at(frame)
                if before is not None and frame < span.settled:
                    picture = change(before.at(frame), picture, span.arrival(frame))
                else:
                    before = None
                yield picture

    def caption(self, picture: Planes, frame: int) -> None:
        """Lay the caption of this frame on its picture, if there is one."""
        second = frame / self.timeline.fps
        for number, caption in enumerate(self.captions):
            if (opacity := caption.opacity(second)) > 0:
                self._drawn(number).laid(picture, opacity)

    def _drawn(self, number: int) -> Overlay:
        """The overlay of a caption; the last one is kept, for it is needed again."""
        if self._caption is None or self._caption[0] != number:
            self._caption = number, self.lettering.caption(number)
        return self._caption[1]

    def _ready(self, number: int) -> Scenery:
        span, fps = self.timeline.spans[number], self.timeline.fps
        seconds = (span.gone - span.first) / fps
        backdrop = self.backdrops.paint(self.scenes[number], number, seconds)
        words, ink = self._words(number, backdrop)
        random = generator_for(self.seed, 5, number)
        veil = veiled(backdrop, words, ink.veil, random)
        halos = [halo(backdrop, word, ink.veil) for word in words]
        parts = [[glow, word] if glow else [word] for glow, word in zip(halos, words, strict=True)]
        return Scenery(backdrop, veil, parts, span, fps)

    def _words(self, number: int, backdrop: Backdrop) -> tuple[list[Overlay], Ink]:
        """The title of a scene in whichever ink stands out from its background."""
        own, other = inks(self.theme)
        words = self.lettering.title(number)
        if words and is_lost(own, brightness(backdrop, words)):
            return self.lettering.title(number, swapped=True), other
        return words, own
