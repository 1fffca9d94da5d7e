"""A stranger's file, of which only so much is read: whoever walks through it ends in time.

A header can say that there are ten million parts of four bytes each, and a parser in Python would
keep an event loop waiting for them for a minute.
"""

import os
from typing import BinaryIO, Final

READS: Final = 20_000
BYTES: Final = 8 * 1024 * 1024


class TooMuchAskedError(ValueError):
    """A header that is no header: more of the file was asked for than measures are worth."""


class FrugalFile:
    """Reads from `file`, `reads` times and `bytes` in all at most, then raises."""

    def __init__(self, file: BinaryIO, reads: int = READS, most: int = BYTES) -> None:
        self._file = file
        self._reads = reads
        self._most = most

    @property
    def size(self) -> int:
        """Bytes of the whole file; what is read next stays the same."""
        here = self._file.tell()
        end = self._file.seek(0, os.SEEK_END)
        self._file.seek(here)
        return end

    def read(self, size: int = -1) -> bytes:
        """As a file does. Raises `TooMuchAskedError`."""
        self._reads -= 1
        if self._reads < 0 or size > self._most:
            raise TooMuchAskedError("this much is not read to measure a file")
        content = self._file.read(self._most if size < 0 else size)
        self._most -= len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._reads -= 1
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """Whoever opened the file closes it."""
