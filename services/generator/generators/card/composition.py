"""A card put together: background, grain, lettering, one PNG."""

from pathlib import Path
from time import perf_counter

import numpy as np

from services.generator.generators.card.background import paint
from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.lettering import letter
from services.generator.generators.card.themes import THEMES
from services.generator.generators.pixels import Floats, generator_for, grain, write_png
from services.generator.generators.typography.faces import FontChoice


def compose(card: CardInput, fonts: FontChoice, seed: int, path: Path) -> dict[str, float]:
    """Write the card to `path`; the answer is how long each stage took, in seconds."""
    theme = THEMES[card.theme]
    started = perf_counter()
    ground = paint(theme, card.width, card.height, seed)
    ground += grain(card.height, card.width, generator_for(seed, 2), theme.grain)
    painted = perf_counter()
    lettering = letter(card, theme, fonts, path.parent)
    lettered = perf_counter()
    write_png(path, _laid(lettering, ground))
    return {
        "background": round(painted - started, 4),
        "lettering": round(lettered - painted, 4),
        "encoding": round(perf_counter() - lettered, 4),
    }


def _laid(over: Floats, ground: Floats) -> Floats:
    """`over` (straight alpha) on `ground`: the lettering stays free of grain."""
    alpha = over[..., 3:] / np.float32(255)
    return np.asarray(ground + (over[..., :3] - ground) * alpha, dtype=np.float32)
