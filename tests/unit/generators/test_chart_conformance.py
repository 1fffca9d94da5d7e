"""Chart keeps the promises of every generator."""

from typing import Any, Final

from services.generator.generators.chart import ChartGenerator
from shared.testing.generator_conformance import GeneratorConformance

TINY: Final[dict[str, Any]] = {
    "title": "Small",
    "labels": ["a", "b"],
    "series": [{"values": [1, 2]}],
    "width": 400,
    "height": 300,
}
BAR: Final = TINY | {"kind": "bar"}


class TestChart(GeneratorConformance):
    generator = ChartGenerator
    inputs = (
        BAR,
        TINY | {"kind": "line", "format": "svg", "title": "Under way 🚀 日本"},
        TINY | {"kind": "donut", "format": "pdf", "theme": "dark"},
        {"kind": "scatter", "title": "Dots", "points": [{"x": 1, "y": 2, "label": "one"}]},
        TINY | {"kind": "choropleth", "labels": ["DE", "France"]},
    )
    hostile = (
        {},
        {"kind": "bar", "title": "x"},
        BAR | {"title": "\u200b\u202e\u0007"},
        BAR | {"title": "x" * 161},
        BAR | {"kind": "vega"},
        BAR | {"$schema": "https://vega.github.io/schema/vega/v6.json", "data": {"url": "/etc"}},
        BAR | {"theme": "../../etc/passwd"},
        BAR | {"series": [{"values": [1, float("nan")]}]},
        BAR | {"series": [{"values": [1, float("inf")]}]},
        BAR | {"series": [{"values": [1, 1e300]}]},
        BAR | {"series": [{"values": [1, 2, 3]}]},
        BAR | {"series": [{"values": [1, "2; DROP TABLE"]}]},
        BAR | {"series": [{"values": [None, None]}]},
        BAR | {"series": [{"values": [1, 2]}] * 41},
        BAR | {"labels": [str(n) for n in range(501)], "series": [{"values": [1] * 501}]},
        BAR | {"labels": ["x"] * 5001, "series": [{"values": [1] * 5001}]},
        BAR | {"points": [{"x": 1, "y": 1}]},
        BAR | {"width": 100_000, "height": 100_000},
        BAR | {"y_min": 2, "y_max": 1},
        BAR | {"highlight": ["nobody"]},
        BAR | {"references": [{"label": "nowhere"}]},
        BAR | {"references": [{"x": "c"}]},
        BAR | {"kind": "line", "x_axis": "date"},
        BAR | {"kind": "line", "x_axis": "number"},
        BAR | {"kind": "pie", "series": [{"values": [1, -1]}]},
        BAR | {"kind": "pie", "series": [{"values": [0, 0]}]},
        BAR | {"kind": "pie", "references": [{"y": 1}]},
        BAR | {"kind": "choropleth", "labels": ["Germany", "Atlantis"]},
        BAR | {"kind": "choropleth", "labels": ["Germany", "DE"]},
        {"kind": "scatter", "title": "x"},
        {"kind": "scatter", "title": "x", "points": [{"x": 1, "y": 1}] * 10_001},
    )
