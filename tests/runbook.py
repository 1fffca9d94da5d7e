"""The commands that docs/runbook.md tells one to type."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RUNBOOK = Path(__file__).parents[1] / "docs/runbook.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PSQL = re.compile(
    r'psql "\$DARKROOM_(?P<service>\w+)_DATABASE_URL"[^\n]*?'
    r"""(?:-c\s"(?P<short>[^"]*)"|<<'SQL'\n(?P<long>.*?)\nSQL)""",
    re.DOTALL,
)
_INLINE = re.compile(r"`(darkroom [a-z][^`]*)`")


@dataclass(frozen=True)
class Query:
    """SQL for the database of one service."""

    service: str
    sql: str

    @property
    def says_again(self) -> bool:
        """It writes what was said before into the outbox."""
        return self.sql.startswith("INSERT INTO outbox")


def queries() -> Iterator[Query]:
    """Every statement for psql."""
    for block in _BLOCK.findall(RUNBOOK.read_text()):
        for found in _PSQL.finditer(block):
            yield Query(found["service"].lower(), found["short"] or found["long"])


def darkroom_commands() -> Iterator[list[str]]:
    """The words of every `darkroom …`, in blocks and in sentences."""
    text = RUNBOOK.read_text()
    in_blocks = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
    for line in [*in_blocks, *_INLINE.findall(_BLOCK.sub("", text))]:
        command = line.partition(" #")[0].partition(" | ")[0]
        if command.startswith("darkroom "):
            yield shlex.split(command)[1:]
