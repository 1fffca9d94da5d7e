"""Which bytes are asked for, and whether the client has them already (RFC 9110)."""

import pytest

from services.api.errors import RangeNotSatisfiableError
from services.api.routes.ranges import is_unchanged, wanted_range

TAG = '"abc"'


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (None, None),
        ("bytes=0-9", (0, 10)),
        ("bytes=90-", (90, 100)),
        ("bytes=-5", (95, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=50-5000", (50, 100)),
        ("bytes=0-1,5-6", None),
        ("bytes=9-2", None),
        ("bytes=-", None),
        ("items=0-9", None),
        ("nonsense", None),
    ],
)
def test_ranges(said: str | None, wanted: tuple[int, int] | None) -> None:
    headers = {} if said is None else {"range": said}

    assert wanted_range(headers, 100, TAG) == wanted


@pytest.mark.parametrize("said", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_bytes_that_are_not_there(said: str) -> None:
    with pytest.raises(RangeNotSatisfiableError):
        wanted_range({"range": said}, 100, TAG)


def test_a_range_of_another_version_is_ignored() -> None:
    assert wanted_range({"range": "bytes=0-9", "if-range": '"other"'}, 100, TAG) is None
    assert wanted_range({"range": "bytes=0-9", "if-range": TAG}, 100, TAG) == (0, 10)


@pytest.mark.parametrize(
    ("said", "unchanged"),
    [(None, False), ("*", True), (TAG, True), (f'"x", W/{TAG}', True), ('"x"', False)],
)
def test_whether_the_client_has_it(said: str | None, unchanged: bool) -> None:
    headers = {} if said is None else {"if-none-match": said}

    assert is_unchanged(headers, TAG) is unchanged
