"""From a sound to a file: WAV, FLAC, MP3, Ogg (Opus) or M4A (AAC). Same sound, same bytes."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from services.generator.generators.sound.signal import Sound

Format: TypeAlias = Literal["mp3", "wav", "ogg", "flac", "m4a"]


class _Way(NamedTuple):
    container: str
    codec: str
    sample_format: str
    rates: tuple[int, ...]
    kilobits: int = 0
    """For one channel; 0: without loss."""


_MPEG_RATES: Final = (16000, 22050, 24000, 32000, 44100, 48000)
_ANY: Final = ()
_WAYS: Final[dict[str, _Way]] = {
    "wav": _Way("wav", "pcm_s16le", "s16", _ANY),
    "flac": _Way("flac", "flac", "s16", _ANY),
    "mp3": _Way("mp3", "libmp3lame", "fltp", _MPEG_RATES, 96),
    "ogg": _Way("ogg", "libopus", "flt", (48000,), 64),
    "m4a": _Way("ipod", "aac", "fltp", _MPEG_RATES, 96),
}
_CHUNK: Final = 1 << 14


def encode(
    sound: Sound, path: Path, format: Format, *, metadata: Mapping[str, str] | None = None
) -> None:
    """Write the file; `metadata` are tags such as title and artist (WAV keeps them as RIFF INFO).

    Rates that the codec has not are resampled to the next higher one. Nothing of the time, of
    chance or of the encoder's version gets into the file.
    """
    way = _WAYS[format]
    rate = _rate(sound.rate, way.rates)
    options = {"fflags": "+bitexact"}
    with av.open(str(path), "w", format=way.container, container_options=options) as container:
        container.metadata.update({key: text for key, text in (metadata or {}).items() if text})
        stream = cast(AudioStream, container.add_stream(way.codec, rate=rate))
        _set_up(stream, way, sound.channels)
        for start in range(0, len(sound.samples), _CHUNK):
            frame = _frame(sound, way.sample_format, start)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _set_up(stream: AudioStream, way: _Way, channels: int) -> None:
    stream.layout = {1: "mono", 2: "stereo"}[channels]
    stream.format = way.sample_format
    stream.codec_context.options = {"flags": "+bitexact"}
    stream.codec_context.thread_count = 1
    if way.kilobits:
        stream.bit_rate = way.kilobits * channels * 1000


def _frame(sound: Sound, sample_format: str, start: int) -> av.AudioFrame:
    part = np.clip(sound.samples[start : start + _CHUNK], -1, 1)
    packed: NDArray[Any]
    if sample_format == "s16":
        packed = np.rint(part * 32767).astype(np.int16).reshape(1, -1)
    elif sample_format == "flt":
        packed = np.ascontiguousarray(part).reshape(1, -1)
    else:
        packed = np.ascontiguousarray(part.T)
    layout = {1: "mono", 2: "stereo"}[sound.channels]
    frame = av.AudioFrame.from_ndarray(packed, format=sample_format, layout=layout)
    frame.sample_rate = sound.rate
    frame.pts, frame.time_base = start, Fraction(1, sound.rate)
    return frame


def _rate(rate: int, rates: tuple[int, ...]) -> int:
    if not rates or rate in rates:
        return rate
    return min((known for known in rates if known > rate), default=rates[-1])
