"""Which results can be seen: told by their bytes, as cheaply as possible, before anything else."""

from collections.abc import Iterable
from typing import Final

from shared.generators import AssetFile
from shared.media import sniff, sniff_bytes

PICTURES: Final = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/tiff": "TIFF",
}
"""Media types that are decoded, as Pillow calls them; vector graphics are not: too powerful."""

FILMS: Final = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/webm": "matroska",
    "video/matroska": "matroska",
}
"""Media types of films, and the demuxer for each."""

PDF: Final = "application/pdf"
_VISUAL: Final = frozenset((*PICTURES, *FILMS, PDF))
_LETTERS: Final = frozenset(
    b"\t\n\r !\"#$&'()*+,-./0123456789:;<=>?@[]_`abcdefghijklmnopqrstuvwxyz{|}~"
)
"""What texts begin with, and no kind of picture, film or PDF does."""


def any_visual(files: Iterable[AssetFile]) -> bool:
    """Whether there is anything to see; answered in no time for the small texts that many are."""
    for file in files:
        if file.picture is not None:
            return True
        content = file.content
        if content and content[0] in _LETTERS:
            continue
        if media_type_of(file) in _VISUAL:
            return True
    return False


def media_type_of(file: AssetFile) -> str:
    """Told by its bytes; `""` of a file that is not there, which is for the intake to say."""
    if file.content is not None:
        return sniff_bytes(file.content, file.path.name)
    try:
        return sniff(file.path)
    except OSError:
        return ""
