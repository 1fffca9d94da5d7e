"""All texts of a document, made drawable and breakable before they are set."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from services.generator.generators.typography import faces, text
from services.generator.generators.typography.faces import EMOJI
from services.generator.generators.typography.text import BREAK, EMOJI_STYLE, JOINER

_LONGEST: Final = 32
"""Letters of a word that any column is wide enough for."""


def strings(value: Any) -> Iterator[str]:
    """Every text in what a template is given."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """The same with every text changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: mapped(part, change) for name, part in value.items()}
    if isinstance(value, list):
        return [mapped(part, change) for part in value]
    return value


def settable(data: dict[str, Any], fonts: faces.FontChoice) -> dict[str, Any]:
    """`data` without what the fonts cannot draw; words that fit nowhere may break anywhere."""
    gone = dict.fromkeys(map(ord, fonts.omitted))
    if EMOJI not in fonts.fallback:
        gone |= dict.fromkeys(map(ord, (JOINER, EMOJI_STYLE)))
    changed: dict[str, Any] = mapped(data, lambda each: _breakable(each.translate(gone)))
    return changed


def _breakable(value: str) -> str:
    if len(value) <= _LONGEST:
        return value
    return "\n".join(
        " ".join(_broken(word) if len(word) > _LONGEST else word for word in line.split(" "))
        for line in value.split("\n")
    )


def _broken(word: str) -> str:
    return text.breakable(word) if BREAK not in word else word


def fonts_for(data: dict[str, Any], face: faces.Face = "sans") -> faces.FontChoice:
    """Fonts that draw all texts of `data`."""
    everything = "".join(sorted({char for each in strings(data) for char in each} - {"\n"}))
    joined = " ".join(strings(data))
    return faces.choose(everything, text.language(joined), face=face)
