"""What kind of file it is, by its bytes: never by its name, unless it is text.

The kinds that the built-in generators make are told by their signatures; for others a database of
signatures (`puremagic`) is asked. Sources: the formats' specifications; WHATWG MIME Sniffing.
"""

import mimetypes
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

UNKNOWN: Final = "application/octet-stream"
_HEAD = 4096
_BOM = b"\xef\xbb\xbf"

_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"MThd\0\0\0\x06", "audio/midi"),
    (b"WEBVTT", "text/vtt"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
)
_STARTS: Final = tuple(signature for signature, _ in _SIGNATURES)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/avi"}
_FORM: Final = {b"AIFF": "audio/aiff", b"AIFC": "audio/aiff"}
_CONTAINERS: Final[dict[bytes, Callable[[bytes], str | None]]] = {
    b"RIFF": lambda head: _RIFF.get(head[8:12]),
    b"FORM": lambda head: _FORM.get(head[8:12]),
    b"OggS": lambda head: "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg",
    b"\x1aE\xdf\xa3": lambda head: "video/matroska" if b"matroska" in head[:64] else "video/webm",
}
_BRANDS: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
    b"3gp6": "video/3gpp",
}
_FRAME_SYNC: Final = 0xFFE0
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
    start = head[:4]
    if start in _CONTAINERS:
        return _CONTAINERS[start](head)
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    plain = head.removeprefix(_BOM)
    if plain.startswith(_STARTS):
        return next(media_type for start, media_type in _SIGNATURES if plain.startswith(start))
    return _by_frame(head) if start[:1] == b"\xff" else None


def _by_brand(head: bytes) -> str:
    """What the file is foremost; a still picture in a general frame says what it is further on."""
    size = int.from_bytes(head[:4], "big")
    others = [head[place : place + 4] for place in range(16, min(size, 256), 4)]
    foremost = _BRANDS.get(head[8:12], "video/mp4")
    if foremost == "image/heif":
        known = (_BRANDS.get(brand) for brand in others)
        return next((kind for kind in known if kind in {"image/avif", "image/heic"}), foremost)
    return foremost


def _by_frame(head: bytes) -> str | None:
    """MPEG audio without a tag before it: eleven bits of one, then numbers that may be there."""
    sync, rates = int.from_bytes(head[:2], "big"), head[2] if len(head) > 2 else 0xFF
    version, layer = sync >> 3 & 3, sync >> 1 & 3
    if sync & _FRAME_SYNC != _FRAME_SYNC or version == 1 or layer == 3:
        return None  # layer I, which nobody uses, would begin like text in UTF-16
    if layer == 0:
        return "audio/aac" if version >= 2 and rates >> 2 & 15 < 13 else None
    return "audio/mpeg" if 0 < rates >> 4 < 15 and rates >> 2 & 3 != 3 else None


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
    import puremagic  # noqa: PLC0415 - see __init__

    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN
    except (puremagic.PureError, ValueError):
        return UNKNOWN
