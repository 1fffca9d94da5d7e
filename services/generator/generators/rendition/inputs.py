"""What one can ask of the rendition generator. Imported to announce it: keep it light.

One flat object: errors then name one field, and a command line can say `width=640`. What goes with
which operation, and which fields need each other, is in rules.py.
"""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.generator.generators.rendition.rules import (
    SCHEMA_RULES,
    Format,
    Operation,
    problem_of,
    without_controls,
)
from shared.generators import AssetId

LONGEST_SIDE = 8192

Side = Annotated[int, Field(ge=1, le=LONGEST_SIDE)]
Color = Annotated[str, Field(max_length=7, pattern="^#[0-9a-fA-F]{6}$")]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Position: TypeAlias = Literal[
    "center",
    "top",
    "bottom",
    "left",
    "right",
    "top-left",
    "top-right",
    "bottom-left",
    "bottom-right",
    "attention",
    "entropy",
]
Payload = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(without_controls)]


class Box(BaseModel):
    """A part of a picture, in pixels of the upright original."""

    model_config = ConfigDict(extra="forbid")

    left: int = Field(ge=0, le=65_535, description="From the left edge.", examples=[120])
    top: int = Field(ge=0, le=65_535, description="From the upper edge.", examples=[80])
    width: int = Field(ge=1, le=65_535, description="Width of the part.", examples=[800])
    height: int = Field(ge=1, le=65_535, description="Height of the part.", examples=[600])


class RenditionInput(BaseModel):
    """A rendition of an asset or an upload; or a QR code."""

    model_config = ConfigDict(extra="forbid", title="Rendition", json_schema_extra=SCHEMA_RULES)

    operation: Operation = Field(
        default="picture",
        description="picture: of an image, a PDF's page or a film's moment. placeholder: ThumbHash,"
        " tiny picture and colours as JSON. waveform: a sound drawn. audio: a sound in another"
        " format, or a part of it. qr: a QR code of `text`.",
        examples=["picture"],
    )
    source: AssetId | None = Field(
        default=None,
        description="The asset: an upload, a job, or one of its assets. For qr: a logo.",
        examples=["01890a5d-ac96-774b-bcce-b302099a8057"],
    )
    text: Payload | None = Field(
        default=None, description="What a QR code says.", examples=["https://example.com/menu"]
    )
    format: Format | None = Field(
        default=None,
        description="The kind of file. Without it: webp, mp3 for audio, svg for qr, png for"
        " waveform.",
        examples=["webp"],
    )
    width: Side | None = Field(default=None, description="Width in pixels.", examples=[640])
    height: Side | None = Field(default=None, description="Height in pixels.", examples=[360])
    widths: list[Side] = Field(
        default=[],
        max_length=8,
        description="Several pictures at once, of these widths and in the shape of the original;"
        " those wider than the original are left out.",
        examples=[[320, 640, 1280]],
    )
    fit: Literal["inside", "cover", "contain", "fill"] = Field(
        default="inside",
        description="inside: as large as fits. cover: fills width x height, cut where needed."
        " contain: all of it, with a margin. fill: stretched.",
        examples=["cover"],
    )
    position: Position = Field(
        default="center",
        description="What cover keeps and where contain puts it; attention and entropy look for"
        " what is worth keeping.",
        examples=["attention"],
    )
    enlarge: bool = Field(
        default=False, description="Whether inside may enlarge a small picture.", examples=[False]
    )
    crop: Box | None = Field(
        default=None,
        description="Take this part first.",
        examples=[{"left": 120, "top": 80, "width": 800, "height": 600}],
    )
    rotate: Literal[0, 90, 180, 270] = Field(
        default=0, description="Degrees clockwise, of the upright original.", examples=[90]
    )
    mirror: bool = Field(default=False, description="Left for right.", examples=[False])
    quality: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Of jpeg, webp and avif; without it 82, 80 and 58.",
        examples=[80],
    )
    background: Color | None = Field(
        default=None,
        description="Behind what is transparent, and around what is contained; without it, nothing"
        " where the format can, else white. Of QR codes: the light modules.",
        examples=["#ffffff"],
    )
    color: Color | None = Field(
        default=None,
        description="Of the waveform, or of the dark modules of a QR code.",
        examples=["#1b1f3b"],
    )
    blur: float = Field(
        default=0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Radius (sigma) in pixels of the result.",
        examples=[4],
    )
    sharpen: bool = Field(default=False, description="A little crisper.", examples=[True])
    grayscale: bool = Field(default=False, description="Without colour.", examples=[False])
    keep_metadata: bool = Field(
        default=False,
        description="Keep EXIF, XMP and IPTC, which may say where a photo was taken.",
        examples=[False],
    )
    page: int = Field(
        default=1, ge=1, le=10_000, description="Of a PDF, a TIFF or an animation.", examples=[2]
    )
    at: Seconds | None = Field(
        default=None,
        description="The moment of a film, in seconds; without it, an early one that shows"
        " something.",
        examples=[2.5],
    )
    style: Literal["bars", "wave", "line"] = Field(
        default="bars", description="How a waveform is drawn.", examples=["bars"]
    )
    start: Seconds = Field(
        default=0, description="Where the part of a sound begins, in seconds.", examples=[10]
    )
    end: Seconds | None = Field(
        default=None, description="Where it ends; without it, at the end.", examples=[40]
    )
    error_level: Literal["L", "M", "Q", "H"] | None = Field(
        default=None,
        description="How much of a QR code may be lost: 7, 15, 25 or 30 %. M, or H with a logo.",
        examples=["M"],
    )
    modules: Literal["square", "rounded", "dots"] = Field(
        default="square", description="The shape of a QR code's dots.", examples=["rounded"]
    )
    border: int = Field(
        default=4, ge=0, le=16, description="Free modules around a QR code.", examples=[4]
    )

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if problem := problem_of(self.model_dump(), self.model_fields_set):
            raise ValueError(problem)
        return self
