"""The hash of a file, without holding up the event loop for a large one."""

import asyncio
import hashlib
from pathlib import Path

_AT_ONCE = 64 * 1024
"""Bytes below which hashing costs less than going to a thread and back."""


async def sha256_of(path: Path) -> tuple[str, int]:
    """The file's SHA-256 in lower-case hex, and its size in bytes."""
    if _is_small(path):
        return _digest(path)
    return await asyncio.to_thread(_digest, path)


def _is_small(path: Path) -> bool:
    return path.stat().st_size <= _AT_ONCE


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return digest.hexdigest(), file.tell()
