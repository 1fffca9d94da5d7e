"""Messages between worker and child: four bytes of length, then JSON.

Worker to child: `{"run": {…}}`, then perhaps `{"stop": true}`; end of file means: go. Child to
worker: `{"ready": {…}}` once, then for each run any number of `{"progress": {…}}` and one
`{"made": […]}` or `{"failed": {…}}`, with a `"bill"` where anything is charged. Where what was made
says that there is `"more"`, the same files follow with what was made of them: `{"derived": […]}`.
"""

import asyncio
import json
import struct
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from typing import Any

from shared.generators.inputs import InputFile

_LENGTH = struct.Struct(">I")
LARGEST = 16 * 1024 * 1024
"""Bytes of a message; a child that sends more is broken."""


def pack(message: dict[str, Any]) -> bytes:
    """The message as it travels."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def receive(source: FileIO) -> dict[str, Any] | None:
    """The next message, for the child, which may wait; None at the end.

    Reads not a byte more: what comes next may have to be waited for in another way.
    """
    header = _exactly(source, _LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    message: dict[str, Any] = json.loads(_exactly(source, _LENGTH.unpack(header)[0]))
    return message


def _exactly(source: FileIO, count: int) -> bytes:
    """So many bytes, or fewer where they end."""
    read = b""
    while len(read) < count and (chunk := source.read(count - len(read))):
        read += chunk
    return read


class Incoming:
    """The messages of a child, for the worker. A wait that is canceled loses none of them."""

    def __init__(self, source: asyncio.StreamReader) -> None:
        self._source = source
        self._length: int | None = None

    async def receive(self) -> dict[str, Any]:
        """The next one. Raises `asyncio.IncompleteReadError` at the end."""
        if self._length is None:
            (length,) = _LENGTH.unpack(await self._source.readexactly(_LENGTH.size))
            if length > LARGEST:
                raise ValueError(f"a message of {length} bytes")
            self._length = length
        body = await self._source.readexactly(self._length)
        self._length = None
        message = json.loads(body)
        if not isinstance(message, dict):
            raise ValueError("a message that is no object")
        return message


def input_as_dict(file: InputFile) -> dict[str, Any]:
    """A file that the input names, as part of a message."""
    return {**asdict(file), "path": str(file.path)}


def input_from_dict(sent: dict[str, Any]) -> InputFile:
    """What `input_as_dict` made."""
    return InputFile(**{**sent, "path": Path(sent["path"])})
