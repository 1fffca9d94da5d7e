"""The one form of a sound between generators, and what is done to it before it is encoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from services.generator.generators.sound.gain import applied, envelope, smoothed
from services.generator.generators.sound.limiter import limited
from services.generator.generators.sound.loudness import loudness

Samples: TypeAlias = NDArray[np.float32]

_CHUNK: Final = 1 << 16
_DUCK_ABOVE: Final = 0.012
_DUCK_AHEAD: Final = 0.25
_DUCK_AFTER: Final = 0.9


@dataclass(frozen=True, eq=False, slots=True)
class Sound:
    """`samples` is (frames, channels), full scale is -1 to 1; `rate` is frames a second."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    @property
    def channels(self) -> int:
        return int(self.samples.shape[1])

    def between(self, start: float, end: float) -> "Sound":
        """The stretch between two times in seconds."""
        return Sound(self.samples[round(start * self.rate) : round(end * self.rate)], self.rate)


def silence(seconds: float, rate: int, channels: int = 1) -> Sound:
    """Nothing, for a while."""
    return Sound(np.zeros((round(seconds * rate), channels), np.float32), rate)


def joined(sounds: Sequence[Sound]) -> Sound:
    """One after another; all must have the same rate and channels."""
    return Sound(np.concatenate([sound.samples for sound in sounds]), sounds[0].rate)


def with_channels(sound: Sound, channels: int) -> Sound:
    """The sound with 1 or 2 channels: the mean of two, or the same on both."""
    if channels == sound.channels:
        return sound
    mono = sound.samples.mean(axis=1, keepdims=True, dtype=np.float32)
    return Sound(np.repeat(mono, channels, axis=1), sound.rate)


def resampled(sound: Sound, rate: int) -> Sound:
    """The sound at another rate, as long as before to the nearest frame (libswresample)."""
    if rate == sound.rate or not len(sound.samples):
        return Sound(sound.samples, rate)
    layout = {1: "mono", 2: "stereo"}[sound.channels]
    resampler = av.AudioResampler("fltp", layout, rate)
    made = []
    for start in range(0, len(sound.samples), _CHUNK):
        part = np.ascontiguousarray(sound.samples[start : start + _CHUNK].T)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate = sound.rate
        made += [piece.to_ndarray() for piece in resampler.resample(frame)]
    made += [piece.to_ndarray() for piece in resampler.resample(None)]
    return _of_length(
        Sound(np.concatenate(made, axis=1, dtype=np.float32).T, rate), round(sound.seconds * rate)
    )


def mixed(placed: Sequence[tuple[float, Sound]], *, seconds: float | None = None) -> Sound:
    """All sounds at once, each (start in seconds, sound); cut or filled up to `seconds`.

    The mix has the highest rate and the most channels of its parts. Nothing is levelled: a mix may
    pass full scale until it is normalised.
    """
    rate = max(sound.rate for _, sound in placed)
    channels = max(sound.channels for _, sound in placed)
    end = max(start + sound.seconds for start, sound in placed) if seconds is None else seconds
    mix = silence(end, rate, channels).samples
    for start, sound in placed:
        samples = resampled(with_channels(sound, channels), rate).samples
        room = mix[round(start * rate) :][: len(samples)]
        room += samples[: len(room)]
    return Sound(mix, rate)


def faded(sound: Sound, in_seconds: float, out_seconds: float) -> Sound:
    """The sound with a soft beginning and end (raised cosine); also against clicks at the edges."""
    samples = sound.samples.copy()
    for seconds, edge in ((in_seconds, samples), (out_seconds, samples[::-1])):
        frames = min(round(seconds * sound.rate), len(samples))
        ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(frames) + 0.5) / max(frames, 1))
        edge[:frames] *= ramp[:, None].astype(np.float32)
    return Sound(samples, sound.rate)


def ducked(bed: Sound, voice: Sound, *, depth_db: float = -12.0, start: float = 0.0) -> Sound:
    """The bed, `depth_db` quieter while the voice speaks, which begins `start` seconds into it.

    It gives way a little before the voice is heard, and comes back when it has paused for a while.
    Mix the two afterwards.
    """
    heard = with_channels(resampled(voice, bed.rate), 1)
    loud = envelope(mixed([(0, silence(bed.seconds, bed.rate)), (start, heard)]).samples, bed.rate)
    speaks = (loud > _DUCK_ABOVE * max(float(loud.max(initial=0)), 1e-9)).astype(np.float64)
    wanted = 1 - (1 - 10 ** (depth_db / 20)) * speaks
    gains = smoothed(wanted, ahead=_DUCK_AHEAD, after=_DUCK_AFTER)
    return Sound(applied(bed.samples, gains, bed.rate), bed.rate)


def normalised(sound: Sound, lufs: float = -16.0, peak_db: float = -1.0) -> Sound:
    """The sound at a loudness (ITU-R BS.1770), with true peaks of `peak_db` (full scale is 0).

    Limiting takes loudness away, so it is measured and levelled twice. Silence stays silence.
    """
    samples = sound.samples
    for _ in range(2):
        measured = loudness(samples, sound.rate)
        if measured == -np.inf:
            return sound
        gain = np.float32(10 ** ((lufs - measured) / 20))
        samples = limited(samples * gain, sound.rate, 10 ** (peak_db / 20))
    return Sound(samples, sound.rate)


def _of_length(sound: Sound, frames: int) -> Sound:
    missing = max(0, frames - len(sound.samples))
    padded = np.pad(sound.samples, ((0, missing), (0, 0)))[:frames]
    return Sound(np.ascontiguousarray(padded, dtype=np.float32), sound.rate)
