"""The operation `picture`: what can be seen of the source, upright and in sRGB, sized, saved."""

from time import perf_counter
from typing import Any, Final

from services.generator.derivation import films, pages
from services.generator.derivation.opening import UndecodableError
from services.generator.derivation.visuals import FILMS, PDF
from services.generator.generators.rendition.inputs import LONGEST_SIDE, RenditionInput
from services.generator.generators.rendition.resizing import finished, narrowed, sized
from services.generator.generators.rendition.rules import DEFAULT_FORMATS
from services.generator.generators.rendition.saving import save
from services.generator.generators.rendition.sources import Source
from services.generator.generators.rendition.vips import from_pixels, library, loaded
from shared.errors import InvalidInputError
from shared.generators import AssetFile, GeneratorContext, Role

_PAGE_SIDE: Final = 1600
_HALVINGS: Final = (8, 4, 2)
_UPRIGHT: Final = {90: "d90", 180: "d180", 270: "d270"}


async def pictures(
    asked: RenditionInput, source: Source, context: GeneratorContext
) -> list[AssetFile]:
    """One picture, or several of different widths, the widest first."""
    begun = perf_counter()
    await context.progress(5, "Decoding")
    picture = _composed(_seen(source, asked), asked)
    vips = library()
    try:
        picture = picture.copy_memory()
        decoded = perf_counter()
        stages = {"decoding": round(decoded - begun, 4)}
        return await _made(asked, picture, context, _provenance(source, picture, stages))
    except vips.Error as error:
        raise UndecodableError("is broken, or not whole") from error


async def _made(
    asked: RenditionInput, picture: Any, context: GeneratorContext, provenance: dict[str, Any]
) -> list[AssetFile]:
    kind = asked.format or DEFAULT_FORMATS["picture"]
    sizes = _widths(asked, picture.width)
    made: list[AssetFile] = []
    for number, width in enumerate(sizes):
        await context.progress(30 + 70 * number / len(sizes), "Resizing and encoding")
        begun = perf_counter()
        small = finished(narrowed(picture, width) if width else sized(picture, asked), asked)
        name = f"picture-{width}.{kind}" if width else f"picture.{kind}"
        path = context.scratch / name
        save(small, path, kind, asked)
        stages = {**provenance["stages"], "encoding": round(perf_counter() - begun, 4)}
        role = Role.VARIANT if made else Role.PRIMARY
        made.append(AssetFile(path, role, name, {**provenance, "stages": stages}))
    return made


def _widths(asked: RenditionInput, available: int) -> list[int]:
    """The widest first; `[0]`: one picture, sized otherwise."""
    if not asked.widths:
        return [0]
    return sorted({width for width in asked.widths if width <= available}, reverse=True) or [
        available
    ]


def _seen(source: Source, asked: RenditionInput) -> Any:
    path = source.file.path
    if source.media_type in FILMS:
        if asked.at is None:
            return from_pixels(films.best_still(path, source.media_type, LONGEST_SIDE))
        return from_pixels(films.still_at(path, source.media_type, asked.at))
    if source.media_type == PDF:
        width = asked.width or max(asked.widths, default=None)
        return from_pixels(
            pages.page_picture(
                path, asked.page, longest=_PAGE_SIDE, width=width, height=asked.height
            )
        )
    shrink = _halved(asked, source) if source.media_type == "image/jpeg" else 1
    picture = loaded(str(path), source.media_type, page=asked.page, shrink=shrink)
    return _in_srgb(picture.autorot())


def _halved(asked: RenditionInput, source: Source) -> int:
    """How far a JPEG may be made smaller while it is decoded, which is many times faster."""
    wanted = max(asked.width or 0, asked.height or 0, *asked.widths, 0)
    shortest = min(source.measures.width or 0, source.measures.height or 0)
    if asked.crop or not wanted:
        return 1
    return next((times for times in _HALVINGS if shortest >= 2 * wanted * times), 1)


def _in_srgb(picture: Any) -> Any:
    """Eight bits, sRGB, whatever it was; the profile has done its work then."""
    if picture.get_typeof("icc-profile-data"):
        cmyk = picture.interpretation == "cmyk"
        try:
            changed = picture.icc_transform(
                "srgb", embedded=True, input_profile="cmyk" if cmyk else "srgb", intent="relative"
            )
            return changed.copy_memory()
        except library().Error:  # a profile that fits nothing: as if there were none
            pass
    return picture.colourspace("srgb").cast("uchar")


def _composed(picture: Any, asked: RenditionInput) -> Any:
    """The part that was asked for, turned and mirrored."""
    if asked.crop:
        box = asked.crop
        if box.left + box.width > picture.width or box.top + box.height > picture.height:
            raise InvalidInputError(
                f"crop: reaches to {box.left + box.width} x {box.top + box.height}, "
                f"the picture has {picture.width} x {picture.height} pixels"
            )
        picture = picture.crop(box.left, box.top, box.width, box.height)
    if asked.rotate:
        picture = picture.rot(_UPRIGHT[asked.rotate])
    return picture.fliphor() if asked.mirror else picture


def _provenance(source: Source, picture: Any, stages: dict[str, float]) -> dict[str, Any]:
    version = ".".join(str(library().version(part)) for part in range(3))
    return {
        "source": source.file.sha256,
        "decoded": [picture.width, picture.height],
        "libvips": version,
        "stages": stages,
    }
