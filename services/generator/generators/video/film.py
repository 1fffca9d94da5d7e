"""The file: frames and sound encoded and put together, the same bytes for the same frames.

Encoders get one thread and no licence to adapt to the machine; nothing of the libraries' versions,
the date or chance is written down. The path is ours, inside the attempt's folder.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from services.generator.generators.sound.signal import Sound
from services.generator.generators.video.planes import Planes, Size
from services.generator.generators.video.sizes import Format

RATE: Final = 48_000
_CHUNK: Final = 1024
_KEY_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one container is filled."""

    video: str
    audio: str
    sample_format: str
    bit_rate: int
    options: dict[str, str]
    container: dict[str, str]


_X264: Final = {
    "preset": "veryfast",
    "crf": "18",
    # the same decisions on every processor; chromaloc: `planes.halved` puts chroma in the middle;
    # small deadzones and aq-mode 3 keep the dither of gradients, which else pulses at key frames
    "x264-params": (
        "cpu-independent=1:threads=1:lookahead-threads=1:chromaloc=1:"
        "aq-mode=3:deadzone-inter=10:deadzone-intra=6"
    ),
    "threads": "1",
}
_VP9: Final = {
    "deadline": "good",
    "cpu-used": "5",
    "crf": "31",
    "b": "0",
    "row-mt": "0",
    "threads": "1",
    "lag-in-frames": "16",
    "auto-alt-ref": "1",
}
_KINDS: Final[dict[Format, _Kind]] = {
    "mp4": _Kind(
        "libx264", "aac", "fltp", 160_000, _X264, {"movflags": "+faststart", "fflags": "+bitexact"}
    ),
    "webm": _Kind("libvpx-vp9", "libopus", "flt", 128_000, _VP9, {"fflags": "+bitexact"}),
}


class Film:
    """A file that is being written; closed, and whole, at the end of `with`."""

    def __init__(
        self,
        path: Path,
        format: Format,
        size: Size,
        fps: int,
        *,
        sound: Sound | None = None,
        title: str = "",
    ) -> None:
        self._kind = _KINDS[format]
        self._fps, self._sound, self._heard = fps, sound, 0
        self._container = av.open(str(path), "w", format=format, options=self._kind.container)
        if title:
            self._container.metadata["title"] = title
        self._video = self._video_stream(size)
        self._audio = self._audio_stream() if sound is not None else None
        self._frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        self._container.close()

    def add(self, picture: Planes) -> None:
        """The next frame, and what is heard until the one after it."""
        frame = av.VideoFrame.from_ndarray(picture.joined(), format="yuv420p")
        frame.pts, frame.time_base = self._frames, Fraction(1, self._fps)
        self._container.mux(self._video.encode(frame))
        self._frames += 1
        self._add_sound(round(self._frames * RATE / self._fps))

    def _add_sound(self, until: int) -> None:
        """Encode what is heard up to a sample, in whole chunks."""
        if self._sound is None or self._audio is None:
            return
        while self._heard + _CHUNK <= until:
            self._encode_sound(self._sound.samples[self._heard : self._heard + _CHUNK])

    def _encode_sound(self, samples: "np.ndarray[Any, np.dtype[np.float32]]") -> None:
        assert self._audio is not None
        planar = self._kind.sample_format == "fltp"
        data = samples.T if planar else samples.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(data), format=self._kind.sample_format, layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._heard, Fraction(1, RATE)
        self._container.mux(self._audio.encode(frame))
        self._heard += len(samples)

    def _finish(self) -> None:
        self._container.mux(self._video.encode(None))
        if self._sound is not None and self._audio is not None:
            self._add_sound(len(self._sound.samples))
            if len(rest := self._sound.samples[self._heard :]):
                self._encode_sound(rest)
            self._container.mux(self._audio.encode(None))

    def _video_stream(self, size: Size) -> VideoStream:
        stream = self._container.add_stream(
            self._kind.video, rate=self._fps, options=self._kind.options
        )
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, self._fps)
        context.gop_size = _KEY_SECONDS * self._fps
        context.thread_count = 1
        context.flags |= av.codec.context.Flags.bitexact
        context.color_range = ColorRange.MPEG
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        return stream

    def _audio_stream(self) -> AudioStream:
        stream = self._container.add_stream(self._kind.audio, rate=RATE)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = "stereo"
        stream.codec_context.format = self._kind.sample_format
        stream.codec_context.bit_rate = self._kind.bit_rate
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        return stream
