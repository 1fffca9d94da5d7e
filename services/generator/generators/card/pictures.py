"""Pictures that a card is given: assets of people, so read with care.

The size is taken from the header before anything is decoded; what cannot be read is said in words.
"""

import io
from contextlib import suppress
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps

from shared.errors import InvalidInputError
from shared.generators import InputFile

MOST_PIXELS: Final = 50_000_000
_KINDS: Final = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF", "BMP")
_UNREADABLE: Final = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)
_ABOVE_MIDDLE: Final = (0.5, 0.42)  # what matters in a photo is rather above its middle


def covering(file: InputFile, field: str, width: int, height: int) -> Image.Image:
    """The picture cut to `width` x `height` around its middle, as RGB; transparent is white.

    Raises `InvalidInputError`, naming `field`.
    """
    picture = _opened(file, field, (width, height))
    plain = Image.new("RGB", picture.size, "white")
    plain.paste(picture, mask=picture.getchannel("A"))
    return ImageOps.fit(plain, (width, height), Image.Resampling.LANCZOS, centering=_ABOVE_MIDDLE)


def within(file: InputFile, field: str, width: int, height: int) -> Image.Image:
    """The whole picture as RGBA, no larger than `width` x `height`. Raises as `covering` does."""
    picture = _opened(file, field, (width, height))
    picture = picture.crop(picture.getchannel("A").getbbox() or (0, 0, *picture.size))
    picture.thumbnail((width, height), Image.Resampling.LANCZOS)
    return picture


def png(picture: Image.Image) -> list[int]:
    """As Typst takes it from JSON: the bytes of a PNG, as numbers."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return list(buffer.getvalue())


def _opened(file: InputFile, field: str, wanted: tuple[int, int]) -> Image.Image:
    """Upright, in sRGB, as RGBA; a JPEG much larger than `wanted` is decoded at a fraction."""
    try:
        with Image.open(file.path, formats=_KINDS) as picture:
            _refuse_huge(picture, field)
            picture.draft("RGB", (wanted[0] * 2, wanted[1] * 2))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return _in_srgb(_eight_bits(upright)).convert("RGBA")
    except _UNREADABLE as error:
        raise InvalidInputError(
            f"{field}: this asset ({file.media_type}) cannot be read as a picture: {error}; "
            "give a PNG, JPEG, WebP, GIF, TIFF or AVIF"
        ) from None


def _refuse_huge(picture: Image.Image, field: str) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise InvalidInputError(
            f"{field}: {width} x {height} is too large: "
            f"a picture may have {MOST_PIXELS // 1_000_000} megapixels at most"
        )


def _eight_bits(picture: Image.Image) -> Image.Image:
    if not picture.mode.startswith(("I", "F")):
        return picture
    values = np.asarray(picture, dtype=np.float32)
    most = 65535.0 if picture.mode.startswith("I") else max(float(values.max()), 1.0)
    return Image.fromarray(np.clip(values * (255 / most), 0, 255).astype(np.uint8))


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The colours as they are meant, where the file says so in a way that can be understood."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    with suppress(ImageCms.PyCMSError, OSError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        meant = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
        return meant or picture
    return picture
