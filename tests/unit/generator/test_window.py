"""The window: a full queue is paused, one with room is resumed."""

from datetime import timedelta

import pytest

from services.generator.service.window import OpenJobs, Window, WorkQueue
from shared.events import Lane

CARD: WorkQueue = ("card", Lane.INTERACTIVE, False)
MORE_CARDS: WorkQueue = ("card", Lane.INTERACTIVE, True)
ART: WorkQueue = ("art", Lane.BATCH, False)


class FakeConsumer:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def pause(self) -> None:
        self.told.append("pause")

    async def resume(self) -> None:
        self.told.append("resume")


class Bench:
    """A window of ten, over two queues."""

    def __init__(self) -> None:
        self.open: dict[WorkQueue, int] = {}
        self.counts = 0
        self.reported: OpenJobs = {}
        self.card, self.more_cards, self.art = FakeConsumer(), FakeConsumer(), FakeConsumer()
        self.window = Window(self._count, 10, timedelta(hours=1), self._report)
        self.window.watch(CARD, self.card)
        self.window.watch(MORE_CARDS, self.more_cards)
        self.window.watch(ART, self.art)

    async def _count(self) -> OpenJobs:
        self.counts += 1
        return dict(self.open)

    def _report(self, open_jobs: OpenJobs) -> None:
        self.reported = open_jobs

    async def see(self, **counts: int) -> None:
        self.open = {queue: counts[queue[0]] for queue in (CARD, ART) if queue[0] in counts}
        await self.window.check()


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_full_queue_is_paused_and_the_others_are_not(bench: Bench) -> None:
    await bench.see(card=10, art=9)

    assert (bench.card.told, bench.art.told) == (["pause"], [])


async def test_a_paused_queue_is_resumed_at_half(bench: Bench) -> None:
    await bench.see(card=10)
    await bench.see(card=6)
    assert bench.card.told == ["pause"]

    await bench.see(card=5)

    assert bench.card.told == ["pause", "resume"]


async def test_a_queue_is_paused_once(bench: Bench) -> None:
    await bench.see(card=10)
    await bench.see(card=12)

    assert bench.card.told == ["pause"]


async def test_jobs_that_came_in_are_counted_only_when_a_window_may_be_full(
    bench: Bench,
) -> None:
    await bench.window.admitted([CARD] * 6)
    assert bench.counts == 0
    bench.open = {CARD: 3}

    await bench.window.admitted([CARD] * 4)

    assert (bench.counts, bench.card.told) == (1, [])
    await bench.window.admitted([CARD] * 6)
    assert bench.counts == 1


async def test_a_full_queue_does_not_make_the_others_count(bench: Bench) -> None:
    await bench.see(card=10)

    await bench.window.admitted([ART] * 2)

    assert bench.counts == 1


async def test_what_is_open_is_reported_with_zeros(bench: Bench) -> None:
    await bench.see(card=4)

    assert bench.reported == {CARD: 4, MORE_CARDS: 0, ART: 0}


async def test_a_long_overflow_leaves_the_queue_open_and_goes_on_while_that_is_full(
    bench: Bench,
) -> None:
    bench.open = {MORE_CARDS: 10}
    await bench.window.check()
    assert (bench.card.told, bench.more_cards.told) == ([], ["pause"])

    bench.open = {CARD: 10, MORE_CARDS: 5}
    await bench.window.check()

    assert (bench.card.told, bench.more_cards.told) == (["pause"], ["pause", "resume"])
