"""From MIDI to sound: the program fluidsynth with a General MIDI soundfont."""

import hashlib
import os
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from services.generator.generators.sound.signal import Sound
from shared.errors import PermanentError
from shared.generators import needs

PROGRAM: Final = "fluidsynth"
VARIABLE: Final = "DARKROOM_SOUNDFONT"
RATE: Final = 44_100
_FOLDERS: Final = (Path("/usr/share/sounds/sf3"), Path("/usr/share/sounds/sf2"))
_BEST: Final = (
    "MuseScore_General.sf3",
    "MuseScore_General_Lite.sf3",
    "FluidR3_GM.sf2",
    "default-GM.sf3",
    "TimGM6mb.sf2",
)
_PACKAGES: Final = "fluidsynth musescore-general-soundfont-small"


class SynthesizerFailedError(PermanentError):
    """The synthesizer could not play the piece."""

    code = "synthesizer_failed"
    title = "Synthesizer failed"


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


def render(midi: bytes, soundfont: Path, *, room: float, scratch: Path) -> Sound:
    """The whole file in stereo, with reverb. Raises `SynthesizerFailedError`."""
    score, raw = scratch / "piece.mid", scratch / "piece.raw"
    score.write_bytes(midi)
    settings = {
        "synth.gain": 0.4,
        "synth.polyphony": 512,
        "synth.cpu-cores": 1,
        "synth.dynamic-sample-loading": 1,
        "synth.reverb.room-size": round(0.35 + 0.5 * room, 2),
        "synth.reverb.damp": 0.35,
        "synth.reverb.level": round(0.5 + 0.4 * room, 2),
        "synth.chorus.level": 0.8,
    }
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    output = ["-T", "raw", "-O", "float", "-E", "little", "-r", str(RATE), "-F", str(raw)]
    command = [PROGRAM, "-ni", "-q", *options, *output, str(soundfont), str(score)]
    ended = subprocess.run(command, capture_output=True, check=False, text=True)
    if ended.returncode or not raw.exists():
        why = ended.stderr.strip().splitlines()[-1:] or [f"exit code {ended.returncode}"]
        raise SynthesizerFailedError(f"fluidsynth could not play it: {why[0][:200]}")
    samples = np.fromfile(raw, "<f4").reshape(-1, 2)
    raw.unlink()
    return Sound(samples, RATE)
