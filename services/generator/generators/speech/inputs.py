"""What one can ask of the speech generator. Imported to announce it: keep it light."""

import unicodedata
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.generator.generators.speech.pronouncing import PHONEMES, is_phonemes
from services.generator.generators.speech.voicing import VoiceName
from services.generator.generators.typography.text import cleaned

LONGEST_TEXT: Final = 5000
LONGEST_SECONDS: Final = 900


def cleaned_lines(value: str) -> str:
    """`value` line by line without controls and tricks; blank lines are kept, one at a time."""
    lines = [cleaned(line) for line in value.splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip()


def _readable(value: str) -> str:
    if not any(char.isalnum() for char in value):
        raise ValueError("there is nothing to say in it: no word, no number")
    foreign = next((c for c in value if c.isalpha() and not _is_latin(c)), None)
    if foreign:
        raise ValueError(
            f"cannot read {foreign!r} ({_script(foreign)}): speech reads English, "
            "written in Latin letters"
        )
    return value


def _is_latin(char: str) -> bool:
    name = unicodedata.name(unicodedata.normalize("NFKC", char)[0], "")
    return "LATIN" in name or char in "µπΩªº"


def _script(char: str) -> str:
    return unicodedata.name(char, "an unknown script").split()[0].capitalize()


def _sayable(value: str) -> str:
    if not is_phonemes(value):
        return _readable(value)
    unknown = "".join(sorted(set(value[1:-1]) - PHONEMES))
    if unknown:
        raise ValueError(f"{value} has signs that are no phonemes here: {unknown}")
    return value


Text = Annotated[str, AfterValidator(cleaned_lines), AfterValidator(_readable)]
Line = Annotated[str, AfterValidator(cleaned)]
Word = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(cleaned)]
Spelling = Annotated[
    str,
    Field(min_length=1, max_length=80),
    AfterValidator(cleaned),
    AfterValidator(_sayable),
]


class SpeechInput(BaseModel):
    """A text read aloud in English."""

    model_config = ConfigDict(extra="forbid", title="Speech")

    text: Text = Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        pattern=r"\S",
        description="What is read aloud, in English. A blank line begins a new paragraph.",
        examples=["Welcome to Darkroom. Everything you hear was made on this machine."],
    )
    voice: VoiceName = Field(
        default="af_heart",
        description=(
            "Who reads: a for American, b for British, f for female, m for male. "
            "af_heart and af_bella are the best."
        ),
        examples=["af_heart"],
    )
    speed: float = Field(
        default=1.0, ge=0.5, le=2.0, description="How fast: 2 is twice as fast.", examples=[1.0]
    )
    pause: float = Field(
        default=0.8,
        ge=0.0,
        le=5.0,
        description="Seconds of silence between two paragraphs, at speed 1.",
        examples=[0.8],
    )
    pronunciations: dict[Word, Spelling] = Field(
        default_factory=dict,
        max_length=100,
        description=(
            "Words that should sound different: spelled as one would read it, or phonemes (IPA) "
            "between slashes."
        ),
        examples=[{"Kubernetes": "koober netties", "Nguyen": "/nwˈɪn/"}],
    )
    captions: Literal["none", "srt", "vtt", "both"] = Field(
        default="none",
        description="Caption files to go with it: SubRip, WebVTT, or both.",
        examples=["vtt"],
    )
    format: Literal["mp3", "wav", "ogg", "flac", "m4a"] = Field(
        default="mp3", description="The kind of file; ogg is Opus, m4a is AAC.", examples=["mp3"]
    )
    engine: Literal["auto", "kokoro", "flite"] = Field(
        default="auto",
        description="kokoro is the neural voice; flite is simple and fast. auto: kokoro if it is "
        "there.",
        examples=["auto"],
    )
    title: Line = Field(
        default="", max_length=120, description="The title tag.", examples=["Welcome"]
    )
    artist: Line = Field(
        default="", max_length=120, description="The artist tag.", examples=["Northwind"]
    )
