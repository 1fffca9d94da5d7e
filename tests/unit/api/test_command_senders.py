"""With keys a command counts by the broker's user who sent it, and by nothing that it says."""

import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import UnauthenticatedError
from services.api.metrics import AccessMetrics
from services.api.models import Caller, Scope, Status
from services.api.service import ApiServices
from services.api.service.command_reading import Sender, read_command
from services.api.service.commands import CommandService
from services.api.service.senders import Senders
from shared.clock import uuid7
from shared.events import MediaRejected, encode
from shared.testing import FixedClock, a_media_cancel, a_media_request, an_event
from tests.unit.api.builders import a_job
from tests.unit.api.commanding import (
    RecordingAnswers,
    a_command,
    answers,
    make_commands,
    told,
)
from tests.unit.api.fakes import FakeDatabase


class BrokerUsers:
    """Keys of two users: one of a shop, who may ask, and one who may only look."""

    async def by_broker_user(self, name: str) -> Caller:
        scopes = {
            "shop": {Scope.MEDIA_WRITE},
            "watcher": {Scope.MEDIA_READ},
            "operator": {Scope.MEDIA_WRITE, Scope.OPERATE},
        }
        if name not in scopes:
            raise UnauthenticatedError(f"There is no key for the broker user {name!r}.")
        return Caller("acme", frozenset(scopes[name]), uuid7(), name)


@pytest.fixture
def senders() -> CollectorRegistry:
    """What is counted of those who send."""
    return CollectorRegistry()


@pytest.fixture
def guarded(
    services: ApiServices, database: FakeDatabase, clock: FixedClock, senders: CollectorRegistry
) -> CommandService:
    """Commands where keys are needed."""
    admitting = Senders(BrokerUsers(), AccessMetrics(senders))
    return make_commands(services, database, RecordingAnswers(), clock, admitting)


async def test_the_tenant_is_that_of_the_broker_user(
    guarded: CommandService, database: FakeDatabase
) -> None:
    silent = encode(an_event(a_media_request(), event_id="c-1")).replace(
        b'"tenant":"default",', b""
    )
    assert b"tenant" not in silent
    await guarded.handle([read_command(silent, Sender("shop"))])
    await guarded.handle([a_command(a_media_request(), user="shop", tenant="acme", event_id="c-2")])

    assert [job.tenant for job in database.tables.jobs.values()] == ["acme", "acme"]


async def test_an_operator_may_ask_for_another_tenant(
    guarded: CommandService, database: FakeDatabase
) -> None:
    await guarded.handle([a_command(a_media_request(), user="operator", tenant="other")])

    [job] = database.tables.jobs.values()
    assert job.tenant == "other"


@pytest.mark.parametrize(
    ("user", "tenant", "code"),
    [
        (None, "acme", "unauthenticated"),
        ("", "acme", "unauthenticated"),
        ("stranger", "acme", "unauthenticated"),
        ("watcher", "acme", "scope_missing"),
        ("shop", "other", "scope_missing"),
    ],
)
async def test_who_may_not_ask_is_told_so_and_nobody_else(
    guarded: CommandService,
    database: FakeDatabase,
    senders: CollectorRegistry,
    *,
    user: str | None,
    tenant: str,
    code: str,
) -> None:
    await guarded.handle([a_command(a_media_request(), user=user, tenant=tenant)])

    name = "darkroom_api_refused_callers_total"
    assert senders.get_sample_value(name, {"reason": code}) == 1

    [refused] = answers(database)
    assert isinstance(refused.data, MediaRejected)
    assert refused.data.problem["code"] == code
    assert database.tables.jobs == {}
    assert told(database) == []


async def test_a_tenant_cannot_cancel_what_is_anothers(
    guarded: CommandService, database: FakeDatabase
) -> None:
    job = a_job(tenant="other")
    database.tables.jobs[job.id] = job

    await guarded.handle([a_command(a_media_cancel(job_id=job.id), user="shop", tenant="acme")])

    [refused] = answers(database)
    assert isinstance(refused.data, MediaRejected)
    assert refused.data.problem["code"] == "not_found"
    assert database.tables.jobs[job.id].status is Status.QUEUED
