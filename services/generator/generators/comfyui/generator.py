"""The ComfyUI generator: workflows of the operator, in the queue of a server of one's own.

The order bears the job's id, so the server can always be asked whether it has arrived.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from services.generator.generators.comfyui.inputs import ComfyUiInput
from services.generator.generators.comfyui.prompts import MARK, Finished, Queue, of_job_in_history
from services.generator.generators.comfyui.settings import ComfyUiBackend, ComfyUiSettings
from services.generator.generators.comfyui.templates import BadTemplateError, Template, load
from services.generator.generators.remote import Assignment, Offer, Order, RemoteGenerator
from services.generator.generators.remote.errors import (
    OrderLostError,
    ProviderFailedError,
)
from services.generator.generators.remote.polling import Pauses, poll
from shared.errors import InvalidInputError
from shared.generators import AssetFile, Limits, ProviderJob

Job = Assignment[ComfyUiInput, ComfyUiBackend]

REMEMBERED = 500
"""Entries of the history that are looked through for an order whose id the server has chosen."""


class ComfyUiGenerator(RemoteGenerator[ComfyUiInput, ComfyUiBackend]):
    """Fills in a workflow template and has a ComfyUI server run it."""

    name: ClassVar[str] = "comfyui"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Pictures, video and sound by workflows on ComfyUI servers."
    input_model: ClassVar[type[ComfyUiInput]] = ComfyUiInput
    media_types: ClassVar[tuple[str, ...]] = (
        "image/png", "image/jpeg", "image/webp", "image/gif", "video/mp4", "video/webm",
        "audio/flac", "audio/mpeg", "audio/wav", "audio/ogg",
    )  # fmt: skip
    example: ClassVar[dict[str, Any]] = {
        "template": "text-to-image",
        "values": {"prompt": "A lighthouse in a storm, oil on canvas"},
    }
    limits: ClassVar[Limits] = Limits(wall_clock=timedelta(hours=6), output_bytes=512 * 1024**2)
    longest: ClassVar[timedelta] = timedelta(minutes=30)
    settings: ClassVar[type[ComfyUiSettings]] = ComfyUiSettings

    def offers(self, input: ComfyUiInput) -> Sequence[Offer[ComfyUiBackend]]:
        template = self._template(input)
        template.values(input, 0)
        template.check_files(input)
        offers = [
            Offer(backend, backend.told.most())
            for backend in self.backends.values()
            if backend.told.templates is None or input.template in backend.told.templates
        ]
        if not offers:
            raise InvalidInputError(f"template: no server here can run {input.template}")
        return offers

    async def prepare(self, job: Job) -> dict[str, str]:
        """Put the pictures there; the answer is what they are called."""
        names = {}
        for number, given in enumerate(job.input.files):
            file = job.context.input_file(given.asset)
            suffix = file.media_type.partition("/")[2]
            upload = (f"{job.context.job_id}-{number}.{suffix}", file.path.read_bytes())
            answer = await job.session.ask(
                "POST", "/upload/image", files={"image": upload}, data={"overwrite": "true"}
            )
            name, folder = answer.text("name"), answer.json().get("subfolder")
            names[given.field] = f"{folder}/{name}" if folder else name
        return names

    async def submit(self, job: Job, prepared: dict[str, str]) -> Order:
        template, mine = self._template(job.input), str(job.context.job_id)
        body = {
            "prompt": template.filled(template.values(job.input, job.context.seed) | prepared),
            "prompt_id": mine,
            "client_id": mine,
            "extra_data": {MARK: mine},
        }
        answer = await job.session.ask("POST", "/prompt", json=body)
        return Order(answer.text("prompt_id"))

    async def look_for(self, job: Job) -> Order | None:
        mine = str(job.context.job_id)
        queue = Queue((await job.session.ask("GET", "/queue")).json())
        found = queue.of_job(mine)
        if found is None and await _finished(job, mine):
            found = mine
        if found is None:
            answer = await job.session.ask("GET", "/history", params={"max_items": REMEMBERED})
            found = of_job_in_history(answer.json(), mine)
        return None if found is None else Order(found)

    async def collect(self, job: Job, order: Order) -> Sequence[AssetFile]:
        assert order.id is not None
        pauses = Pauses(job.told.first_pause, job.context.seed)
        done = await poll(partial(_look, job, order.id), _is_there, pauses)
        assert done is not None
        job.charge(job.told.cost(done.seconds))
        if done.failed:
            raise ProviderFailedError(f"{job.input.template} failed: {done.reason}")
        queries = done.queries(self._template(job.input).outputs)
        if not queries:
            raise ProviderFailedError(f"{job.input.template} made no file.")
        await job.context.progress(95, "Fetching")
        return [await _file(job, order, query, done, n) for n, query in enumerate(queries)]

    async def cancel(
        self,
        input: ComfyUiInput,  # noqa: ARG002 - the order's id says it all
        provider_job: ProviderJob,
    ) -> None:
        """Take it out of the queue; interrupt the server only while it works on this one."""
        backend, mine = self.backends.get(provider_job.provider), provider_job.id
        if backend is None or mine is None:
            return
        async with backend.session() as session:
            await session.ask("POST", "/queue", json={"delete": [mine]})
            queue = Queue((await session.ask("GET", "/queue")).json())
            if queue.position(mine) == 0:
                await session.ask("POST", "/interrupt", json={"prompt_id": mine})

    def _template(self, input: ComfyUiInput) -> Template:
        settings = self.told
        if not isinstance(settings, ComfyUiSettings) or settings.templates is None:
            raise BadTemplateError(f"There is no {ComfyUiSettings.variable('templates')}.")
        return load(settings.templates, input.template)


async def _look(job: Job, prompt_id: str) -> Finished | None:
    """None: it is still to come."""
    if done := await _finished(job, prompt_id):
        return done
    position = Queue((await job.session.ask("GET", "/queue")).json()).position(prompt_id)
    if position is not None:
        message = f"{position} before it" if position else "Making"
        await job.context.progress(None, message)
        return None
    if done := await _finished(job, prompt_id):
        return done
    await job.context.provider_jobs.forget()
    raise OrderLostError(
        f"The server {job.backend.name} has lost the order; perhaps it was started anew."
    )


async def _is_there(done: Finished | None) -> bool:
    return done is not None


async def _finished(job: Job, prompt_id: str) -> Finished | None:
    answer = (await job.session.ask("GET", f"/history/{prompt_id}")).json()
    entry = answer.get(prompt_id) if isinstance(answer, dict) else None
    return Finished(entry) if isinstance(entry, dict) else None


async def _file(job: Job, order: Order, query: str, done: Finished, number: int) -> AssetFile:
    stem = "comfyui" if number == 0 else f"comfyui-{number + 1}"
    url = f"{job.told.base_url}/view?{query}"
    path = await job.downloads.fetch(url, job.context.scratch, stem, job.context.seed)
    provenance = {
        "backend": job.backend.name,
        "template": job.input.template,
        "seed": job.context.seed,
        "stages": {**order.stages, "working": round(done.seconds, 3)},
    }
    return AssetFile(path, filename=path.name, provenance=provenance)
