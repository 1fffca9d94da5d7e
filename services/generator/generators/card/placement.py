"""Where things are on a card, in pixels: the one place that background and lettering agree on."""

import math
from dataclasses import dataclass

from services.generator.generators.card.inputs import CardInput

_PANEL_WIDTH = 0.42
_PANEL_HEIGHT = 0.44
_MARGIN = 72


@dataclass(frozen=True, slots=True)
class Box:
    left: int
    top: int
    width: int
    height: int


def unit(card: CardInput) -> float:
    """One pixel of a 1200 x 630 card at this card's size."""
    area = math.sqrt(card.width * card.height / (1200 * 630))
    return min(area, card.width / 640, card.height / 400)


def panel(card: CardInput, *, from_right: bool) -> Box | None:
    """Where the picture of a split card is: beside the text, or above it on a narrow card."""
    if card.layout != "split":
        return None
    if stacked(card):
        return Box(0, 0, card.width, round(card.height * _PANEL_HEIGHT))
    width = round(card.width * _PANEL_WIDTH)
    return Box(0 if from_right else card.width - width, 0, width, card.height)


def column(card: CardInput, *, from_right: bool) -> Box:
    """Where text may be: what the panel leaves, less the margins."""
    margin = round(_MARGIN * unit(card))
    taken = panel(card, from_right=from_right)
    left = top = 0
    width, height = card.width, card.height
    if taken is not None and stacked(card):
        top, height = taken.height, height - taken.height
    elif taken is not None:
        left, width = (taken.width if from_right else 0), width - taken.width
    return Box(left + margin, top + margin, width - 2 * margin, height - 2 * margin)


def share(card: CardInput) -> float:
    """How much of the height between head and foot a title may have: a poster is to be seen."""
    return 1.0 if card.layout != "poster" or is_low(card) else 0.62


def is_low(card: CardInput) -> bool:
    """Whether there is no height to spare for a picture above the text."""
    return card.height < 500 * unit(card)


def stacked(card: CardInput) -> bool:
    """Whether a split card is too narrow to be split side by side."""
    return card.width < 1.15 * card.height
