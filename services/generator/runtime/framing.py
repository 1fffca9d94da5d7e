"""Messages between worker and child: four bytes of length, then JSON.

Worker to child: `{"run": {…}}`; end of file means: go. Child to worker: `{"ready": {…}}` once,
then for each run any number of `{"progress": {…}}` and one `{"made": […]}` or `{"failed": {…}}`,
with a `"bill"` where anything is charged.
"""

import asyncio
import json
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from shared.generators.inputs import InputFile

_LENGTH = struct.Struct(">I")
LARGEST = 16 * 1024 * 1024
"""Bytes of a message; a child that sends more is broken."""


def pack(message: dict[str, Any]) -> bytes:
    """The message as it travels."""
    body = json.dumps(message, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def receive(source: BinaryIO) -> dict[str, Any] | None:
    """The next message, for the child, which may wait; None at the end."""
    header = source.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    body = source.read(_LENGTH.unpack(header)[0])
    message: dict[str, Any] = json.loads(body)
    return message


async def receive_async(source: asyncio.StreamReader) -> dict[str, Any]:
    """The next message, for the worker. Raises `asyncio.IncompleteReadError` at the end."""
    (length,) = _LENGTH.unpack(await source.readexactly(_LENGTH.size))
    if length > LARGEST:
        raise ValueError(f"a message of {length} bytes")
    message = json.loads(await source.readexactly(length))
    if not isinstance(message, dict):
        raise ValueError("a message that is no object")
    return message


def input_as_dict(file: InputFile) -> dict[str, Any]:
    """A file that the input names, as part of a message."""
    return {**asdict(file), "path": str(file.path)}


def input_from_dict(sent: dict[str, Any]) -> InputFile:
    """What `input_as_dict` made."""
    return InputFile(**{**sent, "path": Path(sent["path"])})
