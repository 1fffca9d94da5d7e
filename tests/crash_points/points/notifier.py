"""Where the notifier dies."""

from shared.events import MediaGenerated
from shared.messaging import topology
from tests.crash_points.points.delivery import burial_points, delivery_points
from tests.crash_points.points.point import CrashPoint, StoryName
from tests.crash_points.points.relay import relay_points

NOTIFIER: tuple[CrashPoint, ...] = (
    *delivery_points(
        "notifier-outcomes",
        topology.NOTIFIER_OUTCOMES,
        MediaGenerated.type_name,
        StoryName.QUICK,
    ),
    *burial_points("notifier-outcomes", topology.NOTIFIER_OUTCOMES),
    *relay_points("notifier"),
)
