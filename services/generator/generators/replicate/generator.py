"""The Replicate generator: predictions, ordered once and waited for.

The answer to an order is not waited for with `Prefer: wait`: until it comes the id is not known,
and what is not known cannot be noted.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Final
from urllib.parse import quote

from services.generator.generators.remote import Assignment, Offer, Order, RemoteGenerator
from services.generator.generators.remote.errors import AnswerLostError, ProviderFailedError
from services.generator.generators.remote.polling import Pauses, poll
from services.generator.generators.replicate import parameters, searching
from services.generator.generators.replicate.inputs import ReplicateInput
from services.generator.generators.replicate.predictions import Prediction
from services.generator.generators.replicate.settings import (
    AllowedModel,
    ReplicateBackend,
    ReplicateSettings,
)
from shared.errors import InvalidInputError, NotFoundError
from shared.generators import AssetFile, GeneratorContext, Limits, ProviderJob

LOOKS_AFTER_CANCELING: Final = 5
PAUSE_AFTER_CANCELING: Final = timedelta(seconds=2)
"""A prediction is stopped, and what it has cost known, a moment after it was asked for."""

Job = Assignment[ReplicateInput, ReplicateBackend]


class ReplicateGenerator(RemoteGenerator[ReplicateInput, ReplicateBackend]):
    """Runs a model at Replicate that the operator allows."""

    name: ClassVar[str] = "replicate"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Pictures, video and sound by models at Replicate."
    input_model: ClassVar[type[ReplicateInput]] = ReplicateInput
    media_types: ClassVar[tuple[str, ...]] = (
        "image/png", "image/jpeg", "image/webp", "image/gif", "image/avif",
        "video/mp4", "video/webm", "audio/mpeg", "audio/wav", "audio/flac", "audio/ogg",
    )  # fmt: skip
    example: ClassVar[dict[str, Any]] = {
        "model": "black-forest-labs/flux-schnell",
        "prompt": "A lighthouse in a storm, oil on canvas",
        "parameters": {"aspect_ratio": "16:9"},
    }
    limits: ClassVar[Limits] = Limits(wall_clock=timedelta(hours=6), output_bytes=512 * 1024**2)
    longest: ClassVar[timedelta] = timedelta(minutes=20)
    settings: ClassVar[type[ReplicateSettings]] = ReplicateSettings

    def offers(self, input: ReplicateInput) -> Sequence[Offer[ReplicateBackend]]:
        offers = []
        for backend in self.backends.values():
            model = _model(backend.told, input.model)
            if model is not None:
                parameters.check(input, model)
                outputs = parameters.outputs_wanted(input, model, backend.told)
                offers.append(Offer(backend, model.most(outputs)))
        if not offers:
            allowed = {model.model for one in self.backends.values() for model in one.told.models}
            raise InvalidInputError(
                f"model: {input.model} is not allowed here; use {', '.join(sorted(allowed))}"
            )
        return offers

    async def prepare(self, job: Job) -> dict[str, str]:
        """Where the model finds its files: in the request itself, or uploaded before."""
        found = {}
        for given in job.input.files:
            file = job.context.input_file(given.asset)
            if file.size <= parameters.INLINE:
                found[given.parameter] = parameters.inline(file)
                continue
            upload = (given.parameter, file.path.read_bytes(), file.media_type)
            answer = await job.session.ask("POST", "/v1/files", files={"content": upload})
            found[given.parameter] = answer.text("urls", "get")
        return found

    async def submit(self, job: Job, prepared: dict[str, str]) -> Order:
        model = _allowed(job)
        said = parameters.told(job.input, model, job.context.seed, prepared)
        path, body = f"/v1/models/{quote(model.model)}/predictions", dict[str, Any](input=said)
        if model.version is not None:
            path, body["version"] = "/v1/predictions", model.version
        if job.told.webhook_url is not None:
            body |= {
                "webhook": f"{job.told.webhook_url}?job={job.context.job_id}",
                "webhook_events_filter": ["completed"],
            }
        headers = {"Cancel-After": f"{model.longest_seconds:.0f}s"}
        answer = await job.session.ask("POST", path, json=body, headers=headers)
        taken = Prediction.of(answer.json())
        if not parameters.fits(taken.input, said, model):
            raise AnswerLostError(f"The provider {job.backend.name} answered for another order.")
        return Order(taken.id)

    async def look_for(self, job: Job) -> Order | None:
        found = await searching.find(job, _allowed(job))
        return None if found is None else Order(found)

    async def collect(self, job: Job, order: Order) -> Sequence[AssetFile]:
        assert order.id is not None
        pauses = Pauses(job.told.first_pause, job.context.seed)
        watcher = _Watcher(job.context)
        done = await poll(partial(_look, job, order.id), watcher.is_over, pauses)
        model, urls = _allowed(job), done.urls()
        job.charge(model.cost(len(urls), done.seconds))
        if done.status != "succeeded":
            raise ProviderFailedError(
                f"{model.model} at {job.backend.name} {_ended(done)}: {done.reason or 'no reason'}"
            )
        if not urls:
            raise ProviderFailedError(f"{model.model} made no file.")
        await job.context.progress(95, "Fetching")
        return [await _file(job, order, done, n, url) for n, url in enumerate(urls)]

    async def cancel(
        self,
        input: ReplicateInput,
        provider_job: ProviderJob,
    ) -> float | None:
        """Stop the prediction, where its id is known; one that is over stays as it is.

        It is paid for as long as it has run, and in full where it was made by then.
        """
        backend = self.backends.get(provider_job.provider)
        if backend is None or provider_job.id is None:
            return None
        where = f"/v1/predictions/{quote(provider_job.id, safe='')}"
        async with backend.session() as session:
            done = Prediction.of((await session.ask("POST", f"{where}/cancel")).json())
            for _ in range(LOOKS_AFTER_CANCELING):
                if done.is_over:
                    break
                await asyncio.sleep(PAUSE_AFTER_CANCELING.total_seconds())
                done = Prediction.of((await session.ask("GET", where)).json())
        model = _model(backend.told, input.model)
        if model is None or not (done.seconds or done.status == "succeeded"):
            return None
        return model.cost(len(done.urls()), done.seconds)


async def _look(job: Job, prediction_id: str) -> Prediction:
    answer = await job.session.ask("GET", f"/v1/predictions/{quote(prediction_id, safe='')}")
    seen = Prediction.of(answer.json())
    if seen.id != prediction_id:
        raise AnswerLostError(f"The provider {job.backend.name} answered for another order.")
    return seen


class _Watcher:
    """Tells how far it is. Models that print one progress bar after another never go back."""

    def __init__(self, context: GeneratorContext) -> None:
        self._context = context
        self._percent: float | None = None

    async def is_over(self, seen: Prediction) -> bool:
        if seen.status == "starting":
            await self._context.progress(None, "Waiting for the model to start")
        elif seen.status == "processing":
            percents = [one for one in (self._percent, seen.percent) if one is not None]
            self._percent = max(percents, default=None)
            shown = None if self._percent is None else self._percent * 0.9
            await self._context.progress(shown, "Making")
        return seen.is_over


async def _file(job: Job, order: Order, done: Prediction, number: int, url: str) -> AssetFile:
    stem = "replicate" if number == 0 else f"replicate-{number + 1}"
    path = await job.downloads.fetch(url, job.context.scratch, stem, job.context.seed)
    provenance = {
        "backend": job.backend.name,
        "model": job.input.model,
        "model_version": done.version,
        "prediction": done.id,
        "seed": _allowed(job).seed(job.context.seed),
        "stages": {**order.stages, "predicting": round(done.seconds, 3)},
    }
    return AssetFile(path, filename=path.name, provenance=provenance)


def _ended(done: Prediction) -> str:
    return "was canceled there" if done.status in {"canceled", "aborted"} else "failed"


def _model(told: ReplicateBackend, name: str) -> AllowedModel | None:
    return next((model for model in told.models if model.model == name), None)


def _allowed(job: Job) -> AllowedModel:
    model = _model(job.told, job.input.model)
    if model is None:
        raise NotFoundError(f"{job.input.model} is not allowed at {job.backend.name} any more.")
    return model
