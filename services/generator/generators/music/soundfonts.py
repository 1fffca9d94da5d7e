"""The synthesizer and its instruments: whether they are here, and which they are.

Imported to announce the generator: keep it light.
"""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from shared.generators import needs

PROGRAM: Final = "fluidsynth"
VARIABLE: Final = "DARKROOM_SOUNDFONT"
_FOLDERS: Final = (Path("/usr/share/sounds/sf3"), Path("/usr/share/sounds/sf2"))
_BEST: Final = (
    "MuseScore_General.sf3",
    "MuseScore_General_Lite.sf3",
    "FluidR3_GM.sf2",
    "default-GM.sf3",
    "TimGM6mb.sf2",
)
_PACKAGES: Final = "fluidsynth musescore-general-soundfont-small"


def lacks() -> str | None:
    """What is missing to make sound, and how to get it."""
    if missing := needs.lacks_program(PROGRAM, package=_PACKAGES):
        return missing
    if find_soundfont():
        return None
    return f"needs a soundfont: apt-get install {_PACKAGES}, or set {VARIABLE} to the path of one"


def find_soundfont() -> Path | None:
    """The one of the setting, else the best of those that are installed."""
    if named := os.environ.get(VARIABLE):
        return Path(named) if Path(named).is_file() else None
    named_fonts = (folder / name for name in _BEST for folder in _FOLDERS)
    return next((font for font in named_fonts if font.is_file()), None)


@lru_cache(maxsize=4)
def soundfont_sha256(soundfont: Path) -> str:
    """Read once a process: 40 MB."""
    with soundfont.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
