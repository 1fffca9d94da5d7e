"""The picture that stands for a video: one of its frames, when the words are there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import av
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from services.generator.generators.video.inputs import Scene
from services.generator.generators.video.planes import Planes
from services.generator.generators.video.timeline import Timeline

LONGER_SIDE: Final = 640
_INTO_SCENE: Final = 0.62


def poster_frame(scenes: Sequence[Scene], timeline: Timeline) -> int:
    """The frame to take: well into the first scene that has a title, if one has."""
    titled = (number for number, scene in enumerate(scenes) if scene.title)
    span = timeline.spans[next(titled, 0)]
    return span.first + int((span.next - span.first) * _INTO_SCENE)


def save(picture: Planes, path: Path) -> None:
    """Write it as WebP, 640 pixels along its longer side."""
    frame = av.VideoFrame.from_ndarray(picture.joined(), format="yuv420p")
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    rgb = frame.reformat(
        format="rgb24", src_colorspace=Colorspace.ITU709, dst_colorspace=Colorspace.ITU709
    ).to_ndarray()
    small = Image.fromarray(rgb)
    small.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
    small.save(path, format="WEBP", quality=86, method=4)
