"""Where the marks of a chart stand: nothing overlaps, nothing leaves the page, nothing is lost."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import pytest

from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.drawing import laid_out
from services.generator.generators.chart.inputs import ChartInput
from services.generator.generators.chart.lettering import Style
from services.generator.generators.chart.lines import sampled
from services.generator.generators.chart.naming import apart
from services.generator.generators.chart.sheet import Box

WORD: Final = "Donaudampfschifffahrtsgesellschaftskapitän" * 4
TITLED: Final[dict[str, Any]] = {"title": "A title"}


def drawn(**fields: Any) -> Canvas:
    return laid_out(ChartInput.model_validate(TITLED | fields))


def texts(canvas: Canvas) -> list[str]:
    return [mark["t"] for mark in canvas.sheet.marks if mark["m"] == "text"]


def boxes(canvas: Canvas) -> list[tuple[str, Box]]:
    found = []
    for mark in canvas.sheet.marks:
        if mark["m"] == "text":
            style = Style(mark["z"], mark["b"], mark["n"], mark["k"])
            width = style.width(mark["t"])
            left = mark["p"][0] - width * mark["a"]
            top = mark["p"][1] - style.size * 0.72
            found.append((mark["t"], Box(left, top, left + width, mark["p"][1])))
    return found


def several(count: int, points: int, name: str = "Series") -> list[dict[str, Any]]:
    return [
        {"name": f"{name} {at}", "values": [math.sin(i / 9 + at) * at for i in range(points)]}
        for at in range(count)
    ]


NUMBERS: Final = [str(number) for number in range(30)]
HOSTILE: Final[dict[str, dict[str, Any]]] = {
    "line": {"kind": "line", "labels": NUMBERS, "series": several(5, 30)},
    "long names": {"kind": "line", "labels": NUMBERS, "series": several(5, 30, WORD[:120])},
    "twenty": {"kind": "line", "labels": NUMBERS, "series": several(20, 30)},
    "long labels": {"kind": "line", "labels": [WORD, "b"], "series": [{"values": [1, 2]}]},
    "one": {"kind": "line", "labels": ["2024-05-31"], "series": [{"values": [7]}]},
    "none": {"kind": "line", "labels": ["a", "b", "c"], "series": [{"values": [1, None, 3]}]},
    "areas": {
        "kind": "area",
        "labels": ["2020-01", "2020-02", "2020-03"],
        "series": [{"name": "A", "values": [1, 2, 3]}, {"name": "B", "values": [3, None, 1]}],
    },
    "area of one": {"kind": "area", "labels": ["a"], "series": [{"values": [3]}]},
    "bars": {"kind": "bar", "labels": ["a", "b"], "series": [{"values": [1e15, -1e15]}]},
    "long bars": {"kind": "bar", "labels": [WORD, "b"], "series": [{"values": [1, -2]}]},
    "500 bars": {"kind": "bar", "labels": list(map(str, range(500))), "series": several(1, 500)},
    "groups": {"kind": "bar", "labels": ["a", "b", "c"], "series": several(20, 3)},
    "pie": {"kind": "pie", "labels": [f"{WORD}{i}"[-180:] for i in range(30)],
            "series": [{"values": [i + 1 for i in range(30)]}]},
    "dots": {"kind": "scatter", "points": [
        {"x": i % 7, "y": i % 11, "label": WORD[:100], "group": f"{i % 3}", "size": i}
        for i in range(60)]},
    "heat": {"kind": "heatmap", "labels": NUMBERS, "series": several(8, 30, WORD[:99])},
    "map": {"kind": "choropleth", "labels": ["DE", "Singapore"], "series": [{"values": [1, 2]}]},
}  # fmt: skip


@pytest.mark.parametrize("size", [(1200, 675), (320, 240), (400, 2000), (2000, 300)])
@pytest.mark.parametrize("name", HOSTILE)
def test_all_text_stays_on_the_page(name: str, size: tuple[int, int]) -> None:
    width, height = size
    long = {"title": f"{WORD[:80]} and more words", "subtitle": "And " * 70, "source": WORD}
    canvas = drawn(**(HOSTILE[name] | long), width=width, height=height)

    for text, box in boxes(canvas):
        assert box.left >= 0, text
        assert box.right <= width + 1, text
        assert box.bottom <= height, text


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in {"dots", "map"}])
def test_no_text_lies_on_another(name: str) -> None:
    placed = boxes(drawn(**HOSTILE[name]))

    for index, (text, box) in enumerate(placed):
        for other, behind in placed[:index]:
            inner = box.inset(left=1, right=1, top=1, bottom=1)
            assert not inner.meets(behind), f"{text!r} lies on {other!r}"


def test_lines_are_named_where_they_end_and_need_no_key() -> None:
    canvas = drawn(kind="line", labels=["a", "b"], series=[
        {"name": "Up", "values": [1, 9]}, {"name": "Down", "values": [9, 1]}])  # fmt: skip

    placed = dict(boxes(canvas))
    assert placed["Up"].bottom < placed["Down"].top
    assert placed["Up"].left > canvas.chart.width * 0.7
    assert not any(mark["m"] == "rect" and mark["r"] for mark in canvas.sheet.marks)


def test_names_that_do_not_fit_beside_the_lines_become_a_key() -> None:
    series = several(3, 2, WORD[:150])

    names = texts(drawn(kind="line", labels=["a", "b"], series=series))

    assert sum(name.startswith("Donau") for name in names) == 3


def test_a_highlight_turns_the_rest_grey() -> None:
    canvas = drawn(kind="bar", labels=["a", "b"], series=[{"values": [1, 2]}], highlight=["b"])

    bars = [mark["f"] for mark in canvas.sheet.marks if mark["m"] == "rect"][-2:]
    assert bars == [canvas.theme.rest, canvas.theme.series[0]]


def test_a_gap_in_a_line_is_a_gap() -> None:
    values = [1, 2, None, 4, 5, None, 7]
    canvas = drawn(kind="line", labels=list("abcdefg"), series=[{"values": values}])

    paths = [mark for mark in canvas.sheet.marks if mark["m"] == "path"]
    assert [len(mark["p"][0]) for mark in paths] == [2, 2]


def test_parts_of_a_whole_add_up_to_the_whole() -> None:
    canvas = drawn(
        kind="bar",
        labels=["a"],
        series=[{"name": "x", "values": [1]}, {"name": "y", "values": [3]}],
        stacking="share",
    )

    assert {"25%", "75%", "100%"} <= set(texts(canvas))


def test_negative_parts_hang_below_zero() -> None:
    series = [{"name": "in", "values": [5]}, {"name": "out", "values": [-3]}]
    canvas = drawn(kind="bar", labels=["a"], series=series, stacking="total")

    (up, down) = [mark["p"] for mark in canvas.sheet.marks if mark["m"] == "rect"][-2:]
    assert up[1] + up[3] <= down[1]


def test_bars_with_long_labels_lie_down_and_years_never_do() -> None:
    def widths(labels: list[str]) -> set[float]:
        values = list(range(1, len(labels) + 1))
        canvas = drawn(kind="bar", labels=labels, series=[{"values": values}])
        return {m["p"][2] for m in canvas.sheet.marks if m["m"] == "rect"} - {72.0}

    assert len(widths(["A rather long label that takes room", *"bcdefghij"])) == 10
    assert len(widths([str(year) for year in range(2000, 2025)])) == 1


def test_sorting_puts_the_largest_first() -> None:
    canvas = drawn(
        kind="bar", labels=list("abc"), series=[{"values": [1, 3, 2]}], sort="descending"
    )

    assert [text for text in texts(canvas) if text in "abc"] == ["b", "c", "a"]


def test_small_slices_become_one() -> None:
    values = [50, *([1] * 20)]
    canvas = drawn(
        kind="pie", labels=[f"p{i}" for i in range(21)], series=[{"values": values}], locale="de"
    )

    said = texts(canvas)
    assert {"p0", "Andere", "71\u00a0%"} <= set(said)
    assert "p20" not in said


def test_a_whole_of_one_part_is_a_ring_with_its_value() -> None:
    canvas = drawn(kind="donut", labels=["All"], series=[{"name": "visits", "values": [1234]}])

    assert {"All", "100%", "1,234", "visits"} <= set(texts(canvas))


def test_the_zero_line_is_shown_where_values_are_near_it() -> None:
    near = drawn(kind="line", labels=["a", "b"], series=[{"values": [2, 10]}])
    far = drawn(kind="line", labels=["a", "b"], series=[{"values": [980, 1000]}])

    assert "0" in texts(near)
    assert "0" not in texts(far)


def test_references_are_drawn_at_values_dates_and_numbers() -> None:
    lines = drawn(
        kind="line", labels=["2020-01", "2020-12"], series=[{"values": [1, 2]}],
        references=[{"x": "2020-06-15", "label": "Event"}, {"y": 1.5, "label": "Target"}],
    )  # fmt: skip
    dots = drawn(
        kind="scatter", points=[{"x": 0, "y": 0}, {"x": 10, "y": 10}],
        references=[{"x": "5", "label": "Middle"}],
    )  # fmt: skip
    bars = drawn(
        kind="bar", labels=["a", "b"], series=[{"values": [1, 2]}], direction="horizontal",
        references=[{"y": 1.5, "label": "Mean"}],
    )  # fmt: skip

    assert {"Event", "Target"} <= set(texts(lines))
    assert "Middle" in texts(dots)
    assert "Mean" in texts(bars)


def test_dots_of_the_highlight_are_named_and_coloured() -> None:
    points = [{"x": i, "y": i, "label": f"n{i}"} for i in range(5)]
    canvas = drawn(kind="scatter", points=points, highlight=["n3"])

    colors = {mark["f"][:7] for mark in canvas.sheet.marks if mark["m"] == "dot"}
    assert colors == {canvas.theme.rest, canvas.theme.series[0]}
    assert "n3" in texts(canvas)
    assert "n1" not in texts(canvas)


def test_cells_carry_values_only_where_they_fit() -> None:
    few = drawn(kind="heatmap", labels=["a"], series=[{"name": "r", "values": [0.5]}])
    many = drawn(kind="heatmap", labels=NUMBERS * 10, series=several(30, 300))
    never = drawn(kind="heatmap", labels=["a"], series=[{"values": [7]}], values_shown="never")

    assert texts(few).count("0.5") >= 3
    assert len(texts(many)) < 100
    assert texts(never).count("7") == 2  # both ends of the key


def test_a_map_says_where_there_is_no_data() -> None:
    canvas = drawn(
        kind="choropleth", labels=["DE", "FR", "SG", "IT"],
        series=[{"values": [-1, None, 2, 4]}], locale="es",
    )  # fmt: skip

    assert "Sin datos" in texts(canvas)
    assert sum(mark["m"] == "dot" for mark in canvas.sheet.marks) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "line", "labels": ["a", "b"], "series": [{"values": [1, 2]}]},
        {"kind": "bar", "labels": [WORD[:60], "b"], "series": [{"values": [1, 2]}]},
        {"kind": "scatter", "points": [{"x": 1, "y": 2, "group": "g", "label": "l"}]},
        {"kind": "heatmap", "labels": ["a"], "series": [{"values": [1]}]},
    ],
)
def test_axes_are_titled_without_touching_anything(fields: dict[str, Any]) -> None:
    placed = boxes(drawn(**fields, x_label="Across", y_label="Upwards", unit="kg"))

    said = dict(placed)
    for title in ("Across", "Upwards"):
        others = [box for text, box in placed if text != title]
        assert not any(said[title].meets(box) for box in others)


def test_colours_follow_the_sign_of_values_on_a_map() -> None:
    canvas = drawn(
        kind="choropleth", labels=["DE", "FR", "IT"], series=[{"values": [1, 5, 9]}], classes="even"
    )
    same = drawn(kind="choropleth", labels=["DE"], series=[{"values": [3]}], height=1500)

    assert "≥ 8" in texts(canvas)
    assert "3" in texts(same)


def test_thin_bars_have_an_axis_instead_of_values() -> None:
    labels = [f"label {at}" for at in range(100)]
    bars = drawn(kind="bar", labels=labels, series=several(1, 100), direction="horizontal")
    parts = drawn(
        kind="bar", labels=["A label that is long", *"bcdefghijk"], series=several(2, 11),
        stacking="total", values_shown="always", direction="horizontal",
    )  # fmt: skip
    never = drawn(
        kind="bar",
        labels=["a"],
        series=[{"values": [7]}],
        values_shown="never",
        direction="vertical",
    )

    assert "label 99" not in texts(bars)
    assert len(texts(parts)) > 20
    assert texts(never).count("7") == 0


def test_labels_keep_apart_and_in_order() -> None:
    centres = apart([10, 11, 12, 90], [10, 10, 10, 10], 0, 100)

    assert all(b - a >= 10 - 1e-9 for a, b in pairwise(centres))
    assert centres[0] >= 5
    assert centres[3] == pytest.approx(90)


def test_a_sampled_line_keeps_its_extremes() -> None:
    points = [(i / 50, math.sin(i) * (100 if i == 2345 else 1)) for i in range(5000)]

    kept = sampled(points, 0, 1)

    assert len(kept) <= 4 * 101
    assert points[2345] in kept
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert is_sorted([x for x, _ in kept])


def is_sorted(values: Sequence[float]) -> bool:
    return list(values) == sorted(values)


def test_labels_break_between_words_only() -> None:
    labels = ["United Kingdom", "Netherlands", "United States", "Portugal", "Germany", "Greece"]
    canvas = drawn(kind="bar", labels=labels, series=[{"values": [1] * 6}], direction="vertical")

    words = {word for label in labels for word in label.split()}
    said = {word for text in texts(canvas) for word in text.split()}
    assert words <= said


def test_large_dots_stay_inside_the_axes() -> None:
    points = [{"x": 0, "y": 0, "size": 900}, {"x": 10, "y": 10, "size": 900}]
    canvas = drawn(kind="scatter", points=points)

    dots = [mark["p"] for mark in canvas.sheet.marks if mark["m"] == "dot"]
    left = min(box.right for text, box in boxes(canvas) if text == "0")
    assert min(x - radius for x, _, radius in dots) >= left
    assert max(x + radius for x, _, radius in dots) <= canvas.chart.width


def test_a_reference_is_labelled_where_no_bar_stands() -> None:
    def left_of_label(values: list[float]) -> float:
        canvas = drawn(
            kind="bar", labels=["a", "b"], series=[{"values": values}],
            references=[{"y": 2, "label": "Mean"}],
        )  # fmt: skip
        return dict(boxes(canvas))["Mean"].left

    assert left_of_label([3, 1]) > 600 > left_of_label([1, 3])


def test_on_a_log_scale_ten_times_as_much_is_always_as_far() -> None:
    canvas = drawn(
        kind="line", labels=["a", "b", "c"], series=[{"values": [1, 10, 100]}], y_scale="log"
    )

    ((low, middle, high),) = [m["p"][0] for m in canvas.sheet.marks if m["m"] == "path"]
    assert low[1] - middle[1] == pytest.approx(middle[1] - high[1], abs=0.1)
    assert {"1", "10", "100"} <= set(texts(canvas))


def test_log_scales_take_one_value_and_values_of_any_size() -> None:
    one = drawn(kind="scatter", points=[{"x": 10, "y": 10}], x_scale="log", y_scale="log")
    wide = drawn(kind="line", labels=["a", "b"], series=[{"values": [1e-12, 1e15]}], y_scale="log")

    assert "10" in texts(one)
    assert len(texts(wide)) < 20


def test_dates_are_written_as_asked_for() -> None:
    chart: dict[str, Any] = {
        "kind": "line", "labels": ["2024-01", "2024-05"], "series": [{"values": [1, 2]}],
    }  # fmt: skip

    assert "2024-01-01" in texts(drawn(**chart, date_format="iso"))
    assert "Jan 2024" in texts(drawn(**chart, date_format="month"))
