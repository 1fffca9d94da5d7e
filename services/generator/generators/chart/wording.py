"""The texts of a chart, with fonts that can draw them."""

from collections.abc import Iterator

from services.generator.generators.chart.inputs import ChartInput
from services.generator.generators.typography import faces, text
from shared.errors import InvalidInputError


def drawable(chart: ChartInput) -> tuple[ChartInput, faces.FontChoice]:
    """The chart without characters that no font here has, and the fonts for the rest.

    Raises `InvalidInputError` where nothing would be left of a text: a chart whose labels are
    missing says something else.
    """
    words = " ".join(value for _, value in _texts(chart))
    fonts = faces.choose(words, text.language(words))
    if not fonts.omitted and (fonts.fallback or fonts.drawable(words) == words):
        return chart, fonts
    for name, value in _texts(chart):
        if value and not fonts.drawable(value):
            raise InvalidInputError(
                f"no font here can draw {name} {value!r}: "
                "install Noto Sans CJK or Noto Color Emoji, or use another text"
            )
    return chart.model_copy(update=_redrawn(chart, fonts)), fonts


def _texts(chart: ChartInput) -> Iterator[tuple[str, str]]:
    for name in ("title", "subtitle", "source", "x_label", "y_label", "unit"):
        yield name, getattr(chart, name)
    yield from (("the label", label) for label in chart.labels)
    yield from (("the name", series.name) for series in chart.series)
    yield from (("the label", reference.label) for reference in chart.references)
    for point in chart.points:
        yield "the label", point.label
        yield "the group", point.group


def _redrawn(chart: ChartInput, fonts: faces.FontChoice) -> dict[str, object]:
    fit = fonts.drawable
    names = ("title", "subtitle", "source", "x_label", "y_label", "unit")
    return {name: fit(getattr(chart, name)) for name in names} | {
        "labels": [fit(label) for label in chart.labels],
        "highlight": [fit(name) for name in chart.highlight],
        "series": [s.model_copy(update={"name": fit(s.name)}) for s in chart.series],
        "points": [
            p.model_copy(update={"label": fit(p.label), "group": fit(p.group)})
            for p in chart.points
        ],
        "references": [
            r.model_copy(update={"label": fit(r.label), "x": fit(r.x) if r.x else r.x})
            for r in chart.references
        ],
    }
