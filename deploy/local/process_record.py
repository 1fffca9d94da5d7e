"""Which processes a stack has started, on disk, so that a later one can clear away what was left.

A process id alone may belong to somebody else by now: it counts only with the moment it began.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from deploy.local.process import birth

_GONE_WITHIN = 10.0


class ProcessRecord:
    """A file of process ids and births by name."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, pids: Mapping[str, int]) -> None:
        """Replace the record; processes that are gone already are left out."""
        record = {name: [pid, born] for name, pid in pids.items() if (born := birth(pid))}
        temporary = self._path.with_suffix(".new")
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
        ) as out:
            json.dump(record, out)
        temporary.replace(self._path)

    def running(self) -> dict[str, psutil.Process]:
        """The recorded processes that still run, and are the same ones."""
        found = {}
        for name, (pid, born) in self._read().items():
            if birth(pid) == born:
                with suppress(psutil.NoSuchProcess):
                    found[name] = psutil.Process(pid)
        return found

    def sweep(self) -> list[str]:
        """End the recorded processes that still run, with all they started; the names of those."""
        left = {
            name: process for name, process in self.running().items() if process.pid != os.getpid()
        }
        for process in left.values():
            _kill_tree(process)
        self.remove()
        return list(left)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, tuple[int, str]]:
        try:
            record = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return {name: (int(pid), str(born)) for name, (pid, born) in record.items()}


def _kill_tree(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=_GONE_WITHIN)
