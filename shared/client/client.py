"""The client itself: one method for each thing the API does."""

import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, Unpack

import httpx

from shared.client.budgets import Budgets
from shared.client.credentials import credentials
from shared.client.dead_letters import DeadLetters
from shared.client.downloading import download_asset
from shared.client.errors import NoContentError, NotMadeError
from shared.client.events import EventListener, LiveEvent, listener
from shared.client.following import Following
from shared.client.keys import Keys
from shared.client.limits import TenantLimits
from shared.client.models import (
    BatchAnswer,
    Collected,
    Control,
    Generator,
    Job,
    JobAsset,
    Page,
    RequestOptions,
    Upload,
)
from shared.client.reading import given, read
from shared.client.transport import CONNECT_TIMEOUT, PATIENCE, TIMEOUT, ApiTransport, OnPause
from shared.client.uploading import FileBody
from shared.client.webhooks import Webhooks

JobId = uuid.UUID | str
Resolution = Literal["attach", "resubmit", "fail"]
_PATIENTLY = timedelta(seconds=20)
_LONG = 1800.0
_ALWAYS = {"Accept": "application/json", "User-Agent": "darkroom-client"}


class DarkroomClient:
    """Use as `async with DarkroomClient(url) as darkroom:`; one connection pool.

    Raises the exceptions of `shared.client.errors`, all `DarkroomError`s. While the API is busy or
    away it asks again, up to `tries` times and no longer than `patience`, as transport.py says.
    It asks with the `api_key`, or that of `DARKROOM_API_KEY`; a key with the scope `operate` may
    act for another `tenant`.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        tenant: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        tries: int = 3,
        patience: timedelta = PATIENCE,
        on_pause: OnPause = lambda _error, _pause: None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            transport=transport,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
            timeout=httpx.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT),
            headers={**_ALWAYS, **credentials(api_key, tenant)},
        )
        self._api = ApiTransport(self._http, tries=tries, patience=patience, on_pause=on_pause)
        self.dead_letters = DeadLetters(self._api)
        self.budget = Budgets(self._api)
        self.webhooks = Webhooks(self._api)
        self.keys = Keys(self._api)
        self.limits = TenantLimits(self._api)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go the connections; what `async with` does at its end."""
        await self._http.aclose()

    async def make(
        self,
        generator: str,
        input: Mapping[str, Any],
        *,
        timeout: timedelta = timedelta(minutes=5),  # noqa: ASYNC109
        idempotency_key: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Job:
        """Ask for media and wait for it: the job, with its files.

        `NotMadeError` when it ends without them; `StillRunningError` after `timeout`: it goes on,
        and the same `idempotency_key` finds it again.
        """
        job = await self.request(
            generator,
            input,
            idempotency_key=idempotency_key,
            wait=min(timeout, _PATIENTLY),
            **options,
        )
        if not job.is_final:
            job = await self.wait(job.id, timeout)
        if job.status != "ready":
            raise NotMadeError(job.id, job.status, job.error.message if job.error else None)
        return job

    async def request(
        self,
        generator: str,
        input: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        wait: timedelta | None = None,
        **options: Unpack[RequestOptions],
    ) -> Job:
        """Ask for media. With `wait`, the API answers when the job has ended, or after that time.

        Without an `idempotency_key` the client makes one up, so that sending again after a lost
        answer asks for nothing twice.
        """
        body = {"generator": generator, "input": dict(input), **given(options)}
        headers = _key(idempotency_key)
        answer = await self._api.call("POST", "/v1/media", json=body, headers=headers, wait=wait)
        return read(Job, answer)

    async def request_many(
        self, requests: Iterable[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> list[BatchAnswer]:
        """Ask for up to 1,000 at once: each a mapping like the body of one request."""
        body = {"requests": [dict(request) for request in requests]}
        answer = await self._api.call(
            "POST", "/v1/media/batch", json=body, headers=_key(idempotency_key)
        )
        return read(dict[str, list[BatchAnswer]], {"answers": answer.get("answers")})["answers"]

    async def get(self, job_id: JobId, *, wait: timedelta | None = None) -> Job:
        """The job as it stands; with `wait`, once it has ended or that time is over."""
        return read(Job, await self._api.call("GET", f"/v1/media/{job_id}", wait=wait))

    async def cancel(self, job_id: JobId) -> Job:
        """Stop it, or never start it; a job that has ended is an `ApiProblemError`."""
        return read(Job, await self._api.call("POST", f"/v1/media/{job_id}/cancel"))

    async def retry(self, job_id: JobId, *, idempotency_key: str | None = None) -> Job:
        """A new job that repeats one that ended without a result; `retried_from` says which.

        `ApiConflictError` for one that has not ended (`not_final`) or is ready (`already_ready`).
        """
        path = f"/v1/media/{job_id}/retry"
        return read(Job, await self._api.call("POST", path, headers=_key(idempotency_key)))

    async def reconcile(
        self,
        job_id: JobId,
        resolution: Resolution,
        *,
        provider_job_id: str | None = None,
        reason: str | None = None,
    ) -> Job:
        """Decide about a job that needs reconciliation; `attach` needs the provider's id for it.

        `ApiConflictError` for one that does not (`nothing_to_reconcile`).
        """
        told = {"provider_job_id": provider_job_id, "reason": reason}
        body = {"resolution": resolution, **given(told)}
        return read(Job, await self._api.call("POST", f"/v1/media/{job_id}/reconcile", json=body))

    async def delete(self, job_id: JobId) -> None:
        """Delete a job that has ended, with its input and its files; again changes nothing.

        `ApiConflictError` for one that has not ended (`still_running`). Afterwards `get` raises
        `ApiGoneError`.
        """
        await self._api.call("DELETE", f"/v1/media/{job_id}")

    async def collect(self, *, dry_run: bool = False) -> Collected:
        """Remove stored files that nobody refers to, or only count them. For operators.

        It answers when all of the store has been looked through.
        """
        told = {"dry_run": str(dry_run).lower()}
        answer = await self._api.call("POST", "/v1/store/collect", params=told, timeout=_LONG)
        return read(Collected, answer)

    async def list(
        self,
        *,
        status: str | Sequence[str] | None = None,
        generator: str | Sequence[str] | None = None,
        metadata: Mapping[str, str] | None = None,
        oldest_first: bool = False,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Job]:
        """A page of jobs, newest first; any of several states or generators, all of `metadata`."""
        filters = {"status": status, "generator": generator, "limit": limit, "cursor": cursor}
        filters |= {f"metadata.{key}": value for key, value in (metadata or {}).items()}
        if oldest_first:
            filters["order"] = "oldest"
        return read(Page[Job], await self._api.call("GET", "/v1/media", params=given(filters)))

    async def follow(
        self,
        job_id: JobId,
        timeout: timedelta = timedelta(minutes=5),  # noqa: ASYNC109
    ) -> AsyncIterator[Job]:
        """The job whenever it changes, to the end. Raises `StillRunningError` after `timeout`."""
        following = Following(self.get, self._listen, timeout, every_step=True)
        async for job in following.until_final(job_id):
            yield job

    async def wait(
        self,
        job_id: JobId,
        timeout: timedelta = timedelta(minutes=5),  # noqa: ASYNC109
    ) -> Job:
        """The job once it has ended, whichever way. Raises `StillRunningError` after `timeout`."""
        following = Following(self.get, self._listen, timeout, every_step=False)
        return [job async for job in following.until_final(job_id)][-1]

    def _listen(self, job_id: uuid.UUID) -> EventListener:
        return listener(self._http, job_id)

    async def events(
        self,
        job_id: JobId | None = None,
        *,
        since: str | datetime | None = None,
        types: Sequence[str] = (),
        generators: Sequence[str] = (),
    ) -> AsyncIterator[LiveEvent]:
        """A job's events from its beginning to its end, or all there are from now on, for ever.

        `since`: the `position` of the last event that is known, or a moment. Comes back by itself
        when the connection is lost, without a gap and telling nothing twice. `types`
        (`media.ready`) and `generators` narrow down the events of all. Raises `ApiGoneError` where
        some of what followed that position is forgotten (`events_gone`), `HeldBackError`.
        """
        moment, place = (since, None) if isinstance(since, datetime) else (None, since)
        found = listener(self._http, job_id, types, generators, moment)
        async for event in found.listen(place, to_the_end=job_id is not None):
            yield event

    async def upload(
        self, path: Path, filename: str | None = None, *, idempotency_key: str | None = None
    ) -> Upload:
        """Bring a file along, to be named by its id in inputs. Raises `OSError` as well.

        The same bytes with the same `idempotency_key` are the same upload. Without one the client
        makes one up, so that sending again after a lost answer keeps nothing twice.
        """
        body = FileBody(path)
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(body.size)}
        headers |= _key(idempotency_key)
        answer = await self._api.call(
            "POST",
            "/v1/uploads",
            params={"filename": filename or path.name},
            headers=headers,
            content=body,
        )
        return read(Upload, answer)

    async def uploads(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Upload]:
        """A page of the files that were brought along, newest first."""
        wanted = given({"limit": limit, "cursor": cursor})
        return read(Page[Upload], await self._api.call("GET", "/v1/uploads", params=wanted))

    async def delete_upload(self, upload_id: uuid.UUID | str) -> None:
        """Forget a file: no new request can name it."""
        await self._api.call("DELETE", f"/v1/uploads/{upload_id}")

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
        return read(Page[Generator], await self._api.call("GET", "/v1/generators")).items

    async def generator(self, name: str) -> Generator:
        """One generator, with the JSON Schema of its input."""
        return read(Generator, await self._api.call("GET", f"/v1/generators/{name}"))

    async def pause(self, generator: str | None = None) -> Control:
        """Let its jobs wait, or those of all generators; what runs goes on. For operators."""
        return await self._control("pause", generator)

    async def resume(self, generator: str | None = None) -> Control:
        """Let its jobs start again, or those of all generators. For operators."""
        return await self._control("resume", generator)

    async def _control(self, action: str, generator: str | None) -> Control:
        whose = f"/{generator}" if generator else ""
        return read(Control, await self._api.call("POST", f"/v1/generators{whose}/{action}"))


def _key(given_one: str | None) -> dict[str, str]:
    return {"Idempotency-Key": given_one or str(uuid.uuid4())}
