"""The frame sizes of a video, and how much of them may be asked for. Imported to announce it."""

from typing import Final, Literal

Aspect = Literal["landscape", "portrait", "square"]
Resolution = Literal["360p", "480p", "720p", "1080p"]
Format = Literal["mp4", "webm"]

LONGEST: Final = 180
"""Seconds of a video, at most."""
MOST_PIXELS: Final[dict[Format, int]] = {"mp4": 12_000_000_000, "webm": 5_000_000_000}
"""Frames x width x height, at most: what can be painted and encoded within the time limit."""

_LONG_SIDES: Final[dict[Resolution, int]] = {
    "360p": 640,
    "480p": 854,
    "720p": 1280,
    "1080p": 1920,
}


def frame_size(aspect: Aspect, resolution: Resolution) -> tuple[int, int]:
    """Width and height in pixels; the resolution names the shorter side."""
    short, long = int(resolution[:-1]), _LONG_SIDES[resolution]
    sizes = {"landscape": (long, short), "portrait": (short, long), "square": (short, short)}
    return sizes[aspect]


def refusal(seconds: float, fps: int, size: tuple[int, int], format: Format) -> str | None:
    """Why a video that lasts at least so long cannot be made; None: it can."""
    if seconds > LONGEST:
        return (
            f"scenes: they last {seconds:.0f} seconds in all, at most {LONGEST} are allowed: "
            "make some shorter, or two videos"
        )
    most = MOST_PIXELS[format] / (fps * size[0] * size[1])
    if seconds > most:
        return (
            f"scenes: they last {seconds:.0f} seconds in all, as {format} of this resolution and "
            f"fps at most {most:.0f} are allowed: choose a lower one, or mp4"
        )
    return None
