"""libvips, with only what is needed switched on, and each kind of picture by its own loader."""

import os
from functools import cache
from typing import Any, Final

from services.generator.derivation.opening import UndecodableError, check_pixels

_LOADERS: Final = {
    "image/png": "pngload",
    "image/jpeg": "jpegload",
    "image/gif": "gifload",
    "image/webp": "webpload",
    "image/avif": "heifload",
    "image/tiff": "tiffload",
}
_PAGED: Final = frozenset({"gifload", "webpload", "heifload", "tiffload"})
_SETTINGS: Final = {"VIPS_CONCURRENCY": "1", "VIPS_DISC_THRESHOLD": "2g", "VIPS_WARNING": "0"}


@cache
def library() -> Any:
    """The module `pyvips`: one thread, nothing cached, no loaders of formats that run programs."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    import pyvips  # noqa: PLC0415 - slow to import, and an extra

    pyvips.block_untrusted_set(True)
    pyvips.cache_set_max(0)
    return pyvips


def loaded(path: str, media_type: str, *, page: int = 1, shrink: int = 1) -> Any:
    """The picture, of which only the header has been read; `shrink` (1, 2, 4, 8) halves a JPEG.

    Raises `UndecodableError`.
    """
    vips, loader = library(), _LOADERS[media_type]
    options: dict[str, Any] = {"fail_on": "truncated"}
    if loader in _PAGED:
        options["page"] = page - 1
    elif page > 1:
        raise UndecodableError(f"has 1 page, and no page {page}")
    if loader == "jpegload":
        options["shrink"] = shrink
    try:
        picture = getattr(vips.Image, loader)(path, **options)
    except vips.Error as error:
        if page > 1:
            raise UndecodableError(f"has no page {page}") from error
        raise UndecodableError("has a header that cannot be read") from error
    check_pixels(picture.width, picture.height)
    return picture


def from_pixels(picture: Any) -> Any:
    """A Pillow picture, for libvips."""
    vips = library()
    return vips.Image.new_from_array(picture).copy(interpretation="srgb")
