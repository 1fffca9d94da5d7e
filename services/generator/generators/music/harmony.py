"""Which chord stands in each bar."""

from random import Random
from typing import Final

from services.generator.generators.music.form import Form
from services.generator.generators.music.score import PHRASE, Harmony, Mood
from services.generator.generators.music.theory import chord

_CLOSING: Final = {"major": "5", "mixolydian": "7", "lydian": "5", "phrygian": "2", "dorian": "7"}


def harmonise(mood: Mood, form: Form, chance: Random) -> Harmony:
    """Every theme keeps its own progression. The last bar leads home, unless the piece is a loop,
    where the first bar follows.
    """
    key = chance.choice(mood.keys)
    chosen = chance.sample(mood.progressions, 3)
    progressions = dict(zip("ABC", (part.split() for part in chosen), strict=True))
    symbols = []
    for section in form.sections:
        bars = progressions[section.theme]
        symbols += [bars[(PHRASE - section.bars + bar) % PHRASE] for bar in range(section.bars)]
    home = "19" if mood.sevenths else "1"
    if not form.loop and form.bars > 1:
        symbols[-1] = _leading(mood)
        symbols[0] = home if form.sections[0].intensity < 0.5 else symbols[0]
    return Harmony(
        tuple(chord(symbol, key, mood.scale, seventh=mood.sevenths) for symbol in symbols),
        chord(home, key, mood.scale),
    )


def _leading(mood: Mood) -> str:
    if mood.scale == "minor":
        return "5M"
    return _CLOSING[mood.scale] + ("7" if mood.sevenths else "")
