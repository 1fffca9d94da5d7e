"""A text read aloud, and when what is said: what speech and video build on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from services.generator.generators.sound.signal import (
    Sound,
    faded,
    joined,
    normalised,
    silence,
)
from services.generator.generators.speech.cues import Cue, chained, cues_of
from services.generator.generators.speech.engines import choose
from services.generator.generators.speech.pronouncing import pronouncing
from services.generator.generators.speech.reading import read_aloud
from services.generator.generators.speech.script import Line, script
from shared.errors import InvalidInputError

PARAGRAPH_PAUSE: Final = 0.8
_EDGE: Final = 0.15
"""Seconds of silence before the first word and after the last."""
_AUDIBLE: Final = 0.008
_MARGIN: Final = 0.03
_SOFT: Final = 0.012


class Engine(Protocol):
    """What speaks. `said` are words; `sounds` are phonemes of words that it should say so."""

    @property
    def name(self) -> str: ...

    def weight(self, said: str, voice: str, sounds: Mapping[str, str]) -> float: ...

    def say(self, said: str, voice: str, speed: float, sounds: Mapping[str, str]) -> Sound: ...

    def provenance(self, voice: str) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Narration:
    """A mono sound, and what is said in it; the cues are in order and do not overlap."""

    sound: Sound
    cues: tuple[Cue, ...]


class Reading:
    """One text on its way to a narration: `say` each of `lines` in order, then ask for `result`."""

    def __init__(
        self,
        engine: Engine,
        text: str,
        *,
        voice: str,
        speed: float,
        pronunciations: Mapping[str, str],
        pause: float,
    ) -> None:
        self._engine, self._voice, self._speed, self._pause = engine, voice, speed, pause
        respelled, self._sounds = pronouncing(pronunciations)
        self.lines = script(text, respelled=respelled)
        self._parts: list[Sound] = []
        self._cues: list[Cue] = []

    @property
    def seconds(self) -> float:
        """About how long it will be."""
        said = sum(self._weight(line.said) for line in self.lines)
        return (said + sum(self._rest(line) for line in self.lines)) / self._speed

    def say(self, line: Line) -> None:
        """Speak one line."""
        spoken = _trimmed(self._engine.say(line.said, self._voice, self._speed, self._sounds))
        if not self._parts:
            self._parts.append(silence(_EDGE, spoken.rate))
        start = sum(len(part.samples) for part in self._parts) / spoken.rate
        self._cues += cues_of(line.text, start, start + spoken.seconds, self._weight_of_text)
        self._parts += [spoken, silence(self._rest(line) / self._speed, spoken.rate)]

    @property
    def result(self) -> Narration:
        """All that was said, at -16 LUFS."""
        whole = joined([*self._parts[:-1], silence(_EDGE, self._parts[0].rate)])
        return Narration(normalised(whole), chained(self._cues))

    def _rest(self, line: Line) -> float:
        return self._pause if line.closes_paragraph else line.pause

    def _weight_of_text(self, text: str) -> float:
        return self._weight(read_aloud(text))

    def _weight(self, said: str) -> float:
        return self._engine.weight(said, self._voice, self._sounds)


class Narrator:
    """Reads texts aloud with one engine, whose model it keeps."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or choose("auto")

    def reading(
        self,
        text: str,
        *,
        voice: str,
        speed: float = 1.0,
        pronunciations: Mapping[str, str] | None = None,
        pause: float = PARAGRAPH_PAUSE,
    ) -> Reading:
        """The text line by line, for who wants to tell how far it is.

        Raises `InvalidInputError` when nothing in it can be said.
        """
        reading = Reading(
            self.engine,
            text,
            voice=voice,
            speed=speed,
            pronunciations=pronunciations or {},
            pause=pause,
        )
        if not reading.lines:
            raise InvalidInputError("text: there is nothing to say in it: no word, no number")
        return reading

    def speak(
        self,
        text: str,
        *,
        voice: str,
        speed: float = 1.0,
        pronunciations: Mapping[str, str] | None = None,
    ) -> Narration:
        """The whole text at once, cleaned as `inputs` does. Raises as `reading`."""
        reading = self.reading(text, voice=voice, speed=speed, pronunciations=pronunciations)
        for line in reading.lines:
            reading.say(line)
        return reading.result


def _trimmed(spoken: Sound) -> Sound:
    """Without the silence around it, which engines make as they like; with soft edges."""
    loud = np.flatnonzero(np.abs(spoken.samples[:, 0]) > _AUDIBLE)
    if not loud.size:
        return silence(0.05, spoken.rate)
    margin = round(_MARGIN * spoken.rate)
    kept = spoken.samples[max(0, loud[0] - margin) : loud[-1] + 2 * margin]
    return faded(Sound(kept, spoken.rate), _SOFT, _SOFT)
