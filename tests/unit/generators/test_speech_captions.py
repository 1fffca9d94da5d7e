"""Cues that one can read while they are spoken, and their files."""

from itertools import pairwise

import pytest

from services.generator.generators.speech.captions import LINE, set_in_lines, srt, vtt
from services.generator.generators.speech.cues import (
    LONGEST,
    LONGEST_SECONDS,
    Cue,
    chained,
    cues_of,
)

LONG = (
    "They agreed that whoever first succeeded in making the traveler take his cloak off, "
    "should be considered stronger than the other."
)


def by_letters(text: str) -> float:
    return len(text) / 15


def test_a_long_line_becomes_cues_that_share_its_time_without_gaps() -> None:
    cues = cues_of(LONG, 1.0, 9.0, by_letters)

    assert (cues[0].start, cues[-1].end) == (1.0, 9.0)
    assert all(before.end == after.start for before, after in pairwise(cues))
    assert " ".join(cue.text for cue in cues) == LONG
    assert all(len(cue.text) <= LONGEST for cue in cues)
    assert all(cue.end - cue.start <= LONGEST_SECONDS for cue in cues)


def test_a_line_is_broken_after_a_comma_where_there_is_one_near() -> None:
    first, *_ = cues_of(LONG, 0, 8, by_letters)

    assert first.text.endswith("cloak off,")


def test_a_slow_line_is_split_by_time() -> None:
    cues = cues_of("Only a few words, spoken slowly", 0, 11, by_letters)

    assert len(cues) == 2


@pytest.mark.parametrize("text", ["a" * 200, "日" * 90, "a" * 83 + " b", "x"])
def test_words_without_end_are_cut_and_nothing_is_lost(text: str) -> None:
    cues = cues_of(text, 0, 3, lambda _: 0)

    assert "".join(cue.text for cue in cues).replace(" ", "") == text.replace(" ", "")
    assert all(0 < len(cue.text) <= LONGEST for cue in cues)


def test_short_cues_join_their_neighbours_unless_there_is_a_pause() -> None:
    cues = chained((Cue(0, 0.5, "Yes."), Cue(0.8, 2.5, "We can."), Cue(5, 5.4, "No.")))

    assert cues == (Cue(0, 2.5, "Yes. We can."), Cue(5, 5.4, "No."))


def test_a_cue_stays_until_the_next_one_comes_soon() -> None:
    first, second = chained((Cue(0, 2, "One two three."), Cue(2.4, 4, "Four five six.")))

    assert (first.end, second.end) == (2.4, 4)


@pytest.mark.parametrize("text", [LONG[:84], "a" * 200, "short", "a" * 41 + " " + "b" * 42])
def test_lines_are_at_most_as_long_as_a_screen_takes(text: str) -> None:
    lines = set_in_lines(text).split("\n")

    assert all(len(line) <= LINE for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_two_lines_are_of_like_length() -> None:
    assert set_in_lines("one two three four five six seven eight nine").split("\n") == [
        "one two three four five",
        "six seven eight nine",
    ]


def test_srt_and_vtt_are_what_players_read() -> None:
    cues = (Cue(0.15, 2.5, "Fish & <chips>"), Cue(3661.5, 3662, "Later"))

    assert srt(cues) == (
        "1\n00:00:00,150 --> 00:00:02,500\nFish & <chips>\n\n"
        "2\n01:01:01,500 --> 01:01:02,000\nLater\n"
    )
    assert vtt(cues) == (
        "WEBVTT\n\n00:00:00.150 --> 00:00:02.500\nFish &amp; &lt;chips&gt;\n\n"
        "01:01:01.500 --> 01:01:02.000\nLater\n"
    )
