"""A piece of music as a sound of exactly so many seconds: what music and video build on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from services.generator.errors import UnavailableGeneratorError
from services.generator.generators.music.chance import chance_of
from services.generator.generators.music.form import Form, shape
from services.generator.generators.music.mastering import brightened, evened
from services.generator.generators.music.moods import MOODS
from services.generator.generators.music.performance import perform
from services.generator.generators.music.rendering import render
from services.generator.generators.music.score import Mood, Part
from services.generator.generators.music.soundfonts import find_soundfont, lacks
from services.generator.generators.music.writing import write
from services.generator.generators.sound.signal import Sound, faded, mixed, normalised

SHORTEST, LONGEST = 5, 300
LOUDNESS: Final = -16.0
_FADE: Final = 0.35
"""Share of the last chord's time in which what still rings fades."""
_EDGE: Final = 0.005
_SEAM: Final = 2.0
_BLEND: Final = 0.04


@dataclass(frozen=True, slots=True)
class Piece:
    """A composition that has not been played yet."""

    mood: Mood
    form: Form
    parts: tuple[Part, ...]
    seed: str

    @property
    def midi(self) -> bytes:
        """As a standard MIDI file."""
        return perform(self.parts, self.mood, self.form, self.seed)


def composed(
    mood: str, seconds: float, seed: int, *, tempo: int | None = None, loop: bool = False
) -> Piece:
    """Write a piece; the same arguments give the same one."""
    spec, name = MOODS[mood], f"{mood}/{seed}"
    form = shape(spec, seconds, chance_of(name, "form"), tempo, loop=loop)
    return Piece(spec, form, write(spec, form, name), name)


def played(piece: Piece, scratch: Path) -> Sound:
    """The piece as the synthesizer plays it, not yet mastered. Raises `SynthesisFailedError`.

    A loop is played twice, and begun once more.
    """
    soundfont = find_soundfont()
    if soundfont is None:
        raise UnavailableGeneratorError(f"music {lacks()}")
    midi = piece.midi
    if piece.form.loop:
        midi = perform(piece.parts, piece.mood, piece.form, piece.seed, again=True)
    return render(midi, soundfont, room=piece.mood.room, scratch=scratch)


def mastered(piece: Piece, sound: Sound) -> Sound:
    """Cut to its length, at -16 LUFS; the last chord dies away.

    Of a loop the second time is kept: it begins with what the first time left ringing, so that its
    end goes over into its beginning.
    """
    if piece.form.loop:
        return _mastered_loop(piece.form, sound)
    cut = evened(brightened(mixed([(0, sound)], seconds=piece.form.seconds)), piece.form)
    return faded(normalised(cut, LOUDNESS), _EDGE, max(piece.form.ring * _FADE, 0.4))


def _mastered_loop(form: Form, sound: Sound) -> Sound:
    """What works with what was before or comes after is shown the other end of the loop."""
    start, whole = form.seconds - _SEAM, form.seconds + _SEAM + _BLEND
    heard = brightened(mixed([(0, sound.between(start, start + whole))], seconds=whole))
    once = _closed(heard.between(_SEAM, whole))
    samples, seam = evened(once, form).samples, round(_SEAM * once.rate)
    around = np.concatenate([samples[-seam:], samples, samples[:seam]])
    return Sound(normalised(Sound(around, once.rate), LOUDNESS).samples[seam:-seam], once.rate)


def _closed(sound: Sound) -> Sound:
    """Without its last moment, which is blended into its first: end and beginning are one."""
    moment = round(_BLEND * sound.rate)
    samples = sound.samples[:-moment].copy()
    comes = np.linspace(0, 1, moment, dtype=np.float32)[:, None]
    samples[:moment] = samples[:moment] * comes + sound.samples[-moment:] * (1 - comes)
    return Sound(samples, sound.rate)


def compose(
    mood: str, seconds: float, seed: int, *, scratch: Path, tempo: int | None = None
) -> Sound:
    """Write, play and master a piece of `seconds`, in stereo at 44.1 kHz.

    `scratch` is a folder for files in between. Raises `SynthesisFailedError`.
    """
    piece = composed(mood, seconds, seed, tempo=tempo)
    return mastered(piece, played(piece, scratch))
