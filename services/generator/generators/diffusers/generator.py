"""The diffusers generator: a model that stays loaded, pictures step by step."""

import asyncio
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from services.generator.generators.diffusers.inputs import DiffusersInput
from services.generator.generators.diffusers.models import DEVICE, FOLDER, MountedModels
from shared.generators import AssetFile, Generator, GeneratorContext, Limits
from shared.generators.needs import lacks_packages

if TYPE_CHECKING:
    from PIL.Image import Image

    from services.generator.generators.diffusers.painting import Painter

_GIB = 1024**3
_SAVING: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 4},
    "webp": {"quality": 92, "method": 4},
    "jpeg": {"quality": 92},
}


class DiffusersGenerator(Generator[DiffusersInput]):
    """Text to image by a model of yours. Keeps the last one that was used in memory."""

    name: ClassVar[str] = "diffusers"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Text to image by a local diffusion model with mounted weights."
    input_model: ClassVar[type[DiffusersInput]] = DiffusersInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png", "image/webp", "image/jpeg")
    example: ClassVar[dict[str, Any]] = {
        "prompt": "a lighthouse in fog, watercolour",
        "width": 512,
        "height": 512,
        "steps": 30,
    }
    environment: ClassVar[tuple[str, ...]] = (FOLDER, DEVICE)
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(minutes=30),
        memory_bytes=256 * _GIB,  # drivers of graphics cards reserve that much of addresses
        output_bytes=256 * 1024**2,
        resident_bytes=6 * _GIB,
        stops_within=timedelta(seconds=20),
    )

    def __init__(self) -> None:
        self._painter: Painter | None = None

    @classmethod
    def unavailable(cls) -> str | None:
        """Its packages, or the weights."""
        lack = lacks_packages("torch", "diffusers", "transformers", extra="diffusers")
        return lack or MountedModels().lack()

    async def generate(self, input: DiffusersInput, context: GeneratorContext) -> list[AssetFile]:
        """`images` pictures of `width` x `height` pixels.

        Raises `InvalidInputError` for a model that is not mounted, `ModelUnusableError`.
        """
        started = perf_counter()
        await context.progress(None, "Loading the model")
        painter = await asyncio.to_thread(self._loaded, MountedModels(), input.model)
        loaded = perf_counter()
        pictures = await self._painted(painter, input, context)
        provenance = {
            "model": painter.name,
            "weights": painter.hashes,
            "device": painter.device,
            "stages": {
                "load": round(loaded - started, 4),
                "paint": round(perf_counter() - loaded, 4),
            },
        }
        return [
            AssetFile(_saved(picture, number, input.format, context.scratch), provenance=provenance)
            for number, picture in enumerate(pictures, 1)
        ]

    def _loaded(self, models: MountedModels, name: str | None) -> "Painter":
        from services.generator.generators.diffusers.painting import Painter  # noqa: PLC0415

        folder = models.find(name)
        if self._painter is None or self._painter.name != folder.name:
            self._painter = None  # the former one makes room first
            self._painter = Painter(folder, models.device)
        return self._painter

    async def _painted(
        self, painter: "Painter", input: DiffusersInput, context: GeneratorContext
    ) -> "list[Image]":
        """Pictures, in a thread; a cancellation is passed on when the step at hand is over."""
        loop, stop = asyncio.get_running_loop(), Event()

        def on_step(done: int) -> None:
            told = context.progress(100 * done / input.steps, f"Step {done} of {input.steps}")
            asyncio.run_coroutine_threadsafe(told, loop)

        work = asyncio.to_thread(painter.paint, input, context.seed, on_step, stop)
        painting = asyncio.create_task(work)
        try:
            return await asyncio.shield(painting)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([painting])
            raise


def _saved(picture: "Image", number: int, format: str, folder: Path) -> Path:
    path = folder / f"diffusers-{number}.{'jpg' if format == 'jpeg' else format}"
    picture.save(path, format=format.upper(), **_SAVING[format])
    return path
