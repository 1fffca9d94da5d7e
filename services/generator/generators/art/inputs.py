"""What one can ask of the art generator. Imported to announce it: keep it light."""

from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LONGEST_SIDE: Final = 4096
LONGEST_SHORT_SIDE: Final = 2160

# Width x height is bounded by bounding the shorter side; as JSON Schema, so that who validates by
# the schema alone refuses the same pictures.
_SHORT_SIDE: Final[dict[str, Any]] = {
    "if": {
        "properties": {"width": {"type": "integer", "exclusiveMinimum": LONGEST_SHORT_SIDE}},
        "required": ["width"],
    },
    "then": {"properties": {"height": {"maximum": LONGEST_SHORT_SIDE}}},
}


class ArtInput(BaseModel):
    """A picture made by an algorithm from a seed; the same seed makes the same picture."""

    model_config = ConfigDict(extra="forbid", title="Art", json_schema_extra=_SHORT_SIDE)

    style: Literal["flow", "warp", "mesh"] = Field(
        default="flow",
        description=(
            "flow: ribbons along a field of directions; warp: folded silk and agate; "
            "mesh: colours that melt into each other."
        ),
        examples=["flow"],
    )
    palette: Literal[
        "dusk", "ember", "lagoon", "moss", "aurora", "terracotta", "porcelain", "graphite"
    ] = Field(default="dusk", description="The set of colours.", examples=["terracotta"])
    width: int = Field(
        default=1600,
        ge=64,
        le=LONGEST_SIDE,
        description="Width in pixels; the shorter side is at most 2160.",
        examples=[1600],
    )
    height: int = Field(
        default=900,
        ge=64,
        le=LONGEST_SIDE,
        description="Height in pixels; the shorter side is at most 2160.",
        examples=[900],
    )
    detail: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="From a few large shapes (0) to many fine ones (1).",
        examples=[0.5],
    )
    format: Literal["png"] = Field(default="png", description="The kind of file.", examples=["png"])
    seed: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="Which picture it is; the job's own seed where it is not given.",
        examples=[7],
    )

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if min(self.width, self.height) > LONGEST_SHORT_SIDE:
            raise ValueError(
                f"{self.width} x {self.height} is too large: "
                f"the shorter side may have {LONGEST_SHORT_SIDE} pixels at most"
            )
        return self
