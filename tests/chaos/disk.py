"""The store's own small disk, so that it can be full: a tmpfs that only our children see.

In a mount namespace of its own nothing of it is left behind, however the driver ends. Where
mounting is not permitted there is no disk to fill, and the report says so.
"""

import ctypes
import errno
import os
from pathlib import Path

SIZE = 512 * 1024**2
_CLONE_NEWNS = 0x00020000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_MNT_DETACH = 2
_BALLAST = ".ballast"


class StoreDisk:
    """`problem` says why the disk cannot be filled; None: it can."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem: str | None = "not mounted"

    def mount(self) -> None:
        """Call before any process or thread is started: they inherit what is mounted here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            _call("unshare", _CLONE_NEWNS)
            _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
            where, options = os.fsencode(self.folder), f"size={SIZE},mode=0700".encode()
            _call("mount", b"darkroom-chaos", where, b"tmpfs", 0, options)
        except OSError as error:
            self.problem = f"mounting a tmpfs is not permitted here ({error.strerror})"
        else:
            self.problem = None

    def unmount(self) -> None:
        """Only for who removes the folder: otherwise it goes with the last process that sees it."""
        if self.problem is None:
            _call("umount2", os.fsencode(self.folder), _MNT_DETACH)
            self.problem = "not mounted any more"

    def fill(self) -> None:
        """Leave no byte free."""
        with (self.folder / _BALLAST).open("wb") as ballast:
            for size in (16 * 1024**2, 64 * 1024, 4096, 1):
                _write_until_full(ballast.fileno(), bytes(size))

    def empty(self) -> None:
        (self.folder / _BALLAST).unlink(missing_ok=True)


def _write_until_full(file: int, block: bytes) -> None:
    try:
        while True:
            os.write(file, block)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def _call(function: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
