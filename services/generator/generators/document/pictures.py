"""Pictures that come into a document: checked, made small enough, and stripped of what is not seen.

They are decoded and written anew, so that what a file says beside its picture (a place, a name, a
trap) is not passed on.
"""

import io
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from shared.errors import InvalidInputError
from shared.generators import GeneratorContext

_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_MOST_PIXELS: Final = 50_000_000
_LONGEST: Final = 2400


class Pictures:
    """The pictures of one document, put beside its template."""

    def __init__(self, context: GeneratorContext, folder: Path) -> None:
        self._context = context
        self._folder = folder
        self._names: dict[str, str] = {}
        self.hashes: dict[str, str] = {}
        """SHA-256 of each asset, by its id."""

    def add(self, asset_id: str, field: str, tint: str = "") -> str:
        """The file's name for the template. Raises `InvalidInputError`, which names `field`.

        With `tint`, what is drawn on a transparent ground gets that colour.
        """
        if asset_id not in self._names:
            source = self._context.input_file(asset_id)
            self._names[asset_id] = self._kept(source.path, field, tint)
            self.hashes[asset_id] = source.sha256
        return self._names[asset_id]

    def add_bytes(self, body: bytes, suffix: str) -> str:
        """One of our own making."""
        name = f"picture-{len(list(self._folder.iterdir()))}.{suffix}"
        (self._folder / name).write_bytes(body)
        return name

    def _kept(self, path: Path, field: str, tint: str) -> str:
        try:
            with Image.open(path, formats=_FORMATS) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise InvalidInputError(
                        f"{field}: {picture.width} x {picture.height} pixels are too many, "
                        "50 million are allowed: upload a smaller picture"
                    )
                picture.draft("RGB", (_LONGEST, _LONGEST))
                return self._written(ImageOps.exif_transpose(picture), tint)
        except (
            UnidentifiedImageError,
            OSError,
            SyntaxError,
            Image.DecompressionBombError,
        ) as error:
            raise InvalidInputError(
                f"{field}: this is no picture that can be read: use a PNG, JPEG, WebP or GIF"
            ) from error

    def _written(self, picture: Image.Image, tint: str) -> str:
        clear = picture.has_transparency_data
        plain = picture.convert("RGBA" if clear else "RGB")
        plain.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
        body = io.BytesIO()
        if clear and tint:
            ink = Image.new("RGBA", plain.size, tint)
            ink.putalpha(plain.getchannel("A"))
            plain = ink
        if clear or picture.format in {"PNG", "GIF"}:
            plain.save(body, "PNG")
            return self.add_bytes(body.getvalue(), "png")
        plain.save(body, "JPEG", quality=90)
        return self.add_bytes(body.getvalue(), "jpg")
