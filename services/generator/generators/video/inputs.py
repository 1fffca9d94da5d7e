"""What one can ask of the video generator. Imported to announce it: keep it light."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.generator.generators.art.inputs import PaletteName, Style
from services.generator.generators.music.moods import MoodName
from services.generator.generators.speech.inputs import Spelling, Text, Word
from services.generator.generators.speech.voicing import VoiceName
from services.generator.generators.typography.text import cleaned
from services.generator.generators.video import sizes
from shared.generators import AssetId

Line = Annotated[str, AfterValidator(cleaned)]
Spoken = Annotated[Text, Field(min_length=1, max_length=1500, pattern=r"\S")]
Color = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$", max_length=7)]
TransitionName = Literal["cut", "crossfade", "slide", "wipe"]

USUAL_SECONDS: Final = 5
_IMAGE_HAS_ASSET: Final[dict[str, Any]] = {
    "if": {"properties": {"kind": {"const": "image"}}, "required": ["kind"]},
    "then": {"required": ["asset"]},
}
"""So that who validates by the schema alone says which field is missing."""
SPOKEN_AT_MOST: Final = 25
"""Characters a second that no voice speaks faster than, at speed 1."""


class Background(BaseModel):
    """What lies behind the words: art, a picture, or colours."""

    model_config = ConfigDict(
        extra="forbid", title="Background", json_schema_extra=_IMAGE_HAS_ASSET
    )

    kind: Literal["art", "image", "color"] = Field(
        default="art",
        description=(
            "art: painted for this video from the seed; image: an uploaded picture, or the result "
            "of another job, such as a chart; color: one colour, or a gradient of several."
        ),
        examples=["art"],
    )
    style: Style | None = Field(
        default=None,
        description="Of art: how it is painted; by turns where it is not given.",
        examples=["warp"],
    )
    palette: PaletteName | None = Field(
        default=None,
        description="Of art: its colours; those of the theme where it is not given.",
        examples=["dusk"],
    )
    detail: float = Field(
        default=0.35,
        ge=0,
        le=1,
        description="Of art: from a few large shapes (0) to many fine ones (1).",
        examples=[0.35],
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="Of art: which picture it is; from the video's seed where it is not given.",
        examples=[7],
    )
    asset: AssetId | None = Field(
        default=None,
        description=(
            "Of image: the id of an upload or of a job that made a picture "
            "(PNG, JPEG, WebP, GIF; at most 50 megapixels)."
        ),
        examples=["0190a3e4-7b1c-7d2e-9f30-5a6b7c8d9e0f"],
    )
    fit: Literal["cover", "contain"] = Field(
        default="cover",
        description=(
            "Of image: cover fills the frame and cuts what is over; contain shows all of it, on a "
            "blurred enlargement of itself."
        ),
        examples=["cover"],
    )
    colors: tuple[Color, ...] = Field(
        default=(),
        max_length=4,
        description=(
            "Of color: one is a flat ground, two to four are a gradient, none is the theme's."
        ),
        examples=[["#0a0f2b", "#3a2a86"]],
    )

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if self.kind == "image" and self.asset is None:
            raise ValueError("asset: a background of the kind image needs the id of a picture")
        if self.kind != "image" and self.asset is not None:
            raise ValueError(f"asset: a background of the kind {self.kind} takes no picture")
        if self.kind != "color" and self.colors:
            raise ValueError(f"colors: a background of the kind {self.kind} takes no colors")
        return self


class Scene(BaseModel):
    """One scene: a background with words on it, and what is said meanwhile."""

    model_config = ConfigDict(extra="forbid", title="Scene")

    title: Line = Field(
        default="",
        max_length=120,
        description="Large words; set as large as their place allows.",
        examples=["The night train to Lisbon"],
    )
    subtitle: Line = Field(
        default="",
        max_length=200,
        description="A sentence under the title.",
        examples=["Eleven hours, two borders, one sunrise"],
    )
    position: Literal["auto", "left", "center", "bottom"] = Field(
        default="auto",
        description="Where title and subtitle stand; auto: below on pictures, else by the aspect.",
        examples=["left"],
    )
    narration: Spoken | None = Field(
        default=None,
        description="What a voice says in this scene, in English; the scene lasts as long as that.",
        examples=["We left at dusk, when the platform was almost empty."],
    )
    caption: Line = Field(
        default="",
        max_length=160,
        description="A line in a box below, for a scene in which nothing is said.",
        examples=["Santa Apolónia, 9.25 in the evening"],
    )
    seconds: float | None = Field(
        default=None,
        ge=0.5,
        le=60,
        description=(
            "How long it lasts until the next one begins; as long as its narration, or 5 seconds, "
            "where it is not given. A narration is never cut off."
        ),
        examples=[5],
    )
    background: Background = Field(
        default_factory=Background,
        description="What lies behind the words.",
        examples=[{"kind": "art", "style": "warp"}],
    )
    motion: Literal[
        "auto", "zoom-in", "zoom-out", "pan-left", "pan-right", "pan-up", "pan-down", "none"
    ] = Field(
        default="auto",
        description="The slow move over the background; auto: another one for each scene.",
        examples=["zoom-in"],
    )
    transition: TransitionName | None = Field(
        default=None,
        description="How this scene takes the place of the one before; else as the video says.",
        examples=["slide"],
    )

    @model_validator(mode="after")
    def _said_or_shown(self) -> Self:
        if self.narration and self.caption:
            raise ValueError(
                "caption: a scene with narration has its captions from that; leave one of them out"
            )
        return self

    @property
    def silent_seconds(self) -> float:
        """How long it lasts if nothing is said."""
        return self.seconds or (0 if self.narration else USUAL_SECONDS)

    def least_seconds(self, speed: float) -> float:
        """No shorter than this, as far as can be told before anything is spoken."""
        spoken = len(self.narration or "") / (SPOKEN_AT_MOST * speed)
        return max(spoken, self.silent_seconds)


class Music(BaseModel):
    """Music under the whole video; quieter while somebody speaks."""

    model_config = ConfigDict(extra="forbid", title="Music")

    mood: MoodName = Field(default="calm", description="What it is like.", examples=["calm"])
    tempo: int | None = Field(
        default=None,
        ge=50,
        le=180,
        description="Beats a minute; as the mood has it where it is not given.",
        examples=[84],
    )
    loudness: Literal["quiet", "normal", "loud"] = Field(
        default="normal", description="How much of it is heard.", examples=["normal"]
    )


class VideoInput(BaseModel):
    """A video of one to forty scenes, with titles, narration, captions and music."""

    model_config = ConfigDict(extra="forbid", title="Video")

    scenes: tuple[Scene, ...] = Field(
        min_length=1,
        max_length=40,
        description="One after the other; 180 seconds in all at most.",
        examples=[[{"title": "The night train to Lisbon"}, {"title": "A sunrise", "seconds": 4}]],
    )
    title: Line = Field(
        default="",
        max_length=120,
        description="The name of the video, written into the file.",
        examples=["The night train"],
    )
    aspect: sizes.Aspect = Field(
        default="landscape",
        description="landscape (16:9), portrait (9:16), square.",
        examples=["landscape"],
    )
    resolution: sizes.Resolution = Field(
        default="720p", description="The shorter side, in pixels.", examples=["720p"]
    )
    fps: Literal[24, 25, 30] = Field(default=30, description="Frames a second.", examples=[30])
    theme: Literal["midnight", "lagoon", "ember", "forest", "paper", "mono"] = Field(
        default="midnight",
        description="The look: colours of words, veil, boxes and art; paper is light.",
        examples=["lagoon"],
    )
    transition: TransitionName = Field(
        default="crossfade",
        description="How a scene takes the place of the one before.",
        examples=["crossfade"],
    )
    voice: VoiceName = Field(
        default="af_heart",
        description="Who speaks: a for American, b for British, f for female, m for male.",
        examples=["bm_george"],
    )
    speed: float = Field(
        default=1.0, ge=0.5, le=2.0, description="How fast the voice speaks.", examples=[1.0]
    )
    pronunciations: dict[Word, Spelling] = Field(
        default_factory=dict,
        max_length=100,
        description=(
            "Words that should sound different: spelled as one would read it, or phonemes (IPA) "
            "between slashes."
        ),
        examples=[{"Apolónia": "apo lohnia"}],
    )
    music: Music | None = Field(
        default=None, description="Music under it; none where it is not given.", examples=[{}]
    )
    captions: Literal["srt", "vtt", "none"] = Field(
        default="srt",
        description="The file with captions that comes with the video, if anything is said.",
        examples=["vtt"],
    )
    burn_captions: bool = Field(
        default=True, description="Whether captions are drawn in the picture.", examples=[True]
    )
    format: sizes.Format = Field(
        default="mp4", description="mp4 (H.264, AAC) or webm (VP9, Opus).", examples=["mp4"]
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=2**32 - 1,
        description="Moves art and music; the job's own seed where it is not given.",
        examples=[7],
    )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return sizes.frame_size(self.aspect, self.resolution)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        seconds = sum(scene.least_seconds(self.speed) for scene in self.scenes)
        if refusal := sizes.refusal(seconds, self.fps, self.size, self.format):
            raise ValueError(refusal)
        return self
