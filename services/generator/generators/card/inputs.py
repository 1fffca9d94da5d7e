"""What one can ask of the card generator. Imported to announce it: keep it light."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.generator.generators.art.inputs import PaletteName, Style
from services.generator.generators.sizes import Size
from services.generator.generators.typography.text import cleaned, something_left
from shared.generators import AssetId

SIZE: Final = Size(longest=4096, longest_short_side=2160)


ThemeName = Literal[
    "ink",
    "paper",
    "sunrise",
    "forest",
    "mono",
    "editorial",
    "noir",
    "terminal",
    "vivid",
    "blueprint",
    "blossom",
    "swiss",
    "arctic",
    "sand",
    "ocean",
]
Color = Annotated[str, Field(max_length=7, pattern="^#[0-9a-fA-F]{6}$")]
Line = Annotated[str, AfterValidator(cleaned)]
Title = Annotated[Line, AfterValidator(something_left)]


class CardInput(BaseModel):
    """A social card, also known as an Open Graph image."""

    model_config = ConfigDict(extra="forbid", title="Card", json_schema_extra=SIZE.schema())

    title: Title = Field(
        min_length=1,
        max_length=140,
        pattern=r"\S",
        description="The headline; it is set as large as the card allows.",
        examples=["How we cut build times from forty minutes to four"],
    )
    subtitle: Line = Field(
        default="",
        max_length=200,
        description="A sentence under the title.",
        examples=["Caching, sharding and the courage to delete tests nobody reads"],
    )
    badge: Line = Field(
        default="",
        max_length=24,
        description="A short label in the top corner, such as the kind of page.",
        examples=["GUIDE"],
    )
    brand: Line = Field(
        default="",
        max_length=40,
        description="Who publishes it; shown on top beside a mark with its first letter.",
        examples=["Northwind"],
    )
    author: Line = Field(
        default="",
        max_length=60,
        description="Who wrote it; shown at the foot.",
        examples=["Ada Lovelace"],
    )
    address: Line = Field(
        default="",
        max_length=100,
        description="Where to find it: a web address or a handle. Shown, never fetched.",
        examples=["northwind.dev/blog"],
    )
    theme: ThemeName = Field(
        default="ink",
        description=(
            "The look. Deep ones: ink, sunrise, forest, mono, noir, terminal, vivid, blueprint, "
            "swiss, ocean; light ones: paper, editorial, blossom, arctic, sand."
        ),
        examples=["paper"],
    )
    layout: Literal["left", "center", "split", "statement", "quote", "poster", "minimal"] = Field(
        default="left",
        description=(
            "left, center: where the title stands; split: beside a picture; statement: a number or "
            "a few words as large as the card, the subtitle explains; quote: the title is what the "
            "author said, the subtitle who that is; poster: a picture all over, the title at its "
            "foot; minimal: a small title, much air."
        ),
        examples=["split"],
    )
    accent: Color | None = Field(
        default=None,
        description=(
            "The brand's colour for the mark and other accents, #rrggbb; made lighter or darker "
            "where it would not stand out. The theme's own by default."
        ),
        examples=["#e2562b"],
    )
    image: AssetId | None = Field(
        default=None,
        description=(
            "A picture: the panel of split, the whole of poster, the round portrait of quote, and "
            "behind the text of the others, toned down until it can be read."
        ),
        examples=["0197a3c4-5d6e-7f80-9a1b-2c3d4e5f6071"],
    )
    logo: AssetId | None = Field(
        default=None,
        description="The brand's logo, in place of the mark; best a PNG with transparency.",
        examples=["0197a3c4-5d6e-7f80-9a1b-2c3d4e5f6072"],
    )
    art: Style | None = Field(
        default=None,
        description=(
            "Where there is no image: this style of the art generator in its place. split and "
            "poster have one of their theme by default, the others none."
        ),
        examples=["papercut"],
    )
    palette: PaletteName | None = Field(
        default=None,
        description="The colours of that art; those that suit the theme by default.",
        examples=["desert"],
    )
    width: int = Field(
        default=1200,
        ge=300,
        le=SIZE.longest,
        description="Width in pixels; the shorter side is at most 2160.",
        examples=[1200],
    )
    height: int = Field(
        default=630,
        ge=300,
        le=SIZE.longest,
        description="Height in pixels; the shorter side is at most 2160.",
        examples=[630],
    )
    format: Literal["png", "jpeg", "webp"] = Field(
        default="png",
        description="The kind of file: png loses nothing, jpeg and webp are smaller.",
        examples=["webp"],
    )
    seed: int = Field(
        default=7,
        ge=0,
        le=2**32 - 1,
        description="Moves the lights and the grain; the same card is the same picture.",
        examples=[7],
    )

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        SIZE.check(self.width, self.height)
        return self
