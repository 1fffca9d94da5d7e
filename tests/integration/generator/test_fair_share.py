"""A tenant's first job does not wait for another's thousands, and those go on all the same."""

from pathlib import Path

import aio_pika

from services.generator.app import GeneratorApp
from shared.clock import SystemClock
from shared.messaging.outgoing import Outgoing, outgoing
from shared.testing import a_media_requested, an_event, eventually
from tests.backends.databases import query
from tests.integration.generator.harness import Client, backlog, serving, told
from tests.integration.generator.harness import ask as ask_http

SLOTS, WINDOW, SHARE, MANY = 2, 20, 8, 300
QUEUE = "generator.flaky.interactive"


def requests(tenant: str, count: int, *, overflow: bool = False) -> list[Outgoing]:
    """Jobs that take a while."""
    now = SystemClock().now()
    asked = [
        a_media_requested(generator="flaky", input={"delay_seconds": 0.03}, requested_at=now)
        for _ in range(count)
    ]
    return [outgoing(an_event(one, tenant=tenant), overflow=overflow) for one in asked]


async def ask(client: Client, tenant: str, count: int, *, share: int) -> None:
    """As the api sends them: beyond its share by the overflow."""
    await client.publish(*requests(tenant, min(count, share)))
    await client.publish(*requests(tenant, max(0, count - share), overflow=True))


def begun(database_url: str, tenant: str) -> int:
    [row] = query(
        database_url, "SELECT count(*) AS n FROM job WHERE tenant = $1 AND attempt > 0", tenant
    )
    return int(row["n"])


async def begun_before_the_newcomer(database_url: str, client: Client) -> int:
    """How many jobs of others begin between the request of one that is new and its beginning."""
    await eventually(lambda: _must_be(begun(database_url, "large") > SLOTS), timeout=30)
    before = begun(database_url, "large")
    [request] = requests("small", 1)
    await client.publish(request)
    await eventually(lambda: _must_be(begun(database_url, "small") == 1), timeout=60)
    [row] = query(
        database_url,
        "SELECT count(*) AS n FROM job WHERE tenant = 'large' AND started_at < "
        "(SELECT started_at FROM job WHERE tenant = 'small')",
    )
    return int(row["n"]) - before


async def test_a_newcomer_waits_for_few_jobs_however_many_overflow(
    database_url: str, rabbitmq_url: str, tmp_path: Path, client: Client
) -> None:
    settings = told(database_url, rabbitmq_url, tmp_path, window=WINDOW, slots=SLOTS)
    async with serving(settings):
        await ask(client, "large", MANY, share=SHARE)
        assert await begun_before_the_newcomer(database_url, client) <= 3 * SLOTS

        at_least = SHARE + WINDOW
        await eventually(lambda: _must_be(begun(database_url, "large") > at_least), timeout=30)
        assert 0 < await backlog(rabbitmq_url, f"{QUEUE}.overflow") < MANY


async def test_without_overflow_it_waits_for_all_that_came_before(
    database_url: str, rabbitmq_url: str, tmp_path: Path, client: Client
) -> None:
    settings = told(database_url, rabbitmq_url, tmp_path, window=WINDOW, slots=SLOTS)
    async with serving(settings):
        await ask(client, "large", MANY, share=MANY)

        assert await begun_before_the_newcomer(database_url, client) >= MANY // 2


async def test_the_overflow_is_served_while_the_queue_itself_never_runs_dry(
    database_url: str, rabbitmq_url: str, tmp_path: Path, client: Client
) -> None:
    settings = told(database_url, rabbitmq_url, tmp_path, window=WINDOW, slots=SLOTS)
    async with serving(settings):
        for number in range(10):
            await ask(client, f"tenant-{number}", 20, share=20)
        await ask(client, "large", 50, share=0)

        await eventually(lambda: _must_be(begun(database_url, "large") >= 5), timeout=30)

        assert await backlog(rabbitmq_url, QUEUE) > 0


async def test_what_was_called_out_of_the_overflow_is_made_once(
    database_url: str, rabbitmq_url: str, tmp_path: Path, client: Client
) -> None:
    asked, after = (a_media_requested(generator="noop", input={}) for _ in range(2))
    async with serving(told(database_url, rabbitmq_url, tmp_path)):
        await client.tell(asked)
        await client.outcome(asked.job_id)
        for late in (asked, after):
            await client.publish(outgoing(an_event(late), overflow=True))
        await client.outcome(after.job_id)

    assert client.course(asked.job_id) == ["generated"]


def _must_be(true: bool) -> None:
    assert true


async def test_a_process_that_may_not_declare_says_which_queue_is_missing(
    database_url: str, rabbitmq_url: str, tmp_path: Path, client: Client
) -> None:
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection, connection.channel() as channel:
        await channel.queue_delete(f"{QUEUE}.overflow")
    app = GeneratorApp(told(database_url, rabbitmq_url, tmp_path, may_declare=False))
    await app.start()
    try:

        async def says_so() -> None:
            said = (await ask_http(app, "/health/ready")).text
            assert f"{QUEUE}.overflow" in said, said

        await eventually(says_so, timeout=30)
    finally:
        await app.stop()
