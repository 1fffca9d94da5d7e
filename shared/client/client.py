"""The client itself: one method for each thing the API does."""

import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from shared.client.downloading import download_asset
from shared.client.errors import NoContentError, UnexpectedAnswerError
from shared.client.models import BatchAnswer, DeadLetter, Generator, Job, JobAsset, Page
from shared.client.polling import Poll
from shared.client.transport import CONNECT_TIMEOUT, TIMEOUT, ApiTransport

T = TypeVar("T")
JobId = uuid.UUID | str
_BRIEFLY = timedelta(seconds=1)
_PATIENTLY = timedelta(seconds=20)


class DarkroomClient:
    """Use as `async with DarkroomClient(url) as darkroom:`; one connection pool.

    Raises the exceptions of `shared.client.errors`, all `DarkroomError`s.
    """

    def __init__(
        self, url: str, *, transport: httpx.AsyncBaseTransport | None = None, tries: int = 3
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            transport=transport,
            timeout=httpx.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT),
            headers={"Accept": "application/json", "User-Agent": "darkroom-client"},
        )
        self._api = ApiTransport(self._http, tries=tries)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def request(
        self,
        generator: str,
        input: Mapping[str, Any],
        *,
        metadata: Mapping[str, Any] | None = None,
        priority: str | None = None,
        idempotency_key: str | None = None,
        wait: timedelta | None = None,
        **more: Any,
    ) -> Job:
        """Ask for media. With `wait`, the API answers when the job has ended, or after that time.

        Without an `idempotency_key` the client makes one up, so that sending again after a lost
        answer asks for nothing twice. `more` are further members of the body (`deadline_seconds`,
        `expires_in`, `webhook`).
        """
        chosen = {"metadata": metadata, "priority": priority, **more}
        body = {"generator": generator, "input": dict(input)}
        body |= {key: value for key, value in chosen.items() if value is not None}
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        answer = await self._api.call("POST", "/v1/media", json=body, headers=headers, wait=wait)
        return _read(Job, answer)

    async def request_many(
        self, requests: Iterable[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> list[BatchAnswer]:
        """Ask for up to 1,000 at once: each a mapping like the body of one request."""
        body = {"requests": [dict(request) for request in requests]}
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        answer = await self._api.call("POST", "/v1/media/batch", json=body, headers=headers)
        return _read(dict[str, list[BatchAnswer]], {"answers": answer.get("answers")})["answers"]

    async def get(self, job_id: JobId, *, wait: timedelta | None = None) -> Job:
        """The job as it stands; with `wait`, once it has ended or that time is over."""
        return _read(Job, await self._api.call("GET", f"/v1/media/{job_id}", wait=wait))

    async def cancel(self, job_id: JobId) -> Job:
        """Stop it, or never start it; a job that has ended is an `ApiProblemError`."""
        return _read(Job, await self._api.call("POST", f"/v1/media/{job_id}/cancel"))

    async def list(
        self,
        *,
        status: str | None = None,
        generator: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Job]:
        """A page of jobs, newest first."""
        filters = {"status": status, "generator": generator, "limit": limit, "cursor": cursor}
        return _read(Page[Job], await self._api.call("GET", "/v1/media", params=_given(filters)))

    async def follow(
        self,
        job_id: JobId,
        timeout: timedelta = timedelta(minutes=5),  # noqa: ASYNC109
    ) -> AsyncIterator[Job]:
        """The job whenever it changes, to the end. Raises `StillRunningError` after `timeout`."""
        async for job in Poll(self.get, timeout, patience=_BRIEFLY).until_final(job_id):
            yield job

    async def wait(
        self,
        job_id: JobId,
        timeout: timedelta = timedelta(minutes=5),  # noqa: ASYNC109
    ) -> Job:
        """The job once it has ended, whichever way. Raises `StillRunningError` after `timeout`."""
        poll = Poll(self.get, timeout, patience=_PATIENTLY)
        return [job async for job in poll.until_final(job_id)][-1]

    async def download(self, job: Job | JobId, path: Path, asset: JobAsset | None = None) -> Path:
        """Write a file of the job (its primary) to `path`: whole and verified, or not at all."""
        if not isinstance(job, Job):
            job = await self.get(job)
        asset = asset or job.primary
        url = asset.url if asset and asset.url else job.urls.content
        if asset is None or url is None:
            raise NoContentError(job.id, job.status)
        return await download_asset(self._http, url, path, sha256=asset.sha256)

    async def generators(self) -> "tuple[Generator, ...]":
        """What was announced."""
        return _read(Page[Generator], await self._api.call("GET", "/v1/generators")).items

    async def generator(self, name: str) -> Generator:
        """One generator, with the JSON Schema of its input."""
        return _read(Generator, await self._api.call("GET", f"/v1/generators/{name}"))

    async def dead_letters(
        self, *, queue: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Page[DeadLetter]:
        """A page of messages that could not be handled, newest first."""
        filters = _given({"queue": queue, "limit": limit, "cursor": cursor})
        answer = await self._api.call("GET", "/v1/dead-letters", params=filters)
        return _read(Page[DeadLetter], answer)

    async def dead_letter(self, letter_id: JobId | int) -> DeadLetter:
        """One of them, with its body and headers."""
        return _read(DeadLetter, await self._api.call("GET", f"/v1/dead-letters/{letter_id}"))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _read(kind: type[T], answer: Any) -> T:
    try:
        return TypeAdapter(kind).validate_python(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnexpectedAnswerError(
            f"the API's answer is not what this client knows: {place}: {first['msg']}"
        ) from error
