"""Collecting the evidence, from outside: HTTP, three databases, the broker, the files.

The databases are read as their superuser, over their socket, with statements of our own.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from deploy.local.postgres_roles import SERVICE_DATABASES
from tests.chaos.evidence import (
    Answer,
    ApiJob,
    AssetRow,
    AttemptRow,
    DeadLetter,
    Evidence,
    GeneratorJob,
    LoggedEvent,
    VerdictRow,
)
from tests.chaos.observer import QUEUE
from tests.chaos.system import System

_AT_ONCE = 16


async def gather_all(system: System, evidence: Evidence) -> None:
    """Fill in what the system knows; promises and sightings are there already."""
    await _read_databases(system, evidence)
    await _ask_everybody(system, evidence)
    await asyncio.to_thread(_hash_files, system.disk.folder, evidence)
    evidence.outboxes = {service: await _waiting(system, service) for service in SERVICE_DATABASES}
    evidence.queues = await waiting_messages(system)
    evidence.replicas = await system.broker.replicas()
    evidence.nodes = len(system.broker.nodes)
    async with httpx.AsyncClient(timeout=5) as http:
        evidence.not_ready = await system.why_not_ready(http)
    evidence.endings = list(system.endings)
    evidence.errors_logged = _errors_logged(system)
    [row] = await _fetch(system, "api", "SHOW server_version")
    evidence.versions = {
        "Postgres": str(row["server_version"]),
        "RabbitMQ": await system.broker.version(),
    }


async def waiting_messages(system: System) -> dict[str, int]:
    """Messages of every queue that must end empty. Raises OSError while the broker is away.

    Not of the observer's, nor of news that may be lost: that of a dead api waits for its expiry.
    """
    return {
        queue["name"]: int(queue.get("messages", 0))
        for queue in await system.broker.queues()
        if queue["name"] != QUEUE and not queue["name"].startswith("live.")
    }


async def at_rest(system: System) -> bool:
    """Whether nothing is on its way any more: outboxes, queues and pending wishes are empty."""
    if any(count for count in (await waiting_messages(system)).values()):
        return False
    for service in SERVICE_DATABASES:
        if await _waiting(system, service):
            return False
    return not await _pending_ends(system)


async def _waiting(system: System, service: str) -> int:
    [row] = await _fetch(system, service, "SELECT count(*) AS waiting FROM outbox")
    return int(row["waiting"])


async def _pending_ends(system: System) -> int:
    statement = "SELECT count(*) AS pending FROM pending_end WHERE wish IS NOT NULL"
    [row] = await _fetch(system, "notifier", statement)
    return int(row["pending"])


async def _read_databases(system: System, evidence: Evidence) -> None:
    for row in await _fetch(system, "api", _JOBS):
        evidence.jobs[row["id"]] = ApiJob(**row)
    evidence.log = [LoggedEvent(**row) for row in await _fetch(system, "api", _LOG)]
    evidence.keys = [tuple(row.values()) for row in await _fetch(system, "api", _KEYS)]
    evidence.dead_letters = [DeadLetter(**row) for row in await _fetch(system, "api", _DEAD)]
    for row in await _fetch(system, "generator", _GENERATOR_JOBS):
        evidence.generator_jobs[row["id"]] = GeneratorJob(**row)
    for row in await _fetch(system, "generator", _ATTEMPTS):
        evidence.attempts.setdefault(row["job_id"], []).append(AttemptRow(**row))
    for row in await _fetch(system, "generator", _ASSETS):
        evidence.assets.setdefault(row["job_id"], []).append(AssetRow(**row))
    for row in await _fetch(system, "notifier", _VERDICTS):
        evidence.verdicts[row["job_id"]] = VerdictRow(**row)
    evidence.pending_ends = await _pending_ends(system)


async def _fetch(system: System, service: str, statement: str) -> list[dict[str, Any]]:
    url = make_url(system.postgres.admin_url)
    connection = await asyncpg.connect(
        host=str(url.query["host"]), user=url.username, database=SERVICE_DATABASES[service]
    )
    try:
        return [dict(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def _ask_everybody(system: System, evidence: Evidence) -> None:
    """Every job on every api, and the content of all that are ready, in turn from each."""
    everybody = sorted(evidence.accepted_ids | set(evidence.jobs))
    async with httpx.AsyncClient(timeout=30) as http:
        for api in system.apis:
            answers = await _get_all(http, {job: f"{api}/v1/media/{job}" for job in everybody})
            evidence.answers[api] = answers
        told = evidence.answers[system.apis[0]]
        ready = [job for job in everybody if told[job].body.get("status") == "ready"]
        apis = system.apis
        urls = {
            job: f"{apis[place % len(apis)]}/v1/media/{job}/content"
            for place, job in enumerate(ready)
        }
        evidence.contents = await _get_all(http, urls, content=True)


async def _get_all(
    http: httpx.AsyncClient, urls: dict[str, str], *, content: bool = False
) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    waiting = iter(urls.items())

    async def work() -> None:
        for job, url in waiting:
            answers[job] = await _get(http, url, content)

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return answers


async def _get(http: httpx.AsyncClient, url: str, content: bool) -> Answer:
    try:
        answer = await http.get(url)
    except httpx.HTTPError as error:
        return Answer(0, {"error": repr(error)})
    if content and answer.status_code == 200:
        return Answer(200, sha256=hashlib.sha256(answer.content).hexdigest())
    return Answer(answer.status_code, answer.json())


def _errors_logged(system: System) -> Counter[str]:
    """By service and event."""
    counts: Counter[str] = Counter()
    for replica in system.replicas.values():
        with (system.logs / f"{replica.name}.log").open(errors="replace") as lines:
            for line in lines:
                if '"level":"error"' in line:
                    said = json.loads(line)["event"].splitlines()[0]
                    counts[f"{replica.service}: {said}"] += 1
    return counts


def _hash_files(folder: Path, evidence: Evidence) -> None:
    wanted: Iterable[str] = {
        asset.sha256 for assets in evidence.assets.values() for asset in assets
    }
    for sha256 in wanted:
        path = folder / "sha256" / sha256[:2] / sha256[2:]
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
        evidence.store[sha256] = found


_JOBS = """
SELECT id::text, status, metadata->>'order' AS "order", correlation_id, max_attempts FROM job
"""
_LOG = "SELECT event_id, job_id::text, type FROM job_event ORDER BY seq"
_KEYS = "SELECT key, job_id::text FROM idempotency_key"
_DEAD = "SELECT id::text, queue, error_code, message_id, error_message FROM dead_letter"
_GENERATOR_JOBS = """
SELECT id::text, status, attempt, fence, finished_at IS NOT NULL AS finished FROM job
"""
_ATTEMPTS = """
SELECT job_id::text, number, fence, outcome, ended_at IS NOT NULL AS ended,
  failure->>'code' AS failure
FROM attempt ORDER BY job_id, number
"""
_ASSETS = """
SELECT job_id::text, position, sha256, size FROM asset ORDER BY job_id, position
"""
_VERDICTS = "SELECT job_id::text, outcome, event_id::text, caused_by FROM verdict"
