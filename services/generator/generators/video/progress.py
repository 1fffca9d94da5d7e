"""How far a video is, in one number: its stages weighed by how long they usually take."""

from typing import Final

from shared.generators import GeneratorContext

_SPEAK: Final = 0.8  # seconds a second of speech
_COMPOSE: Final = 5.0
_RENDER: Final = 3e-8  # seconds a pixel of every frame


class Progress:
    """Tells the context. `pixels` are those of all frames, `letters` those of all narrations."""

    def __init__(
        self, context: GeneratorContext, *, letters: int, composed: bool, pixels: float
    ) -> None:
        self._context = context
        stages = (letters / 15 * _SPEAK, _COMPOSE * composed, pixels * _RENDER)
        whole = sum(stages)
        self._music = 98 * stages[0] / whole
        self._pictures = 98 * (stages[0] + stages[1]) / whole

    async def narrating(self, share: float, message: str) -> None:
        await self._context.progress(self._music * share, message)

    async def composing(self) -> None:
        await self._context.progress(self._music, "Composing music")

    async def rendering(self, frame: int, frames: int) -> None:
        percent = self._pictures + (98 - self._pictures) * frame / frames
        await self._context.progress(percent, f"Rendering frame {frame + 1} of {frames}")

    async def finishing(self) -> None:
        await self._context.progress(99, "Finishing the file")
