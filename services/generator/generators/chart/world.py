"""The world as shapes on a page: TopoJSON read, projected, laid into a box.

Sources: the TopoJSON specification (arcs are quantized, delta-encoded and shared); B. Šavrič,
T. Patterson, B. Jenny, "The Equal Earth map projection", 2018: areas keep their proportions.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Any, Final

from services.generator.generators.chart.countries import DATA
from services.generator.generators.chart.sheet import Box, Place

Ring = Sequence[Place]

_A: Final = (1.340264, -0.081106, 0.000893, 0.003796)
_NOT_SHOWN: Final = {"010"}  # Antarctica
_ACROSS: Final = {"242", "643"}  # Fiji and Russia lie on both sides of 180°
_NAMED: Final = {"Kosovo": "983"}


@dataclass(frozen=True, slots=True)
class Land:
    """One country: its ISO 3166-1 numeric code (empty where it has none), its projected rings."""

    code: str
    rings: tuple[Ring, ...]


@lru_cache(maxsize=1)
def lands() -> tuple[Land, ...]:
    """All but Antarctica; y grows downwards."""
    topology = json.loads((DATA / "countries-110m.json").read_text())
    arcs = [_unpacked(arc, topology["transform"]) for arc in topology["arcs"]]
    shapes = topology["objects"]["countries"]["geometries"]
    return tuple(_land(shape, arcs) for shape in shapes if shape.get("id") not in _NOT_SHOWN)


def _land(shape: dict[str, Any], arcs: list[list[Place]]) -> Land:
    name = shape["properties"]["name"]
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    turn = 360 if shape.get("id") in _ACROSS else 0
    rings = tuple(
        [project(x + turn if x < -100 else x, y) for x, y in _joined(ring, arcs)]
        for polygon in polygons
        for ring in polygon
    )
    return Land(shape.get("id") or _NAMED.get(name, ""), rings)


def _unpacked(arc: Iterable[Sequence[int]], transform: dict[str, Any]) -> list[Place]:
    (kx, ky), (tx, ty) = transform["scale"], transform["translate"]
    x = y = 0
    places = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        places.append((x * kx + tx, y * ky + ty))
    return places


def _joined(indices: Iterable[int], arcs: list[list[Place]]) -> list[Place]:
    """A ring of arcs; a negative index is the arc ~index backwards."""
    ring: list[Place] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring += arc[1:] if ring else arc
    return ring


def project(longitude: float, latitude: float) -> Place:
    """Equal Earth, y downwards, with 11° E in the middle: Russia's eastern tip stays with it."""
    theta = asin(sqrt(3) / 2 * sin(radians(latitude)))
    square = theta * theta
    sixth = square**3
    slope = _A[0] + 3 * _A[1] * square + sixth * (7 * _A[2] + 9 * _A[3] * square)
    x = 2 * sqrt(3) / 3 * radians(longitude - 11) * cos(theta) / slope
    y = theta * (_A[0] + _A[1] * square + sixth * (_A[2] + _A[3] * square))
    return x, -y


@dataclass(frozen=True, slots=True)
class Fit:
    """From the projection into a box of the page, as large as it can be."""

    factor: float
    left: float
    top: float

    def __call__(self, place: Place) -> Place:
        return self.left + place[0] * self.factor, self.top + place[1] * self.factor


def fit(box: Box) -> Fit:
    """The whole world in `box`, in the middle of it."""
    places = [place for land in lands() for ring in land.rings for place in ring]
    xs, ys = [place[0] for place in places], [place[1] for place in places]
    factor = min(box.width / (max(xs) - min(xs)), box.height / (max(ys) - min(ys)))
    return Fit(
        factor,
        (box.left + box.right) / 2 - (min(xs) + max(xs)) / 2 * factor,
        (box.top + box.bottom) / 2 - (min(ys) + max(ys)) / 2 * factor,
    )
