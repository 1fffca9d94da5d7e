"""The OpenAI speech generator: one request, and the answer is the sound."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from services.generator.generators.openai_speech.inputs import OpenAiSpeechInput
from services.generator.generators.openai_speech.settings import (
    OpenAiSpeechBackend,
    OpenAiSpeechSettings,
)
from services.generator.generators.remote import Assignment, Offer, Order
from services.generator.generators.remote.doubt import nobody_knows
from services.generator.generators.remote.synchronous import SynchronousGenerator
from shared.errors import InvalidInputError
from shared.generators import AssetFile, Limits

Job = Assignment[OpenAiSpeechInput, OpenAiSpeechBackend]


class OpenAiSpeechGenerator(SynchronousGenerator[OpenAiSpeechInput, OpenAiSpeechBackend]):
    """Has a server that speaks OpenAI's protocol read a text aloud."""

    name: ClassVar[str] = "openai-speech"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Speech from text by OpenAI, or a server compatible with it."
    input_model: ClassVar[type[OpenAiSpeechInput]] = OpenAiSpeechInput
    media_types: ClassVar[tuple[str, ...]] = ("audio/mpeg", "audio/wav", "audio/flac", "audio/ogg")
    example: ClassVar[dict[str, Any]] = {
        "text": "The lighthouse keeper counts the ships, and one is missing.",
        "voice": "coral",
    }
    limits: ClassVar[Limits] = Limits(wall_clock=timedelta(hours=6), output_bytes=64 * 1024**2)
    longest: ClassVar[timedelta] = timedelta(minutes=5)
    settings: ClassVar[type[OpenAiSpeechSettings]] = OpenAiSpeechSettings

    def offers(self, input: OpenAiSpeechInput) -> Sequence[Offer[OpenAiSpeechBackend]]:
        lacks = {one: _shortcoming(input, one.told) for one in self.backends.values()}
        able = [backend for backend, lack in lacks.items() if lack is None]
        if not able:
            raise InvalidInputError("; ".join(filter(None, lacks.values())))
        return [Offer(one, one.told.cost(len(input.text))) for one in able]

    async def submit(
        self,
        job: Job,
        prepared: Any,  # noqa: ARG002 - there is nothing to prepare
    ) -> Order:
        await job.context.progress(None, "Speaking")
        answer = await job.session.ask(
            "POST",
            "/audio/speech",
            json=_said(job),
            headers=self.headers(job),
            largest=self.limits.output_bytes,
        )
        return Order(answer=answer.content)

    async def collect(self, job: Job, order: Order) -> Sequence[AssetFile]:
        if order.answer is None:
            raise nobody_knows(job.backend.name, "and does not keep what it said")
        job.charge(job.told.cost(len(job.input.text)))
        path = job.downloads.keep(order.answer, job.context.scratch, "speech")
        provenance = {
            "backend": job.backend.name,
            "model": job.told.model,
            "voice": job.input.voice,
            "stages": order.stages,
        }
        return [AssetFile(path, filename=path.name, provenance=provenance)]


def _shortcoming(wish: OpenAiSpeechInput, told: OpenAiSpeechBackend) -> str | None:
    if wish.model not in {None, told.model}:
        return f"model: {told.name} has {told.model}"
    if told.voices is not None and wish.voice not in told.voices:
        return f"voice: {told.name} has {', '.join(told.voices)}"
    if wish.instructions and not told.instructions:
        return f"instructions: {told.name} takes none"
    return None


def _said(job: Job) -> dict[str, Any]:
    wish = job.input
    said: dict[str, Any] = {
        "model": job.told.model,
        "input": wish.text,
        "voice": wish.voice,
        "response_format": wish.format,
    }
    if wish.speed != 1:
        said["speed"] = wish.speed
    if wish.instructions:
        said["instructions"] = wish.instructions
    return said
