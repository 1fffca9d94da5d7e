"""Which fields go with which operation, and which values with each other.

What the JSON Schema can say it says too (`SCHEMA_RULES`), so that a request without a source is
refused before it is accepted; the rest is found by the worker.
"""

import unicodedata
from collections.abc import Mapping, Set
from typing import Any, Final, Literal, TypeAlias

Operation: TypeAlias = Literal["picture", "placeholder", "waveform", "audio", "qr"]
Format: TypeAlias = Literal[
    "webp", "avif", "jpeg", "png", "svg", "mp3", "ogg", "m4a", "flac", "wav"
]

MOST_PIXELS: Final = 50_000_000
MOST_PIXELS_OF: Final = {"avif": 16_000_000, "webp": 32_000_000}
"""Of formats whose encoders need much time (AVIF) or memory (WebP) for more."""
LEAST_CONTRAST: Final = 4.0

_PICTURE: Final = ("webp", "avif", "jpeg", "png")
_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "picture": _PICTURE,
    "placeholder": (),
    "waveform": ("png", "webp", "svg"),
    "audio": ("mp3", "ogg", "m4a", "flac", "wav"),
    "qr": ("svg", "png", "webp"),
}
DEFAULT_FORMATS: Final = {"picture": "webp", "waveform": "png", "audio": "mp3", "qr": "svg"}
_SHARED: Final = frozenset({"operation", "source"})
_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "picture": frozenset(
        {
            *("format", "width", "height", "widths", "fit", "position", "enlarge", "crop"),
            *("rotate", "mirror", "quality", "background", "blur", "sharpen", "grayscale"),
            *("keep_metadata", "page", "at"),
        }
    ),
    "placeholder": frozenset({"page", "at"}),
    "waveform": frozenset(
        {"format", "width", "height", "style", "color", "background", "start", "end"}
    ),
    "audio": frozenset({"format", "start", "end"}),
    "qr": frozenset(
        {"text", "format", "width", "color", "background", "error_level", "modules", "border"}
    ),
}


def _then(operations: list[str], required: str) -> dict[str, Any]:
    return {
        "if": {"properties": {"operation": {"enum": operations}}},
        "then": {"required": [required]},
    }


SCHEMA_RULES: Final[dict[str, Any]] = {
    "allOf": [
        _then(["picture", "placeholder", "waveform", "audio"], "source"),
        {
            "if": {"properties": {"operation": {"const": "qr"}}, "required": ["operation"]},
            "then": {"required": ["text"]},
        },
        {
            "if": {
                "properties": {"fit": {"enum": ["cover", "contain", "fill"]}},
                "required": ["fit"],
            },
            "then": {"required": ["width", "height"]},
        },
    ]
}


def problem_of(asked: Mapping[str, Any], given: Set[str]) -> str | None:
    """What does not go together, in a sentence that begins with a field; None: all does."""
    operation = asked["operation"]
    needed = "text" if operation == "qr" else "source"
    if asked[needed] is None:
        return f"{needed}: {operation} needs it"
    if odd := sorted(given - _FIELDS[operation] - _SHARED):
        return f"{odd[0]}: does not go with the operation {operation}"
    made = asked["format"]
    if made is not None and made not in _FORMATS[operation]:
        return f"format: {operation} comes as {', '.join(_FORMATS[operation])}, not as {made}"
    if asked["end"] is not None and asked["end"] <= asked["start"]:
        return f"end: has to be after start, which is {asked['start']:g} seconds"
    return _problem_of_picture(asked) or (_problem_of_code(asked) if operation == "qr" else None)


def _problem_of_picture(asked: Mapping[str, Any]) -> str | None:
    width, height = asked["width"], asked["height"]
    if asked["operation"] == "picture" and asked["fit"] != "inside" and not (width and height):
        return f"{'height' if width else 'width'}: the fit {asked['fit']} needs width and height"
    if asked["widths"] and (width or height):
        return "widths: goes without width and height, each picture keeps its shape"
    kind = asked["format"] or DEFAULT_FORMATS.get(asked["operation"], "")
    most = MOST_PIXELS_OF.get(kind, MOST_PIXELS)
    if (width or 0) * (height or 0) > most:
        return f"height: width x height is {width * height:,} pixels, {most:,} are made at most"
    return None


def _problem_of_code(asked: Mapping[str, Any]) -> str | None:
    dark, light = asked["color"] or "#000000", asked["background"] or "#ffffff"
    contrast = contrast_of(dark, light)
    if luminance(dark) >= luminance(light):
        return f"color: has to be darker than the background, as scanners expect; {dark} is not"
    if contrast < LEAST_CONTRAST:
        return (
            f"color: has a contrast of {contrast:.1f} to the background, "
            f"scanners need {LEAST_CONTRAST:g} at least"
        )
    if asked["source"] is not None and asked["error_level"] in {"L", "M"}:
        return "error_level: a code with a logo needs Q or H"
    return None


def contrast_of(one: str, other: str) -> float:
    """From 1 to 21, as the Web Content Accessibility Guidelines count it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """Of `#rrggbb`, 0 to 1."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def without_controls(value: str) -> str:
    """Text as a scanner may pass it on: lines and tabs, no other control or hidden character."""
    kept = (c for c in value if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    text = "".join(kept).strip()
    if not text:
        raise ValueError("text: nothing is left of it but spaces and hidden characters")
    return text
