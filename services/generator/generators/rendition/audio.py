"""The operation `audio`: a sound in another format, or a part of it, piece by piece."""

from time import perf_counter
from typing import Any, Final, NamedTuple

import av
import numpy as np

from services.generator.generators.rendition.inputs import RenditionInput
from services.generator.generators.rendition.rules import DEFAULT_FORMATS
from services.generator.generators.rendition.sounds import opened, pieces
from services.generator.generators.rendition.sources import Source
from shared.generators import AssetFile, GeneratorContext

_EVERY: Final = 200


class _Way(NamedTuple):
    container: str
    codec: str
    sample_format: str
    rates: tuple[int, ...]
    bit_rate: int = 0
    """For one channel; 0: without loss."""


_MPEG: Final = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_PLAIN: Final = (*_MPEG, 8_000, 11_025, 88_200, 96_000)
_WAYS: Final = {
    "mp3": _Way("mp3", "libmp3lame", "fltp", _MPEG, 96_000),
    "ogg": _Way("ogg", "libopus", "flt", (48_000,), 64_000),
    "m4a": _Way("ipod", "aac", "fltp", _MPEG, 96_000),
    "flac": _Way("flac", "flac", "s16", _PLAIN),
    "wav": _Way("wav", "pcm_s16le", "s16", _PLAIN),
}


async def audio(
    asked: RenditionInput, source: Source, context: GeneratorContext
) -> list[AssetFile]:
    """One sound, mono or stereo; nothing of its tags is kept."""
    begun = perf_counter()
    kind = asked.format or DEFAULT_FORMATS["audio"]
    path = context.scratch / f"audio.{kind}"
    options = {"fflags": "+bitexact"}
    with opened(source) as given:
        told = given.streams.audio[0].codec_context
        rate, channels = _rate(told.sample_rate, _WAYS[kind].rates), min(told.channels, 2)
        expected = _expected(asked, source)
        way = _WAYS[kind]
        with av.open(str(path), "w", format=way.container, container_options=options) as made:
            writer = _Writer(made, way, rate, channels)
            parts = pieces(given, rate=rate, channels=channels, start=asked.start, end=asked.end)
            for number, piece in enumerate(parts):
                writer.write(piece)
                if number % _EVERY == 0 and expected:
                    await context.progress(min(99, 100 * writer.seconds / expected), "Encoding")
            writer.close()
    stages = {"encoding": round(perf_counter() - begun, 4)}
    provenance = {"source": source.file.sha256, "stages": stages}
    return [AssetFile(path, filename=path.name, provenance=provenance)]


def _expected(asked: RenditionInput, source: Source) -> float:
    """Seconds of the result, as far as the header tells."""
    end = asked.end or source.measures.duration or 0
    return max(0.0, end - asked.start)


class _Writer:
    """One sound on its way into a file; nothing of the time or the encoder's version gets in."""

    def __init__(self, container: Any, way: _Way, rate: int, channels: int) -> None:
        self._container = container
        self._stream: Any = container.add_stream(way.codec, rate=rate)
        self._layout = {1: "mono", 2: "stereo"}[channels]
        self._stream.layout, self._stream.format = self._layout, way.sample_format
        self._stream.codec_context.options = {"flags": "+bitexact"}
        self._stream.codec_context.thread_count = 1
        if way.bit_rate:
            self._stream.bit_rate = way.bit_rate * channels
        self._way, self._rate, self._frames = way, rate, 0

    @property
    def seconds(self) -> float:
        return self._frames / self._rate

    def write(self, piece: Any) -> None:
        samples = np.clip(piece, -1, 1)
        if self._way.sample_format == "s16":
            samples = np.rint(samples * 32_767).astype(np.int16)
        if self._way.sample_format != "fltp":
            samples = samples.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format=self._way.sample_format, layout=self._layout
        )
        frame.sample_rate, frame.pts = self._rate, self._frames
        self._frames += piece.shape[1]
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))


def _rate(given: int, rates: tuple[int, ...]) -> int:
    """The same, else the next higher one that the codec has."""
    if given in rates:
        return given
    return min((rate for rate in rates if rate > given), default=max(rates))
