"""What kind of file it is, by its bytes: never by its name, unless it is text.

The kinds that the built-in generators make are told by their signatures; for others a database of
signatures (`puremagic`) is asked. Sources: the formats' specifications; WHATWG MIME Sniffing.
"""

import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Final

import puremagic

UNKNOWN: Final = "application/octet-stream"
_HEAD = 4096
_BOM = b"\xef\xbb\xbf"

_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"WEBVTT", "text/vtt"),
    (b"PK\x03\x04", "application/zip"),
)
_STARTS: Final = tuple(signature for signature, _ in _SIGNATURES)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_ISO_BRANDS: Final = {b"avif": "image/avif", b"M4A ": "audio/mp4", b"qt  ": "video/quicktime"}
_TEXTS: Final = frozenset({"text/csv", "text/markdown", "application/json", "application/x-subrip"})
_SUFFIXES: Final = {".srt": "application/x-subrip", ".md": "text/markdown"}


def sniff(path: Path) -> str:
    """The media type of the file, without parameters; `UNKNOWN` when nothing tells."""
    with path.open("rb") as file:
        return sniff_bytes(file.read(_HEAD), path.name)


def sniff_bytes(content: bytes, name: str) -> str:
    """The same for what is in memory and called `name`."""
    head = content[:_HEAD]
    return _by_signature(head) or _as_text(head, name) or _by_database(head)


def _by_signature(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _ISO_BRANDS.get(head[8:12], "video/mp4")
    plain = head.removeprefix(_BOM)
    if not plain.startswith(_STARTS):
        return None
    return next(media_type for start, media_type in _SIGNATURES if plain.startswith(start))


def _as_text(head: bytes, name: str) -> str | None:
    """Text has no signature: bytes that read as UTF-8 are text, and the name may say which."""
    if b"\0" in head:
        return None
    try:
        text = head.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return None
        text = head[: error.start].decode()
    start = text.lstrip()[:512].lower()
    if start.startswith("<svg") or (start.startswith("<?xml") and "<svg" in start):
        return "image/svg+xml"
    named = _type_of_suffix(name[name.rfind(".") :] if "." in name else "")
    return named if named in _TEXTS else "text/plain"


@lru_cache(maxsize=256)
def _type_of_suffix(suffix: str) -> str | None:
    return _SUFFIXES.get(suffix) or mimetypes.guess_type(f"a{suffix}")[0]


def _by_database(head: bytes) -> str:
    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN
    except (puremagic.PureError, ValueError):
        return UNKNOWN
