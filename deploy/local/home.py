"""The folder of one local stack (`.darkroom`), and the lock that says whether it runs.

The supervisor holds the lock for as long as it lives; the kernel releases it however that ends.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from deploy.local.errors import LocalStackError
from deploy.local.process_record import ProcessRecord

_TRY_EVERY = 0.1
_LARGE_LOG = 20 * 1024**2


class StackHome:
    """Where a stack keeps its data, logs and what it says about itself."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.record = ProcessRecord(self.path / "processes.json")
        self._lock = self.path / "supervisor.lock"

    def prepare(self) -> None:
        """Make the folder, for its owner's eyes only; refuses one of somebody else."""
        self.path.mkdir(parents=True, exist_ok=True)
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise LocalStackError(
                f"{self.path} belongs to another user ({owner}): remove it, "
                "or say with DARKROOM_HOME where else to keep the data"
            )
        self.path.chmod(0o700)
        self.logs.mkdir(exist_ok=True)

    def rotate_logs(self) -> None:
        """Set large logs aside, for one generation; nobody may be writing to them."""
        for log in self.logs.glob("*.log"):
            if log.name != "supervisor.log" and log.stat().st_size > _LARGE_LOG:
                log.replace(log.with_suffix(".log.old"))

    @contextmanager
    def locked(self, patience: timedelta = timedelta()) -> Iterator[None]:
        """Hold the lock; raises when another supervisor still holds it after that time."""
        deadline = time.monotonic() + patience.total_seconds()
        with self._lock.open("w") as lock:
            while not _taken(lock):
                if time.monotonic() >= deadline:
                    raise LocalStackError(f"a stack runs already in {self.path}")
                time.sleep(_TRY_EVERY)
            yield

    def is_running(self) -> bool:
        if not self._lock.exists():
            return False
        try:
            with self.locked():
                return False
        except LocalStackError:
            return True


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
