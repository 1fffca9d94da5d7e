"""Pictures of strangers, opened with care: the header first, then no more pixels than allowed."""

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, ImageCms, ImageOps

from services.generator.derivation.visuals import PICTURES
from shared.media import measure

MOST_PIXELS: Final = 50_000_000
"""Pixels of a picture that is decoded at all; more are refused by what the header says."""


class UndecodableError(ValueError):
    """Why something cannot be shown, in words that go on from its name: "is encrypted"."""


def opened(source: Path | BinaryIO, media_type: str) -> Image.Image:
    """The picture, of which only the header has been read. Raises `UndecodableError`."""
    header = measure(source, media_type)
    check_pixels(header.width or 0, header.height or 0)
    if not isinstance(source, Path):
        source.seek(0)
    try:
        picture = Image.open(source, formats=(PICTURES[media_type],))
    except Exception as error:
        raise UndecodableError("has a header that cannot be read") from error
    check_pixels(*picture.size)
    return picture


def check_pixels(width: int, height: int) -> None:
    """Raises `UndecodableError` for what is too large to be decoded."""
    if width * height > MOST_PIXELS:
        raise UndecodableError(
            f"has {width} x {height} pixels: "
            f"{MOST_PIXELS // 1_000_000} megapixels are decoded at most"
        )


def reduced(picture: Image.Image, longest: int) -> Image.Image:
    """Its first frame as RGB or RGBA in sRGB, upright, no side longer than `longest` pixels.

    Raises `UndecodableError` for what is broken, or cut off.
    """
    profile = picture.info.get("icc_profile")
    try:
        picture.draft("RGB", (2 * longest, 2 * longest))
        plain = _without_palette(picture)
        plain.thumbnail((longest, longest), Image.Resampling.HAMMING, reducing_gap=2.0)
        upright = ImageOps.exif_transpose(plain)
    except Exception as error:
        raise UndecodableError("is broken, or not whole") from error
    return _in_srgb(upright, profile)


def _without_palette(picture: Image.Image) -> Image.Image:
    """Something that can be made smaller smoothly."""
    picture.load()
    if picture.mode.startswith(("I", "F")):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if "transparency" in picture.info or picture.mode == "PA":
        return picture.convert("RGBA")
    simple = {"P": "RGB", "1": "L"}.get(picture.mode)
    return picture.convert(simple) if simple else picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    clear = picture.mode in {"RGBA", "LA", "La", "RGBa"}
    if profile and picture.mode in {"RGB", "RGBA", "CMYK", "L"}:
        with suppress(ImageCms.PyCMSError, OSError):
            picture = _converted(picture, profile)
    return picture.convert("RGBA" if clear else "RGB")


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    source: Any = ImageCms.ImageCmsProfile(BytesIO(profile))
    mode: Any = picture.mode if picture.mode == "RGBA" else "RGB"
    changed = ImageCms.profileToProfile(
        picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
    )
    return picture if changed is None else changed
