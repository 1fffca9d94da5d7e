"""What one can ask of the OpenAI speech generator. Imported to announce it: keep it light."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.generator.generators.remote.prompts import Lines, MaxCost, Words


class OpenAiSpeechInput(BaseModel):
    """A text, read aloud."""

    model_config = ConfigDict(extra="forbid", title="OpenAI speech")

    text: Words = Field(
        min_length=1,
        max_length=4096,
        pattern=r"\S",
        description="What to say.",
        examples=["The lighthouse keeper counts the ships, and one is missing."],
    )
    voice: str = Field(
        default="alloy",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=64,
        description="A voice of the model.",
        examples=["coral"],
    )
    instructions: Lines = Field(
        default="",
        max_length=2000,
        description="How to say it; models that cannot be told so are left out.",
        examples=["Calm and slow, like a bedtime story."],
    )
    speed: float = Field(
        default=1,
        ge=0.25,
        le=4,
        allow_inf_nan=False,
        description="1 is the voice's own.",
        examples=[1.1],
    )
    format: Literal["mp3", "wav", "flac", "opus"] = Field(
        default="mp3", description="The kind of file.", examples=["mp3"]
    )
    model: str | None = Field(
        default=None,
        max_length=200,
        description="One of the models that are set up here; any of them by default.",
        examples=["gpt-4o-mini-tts"],
    )
    max_cost: MaxCost = None
