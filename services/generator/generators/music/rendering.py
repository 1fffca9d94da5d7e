"""From MIDI to sound: the program fluidsynth with a General MIDI soundfont."""

import subprocess
from pathlib import Path
from typing import Final

import numpy as np

from services.generator.generators.music.soundfonts import (
    PROGRAM,
    find_soundfont,
    soundfont_sha256,
)
from services.generator.generators.sound.errors import SynthesisFailedError
from services.generator.generators.sound.signal import Sound

__all__ = ["RATE", "find_soundfont", "render", "soundfont_sha256"]

RATE: Final = 44_100


def render(midi: bytes, soundfont: Path, *, room: float, scratch: Path) -> Sound:
    """The whole file in stereo, with reverb. Raises `SynthesisFailedError`."""
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
        raise SynthesisFailedError(f"fluidsynth could not play it: {why[0][:200]}")
    samples = np.fromfile(raw, "<f4").reshape(-1, 2)
    raw.unlink()
    return Sound(samples, RATE)
