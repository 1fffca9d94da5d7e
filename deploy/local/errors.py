"""What can keep a local stack from starting; every message says what a person can do about it."""

from pathlib import Path

from shared.errors import PermanentError


class LocalStackError(PermanentError):
    """The local stack could not do what was asked."""

    code = "local_stack"
    title = "The local stack could not do what was asked"


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log file, for an error message; empty when there is none."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
