"""The text of a card as a transparent picture, set by Typst from template.typ.

Typst measures and fits; this module decides what it is told. User text travels as JSON in the
system inputs and is never part of the program.
"""

import io
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.themes import Theme
from services.generator.generators.pixels import Floats
from services.generator.generators.typography import text
from services.generator.generators.typography.faces import EMOJI, FontChoice
from services.generator.generators.typography.typesetting import typeset

TEMPLATE: Final = Path(__file__).parent / "template.typ"

_LARGEST_TITLE: Final = 138
_TIGHT, _OPEN = 0.36, 0.48
_PICTOGRAPHS: Final = (
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{FE0F}\u{200D}\u{1F1E6}-\u{1F1FF}]{2,}"
    r"|[0-9#*]\u{FE0F}\u{20E3}"
)
_NEVER: Final = r"[^\s\S]"


def letter(card: CardInput, theme: Theme, fonts: FontChoice, scratch: Path) -> Floats:
    """The lettering as RGBA (height, width, 4) in 0-255, straight alpha."""
    (page,) = typeset(TEMPLATE, described(card, theme, fonts), fonts, scratch)
    with Image.open(io.BytesIO(page)) as picture:
        return np.asarray(picture.convert("RGBA"), dtype=np.float32)


def described(card: CardInput, theme: Theme, fonts: FontChoice) -> dict[str, Any]:
    """What the template reads. `unit` is one pixel of a 1200 x 630 card at this card's size."""
    drawn = {
        name: fonts.drawable(getattr(card, name))
        for name in ("title", "subtitle", "badge", "brand", "author")
    }
    unit = min(
        (card.width * card.height / (1200 * 630)) ** 0.5, card.width / 640, card.height / 400
    )
    emoji = EMOJI in fonts.fallback
    return drawn | {
        "address": fonts.drawable(text.shown_address(card.address)),
        "initial": text.initial(drawn["brand"]),
        "title": text.whole_words(drawn["title"]),
        "title_broken": text.breakable(drawn["title"]),
        "title_pieces": text.unbreakable_pieces(drawn["title"]),
        "subtitle_broken": text.breakable(drawn["subtitle"]),
        "leading": _OPEN if text.needs_room(drawn["title"]) else _TIGHT,
        "largest": _LARGEST_TITLE,
        "layout": card.layout,
        "width": card.width,
        "height": card.height,
        "unit": round(unit, 4),
        "lang": text.language(card.title + card.subtitle),
        "fallback": list(fonts.fallback),
        "pictographs": _PICTOGRAPHS if emoji else _NEVER,
        "colors": {
            name: getattr(theme, name)
            for name in ("title", "text", "muted", "accent", "accent_text", "line")
        },
    }
