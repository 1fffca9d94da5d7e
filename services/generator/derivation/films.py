"""A still of a film. The demuxer is the one that the bytes ask for; it reads the open file only."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, ImageStat

from services.generator.derivation.opening import UndecodableError, check_pixels
from services.generator.derivation.visuals import FILMS
from shared.generators.needs import lacks_packages

_PLACES: Final = (0.1, 0.35, 0.6)
_FLAT: Final = 12.0
"""Spread of lightness below which a still shows next to nothing: a fade, a title not yet there."""
_MOST_FRAMES: Final = 400
_MICROSECONDS: Final = 1_000_000


def best_still(source: Path | BinaryIO, media_type: str, longest: int) -> Image.Image:
    """A still that shows something, from the first part of the film if there is one."""
    with _film(source, media_type) as film:
        seconds = _seconds(film)
        for place in _PLACES:
            still = _still(film, seconds * place, longest)
            if ImageStat.Stat(still.convert("L")).stddev[0] > _FLAT:
                break
        return still


def still_at(
    source: Path | BinaryIO, media_type: str, at: float, longest: int | None = None
) -> Image.Image:
    """The film `at` seconds from its beginning; the last of it where it is shorter."""
    with _film(source, media_type) as film:
        return _still(film, at, longest)


@contextmanager
def _film(source: Path | BinaryIO, media_type: str) -> Iterator[Any]:
    if missing := lacks_packages("av", extra="rendition"):
        raise UndecodableError(f"cannot be decoded here, which {missing}")
    import av  # noqa: PLC0415 - slow to import, and an extra

    with ExitStack() as opened:
        file: Any = opened.enter_context(source.open("rb")) if isinstance(source, Path) else source
        try:
            film = opened.enter_context(av.open(file, format=FILMS[media_type]))
        except av.FFmpegError as error:
            raise UndecodableError("has a header that cannot be read") from error
        if not film.streams.video:
            raise UndecodableError("has no picture")
        film.streams.video[0].codec_context.thread_count = 1
        yield film


def _seconds(film: Any) -> float:
    return (film.duration or 0) / _MICROSECONDS


def _still(film: Any, at: float, longest: int | None) -> Image.Image:
    import av  # noqa: PLC0415

    stream = film.streams.video[0]
    check_pixels(stream.codec_context.width, stream.codec_context.height)
    try:
        film.seek(int(at * _MICROSECONDS))
        frame = _frame_at(film, stream, at)
        return _picture(frame, stream, longest)
    except av.FFmpegError as error:
        raise UndecodableError("is broken, or not whole") from error


def _frame_at(film: Any, stream: Any, at: float) -> Any:
    """The frame that is seen at that time; the film stands at the key frame before it."""
    seen = None
    for count, frame in enumerate(film.decode(stream)):
        if seen is not None and (frame.time or 0) > at:
            break
        seen = frame
        if count >= _MOST_FRAMES:
            break
    if seen is None:
        raise UndecodableError("has no picture at that time")
    return seen


def _picture(frame: Any, stream: Any, longest: int | None) -> Image.Image:
    """Upright, in the shape in which it is shown."""
    width, height = frame.width, frame.height
    check_pixels(width, height)
    if stream.sample_aspect_ratio:
        width = max(1, round(width * float(stream.sample_aspect_ratio)))
    share = min(1.0, longest / max(width, height)) if longest else 1.0
    width, height = max(1, round(width * share)), max(1, round(height * share))
    picture: Image.Image = frame.to_image(width=width, height=height)
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture
