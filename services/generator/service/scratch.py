"""Scratch folders: one for each attempt, removed afterwards, also those that a crash left."""

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "darkroom-scratch-"


class ScratchSpace:
    """A folder of this process, in which each attempt gets one of its own.

    Folders are emptied and used again: making and removing them costs more than a small job.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent or Path(tempfile.gettempdir())
        self.root = self._parent / f"{_PREFIX}{os.getpid()}"
        self._numbers = itertools.count(1)
        self._free: list[Path] = []

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
    def folder(self) -> Iterator[Path]:
        """An empty folder for the length of the block."""
        path = self._free.pop() if self._free else self._make()
        try:
            yield path
        finally:
            if _emptied(path):
                self._free.append(path)

    def _make(self) -> Path:
        path = self.root / str(next(self._numbers))
        path.mkdir(mode=0o700)
        return path


def _emptied(folder: Path) -> bool:
    """Whether it could be emptied; what resists is left to the end of the process."""
    try:
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108 - no Path for each file of each job
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        return False
    return True
