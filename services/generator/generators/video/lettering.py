"""The words of a video as overlays: set by Typst in one go, cut out when their scene comes.

Neighbours: template.typ measures and fits; `layout` says where; `overlays` lays them on frames.
"""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from services.generator.generators.typography import text
from services.generator.generators.typography.faces import EMOJI, FontChoice
from services.generator.generators.typography.typesetting import typeset
from services.generator.generators.video.inputs import Scene
from services.generator.generators.video.layout import Layout, Place, Position
from services.generator.generators.video.overlays import Overlay, overlay
from services.generator.generators.video.themes import Theme, inks

TEMPLATE: Final = Path(__file__).parent / "template.typ"

_AIR: Final = 34  # units around each part, for what hangs out of its box
_TIGHT, _OPEN, _LOOSE = 0.36, 0.48, 0.8
_INKS: Final = 2
_WIDEST_SUBTITLE: Final = 760
_PICTOGRAPHS: Final = (
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{FE0F}\u{200D}\u{1F1E6}-\u{1F1FF}]{2,}"
    r"|[0-9#*]\u{FE0F}\u{20E3}"
)
_NEVER: Final = r"[^\s\S]"
_FROM_THE_RIGHT: Final = {"ar", "he"}


@dataclass(frozen=True, slots=True)
class Words:
    """The title of one scene, with the place it stands in."""

    title: str
    subtitle: str
    place: Place

    @property
    def layers(self) -> list[str]:
        named = (("title", self.title), ("subtitle", self.subtitle))
        return [name for name, value in named if value]


class Lettering:
    """All that is written in a video, still compressed: `titles` by scene, and `captions`."""

    def __init__(self, layout: Layout, pages: list[bytes], words: Sequence[Words | None]) -> None:
        self._layout = layout
        self._air = layout.pixels(_AIR)
        left = iter(pages)
        self._titles = [
            [[next(left) for _ in part.layers] if part else [] for _ in range(_INKS)]
            for part in words
        ]
        self._words = words
        self._captions = list(left)

    def title(self, scene: int, *, swapped: bool = False) -> list[Overlay]:
        """The parts of a scene's title, in the order in which they come in.

        In the theme's own ink, or in the other one (`themes.inks`).
        """
        part = self._words[scene]
        if part is None:
            return []
        x, y = part.place.x - self._air, part.place.y - self._air
        return [_cut_out(page, x, y) for page in self._titles[scene][swapped]]

    def caption(self, number: int) -> Overlay:
        rgba = _decoded(self._captions[number])
        height, width = rgba.shape[:2]
        x, y = self._layout.caption_at((width - 2 * self._air, height - 2 * self._air))
        return overlay(rgba, x - self._air, y - self._air)


def letter(
    layout: Layout,
    theme: Theme,
    fonts: FontChoice,
    *,
    words: Sequence[Words | None],
    captions: Sequence[str],
    scratch: Path,
) -> Lettering:
    """Set everything. Text is what `fonts` can draw, already."""
    titles = [described(part) for part in words if part is not None]
    pages: list[bytes] = []
    if titles or captions:
        pages = typeset(TEMPLATE, _told(layout, theme, fonts, titles, captions), fonts, scratch)
    return Lettering(layout, pages, words)


def worded(scene: Scene, fonts: FontChoice, layout: Layout, *, captions: bool) -> Words | None:
    """What is written in the scene; None where that is nothing.

    What is read from the right stands at the right; `captions`, if there are any, stand below.
    """
    title, subtitle = fonts.drawable(scene.title), fonts.drawable(scene.subtitle)
    if not title and not subtitle:
        return None
    place = layout.place(
        _position(scene, layout),
        captioned=captions and bool(scene.narration or scene.caption),
        mirrored=text.language(title + subtitle) in _FROM_THE_RIGHT,
    )
    return Words(title, subtitle, place)


def _position(scene: Scene, layout: Layout) -> Position:
    """Where the title stands: below on pictures, which have something to show."""
    if scene.position != "auto":
        return scene.position
    if scene.background.kind == "image":
        return "bottom"
    return "left" if layout.shape == "landscape" else "center"


def described(words: Words) -> dict[str, Any]:
    """What the template reads of a title."""
    place, language = words.place, text.language(words.title + words.subtitle)
    return {
        "title": text.whole_words(words.title),
        "title_broken": text.breakable(words.title),
        "title_pieces": text.unbreakable_pieces(words.title),
        "subtitle": text.breakable(words.subtitle),
        "leading": _leading(words.title, language),
        "lang": language,
        "layers": words.layers,
        "width": place.width,
        "height": place.height,
        "centered": place.centered,
        "anchor": place.anchor,
        "largest": place.largest,
        "largest_subtitle": place.largest_subtitle,
    }


def _told(
    layout: Layout,
    theme: Theme,
    fonts: FontChoice,
    titles: list[dict[str, Any]],
    captions: Sequence[str],
) -> dict[str, Any]:
    width, height = layout.caption_box
    widest = layout.pixels(_WIDEST_SUBTITLE)
    return {
        "unit": round(layout.unit, 4),
        "air": layout.pixels(_AIR),
        "fallback": list(fonts.fallback),
        "pictographs": _PICTOGRAPHS if EMOJI in fonts.fallback else _NEVER,
        "titles": [part | {"widest_subtitle": widest} for part in titles],
        "captions": [
            {"words": text.breakable(words), "lang": text.language(words)} for words in captions
        ],
        "caption_width": width,
        "caption_height": height,
        "inks": [asdict(ink) for ink in inks(theme)],
        "box": {"fill": theme.box, "text": theme.box_text},
    }


def _leading(title: str, language: str) -> float:
    """Between lines, in letter sizes; Arabic reaches far above and below its line."""
    if language in _FROM_THE_RIGHT:
        return _LOOSE
    return _OPEN if text.needs_room(title) else _TIGHT


def _cut_out(page: bytes, x: int, y: int) -> Overlay:
    """What is on the page, without the empty rest of it; the page stands at (x, y)."""
    with Image.open(io.BytesIO(page)) as picture:
        rgba = picture.convert("RGBA")
    left, top, right, bottom = rgba.getchannel("A").getbbox() or (0, 0, 2, 2)
    left, top = left - (x + left) % 2, top - (y + top) % 2
    part = rgba.crop((left, top, right, bottom))
    return overlay(np.asarray(part, dtype=np.float32), x + left, y + top)


def _decoded(page: bytes) -> np.ndarray[Any, np.dtype[np.float32]]:
    with Image.open(io.BytesIO(page)) as picture:
        return np.asarray(picture.convert("RGBA"), dtype=np.float32)
