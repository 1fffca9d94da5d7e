"""`DARKROOM_OPENAI_SPEECH_…`: servers, their voices, and what they cost."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.generator.generators.remote.settings import BACKENDS, RemoteSettings
from services.generator.generators.remote.synchronous import SynchronousBackend

LONGEST = 4096


class OpenAiSpeechBackend(SynchronousBackend):
    """A server for speech."""

    model: str = "gpt-4o-mini-tts"
    voices: tuple[str, ...] | None = Field(
        ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer",
         "verse"),
        description="Those that it has; null: let it say so itself.",
    )  # fmt: skip
    instructions: bool = Field(True, description="Whether it can be told how to say it.")
    price_per_million_characters: float = Field(ge=0, description="USD.")

    def cost(self, characters: int) -> float:
        """USD."""
        return self.price_per_million_characters * characters / 1e6

    def most(self) -> float:
        return self.cost(LONGEST)


class OpenAiSpeechSettings(RemoteSettings):
    """All of them."""

    model_config = SettingsConfigDict(env_prefix="DARKROOM_OPENAI_SPEECH_")
    documentation: ClassVar[str] = "docs/generators/openai-speech.md"

    backends: tuple[OpenAiSpeechBackend, ...] = Field((), repr=False, description=BACKENDS)
