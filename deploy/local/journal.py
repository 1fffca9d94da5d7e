"""What the supervisor tells: its log, always; whoever started it, until the stack is ready."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

READY = "ready"
ERROR = "error: "


class Journal:
    """One line for each thing that happens to the stack."""

    def __init__(self, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("a", buffering=1)
        self._audience = True

    def say(self, line: str) -> None:
        self._log.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {line}\n")
        if self._audience:
            self._tell(line)

    def ready(self) -> None:
        """The last thing the audience hears."""
        self.say(READY)
        self._audience = False
        with suppress(OSError):
            os.close(sys.stdout.fileno())

    def fail(self, message: str) -> None:
        self.say(ERROR + message)

    def _tell(self, line: str) -> None:
        try:
            os.write(sys.stdout.fileno(), f"{line}\n".encode())
        except OSError:  # nobody listens any more
            self._audience = False
