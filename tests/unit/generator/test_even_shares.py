"""Slots for work elsewhere: no generator has those of another."""

from hypothesis import given
from hypothesis import strategies as st

from services.generator.service.even_shares import EvenShares

NAMES = ("comfyui", "openai-images", "replicate")


def taken(shares: EvenShares, generator: str, count: int) -> None:
    for _ in range(count):
        shares.take(generator)


def test_with_room_for_all_everything_is_offered() -> None:
    assert EvenShares(12, NAMES).offer(4) == (None, 4)


def test_who_has_its_share_is_not_offered_and_the_others_have_theirs() -> None:
    shares = EvenShares(12, NAMES)
    taken(shares, "replicate", 4)

    assert shares.offer(8) == (["comfyui", "openai-images"], 4)
    assert not shares.fits(["replicate"])
    assert shares.fits(["comfyui"] * 4)
    assert not shares.fits(["comfyui"] * 5)
    shares.give_back("replicate")
    assert shares.fits(["replicate"])


def test_where_nobody_has_room_nothing_is_offered() -> None:
    shares = EvenShares(2, ("replicate",))
    taken(shares, "replicate", 2)

    assert shares.offer(1) == ((), 0)


def test_a_generator_alone_has_all_and_nobody_has_less_than_one() -> None:
    assert EvenShares(512, ("replicate",)).offer(512) == (None, 512)
    assert EvenShares(1, NAMES).offer(1) == (None, 1)
    assert EvenShares(5, ()).offer(5) == (None, 5)


@given(
    slots=st.integers(3, 40),
    before=st.lists(st.sampled_from(NAMES), max_size=40),
    wanted=st.integers(1, 40),
    chosen=st.lists(st.integers(0, 2), min_size=40, max_size=40),
)
def test_no_offer_ever_leads_beyond_a_share(
    slots: int, before: list[str], wanted: int, chosen: list[int]
) -> None:
    shares = EvenShares(slots, NAMES)
    for name in before:
        if shares.fits([name]):
            shares.take(name)

    names, count = shares.offer(wanted)
    offered = NAMES if names is None else names
    claimed = [offered[number % len(offered)] for number in chosen[:count]] if offered else []

    assert shares.fits(claimed)
