"""The OpenAI images generator: one request, one answer, and no way to ask for it again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from services.generator.generators.openai_images import dialects
from services.generator.generators.openai_images.answers import Picture, Pictures
from services.generator.generators.openai_images.inputs import OpenAiImagesInput
from services.generator.generators.openai_images.settings import (
    OpenAiImagesBackend,
    OpenAiImagesSettings,
)
from services.generator.generators.remote import Assignment, Offer, Order
from services.generator.generators.remote.errors import AnswerLostError, ProviderFailedError
from services.generator.generators.remote.events import events_of
from services.generator.generators.remote.failures import clipped
from services.generator.generators.remote.synchronous import SynchronousGenerator
from shared.errors import InvalidInputError
from shared.generators import AssetFile, Limits

Job = Assignment[OpenAiImagesInput, OpenAiImagesBackend]


class OpenAiImagesGenerator(SynchronousGenerator[OpenAiImagesInput, OpenAiImagesBackend]):
    """Has a server that speaks OpenAI's protocol make or change pictures."""

    name: ClassVar[str] = "openai-images"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Pictures from words by OpenAI, or a server compatible with it."
    input_model: ClassVar[type[OpenAiImagesInput]] = OpenAiImagesInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png", "image/jpeg", "image/webp")
    example: ClassVar[dict[str, Any]] = {
        "prompt": "A lighthouse in a storm, oil on canvas",
        "size": "1536x1024",
    }
    limits: ClassVar[Limits] = Limits(wall_clock=timedelta(hours=6), output_bytes=128 * 1024**2)
    longest: ClassVar[timedelta] = timedelta(minutes=10)
    settings: ClassVar[type[OpenAiImagesSettings]] = OpenAiImagesSettings

    def offers(self, input: OpenAiImagesInput) -> Sequence[Offer[OpenAiImagesBackend]]:
        lacks = {one: dialects.shortcoming(input, one.told) for one in self.backends.values()}
        able = [backend for backend, lack in lacks.items() if lack is None]
        if not able:
            raise InvalidInputError("; ".join(filter(None, lacks.values())))
        return [Offer(one, one.told.price_per_image * input.count) for one in able]

    async def submit(
        self,
        job: Job,
        prepared: Any,  # noqa: ARG002 - the files travel with the order
    ) -> Order:
        fields = dialects.said(job.input, job.told)
        if not job.input.images:
            path, content = "/images/generations", dict[str, Any](json=fields)
        else:
            path = "/images/edits"
            content = {"data": {key: _text(value) for key, value in fields.items()},
                       "files": _uploads(job)}  # fmt: skip
        content["headers"] = self.headers(job)
        await job.context.progress(None, "Painting")
        largest = self.limits.output_bytes * 3 // 2
        if dialects.streams(job.input, job.told):
            made = await _streamed(job, path, content, largest)
        else:
            answer = await job.session.ask("POST", path, largest=largest, **content)
            made = Pictures.of(answer.json())
        return Order(made.id, made)

    async def collect(self, job: Job, order: Order) -> Sequence[AssetFile]:
        made = order.answer if order.answer is not None else Pictures.at(order.id or "")
        job.charge(made.cost(job.told))
        await job.context.progress(95, "Fetching")
        return [await _file(job, order, one, number) for number, one in enumerate(made.data)]


def _uploads(job: Job) -> list[tuple[str, tuple[str, bytes, str]]]:
    given = [
        ("image" if len(job.input.images) == 1 else "image[]", one) for one in job.input.images
    ]
    if job.input.mask is not None:
        given.append(("mask", job.input.mask))
    files = [(name, job.context.input_file(asset)) for name, asset in given]
    return [
        (name, (f"{name.strip('[]')}-{number}", file.path.read_bytes(), file.media_type))
        for number, (name, file) in enumerate(files)
    ]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _streamed(job: Job, path: str, content: dict[str, Any], largest: int) -> Pictures:
    """The picture at the end of the events; those before it show how far it is."""
    partial = 0
    async with job.session.stream("POST", path, **content) as response:
        async for event in events_of(response, largest):
            kind = str(event.get("type", ""))
            if kind.endswith(".completed"):
                return Pictures.of({"data": [event], "usage": event.get("usage")})
            if kind == "error" or "error" in event:
                said = event.get("error")
                words = said.get("message") if isinstance(said, dict) else said
                raise ProviderFailedError(f"{job.backend.name} gave up: {clipped(str(words))}")
            partial += 1
            percent = 90 * partial / (job.told.partial_images + 1)
            await job.context.progress(min(percent, 90), "Painting")
    raise AnswerLostError(f"The provider {job.backend.name} ended without a picture.")


async def _file(job: Job, order: Order, picture: Picture, number: int) -> AssetFile:
    stem, scratch = "picture" if number == 0 else f"picture-{number + 1}", job.context.scratch
    if picture.url is not None:
        path = await job.downloads.fetch(picture.url, scratch, stem, job.context.seed)
    else:
        path = job.downloads.keep(picture.content(), scratch, stem)
    provenance: dict[str, Any] = {
        "backend": job.backend.name,
        "model": job.told.model,
        "stages": order.stages,
    }
    if picture.revised_prompt:
        provenance["revised_prompt"] = clipped(picture.revised_prompt)
    return AssetFile(path, filename=path.name, provenance=provenance)
