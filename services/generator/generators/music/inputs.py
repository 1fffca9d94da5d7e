"""What one can ask of the music generator. Imported to announce it: keep it light."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.generator.generators.music.moods import MoodName
from services.generator.generators.typography.text import cleaned

Line = Annotated[str, AfterValidator(cleaned)]


class MusicInput(BaseModel):
    """An instrumental piece; the same seed is the same piece."""

    model_config = ConfigDict(extra="forbid", title="Music")

    mood: MoodName = Field(
        default="calm",
        description="What it sounds like: key, tempo, instruments and manner go with it.",
        examples=["uplifting"],
    )
    seconds: float = Field(
        default=30.0,
        ge=5.0,
        le=300.0,
        description="How long it is, to the hundredth of a second.",
        examples=[30.0],
    )
    tempo: int | None = Field(
        default=None,
        ge=50,
        le=180,
        description=(
            "Beats a minute; the mood's own where it is not given. A loop, and a very short piece, "
            "moves it a little, so that whole bars fill the time."
        ),
        examples=[110],
    )
    loop: bool = Field(
        default=False,
        description="Without beginning and end, to be played over and over without a seam.",
        examples=[False],
    )
    format: Literal["mp3", "wav", "ogg", "flac", "m4a"] = Field(
        default="mp3", description="The kind of file; ogg is Opus, m4a is AAC.", examples=["mp3"]
    )
    title: Line = Field(
        default="", max_length=120, description="The title tag.", examples=["Morning"]
    )
    artist: Line = Field(
        default="", max_length=120, description="The artist tag.", examples=["Northwind"]
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="Which piece it is; the job's own seed where it is not given.",
        examples=[7],
    )
