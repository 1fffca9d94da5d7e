"""Sending a file as it is read from the disk; it can be sent again from its beginning."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

_CHUNK = 256 * 1024


class FileBody:
    """The body of a request: a file, never more than a chunk of it in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def size(self) -> int:
        """Bytes."""
        return self._path.stat().st_size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk
