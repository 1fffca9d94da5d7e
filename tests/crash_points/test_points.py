"""The table of crash points fits the code; the code knows nothing of it."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import services
import shared
from tests.crash_points.launcher import AT, BY
from tests.crash_points.points import POINTS, CrashPoint, UnknownPointError, point
from tests.crash_points.seams import SeamMissingError, find
from tests.crash_points.stories import STORIES


@pytest.mark.parametrize("one", POINTS, ids=lambda one: one.name)
def test_every_point_is_found_in_the_code_and_has_a_story(one: CrashPoint) -> None:
    for seam in one.spot.seams:
        assert callable(find(seam.method).function)
    assert one.story in STORIES


def test_no_two_points_have_the_same_name() -> None:
    assert Counter(one.name for one in POINTS).most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    "path",
    [
        "shared.messaging.relay:OutboxRelay.gone",
        "shared.messaging.relay:GoneRelay.relay_once",
        "shared.messaging.gone:OutboxRelay.relay_once",
        "shared.messaging.relay:log",
    ],
)
def test_a_seam_that_is_gone_is_an_error(path: str) -> None:
    with pytest.raises(SeamMissingError):
        find(path)


def test_a_service_told_to_die_nowhere_does_not_start() -> None:
    with pytest.raises(UnknownPointError):
        point("api-nowhere")
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash_points.launcher", "services.notifier", "serve"],
        env={AT: "notifier-nowhere:1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "there is no crash point notifier-nowhere" in done.stderr


def test_nothing_that_ships_knows_of_crash_points() -> None:
    words = (AT, BY, "crash_points")
    assert [path for path in _sources() if any(word in path.read_text() for word in words)] == []


def _sources() -> Iterator[Path]:
    for package in (services, shared):
        yield from Path(package.__path__[0]).rglob("*.py")
