"""Memory: what is offered fits, whichever jobs come."""

from hypothesis import given
from hypothesis import strategies as st

from services.generator.service.memory import MemoryLedger, Unlimited

NEEDS = {"card": 100, "speech": 500, "video": 900}


def test_with_room_for_all_everything_is_offered() -> None:
    assert MemoryLedger(4000, NEEDS).offer(4) == (None, 4)


def test_where_all_fit_but_not_at_once_fewer_are_offered() -> None:
    assert MemoryLedger(2000, NEEDS).offer(4) == (None, 2)


def test_what_does_not_fit_is_not_offered() -> None:
    ledger = MemoryLedger(1000, NEEDS)
    ledger.take("card")
    ledger.take("card")

    assert ledger.offer(4) == (["card", "speech"], 1)


def test_when_nothing_fits_nothing_is_offered() -> None:
    ledger = MemoryLedger(900, NEEDS)
    ledger.take("video")

    assert ledger.offer(4) == ((), 0)


def test_what_comes_back_is_offered_again() -> None:
    ledger = MemoryLedger(900, NEEDS)
    ledger.take("video")
    ledger.give_back("video")

    assert ledger.fits(["video"])
    assert not ledger.fits(["video", "card"])


def test_work_that_is_done_elsewhere_is_not_limited() -> None:
    memory = Unlimited()
    memory.take("replicate")

    assert memory.offer(512) == (None, 512)
    assert memory.fits(["replicate"] * 512)


@given(
    limit=st.integers(900, 5000),
    taken=st.lists(st.sampled_from(sorted(NEEDS)), max_size=5),
    slots=st.integers(1, 8),
    chosen=st.lists(st.integers(0, 2), min_size=8, max_size=8),
)
def test_no_offer_ever_leads_to_more_than_there_is(
    limit: int, taken: list[str], slots: int, chosen: list[int]
) -> None:
    ledger = MemoryLedger(limit, NEEDS)
    for name in taken:
        if ledger.fits([name]):
            ledger.take(name)

    names, most = ledger.offer(slots)
    offered = sorted(NEEDS) if names is None else list(names)
    for choice in chosen[:most]:
        ledger.take(offered[choice % len(offered)])

    assert ledger.free >= 0
    assert most <= slots
