"""What a diffusion model is asked for."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class DiffusersInput(BaseModel):
    """A prompt, the size of the picture, and how much work goes into it."""

    model_config = ConfigDict(extra="forbid")
    prompt: str = Field(
        min_length=1,
        max_length=2000,
        description="What the picture shows. Models read some 75 words of it.",
        examples=["a lighthouse in fog, watercolour"],
    )
    negative_prompt: str = Field(
        default="",
        max_length=2000,
        description="What it must not show.",
        examples=["text, watermark"],
    )
    model: str | None = Field(
        default=None,
        max_length=100,
        pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Folder of the model, of those that are mounted; the first one by default.",
        examples=["stable-diffusion-v1-5"],
    )
    width: int = Field(
        default=512, ge=64, le=2048, multiple_of=8, description="Pixels.", examples=[768]
    )
    height: int = Field(
        default=512, ge=64, le=2048, multiple_of=8, description="Pixels.", examples=[512]
    )
    steps: int = Field(
        default=30, ge=1, le=150, description="Denoising steps: time, and detail.", examples=[30]
    )
    guidance: float = Field(
        default=7.5,
        ge=0,
        le=30,
        description="How closely the prompt is followed; 0 to 1 for distilled models.",
        examples=[7.5],
    )
    images: int = Field(default=1, ge=1, le=4, description="How many, at once.", examples=[1])
    format: Literal["png", "webp", "jpeg"] = Field(
        default="png", description="Of the files.", examples=["webp"]
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="Of chance; the job's own by default.",
        examples=[7],
    )
