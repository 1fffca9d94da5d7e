"""Area charts: parts on top of each other, each named where it ends."""

from collections.abc import Sequence

from services.generator.generators.chart.axes import axis_titles, grid, room, rows_for, value_axis
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.colors import mixed
from services.generator.generators.chart.frame import frame
from services.generator.generators.chart.lines import pace, sampled, under
from services.generator.generators.chart.naming import NamedEnd, fits_beside, name_ends, needed
from services.generator.generators.chart.positions import Positions, positions
from services.generator.generators.chart.references import across, upright
from services.generator.generators.chart.scales import Scale
from services.generator.generators.chart.sheet import Box, Place

Band = Sequence[tuple[float, float]]
"""Lower and upper edge at each label."""


def draw(canvas: Canvas) -> None:
    """A band for each series, the first at the bottom."""
    chart = canvas.chart
    names = [series.name for series in chart.series]
    colors = canvas.series_colors(names)
    several = len(names) > 1
    beside = several and fits_beside(canvas, names)
    box = frame(canvas, () if beside or not several else tuple(zip(names, colors, strict=True)))
    bands = stacked(chart.series_values(), chart.stacking)
    edges = [edge for band in bands for pair in band for edge in pair]
    edges += [reference.y for reference in chart.references if reference.y is not None]
    share = chart.stacking == "share"
    axis = value_axis(
        canvas.numbers, min(0, *edges), max(0, *edges), rows_for(canvas, box.height), percent=share
    )
    plot = room(canvas, box, axis).inset(right=needed(canvas, names) if beside else 0)
    where = positions(canvas, plot.width)
    scale = axis.scale(plot.bottom, plot.top)
    grid(canvas, plot, axis)
    ends = _fill_all(canvas, plot, where, bands, scale)
    across(canvas, plot, axis)
    under(canvas, plot, where)
    upright(canvas, plot, where.find)
    if beside:
        name_ends(canvas, plot, ends)
    axis_titles(canvas, plot)


def _fill_all(
    canvas: Canvas, plot: Box, where: Positions, bands: Sequence[Band], scale: Scale
) -> list[NamedEnd]:
    """Every band; the answer is where each ends."""
    names = [series.name for series in canvas.chart.series]
    overlaid = canvas.chart.stacking == "none" and len(names) > 1
    ends: list[NamedEnd] = []
    for name, color, band in zip(names, canvas.series_colors(names), bands, strict=True):
        lower, upper = (
            [
                (plot.left + where.places[at] * plot.width, scale(band[at][side]))
                for at in where.order
            ]
            for side in (0, 1)
        )
        _fill(canvas, plot, lower, upper, color, overlaid=overlaid)
        y = upper[-1][1] if overlaid else (lower[-1][1] + upper[-1][1]) / 2
        ends.append(NamedEnd(name, color, (plot.right, y)))
    return ends


def stacked(series: Sequence[Sequence[float | None]], stacking: str) -> list[Band]:
    """The bands; values that are missing count as nothing."""
    count = len(series[0])
    if stacking == "none":
        return [[(0.0, value or 0.0) for value in values] for values in series]
    totals = [sum(values[at] or 0.0 for values in series) for at in range(count)]
    bands: list[Band] = []
    below = [0.0] * count
    for values in series:
        parts = [values[at] or 0.0 for at in range(count)]
        if stacking == "share":
            parts = [p / t if t else 0.0 for p, t in zip(parts, totals, strict=True)]
        above = [b + p for b, p in zip(below, parts, strict=True)]
        bands.append(list(zip(below, above, strict=True)))
        below = above
    return bands


def _fill(
    canvas: Canvas,
    plot: Box,
    lower: Sequence[Place],
    upper: Sequence[Place],
    color: str,
    *,
    overlaid: bool,
) -> None:
    theme, unit = canvas.theme, canvas.unit
    if len(upper) == 1:  # one label only: a column of its own
        half = 40 * unit
        (x, top), (_, bottom) = upper[0], lower[0]
        upper, lower = [(x - half, top), (x + half, top)], [(x - half, bottom), (x + half, bottom)]
    step = pace(canvas, plot, 2)
    edge, ground = sampled(upper, plot.left, step), sampled(lower, plot.left, step)
    alone = overlaid or len(canvas.chart.series) == 1
    tint = f"{color}66" if overlaid else mixed(theme.ground, color, 0.3 if alone else 1)
    canvas.sheet.path([*edge, *reversed(ground)], fill=tint)
    if alone:
        canvas.sheet.path(edge, stroke=color, width=3.4 * unit)
    else:
        canvas.sheet.path(edge, stroke=theme.ground, width=1.6 * unit)
