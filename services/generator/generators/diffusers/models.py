"""The mounted models: a folder each, as `save_pretrained` of a diffusers pipeline writes them.

Only safetensors are loaded: other formats of weights can carry programs.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from shared.errors import InvalidInputError

FOLDER: Final = "DARKROOM_DIFFUSERS_MODELS"
DEVICE: Final = "DARKROOM_DIFFUSERS_DEVICE"

_INDEX: Final = "model_index.json"


class MountedModels:
    """Those in the folder that the environment names."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    @property
    def names(self) -> list[str]:
        """In the order of the alphabet; the first is the default."""
        folder = self._environment.get(FOLDER)
        if not folder:
            return []
        return sorted(path.parent.name for path in Path(folder).glob(f"*/{_INDEX}"))

    @property
    def device(self) -> str | None:
        """`cpu`, `cuda`, `cuda:1`, `mps`; None: the best that is there."""
        asked = self._environment.get(DEVICE, "auto")
        return None if asked in {"", "auto"} else asked

    def lack(self) -> str | None:
        """Why there is no model; None: there is one."""
        if not self._environment.get(FOLDER):
            return f"set {FOLDER} to a folder with models (a folder with {_INDEX} each)"
        if not self.names:
            return f"{self._environment[FOLDER]} has no folder with {_INDEX} ({FOLDER})"
        return None

    def find(self, name: str | None) -> Path:
        """The folder of a model. Raises `InvalidInputError`."""
        names = self.names
        if not names:
            raise InvalidInputError(str(self.lack()))
        chosen = names[0] if name is None else name
        if chosen not in names:
            raise InvalidInputError(f"model: there is no {chosen!r}; mounted: {', '.join(names)}")
        return Path(self._environment[FOLDER]) / chosen


def weight_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of weights, by its path inside the model."""
    hashes = {}
    for path in sorted(folder.rglob("*.safetensors")):
        with path.open("rb") as file:
            hashes[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes
