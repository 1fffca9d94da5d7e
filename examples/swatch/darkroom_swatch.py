"""A colour, as a picture of that colour."""

from typing import Any, ClassVar

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from shared.generators import AssetFile, Generator, GeneratorContext


class SwatchInput(BaseModel):
    """Which colour, and how large."""

    model_config = ConfigDict(extra="forbid")

    colour: str = Field(
        pattern="^#[0-9a-f]{6}$", max_length=7, description="A hex colour.", examples=["#e4572e"]
    )
    side: int = Field(default=256, ge=1, le=2048, description="Pixels.", examples=[256])


class SwatchGenerator(Generator[SwatchInput]):
    """Fills a square."""

    name: ClassVar[str] = "swatch"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "A square of one colour."
    input_model: ClassVar[type[SwatchInput]] = SwatchInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png",)
    example: ClassVar[dict[str, Any]] = {"colour": "#e4572e"}

    async def generate(self, input: SwatchInput, context: GeneratorContext) -> list[AssetFile]:
        path = context.scratch / "swatch.png"
        Image.new("RGB", (input.side, input.side), input.colour).save(path)
        return [AssetFile(path, filename=f"{input.colour[1:]}.png")]
