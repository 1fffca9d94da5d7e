"""What one can ask of the card generator. Imported to announce it: keep it light."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.generator.generators.typography.text import cleaned


def _something_left(value: str) -> str:
    if not value:
        raise ValueError("nothing to draw: only spaces, control or invisible characters")
    return value


Line = Annotated[str, AfterValidator(cleaned)]
Title = Annotated[Line, AfterValidator(_something_left)]


class CardInput(BaseModel):
    """A social card, also known as an Open Graph image."""

    model_config = ConfigDict(extra="forbid", title="Card")

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
    theme: Literal["ink", "paper", "sunrise", "forest", "mono"] = Field(
        default="ink",
        description="The look: ink, sunrise, forest and mono are deep, paper is light.",
        examples=["paper"],
    )
    layout: Literal["left", "center"] = Field(
        default="left",
        description="Where the title stands.",
        examples=["left"],
    )
    width: int = Field(
        default=1200, ge=300, le=2048, description="Width in pixels.", examples=[1200]
    )
    height: int = Field(
        default=630, ge=300, le=2048, description="Height in pixels.", examples=[630]
    )
    format: Literal["png"] = Field(default="png", description="The kind of file.", examples=["png"])
    seed: int = Field(
        default=7,
        ge=0,
        le=2**32 - 1,
        description="Moves the lights and the grain; the same card is the same picture.",
        examples=[7],
    )
