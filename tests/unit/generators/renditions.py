"""Sources for tests of renditions, and one way to make a rendition of them."""

import asyncio
import hashlib
import io
import struct
import wave
import zlib
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
import pypdfium2
from PIL import Image

from services.generator.generators.rendition import RenditionGenerator
from services.generator.generators.rendition.inputs import RenditionInput
from shared.generators import AssetFile, GeneratorContext, InputFile
from shared.media import measure, sniff

ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class Renditions:
    """Makes renditions in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.told: list[tuple[float | None, str | None]] = []

    def __call__(self, source: bytes | None = None, **asked: Any) -> list[AssetFile]:
        inputs: dict[str, InputFile] = {}
        if source is not None:
            inputs[ID] = self._given(source)
            asked["source"] = ID
        context = GeneratorContext(UUID(int=0), 7, self._folder, report=self._hear, inputs=inputs)
        parsed = RenditionInput.model_validate(asked)
        return asyncio.run(RenditionGenerator().generate(parsed, context))

    def picture(self, source: bytes, **asked: Any) -> Image.Image:
        """The one picture that comes of it."""
        [made] = self(source, **asked)
        return shown(made.path)

    async def _hear(self, percent: float | None, message: str | None) -> None:
        self.told.append((percent, message))

    def _given(self, source: bytes) -> InputFile:
        folder = self._folder / "inputs"
        folder.mkdir(exist_ok=True)
        path = folder / hashlib.sha256(source).hexdigest()
        path.write_bytes(source)
        media_type = sniff(path)
        found = measure(path, media_type)
        return InputFile(
            path, media_type, path.name, len(source), found.width, found.height, found.duration
        )


def shown(path: Path) -> Image.Image:
    """The picture in a file that is closed again."""
    return Image.open(io.BytesIO(path.read_bytes()))


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, format=kind, **options)
    return made.getvalue()


def quarters(width: int = 400, height: int = 200) -> Image.Image:
    """Red, green, blue and white, clockwise from the upper left."""
    picture = Image.new("RGB", (width, height), "white")
    for color, box in (
        ("#d00000", (0, 0, width // 2, height // 2)),
        ("#00b000", (width // 2, 0, width, height // 2)),
        ("#0000d0", (width // 2, height // 2, width, height)),
    ):
        picture.paste(color, box)
    return picture


def tone(seconds: float = 2.0, rate: int = 22_050, channels: int = 1, loud: float = 0.5) -> bytes:
    """A WAV that is silent in its second half."""
    made = io.BytesIO()
    angle = np.arange(int(seconds * rate)) * (2 * np.pi * 440 / rate)
    samples = np.sin(angle) * loud * (angle < angle[-1] / 2)
    packed = np.repeat((samples * 32_767).astype("<i2")[:, None], channels, axis=1)
    with wave.open(made, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(packed.tobytes())
    return made.getvalue()


def film(seconds: int = 3, *, sound: bool = False) -> bytes:
    """Each second has its own shade: 60, 120, 180."""
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as file:
        stream: Any = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        heard: Any = file.add_stream("aac", rate=48_000) if sound else None
        for number in range(seconds * 10):
            shade = np.full((180, 320, 3), 60 * (number // 10 + 1), dtype=np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        file.mux(stream.encode(None))
        if sound:
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 48_000), np.float32), format="fltp")
            frame.sample_rate = 48_000
            file.mux(heard.encode(frame))
            file.mux(heard.encode(None))
    return made.getvalue()


def document(pages: int = 2, width: float = 595, height: float = 842) -> bytes:
    made = io.BytesIO()
    with pypdfium2.PdfDocument.new() as pdf:
        for number in range(pages):
            pdf.new_page(width, height + 100 * number)
        pdf.save(made)
    return made.getvalue()


def png(width: int, height: int, rows: bytes) -> bytes:
    """A PNG of one bit a pixel that says it is so large, whatever is in it."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def bomb() -> bytes:
    """A small file of 1.6 gigapixels."""
    squeezer = zlib.compressobj(9)
    row = bytes(1 + 40_000 // 8)
    rows = b"".join(squeezer.compress(row * 400) for _ in range(100)) + squeezer.flush()
    return png(40_000, 40_000, rows)
