"""Flite, a small program that speaks: the fallback where the neural voice is not installed."""

import subprocess
import wave
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from services.generator.generators.sound.errors import SynthesisFailedError
from services.generator.generators.sound.signal import Sound
from services.generator.generators.speech.voicing import VOICES

PROGRAM: Final = "flite"
_LETTERS_A_SECOND: Final = 14.0


class Flite:
    """One process a line. It knows no phonemes of ours: `sounds` are not used."""

    name: Final = "flite"

    def weight(self, said: str, voice: str, sounds: Mapping[str, str]) -> float:
        """About how many seconds it takes to say at speed 1."""
        del voice, sounds
        return len(said) / _LETTERS_A_SECOND

    def say(self, said: str, voice: str, speed: float, sounds: Mapping[str, str]) -> Sound:
        """One line, mono."""
        del sounds
        with TemporaryDirectory() as folder:
            words, spoken = Path(folder) / "line.txt", Path(folder) / "line.wav"
            words.write_text(said.encode("ascii", "ignore").decode())
            command = [PROGRAM, "-voice", VOICES[voice].flite, "-f", str(words), "-o", str(spoken)]
            stretch = ["--setf", f"duration_stretch={1 / speed:.4f}"]
            ended = subprocess.run([*command, *stretch], capture_output=True, check=False)
            if ended.returncode or not spoken.exists():
                raise SynthesisFailedError(f"flite could not say {said[:60]!r}")
            return _read(spoken)

    def provenance(self, voice: str) -> dict[str, str]:
        """Which of its voices it was."""
        return {"model": "flite", "flite_voice": VOICES[voice].flite}


def _read(path: Path) -> Sound:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return Sound((samples / np.float32(32768)).astype(np.float32)[:, None], file.getframerate())
