"""Bytes to disk: verified while they arrive, and in place only when they are right."""

import hashlib
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from shared.client.errors import ContentMismatchError
from shared.client.transport import raise_for_problem, unavailable


class VerifiedFile:
    """A file that appears at `path` when its bytes hash to `sha256`, and not at all otherwise."""

    def __init__(self, path: Path, sha256: str) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
        self._expected = sha256
        self._digest = hashlib.sha256()

    def __enter__(self) -> Self:
        self._file = self._part.open("xb")
        return self

    def write(self, chunk: bytes) -> None:
        """The next bytes."""
        self._digest.update(chunk)
        self._file.write(chunk)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        actual = self._digest.hexdigest()
        if kind is None and actual == self._expected:
            self._part.replace(self._path)
            return
        self._part.unlink(missing_ok=True)
        if kind is None:
            raise ContentMismatchError(expected=self._expected, actual=actual)


async def download_asset(http: httpx.AsyncClient, url: str, path: Path, *, sha256: str) -> Path:
    """Write what is at `url` to `path`. Raises `ContentMismatchError`, and leaves nothing then."""
    try:
        async with http.stream("GET", url, follow_redirects=True) as response:
            if not response.is_success:
                await response.aread()
                raise_for_problem(response)
            with VerifiedFile(path, sha256) as file:
                async for chunk in response.aiter_bytes():
                    file.write(chunk)
    except httpx.TransportError as error:
        raise unavailable(http, error) from error
    return path
