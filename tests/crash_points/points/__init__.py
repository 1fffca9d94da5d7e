"""The table of all crash points; each service's are in a module of its own.

Neighbours: `point` says what a point is, `delivery` and `relay` make those that all services have.
"""

from tests.crash_points.points.api import API
from tests.crash_points.points.generator import GENERATOR
from tests.crash_points.points.notifier import NOTIFIER
from tests.crash_points.points.point import CrashPoint, StoryName, UnknownPointError

POINTS: tuple[CrashPoint, ...] = (*API, *GENERATOR, *NOTIFIER)


def point(name: str) -> CrashPoint:
    """The point of this name. Raises `UnknownPointError`."""
    for one in POINTS:
        if one.name == name:
            return one
    raise UnknownPointError(f"there is no crash point {name}")


__all__ = ["POINTS", "CrashPoint", "StoryName", "UnknownPointError", "point"]
