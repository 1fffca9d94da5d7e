"""The last touch: clear treble, no rumble, and no sections that one has to turn up or down."""

from typing import Final

import numpy as np

from services.generator.generators.music.form import Form
from services.generator.generators.music.score import BAR
from services.generator.generators.sound.filters import Response, filtered, high_pass, high_shelf
from services.generator.generators.sound.gain import STEP, applied, moved
from services.generator.generators.sound.loudness import loudness
from services.generator.generators.sound.signal import Sound

_RUMBLE: Final = 28.0
_AIR: Final = 2600.0
_AIR_DB: Final = 4.5
_SHARE: Final = 0.4
_MOST_DB: Final = 5.0
_CHANGE: Final = 0.8
"""Seconds in which it gets from one section's gain to the next one's."""


def evened(sound: Sound, form: Form) -> Sound:
    """Takes two fifths of the difference in loudness between sections; the last chord stays."""
    bar = BAR * 60 / form.tempo
    levels: list[float] = []
    lengths: list[int] = []
    for section in form.sections:
        heard = sound.between(section.first * bar, section.last * bar)
        levels.append(max(loudness(heard.samples, sound.rate), -70.0))
        lengths.append(round(section.last * bar / STEP) - sum(lengths))
    lengths[-1] += max(0, round(sound.seconds / STEP) - sum(lengths))
    decibels = np.clip(_SHARE * (max(levels) - np.array(levels)), 0, _MOST_DB)
    gains = moved(np.repeat(10 ** (decibels / 20), lengths), _CHANGE, around=form.loop)
    return Sound(applied(sound.samples, gains, sound.rate), sound.rate)


def brightened(sound: Sound) -> Sound:
    """Without rumble, and with more treble than the instruments have of themselves."""

    def response(size: int) -> Response:
        air = high_shelf(_AIR, _AIR_DB, sound.rate, size)
        return np.asarray(air * high_pass(_RUMBLE, sound.rate, size))

    made = np.empty_like(sound.samples)
    for channel, into in zip(sound.samples.T, made.T, strict=True):
        at = 0
        for part in filtered(channel, response):
            into[at : at + len(part)] = part
            at += len(part)
    return Sound(made, sound.rate)
