"""The operation `placeholder`: everything that a page can show of a picture before it has it."""

import base64
import json
from io import BytesIO
from time import perf_counter
from typing import Any, Final

import numpy as np
from PIL import Image

from services.generator.derivation import films, opening, pages
from services.generator.derivation.placeholders import placeholder
from services.generator.derivation.visuals import FILMS, PDF
from services.generator.generators.rendition.inputs import RenditionInput
from services.generator.generators.rendition.sources import Source
from shared.generators import AssetFile, GeneratorContext

_LONGEST: Final = 256
_TINY: Final = 20
_COLORS: Final = 6
_LEAST_SHARE: Final = 0.02


async def placeholders(
    asked: RenditionInput, source: Source, context: GeneratorContext
) -> list[AssetFile]:
    """One JSON document."""
    begun = perf_counter()
    await context.progress(10, "Decoding")
    picture, width, height = _seen(source, asked)
    described = {
        "width": width,
        "height": height,
        "aspect_ratio": round(width / height, 4),
        "thumbhash": placeholder(picture),
        "data_url": _tiny(picture),
        "colors": _colors(picture),
    }
    path = context.scratch / "placeholder.json"
    path.write_text(json.dumps(described, indent=2) + "\n")
    stages = {"looking": round(perf_counter() - begun, 4)}
    provenance = {"source": source.file.sha256, "stages": stages}
    return [AssetFile(path, filename=path.name, provenance=provenance)]


def _seen(source: Source, asked: RenditionInput) -> tuple[Image.Image, int, int]:
    """A small picture, and the size of the original as it is shown."""
    path, kind = source.file.path, source.media_type
    if kind in FILMS:
        still = (
            films.best_still(path, kind, _LONGEST)
            if asked.at is None
            else films.still_at(path, kind, asked.at, _LONGEST)
        )
        return still, source.measures.width or still.width, source.measures.height or still.height
    if kind == PDF:
        page = pages.page_picture(path, asked.page, longest=_LONGEST)
        return page, page.width, page.height
    with opening.opened(path, kind) as picture:
        if asked.page > 1:
            _turn_to(picture, asked.page)
        width, height = picture.size
        small = opening.reduced(picture, _LONGEST)
    lying, was_lying = small.width > small.height, width > height
    return (small, width, height) if lying == was_lying else (small, height, width)


def _turn_to(picture: Image.Image, page: int) -> None:
    try:
        picture.seek(page - 1)
    except EOFError as error:
        raise opening.UndecodableError(f"has no page {page}") from error


def _tiny(picture: Image.Image) -> str:
    small = picture.copy()
    small.thumbnail((_TINY, _TINY), Image.Resampling.BOX)
    made = BytesIO()
    small.save(made, format="WEBP", quality=40, method=6)
    return "data:image/webp;base64," + base64.b64encode(made.getvalue()).decode()


def _colors(picture: Image.Image) -> list[dict[str, Any]]:
    """The colours that it mostly consists of, by median cut, the largest first."""
    small = picture.convert("RGBA")
    small.thumbnail((96, 96), Image.Resampling.BOX)
    pixels = np.asarray(small).reshape(-1, 4)
    seen = pixels[pixels[:, 3] >= 128][:, :3]
    if not len(seen):
        return []
    strip = Image.fromarray(seen.reshape(1, -1, 3)).quantize(_COLORS, Image.Quantize.MEDIANCUT)
    table = np.asarray(strip.getpalette()).reshape(-1, 3)
    counts = np.bincount(np.asarray(strip).ravel(), minlength=len(table)) / strip.width
    found = [
        {"color": "#{:02x}{:02x}{:02x}".format(*table[index]), "share": round(share, 3)}
        for index, share in enumerate(counts.tolist())
        if share >= _LEAST_SHARE
    ]
    return sorted(found, key=lambda one: (-float(one["share"]), str(one["color"])))
