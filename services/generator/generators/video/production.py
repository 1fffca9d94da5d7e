"""A video put together, stage by stage: narrated, composed, lettered, rendered."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from services.generator.generators.sound.signal import Sound
from services.generator.generators.typography import faces, text
from services.generator.generators.typography.faces import FontChoice
from services.generator.generators.video.backgrounds import Backdrops
from services.generator.generators.video.captioning import shown
from services.generator.generators.video.film import Film
from services.generator.generators.video.inputs import VideoInput
from services.generator.generators.video.layout import Layout
from services.generator.generators.video.lettering import letter, worded
from services.generator.generators.video.narrating import narrate
from services.generator.generators.video.poster import poster_frame, save
from services.generator.generators.video.progress import Progress
from services.generator.generators.video.projector import Projector
from services.generator.generators.video.screenplay import Screenplay, screenplay
from services.generator.generators.video.soundtrack import soundtrack
from services.generator.generators.video.themes import THEMES
from shared.errors import InvalidInputError
from shared.generators import GeneratorContext

_TOLD_EVERY: Final = 5
"""Frames between two reports of progress."""


class Production:
    """One video in the making. `provenance` is what is known of it in the end."""

    def __init__(self, input: VideoInput, context: GeneratorContext, seed: int) -> None:
        self._input, self._context, self._seed = input, context, seed
        self._stages: dict[str, float] = {}
        self.provenance: dict[str, Any] = {"seed": seed, "stages": self._stages}

    async def make(self, path: Path, thumbnail: Path) -> Screenplay:
        """Write the video to `path`, and a picture of it; the answer is what happens when."""
        progress = self._progress()
        fonts = self._fonts()
        with self._timed("narrate"):
            spoken = await narrate(self._input, progress)
        plan = screenplay(self._input, spoken.narrations)
        self.provenance |= {"frames": plan.timeline.frames, "narration": spoken.provenance}
        with self._timed("sound"):
            sound = await self._heard(plan, progress)
        with self._timed("letter"):
            projector = self._projector(plan, fonts)
        with self._timed("render"):
            await self._rendered(projector, sound, path, thumbnail, progress)
        return plan

    async def _heard(self, plan: Screenplay, progress: Progress) -> Sound | None:
        asked, seconds = self._input.music, plan.timeline.seconds
        music = None
        if asked is not None:
            from services.generator.generators.video import scoring  # noqa: PLC0415

            await progress.composing()
            music = scoring.composed(asked, seconds, self._seed, self._context.scratch)
            self.provenance["music"] = scoring.provenance(asked)
        loudness = asked.loudness if asked else "normal"
        return soundtrack(plan.narrated, music, loudness, seconds)

    async def _rendered(
        self,
        projector: Projector,
        sound: Sound | None,
        path: Path,
        thumbnail: Path,
        progress: Progress,
    ) -> None:
        asked, timeline, number = self._input, projector.timeline, 0
        chosen = poster_frame(asked.scenes, timeline)
        with Film(
            path, asked.format, asked.size, asked.fps, sound=sound, title=asked.title
        ) as film:
            for picture in projector.frames():
                if number == chosen:
                    save(picture, thumbnail)
                projector.caption(picture, number)
                film.add(picture)
                if number % _TOLD_EVERY == 0:
                    await progress.rendering(number, timeline.frames)
                number += 1
            await progress.finishing()

    def _projector(self, plan: Screenplay, fonts: FontChoice) -> Projector:
        asked, theme = self._input, THEMES[self._input.theme]
        layout = Layout(asked.size)
        captions = shown(plan.cues if asked.burn_captions else (), fonts.drawable)
        lettering = letter(
            layout,
            theme,
            fonts,
            words=[
                worded(scene, fonts, layout, captions=asked.burn_captions) for scene in asked.scenes
            ],
            captions=[caption.text for caption in captions],
            scratch=self._context.scratch,
        )
        return Projector(
            scenes=asked.scenes,
            transitions=plan.transitions,
            timeline=plan.timeline,
            backdrops=Backdrops(theme, asked.size, self._seed, self._context),
            lettering=lettering,
            captions=captions,
            theme=theme,
            seed=self._seed,
        )

    def _fonts(self) -> FontChoice:
        """Raises `InvalidInputError` for a title of which nothing can be drawn."""
        scenes = self._input.scenes
        words = [part for scene in scenes for part in (scene.title, scene.subtitle, scene.caption)]
        words += [text.cleaned(scene.narration or "") for scene in scenes]
        everything = " ".join(words)
        fonts = faces.choose(everything, text.language(everything))
        for number, scene in enumerate(scenes):
            if scene.title and not fonts.drawable(scene.title):
                raise InvalidInputError(
                    f"scenes.{number}.title: no font here can draw {scene.title!r}: install Noto "
                    "Sans CJK or Noto Color Emoji, or use another title"
                )
        self.provenance |= {"fonts": fonts.hashes(), "omitted_characters": fonts.omitted}
        return fonts

    def _progress(self) -> Progress:
        asked = self._input
        seconds = sum(scene.least_seconds(asked.speed) for scene in asked.scenes)
        return Progress(
            self._context,
            letters=sum(len(scene.narration or "") for scene in asked.scenes),
            composed=asked.music is not None,
            pixels=seconds * asked.fps * asked.size[0] * asked.size[1],
        )

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = perf_counter()
        yield
        self._stages[stage] = round(perf_counter() - started, 3)
