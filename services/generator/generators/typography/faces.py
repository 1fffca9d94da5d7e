"""Which fonts a text is set in, and which characters they can draw.

Inter comes with the package, so that cards look alike everywhere, and so do a serif, a monospaced
one, Arabic and Hebrew. Emoji, CJK and other scripts are drawn with Noto where the machine has it,
or with whatever lies in the folder that `DARKROOM_FONTS_FOLDER` names; what no font can draw is
left out, and said so in the provenance.
"""

import hashlib
import os
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from services.generator.generators.typography.coverage import Coverage, coverage, family
from services.generator.generators.typography.text import EMOJI_STYLE, JOINER, NON_JOINER

__all__ = ["BUNDLED", "EMOJI", "Coverage", "Face", "FontChoice", "choose", "coverage"]

Face = Literal["sans", "serif", "mono"]

BUNDLED: Final = Path(__file__).parent / "fonts"
EMOJI: Final = "Noto Color Emoji"
FOLDER_VARIABLE: Final = "DARKROOM_FONTS_FOLDER"
SYSTEM_FOLDERS: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/opt/homebrew/share/fonts"),
)

_FACES: Final[dict[Face, str]] = {"serif": "NotoSerifDisplay-*.ttf", "mono": "JetBrainsMono-*.ttf"}
_EMOJI_FILES: Final = ("NotoColorEmoji.ttf",)
_CJK_FILES: Final = ("NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc")
_CJK_REGION: Final = {"ja": "JP", "ko": "KR", "zh": "SC"}
_KEYCAP: Final = "\u20e3"
_INVISIBLE: Final = frozenset({" ", JOINER, NON_JOINER, EMOJI_STYLE, _KEYCAP})
_SUFFIXES: Final = {".ttf", ".otf", ".ttc"}


@dataclass(frozen=True, slots=True)
class FontChoice:
    """The fonts for one text: files, and family names to fall back to after Inter."""

    files: tuple[Path, ...]
    fallback: tuple[str, ...]
    omitted: str

    def drawable(self, value: str) -> str:
        """`value` without what these fonts cannot draw."""
        gone = set(self.omitted)
        if EMOJI not in self.fallback:
            gone |= _INVISIBLE - {" ", NON_JOINER}
        return " ".join("".join(char for char in value if char not in gone).split())

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file, by name."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(self.files)
        }


def added_folders() -> tuple[Path, ...]:
    """The folder of fonts that whoever runs this machine has added, if there is one."""
    named = os.environ.get(FOLDER_VARIABLE, "")
    return (Path(named),) if named else ()


def choose(
    text: str,
    language: str,
    folders: Iterable[Path] = SYSTEM_FOLDERS,
    *,
    face: Face = "sans",
    added: Iterable[Path] | None = None,
) -> FontChoice:
    """The fonts that draw `text`: Inter, those of `face`, and what else it needs and there is.

    `added` are folders of which any font is used, whatever its name, before those of `folders`.
    """
    files = sorted(BUNDLED.glob("Inter*.otf"))
    files += sorted(BUNDLED.glob(_FACES[face])) if face in _FACES else []
    inter = coverage(BUNDLED / "InterDisplay-Bold.otf")
    missing = {char for char in text if char not in _INVISIBLE and char not in inter}
    if not missing and not _INVISIBLE.intersection(text) - {" "}:
        return FontChoice(tuple(files), (), "")
    mine = tuple(added_folders() if added is None else added)
    names: list[str] = []
    for name, paths in _families(missing, language, mine, (*mine, *folders)):
        drawn = {char for char in missing if char in coverage(paths[0])}
        if drawn or (name == EMOJI and EMOJI_STYLE in text):
            files += (path for path in paths if path not in files)
            names.append(name)
            missing -= drawn
    return FontChoice(tuple(files), tuple(dict.fromkeys(names)), "".join(sorted(missing)))


def _families(
    missing: set[str], language: str, added: Sequence[Path], folders: Sequence[Path]
) -> Iterator[tuple[str, list[Path]]]:
    """Families that may draw some of what is missing, most fitting first, each with its files."""
    known = [
        (EMOJI, _EMOJI_FILES, folders),
        (f"Noto Sans CJK {_CJK_REGION.get(language, 'SC')}", _CJK_FILES, folders),
    ]
    for script in sorted({_script(char) for char in missing}):
        files = (f"NotoSans{script}-Bold.ttf", f"NotoSans{script}-Regular.ttf")
        known.append((f"Noto Sans {script}", files, (BUNDLED, *folders)))
    for name, wanted, searched in known:
        if paths := _found(wanted, searched):
            yield name, paths
    for path in _all_fonts(added):
        try:
            yield family(path), [path]
        except (OSError, ValueError, struct.error):
            continue  # not a font, whatever its name says


def _script(char: str) -> str:
    """The first word of the character's name, which is its script for most that are written."""
    return unicodedata.name(char, "").split(" ")[0].title()


def _found(names: Iterable[str], folders: Iterable[Path]) -> list[Path]:
    """The first file of each name in any of the folders."""
    searched = tuple(folders)
    hits = (next(_below(name, searched), None) for name in names)
    return [path for path in hits if path is not None]


def _below(name: str, folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.rglob(name))[:1]


def _all_fonts(folders: Iterable[Path]) -> list[Path]:
    paths = (path for folder in folders for path in folder.rglob("*"))
    return sorted(path for path in paths if path.suffix.lower() in _SUFFIXES)
