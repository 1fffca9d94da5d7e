"""A service dies at each of its crash points and comes back: every promise is kept all the same.

One point in four by default, which takes two minutes; `DARKROOM_TEST_CRASH_POINTS=all` for all.
"""

import os

import pytest

from shared.testing import eventually_sync
from tests.crash_points.darkroom import QUEUES
from tests.crash_points.points import POINTS, CrashPoint
from tests.crash_points.promises import must_have_buried, must_have_ended
from tests.crash_points.stories import STORIES, Scene

pytestmark = pytest.mark.e2e

TRIED = POINTS if os.environ.get("DARKROOM_TEST_CRASH_POINTS") == "all" else POINTS[::4]


@pytest.mark.parametrize("point", TRIED, ids=lambda point: point.name)
def test_dies_and_recovers(scene: Scene, point: CrashPoint) -> None:
    story = STORIES[point.story]
    scene.darkroom.run_all()
    story.prepare(scene)
    victim = scene.darkroom.arm(point, story.settings, story.asleep)
    story.begin(scene)
    victim.must_die_at(point.name)
    victim.start(story.settings)
    must_have_ended(scene, story.go_on(scene), story.status)
    eventually_sync(lambda: must_have_buried(scene, *story.buried(scene)))
    victim.end_well()
    assert scene.witness.left_in(QUEUES) == {}, "all that was delivered was acked"
