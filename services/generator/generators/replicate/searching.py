"""Finds an order whose answer was lost among the predictions of the account.

Replicate takes no name that a customer gives an order, and no idempotency key. A prediction is
ours when its seed is the one that comes from the job's id, or when its webhook has that id in it.
Only the seed is sure to be listed, so only without it can be said that there is no order.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from services.generator.generators.remote import Assignment
from services.generator.generators.remote.doubt import nobody_knows
from services.generator.generators.remote.errors import AnswerLostError
from services.generator.generators.replicate.inputs import ReplicateInput
from services.generator.generators.replicate.predictions import Prediction
from services.generator.generators.replicate.settings import AllowedModel, ReplicateBackend

Job = Assignment[ReplicateInput, ReplicateBackend]

PAGES: Final = 20
"""Of a hundred predictions each."""
SKEW: Final = timedelta(minutes=2)
"""By how much clocks may differ."""
LAG: Final = timedelta(seconds=2)
"""How long a new prediction may take to be listed."""


async def find(job: Job, model: AllowedModel) -> str | None:
    """The id of our prediction; None: there is none. Raises `UnknownOutcomeError`."""
    found = await _search(job, model)
    if found is None and not _is_unmistakable(job, model):
        raise nobody_knows(
            job.backend.name, "and orders without a seed, or with a given one, look alike there"
        )
    if found is None:
        await asyncio.sleep(LAG.total_seconds())
        found = await _search(job, model)
    return found


def _is_unmistakable(job: Job, model: AllowedModel) -> bool:
    """Whether the order has a seed that no other job's has."""
    seed = model.seed_parameter
    chosen = {*model.fixed, *job.input.parameters}
    return seed is not None and seed not in chosen and job.input.seed is None


async def _search(job: Job, model: AllowedModel) -> str | None:
    since, path = _made(job.context.job_id) - SKEW, "/v1/predictions"
    hidden = False
    for _ in range(PAGES):
        page = (await job.session.ask("GET", path)).json()
        for listed in _results(page):
            if listed.created_at is not None and listed.created_at < since:
                return _absent(job, hidden)
            if _is_ours(job, model, listed):
                return listed.id
            hidden = hidden or listed.data_removed
        if not page.get("next"):
            return _absent(job, hidden)
        path = _next(page["next"])
    raise nobody_knows(job.backend.name, "and too many others came after it")


def _absent(job: Job, hidden: bool) -> str | None:
    """It is not listed. Raises `UnknownOutcomeError` where it may be among what is not shown."""
    if hidden:
        raise nobody_knows(job.backend.name, "and it does not show any more what was ordered")
    return None


def _is_ours(job: Job, model: AllowedModel, listed: Prediction) -> bool:
    if listed.webhook and str(job.context.job_id) in listed.webhook:
        return True
    if not _is_unmistakable(job, model) or listed.input is None:
        return False
    return listed.input.get(str(model.seed_parameter)) == model.seed(job.context.seed)


def _results(page: Any) -> list[Prediction]:
    if not isinstance(page, dict) or not isinstance(page.get("results"), list):
        raise AnswerLostError("The provider's list of predictions is none.")
    return [Prediction.of(result) for result in page["results"]]


def _next(url: str) -> str:
    """The next page: at the same address, whatever it says."""
    return f"/v1/predictions?{urlsplit(url).query}"


def _made(job_id: UUID) -> datetime:
    """When the job was made: its id says so (UUIDv7, RFC 9562); another one says nothing."""
    if job_id.version != 7:
        return datetime.now(UTC) - timedelta(days=1)
    return datetime.fromtimestamp((job_id.int >> 80) / 1000, UTC)
