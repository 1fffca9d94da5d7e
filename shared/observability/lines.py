"""Where log lines go: those of one turn of the event loop leave in one write.

A write costs more than the line it carries. Whoever ends without a word (SIGKILL) takes the lines
of its last turn along, but for warnings and errors: these leave at once, and all before them.
"""

import asyncio
import atexit
import threading
from typing import TextIO


class LineLogger:
    """What structlog hands its lines to, one for a process (`logger_factory`)."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._lock = threading.Lock()
        self._leaves_with: asyncio.AbstractEventLoop | None = None
        atexit.register(self.flush)

    def info(self, line: str) -> None:
        """It leaves with this turn of the loop; at once where none runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.error(line)
            return
        self._lines.append(line)
        if self._leaves_with is not loop:
            self._leaves_with = loop
            loop.call_soon(self.flush)

    def error(self, line: str) -> None:
        """It leaves at once, after those before it."""
        self._lines.append(line)
        self.flush()

    def flush(self) -> None:
        """Let leave what waits."""
        with self._lock:
            self._leaves_with = None
            if lines := self._lines[:]:
                del self._lines[: len(lines)]  # others may have added to it
                self._stream.write("\n".join([*lines, ""]))
                self._stream.flush()

    debug = log = msg = info
    warn = warning = fatal = failure = err = critical = exception = error
