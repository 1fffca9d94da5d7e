"""What is known of a line between two looks at the database."""

from datetime import timedelta

from services.api.service.waiting_line import WaitingLine

SECOND = timedelta(seconds=1)


def test_what_leaves_as_fast_as_it_comes_does_not_seem_to_wait() -> None:
    line = WaitingLine(rate=100.0, accepted=90)

    assert line.likely(SECOND) <= 0
    assert line.likely(timedelta(milliseconds=100)) == 80


def test_before_the_first_count_all_that_was_accepted_waits() -> None:
    assert WaitingLine(accepted=3, pending=1).likely(None) == 4


def test_how_fast_it_moves_is_an_average_that_fades() -> None:
    line = WaitingLine(counted=100)
    line.counted_again(60, 0, SECOND)
    assert line.rate == 20

    line.counted_again(60, 0, SECOND)
    assert line.rate == 10


def test_it_is_forgotten_when_it_is_empty_and_has_stood_still_for_a_while() -> None:
    line = WaitingLine(counted=8)
    line.counted_again(0, 0, SECOND)
    assert not line.is_idle

    for _ in range(9):
        line.counted_again(0, 0, SECOND)

    assert line.is_idle
