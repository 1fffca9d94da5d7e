"""A colour, as a picture of that colour: given, or taken from a picture that somebody has."""

import time
from pathlib import Path
from typing import Any, ClassVar, Self

from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.errors import InvalidInputError
from shared.generators import AssetFile, AssetId, Generator, GeneratorContext, Limits


class SwatchInput(BaseModel):
    """Which colour, and how large."""

    model_config = ConfigDict(extra="forbid")

    colour: str | None = Field(
        default=None,
        pattern="^#[0-9a-f]{6}$",
        max_length=7,
        description="A hex colour.",
        examples=["#e4572e"],
    )
    source: AssetId | None = Field(
        default=None,
        description="A picture whose average colour it shall be.",
        examples=["019ab7f0-0000-7000-8000-000000000001"],
    )
    side: int = Field(default=256, ge=1, le=2048, description="Pixels.", examples=[256])

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.colour is None) == (self.source is None):
            raise ValueError("give either `colour` or `source`")
        return self


class SwatchGenerator(Generator[SwatchInput]):
    """Fills a square."""

    name: ClassVar[str] = "swatch"
    version: ClassVar[str] = "1.1.0"
    description: ClassVar[str] = "A square of one colour, given or taken from a picture."
    input_model: ClassVar[type[SwatchInput]] = SwatchInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png",)
    example: ClassVar[dict[str, Any]] = {"colour": "#e4572e"}
    limits: ClassVar[Limits] = Limits(resident_bytes=512 * 1024**2)

    async def generate(self, input: SwatchInput, context: GeneratorContext) -> list[AssetFile]:
        begun = time.perf_counter()
        colour = input.colour
        if input.source is not None:
            await context.progress(10, "Looking at the picture")
            colour = average_colour(context.input_file(input.source).path)
        looked = time.perf_counter()
        await context.progress(60, "Painting")
        path = context.scratch / "swatch.png"
        Image.new("RGB", (input.side, input.side), colour).save(path)
        stages = {"look": looked - begun, "paint": time.perf_counter() - looked}
        told = {"colour": colour, "stages": stages}
        return [AssetFile(path, filename=f"{str(colour)[1:]}.png", provenance=told)]


def average_colour(path: Path) -> str:
    """The average of all pixels, as a hex colour. Raises `InvalidInputError`."""
    try:
        with Image.open(path) as picture:
            pixel = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInputError("`source` is no picture that can be read") from error
    return f"#{pixel.hex()}"
