"""What one can ask of the OpenAI images generator. Imported to announce it: keep it light."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.generator.generators.remote.prompts import MaxCost, Words
from shared.generators import AssetId

Size = Literal[
    "auto", "256x256", "512x512", "1024x1024", "1536x1024", "1024x1536", "1792x1024", "1024x1792"
]


class OpenAiImagesInput(BaseModel):
    """Pictures from words, or from pictures and words."""

    model_config = ConfigDict(extra="forbid", title="OpenAI images")

    prompt: Words = Field(
        min_length=1,
        max_length=16_000,
        pattern=r"\S",
        description="What to make, or what to change.",
        examples=["A lighthouse in a storm, oil on canvas"],
    )
    model: str | None = Field(
        default=None,
        max_length=200,
        description="One of the models that are set up here; any of them by default.",
        examples=["gpt-image-1"],
    )
    count: int = Field(default=1, ge=1, le=4, description="How many pictures.", examples=[1])
    size: Size = Field(
        default="auto", description="Width x height in pixels.", examples=["1536x1024"]
    )
    quality: Literal["auto", "low", "medium", "high"] = Field(
        default="auto", description="How much care is taken; it is paid for.", examples=["high"]
    )
    background: Literal["auto", "opaque", "transparent"] = Field(
        default="auto", description="What lies behind the subject.", examples=["transparent"]
    )
    format: Literal["auto", "png", "jpeg", "webp"] = Field(
        default="auto", description="The kind of file; what the model likes best by default.",
        examples=["webp"],
    )  # fmt: skip
    images: list[AssetId] = Field(
        default_factory=list,
        max_length=4,
        description="Pictures to work on: ids of uploads or of jobs.",
        examples=[["01890a5d-ac96-774b-bcce-b302099a8057"]],
    )
    mask: AssetId | None = Field(
        default=None,
        description="A PNG that is transparent where the first picture is to be changed.",
        examples=["01890a5d-ac96-774b-bcce-b302099a8057"],
    )
    max_cost: MaxCost = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.mask is not None and not self.images:
            raise ValueError("mask: there are no images that it could lie on")
        if self.background == "transparent" and self.format == "jpeg":
            raise ValueError("format: jpeg cannot be transparent, use png or webp")
        return self
