"""The voices one can choose. Imported to announce them: keep it light."""

from typing import Final, Literal, NamedTuple, TypeAlias

VoiceName: TypeAlias = Literal[
    "af_heart",
    "af_bella",
    "af_kore",
    "af_sarah",
    "am_michael",
    "am_fenrir",
    "am_puck",
    "bf_emma",
    "bm_george",
]


class Voice(NamedTuple):
    """`flite` is the voice of the fallback engine that comes nearest."""

    british: bool
    flite: str


VOICES: Final[dict[str, Voice]] = {
    "af_heart": Voice(british=False, flite="slt"),
    "af_bella": Voice(british=False, flite="slt"),
    "af_kore": Voice(british=False, flite="slt"),
    "af_sarah": Voice(british=False, flite="slt"),
    "am_michael": Voice(british=False, flite="rms"),
    "am_fenrir": Voice(british=False, flite="rms"),
    "am_puck": Voice(british=False, flite="rms"),
    "bf_emma": Voice(british=True, flite="slt"),
    "bm_george": Voice(british=True, flite="awb"),
}
