"""Twenty endpoints, dead ones among them: the others hear as if those were not there."""

from shared.clock import uuid7
from shared.testing import a_media_generated, eventually
from tests.integration.notifier.webhook_room import Room
from tests.receivers import Receiver, Reply, listening

WELL, DEAD, EVENTS = 18, 2, 10
AT_ONCE = 4


async def test_endpoints_that_hang_are_left_alone_while_the_others_hear(
    database: str, receiver: Receiver
) -> None:
    """There is room for no more calls than the dead alone would take, again and again."""
    told = {
        "webhook_concurrency": DEAD * AT_ONCE,
        "webhook_concurrency_per_endpoint": AT_ONCE,
        "webhook_breaker_failures": AT_ONCE,
        "webhook_breaker_seconds": 60,
        "webhook_timeout_seconds": 0.5,
    }
    async with listening() as dead, Room(database, **told) as room:
        dead.behaviour = lambda _call, _before: Reply(after=30)
        for number in range(DEAD):
            await room.endpoint(f"{dead.url}{number}")
        for number in range(WELL):
            await room.endpoint(f"{receiver.url}{number}")
        said = await room.decide(*(a_media_generated(job_id=uuid7()) for _ in range(EVENTS)))

        async def all_came() -> None:
            assert len(receiver.received) == WELL * EVENTS

        await eventually(all_came, timeout=20)
        for number in range(WELL):
            heard = [one.id for one in receiver.received if one.path.endswith(f"hook{number}")]
            assert set(heard) == set(said)
        # Those that were under way when the fourth failed, and none after them.
        assert len(dead.received) < DEAD * AT_ONCE * 2
