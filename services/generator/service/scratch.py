"""Scratch folders: one for each attempt, removed afterwards, also those that a crash left."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "darkroom-scratch-"


class ScratchSpace:
    """A folder of this process, in which each attempt gets one of its own."""

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent or Path(tempfile.gettempdir())
        self.root = self._parent / f"{_PREFIX}{os.getpid()}"

    def open(self) -> None:
        """Make the folder; sweep away those of processes that are gone."""
        for folder in self._parent.glob(f"{_PREFIX}*"):
            owner = folder.name.removeprefix(_PREFIX)
            if not Path("/proc", owner).exists() or owner == str(os.getpid()):
                shutil.rmtree(folder, ignore_errors=True)
        self.root.mkdir(parents=True, mode=0o700)

    def close(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.root, ignore_errors=True)

    @contextlib.contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """An empty folder for the length of the block."""
        path = self.root / name
        path.mkdir(mode=0o700)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
