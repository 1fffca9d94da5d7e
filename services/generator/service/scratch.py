"""Scratch folders: one for each attempt, removed afterwards, also those that a crash left."""

import contextlib
import fcntl
import itertools
import os
import shutil
import tempfile
import time
from pathlib import Path

from shared.clock import uuid7

_PREFIX = "darkroom-scratch-"
_NEW_SECONDS = 60.0


class ScratchSpace:
    """A folder of this process, in which each attempt gets one of its own.

    Folders are emptied and used again: making and removing them costs more than a small job.
    """

    def __init__(self, parent: Path | None = None) -> None:
        parent = parent or Path(tempfile.gettempdir())
        self.root = parent / f"{_PREFIX}{uuid7().hex}"
        self._lock = _Lock(self.root)
        self._numbers = itertools.count(1)
        self._free: list[Path] = []

    def open(self) -> None:
        """Make the folder; sweep away those of processes that are gone."""
        self.root.mkdir(parents=True, mode=0o700)
        self._lock.take()
        for folder in self.root.parent.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):
                if folder != self.root and _is_left(folder):
                    shutil.rmtree(folder)

    def close(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.root, ignore_errors=True)
        self._lock.give_back()

    def folder(self) -> "ScratchFolder":
        """An empty folder for the length of the block, if it is asked for: many jobs need none."""
        return ScratchFolder(self)

    def lend(self) -> Path:
        """An empty folder; `take_back` follows."""
        return self._free.pop() if self._free else self._make()

    def take_back(self, path: Path) -> None:
        """It is not needed any more."""
        if _emptied(path):
            self._free.append(path)

    def _make(self) -> Path:
        path = self.root / str(next(self._numbers))
        path.mkdir(mode=0o700)
        return path


class ScratchFolder:
    """`with space.folder() as folder:`, and `folder()` is its path: from then on there is one."""

    __slots__ = ("_path", "_space")

    def __init__(self, space: ScratchSpace) -> None:
        self._space = space
        self._path: Path | None = None

    def __call__(self) -> Path:
        if self._path is None:
            self._path = self._space.lend()
        return self._path

    def __enter__(self) -> "ScratchFolder":
        return self

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            self._space.take_back(self._path)


class _Lock:
    """A lock on a folder; the system gives it back when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Whether it could be had."""
        self._descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.give_back()
            return False
        return True

    def give_back(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _is_left(folder: Path) -> bool:
    """Whether nobody holds it; a new folder may not be locked yet."""
    lock = _Lock(folder)
    left = time.time() - folder.stat().st_mtime > _NEW_SECONDS and lock.take()
    lock.give_back()
    return left


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
