"""A picture that a user gave, opened with care: no bombs, upright, in sRGB, opaque."""

import io
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageFilter, ImageOps

from services.generator.generators.pixels import Floats
from services.generator.generators.video.camera import ROOM
from services.generator.generators.video.planes import Size
from shared.errors import InvalidInputError

MOST_PIXELS: Final = 50_000_000
KINDS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_LONGEST: Final = 1.6  # frames of a picture that are kept along its longer side, to pan over
_REDUCIBLE: Final = {"RGB", "RGBA", "L", "LA", "CMYK"}
_INSET: Final = 0.88  # of the frame that a contained picture takes, so that no zoom cuts it


def opened(path: Path, name: str, ground: str, frame: Size) -> Image.Image:
    """The picture at `path` as RGB on `ground`. `name` is its field, for the errors.

    Of what is far larger than it will be shown in `frame`, a reduction. Its size is looked at
    before it is decoded. Raises `InvalidInputError`.
    """
    try:
        with _header_read(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            return _flat(_in_srgb(ImageOps.exif_transpose(_reduced(picture, frame))), ground)
    except Image.DecompressionBombError as error:
        raise InvalidInputError(
            f"{name}: the picture has more than {MOST_PIXELS:,} pixels: make it smaller first"
        ) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise InvalidInputError(
            f"{name}: cannot be read as a picture: use a {', '.join(KINDS)} file that is whole"
        ) from error


def _header_read(path: Path) -> Image.Image:
    with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
        return Image.open(path, formats=KINDS)


def _reduced(picture: Image.Image, frame: Size) -> Image.Image:
    """Decoded at a size that still covers the frame, whichever way up it is."""
    least = round(ROOM * max(frame))
    picture.draft("RGB", (least, least))
    picture.load()
    times = min(picture.size) // least
    if times < 2 or picture.mode not in _REDUCIBLE:
        return picture
    smaller = picture.reduce(times)
    smaller.info = picture.info  # with its profile, and which way up it is
    return smaller


def _in_srgb(picture: Image.Image) -> Image.Image:
    """With its colours as sRGB, where it says that they are others, as cameras and phones do."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA", "CMYK"}:
        return picture
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, srgb, outputMode=target)
    except (ImageCms.PyCMSError, OSError):
        return picture
    return converted or picture


def _flat(picture: Image.Image, ground: str) -> Image.Image:
    if picture.mode == "I;16":
        picture = picture.point(lambda level: level / 257, "L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    flat = Image.new("RGBA", clear.size, ground)
    flat.alpha_composite(clear)
    return flat.convert("RGB")


def covering(picture: Image.Image, frame: Size) -> Floats:
    """The picture so large that it fills `ROOM` times the frame; (height, width, 3), 0-255.

    What is much longer than the frame on one side keeps some of that, for pans.
    """
    width, height = picture.size
    scale = max(frame[0] * ROOM / width, frame[1] * ROOM / height)
    size = (
        _even(min(frame[0] * _LONGEST, width * scale)),
        _even(min(frame[1] * _LONGEST, height * scale)),
    )
    return np.asarray(ImageOps.fit(picture, size, Image.Resampling.LANCZOS), dtype=np.float32)


def contained(picture: Image.Image, frame: Size, ground: str) -> Floats:
    """The whole picture, on a blurred and dimmed enlargement of itself; (height, width, 3)."""
    size = (_even(frame[0] * ROOM), _even(frame[1] * ROOM))
    small = ImageOps.fit(picture, (size[0] // 8, size[1] // 8), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(min(small.size) / 14))
    backdrop = Image.blend(soft, Image.new("RGB", soft.size, ground), 0.45)
    whole = backdrop.resize(size, Image.Resampling.BICUBIC)
    room = (round(frame[0] * _INSET), round(frame[1] * _INSET))
    inner = ImageOps.contain(picture, room, Image.Resampling.LANCZOS)
    left, top = (size[0] - inner.width) // 2, (size[1] - inner.height) // 2
    whole.paste(inner, (left, top))
    return np.asarray(whole, dtype=np.float32)


def _even(pixels: float) -> int:
    return 2 * round(pixels / 2)
