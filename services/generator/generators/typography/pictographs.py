"""How templates find what is drawn with the emoji font."""

from typing import Final

from services.generator.generators.typography.faces import EMOJI, FontChoice

_PICTOGRAPHS: Final = (
    r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{FE0F}\u{200D}\u{1F1E6}-\u{1F1FF}]{2,}"
    r"|[0-9#*]\u{FE0F}\u{20E3}"
)
_NEVER: Final = r"[^\s\S]"


def pictographs(fonts: FontChoice) -> str:
    """A regular expression, for Typst, of sequences that only the emoji font joins into one."""
    return _PICTOGRAPHS if EMOJI in fonts.fallback else _NEVER
