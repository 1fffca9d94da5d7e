"""What one can ask of the art generator. Imported to announce it: keep it light."""

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.generator.generators.sizes import Size

Style = Literal[
    "flow",
    "warp",
    "mesh",
    "attractor",
    "blocks",
    "bubbles",
    "contours",
    "dunes",
    "glass",
    "halftone",
    "labyrinth",
    "papercut",
    "ridges",
    "tiles",
]
PaletteName = Literal[
    "dusk",
    "ember",
    "lagoon",
    "moss",
    "aurora",
    "terracotta",
    "porcelain",
    "graphite",
    "sakura",
    "citrus",
    "neon",
    "glacier",
    "desert",
    "orchid",
    "bauhaus",
    "midnight",
]


SIZE: Final = Size(longest=5120, longest_short_side=2880)


class ArtInput(BaseModel):
    """A picture made by an algorithm from a seed; the same seed makes the same picture."""

    model_config = ConfigDict(extra="forbid", title="Art", json_schema_extra=SIZE.schema())

    style: Style = Field(
        default="flow",
        description=(
            "flow: ribbons along a field of directions; warp: folded silk and agate; "
            "mesh: colours that melt into each other; attractor: the trace of a chaotic orbit; "
            "blocks: isometric towers; bubbles: discs that touch; contours: a map of heights; "
            "dunes: hazy ranges under a sun or moon; glass: a leaded window; "
            "halftone: a printed sunset; labyrinth: bands as on fish and corals; "
            "papercut: layered sheets; ridges: line behind line; tiles: shapes in a grid."
        ),
        examples=["flow"],
    )
    palette: PaletteName = Field(
        default="dusk", description="The set of colours.", examples=["terracotta"]
    )
    width: int = Field(
        default=1600,
        ge=64,
        le=SIZE.longest,
        description="Width in pixels; the shorter side is at most 2880.",
        examples=[1600],
    )
    height: int = Field(
        default=900,
        ge=64,
        le=SIZE.longest,
        description="Height in pixels; the shorter side is at most 2880.",
        examples=[900],
    )
    detail: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="From a few large shapes (0) to many fine ones (1).",
        examples=[0.5],
    )
    format: Literal["png", "jpeg", "webp"] = Field(
        default="png",
        description="The kind of file: png loses nothing, jpeg and webp are smaller.",
        examples=["webp"],
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="Which picture it is; the job's own seed where it is not given.",
        examples=[7],
    )

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        SIZE.check(self.width, self.height)
        return self
