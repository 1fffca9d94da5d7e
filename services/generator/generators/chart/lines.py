"""Line charts: each line is named where it ends."""

from collections.abc import Sequence
from typing import Final

from services.generator.generators.chart.axes import (
    ValueAxis,
    axis_titles,
    below,
    clipped,
    grid,
    log_axis,
    room,
    rows_for,
    thinned,
    value_axis,
)
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.frame import frame
from services.generator.generators.chart.naming import NamedEnd, fits_beside, name_ends, needed
from services.generator.generators.chart.positions import Positions, positions
from services.generator.generators.chart.references import across, upright
from services.generator.generators.chart.sheet import Box, Place

_MOST_POINTS: Final = 60_000


def draw(canvas: Canvas) -> None:
    """A line for each series; grey ones first, so that highlighted ones lie on top."""
    chart = canvas.chart
    names = [series.name for series in chart.series]
    colors = canvas.series_colors(names)
    several = len(names) > 1
    beside = several and fits_beside(canvas, names)
    key = () if beside or not several else tuple(zip(names, colors, strict=True))
    box = frame(canvas, key)
    axis = _range(canvas, rows_for(canvas, box.height))
    plot = room(canvas, box, axis).inset(right=needed(canvas, names) if beside else 0)
    grid(canvas, plot, axis)
    where = positions(canvas, plot.width)
    across(canvas, plot, axis)
    under(canvas, plot, where)
    upright(canvas, plot, where.find)
    ends = _strokes(canvas, plot, where, axis, colors)
    if beside:
        name_ends(canvas, plot, ends)
    axis_titles(canvas, plot)


def under(canvas: Canvas, plot: Box, where: Positions) -> None:
    """The labels below, where they belong."""
    texts = clipped(canvas, [text for _, text in where.ticks], plot.width)
    places = (plot.left + at * plot.width for at, _ in where.ticks)
    labels = list(zip(places, texts, strict=True))
    below(canvas, thinned(labels, canvas.label, 20 * canvas.unit), plot, canvas.label)


def _range(canvas: Canvas, count: int) -> ValueAxis:
    chart = canvas.chart
    values = [value for series in chart.series for value in series.values if value is not None]
    values += [reference.y for reference in chart.references if reference.y is not None]
    values += [bound for bound in (chart.y_min, chart.y_max) if bound is not None]
    low, high = min(values), max(values)
    if chart.y_scale == "log":
        return log_axis(canvas.numbers, low, high, count)
    if chart.y_min is None and 0 < low < 0.5 * high:
        low = 0  # near enough to zero to show it
    return value_axis(canvas.numbers, low, high, count, tight=True)


def _strokes(
    canvas: Canvas, plot: Box, where: Positions, axis: ValueAxis, colors: Sequence[str]
) -> list[NamedEnd]:
    scale = axis.scale(plot.bottom, plot.top)
    ends: list[NamedEnd] = []
    order = sorted(range(len(colors)), key=lambda i: colors[i] != canvas.theme.rest)
    for index in order:
        series, color = canvas.chart.series[index], colors[index]
        run: list[Place] = []
        runs = [run]
        for at in where.order:
            value = series.values[at]
            if value is not None:
                run.append((plot.left + where.places[at] * plot.width, scale(value)))
            elif run:
                runs.append(run := [])
        last = _stroke(canvas, plot, [run for run in runs if run], color)
        if last:
            ends.append(NamedEnd(series.name, color, last))
    return ends


def _stroke(canvas: Canvas, plot: Box, runs: Sequence[Sequence[Place]], color: str) -> Place | None:
    """One line, with gaps between the runs and a dot at its end."""
    bright = color != canvas.theme.rest
    crowd = sum(map(len, runs)) * 3 * canvas.unit > plot.width
    width = (3.6 if bright else 2.4) * canvas.unit * (0.6 if crowd else 1)
    for run in runs:
        if len(run) == 1:
            canvas.sheet.dot(run[0], width * 1.3, color)
        canvas.sheet.path(sampled(run, plot.left, pace(canvas, plot)), stroke=color, width=width)
    if not runs:
        return None
    canvas.sheet.dot(runs[-1][-1], 5.5 * canvas.unit, color, canvas.theme.ground, 2 * canvas.unit)
    return runs[-1][-1]


def pace(canvas: Canvas, plot: Box, edges: int = 1) -> float:
    """How wide the columns of `sampled` are: a pixel, or more where that would be too many."""
    return max(1.0, 4 * plot.width * len(canvas.chart.series) * edges / _MOST_POINTS)


def sampled(points: Sequence[Place], left: float, step: float) -> list[Place]:
    """The same line with four points a pixel column at most: first, lowest, highest, last.

    U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014: what is
    drawn of it is the same.
    """
    if len(points) < 400:
        return list(points)
    kept: list[Place] = []
    column: list[Place] = []
    here = None
    for point in points:
        if (there := int((point[0] - left) / step)) != here:
            kept += _corners(column)
            column, here = [], there
        column.append(point)
    return kept + _corners(column)


def _corners(column: Sequence[Place]) -> list[Place]:
    if len(column) <= 4:
        return list(column)
    chosen = {0, len(column) - 1}
    heights = [point[1] for point in column]
    chosen |= {heights.index(min(heights)), heights.index(max(heights))}
    return [column[index] for index in sorted(chosen)]
