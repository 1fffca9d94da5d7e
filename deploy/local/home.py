"""The folder of one local stack (`.darkroom`), and the lock that says whether it runs.

The supervisor holds the lock for as long as it lives; the kernel releases it however that ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import LocalStackError
from deploy.local.process_record import ProcessRecord


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

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock; raises at once when another supervisor holds it."""
        with self._lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalStackError(f"a stack runs already in {self.path}") from None
            yield

    def is_running(self) -> bool:
        if not self._lock.exists():
            return False
        try:
            with self.locked():
                return False
        except LocalStackError:
            return True
