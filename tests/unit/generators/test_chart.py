"""The chart generator as its caller sees it."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pypdfium2
import pytest
from PIL import Image
from pydantic import ValidationError

from services.generator.generators.chart import ChartGenerator
from services.generator.generators.chart.colors import contrast, rgb
from services.generator.generators.chart.inputs import ChartInput
from services.generator.generators.chart.themes import THEMES
from shared.errors import InvalidInputError
from shared.generators import Role
from shared.testing.generator_conformance import made

BAR: Final[dict[str, Any]] = {
    "kind": "bar",
    "title": "Small & <b>bold</b>",
    "labels": ["one", "two"],
    "series": [{"values": [1, 2]}],
    "width": 400,
    "height": 300,
}


def test_a_png_has_the_size_asked_for_times_its_scale(tmp_path: Path) -> None:
    (file,) = made(ChartGenerator, BAR | {"scale": 2}, tmp_path)

    with Image.open(file.path) as picture:
        assert picture.size == (800, 600)


def test_an_svg_names_itself_and_comes_with_a_preview(tmp_path: Path) -> None:
    svg, preview = made(ChartGenerator, BAR | {"format": "svg", "subtitle": "x"}, tmp_path)

    text = svg.path.read_text()
    assert text.startswith("<svg")
    assert 'role="img"><title>Small &amp; &lt;b&gt;bold&lt;/b&gt;. x</title>' in text
    assert (svg.role, preview.role) == (Role.PRIMARY, Role.PREVIEW)
    with Image.open(preview.path) as picture:  # what the thumbnail is made of
        assert svg.picture.size == picture.size
    with Image.open(preview.path) as picture:
        assert picture.size == (400, 300)


def test_the_text_of_a_pdf_can_be_selected(tmp_path: Path) -> None:
    pdf, _ = made(ChartGenerator, BAR | {"format": "pdf", "source": "Source: us"}, tmp_path)

    with pypdfium2.PdfDocument(pdf.path) as document:
        assert len(document) == 1
        assert document[0].get_size() == (400, 300)
        text = document[0].get_textpage().get_text_range()
    for said in ("Small & <b>bold</b>", "one", "two", "Source: us"):
        assert said in text


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_can_be_read(theme: str) -> None:
    """WCAG 2.1, 1.4.3."""
    colors = THEMES[theme]

    for ink in (colors.title, colors.text, colors.muted):
        assert contrast(ink, colors.ground) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_the_least_is_told_from_nothing(theme: str) -> None:
    least, nothing = rgb(THEMES[theme].ramp[0]), rgb(THEMES[theme].land)

    assert sum(abs(a - b) for a, b in zip(least, nothing, strict=True)) >= 50


def test_themes_and_schema_agree() -> None:
    schema = ChartInput.model_json_schema()

    assert set(schema["properties"]["theme"]["enum"]) == set(THEMES)


def test_provenance_names_every_font(tmp_path: Path) -> None:
    (file,) = made(ChartGenerator, BAR | {"subtitle": "日本 \U00013000"}, tmp_path)

    assert {len(digest) for digest in file.provenance["fonts"].values()} == {64}
    assert file.provenance["omitted_characters"] == "\U00013000"
    assert file.provenance["stages"].keys() == {"png"}


@pytest.mark.parametrize(
    "more",
    [
        {"title": "\U00013000"},
        {"labels": ["one", "\U00013000"]},
        {"series": [{"name": "\U00013000", "values": [1, 2]}]},
    ],
)
def test_text_that_no_font_can_draw_is_refused_with_advice(
    more: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match="no font here can draw"):
        made(ChartGenerator, BAR | more, tmp_path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"series": [{"values": [1]}]}, r"series\[0\].values: 1 values for 2 labels"),
        ({"kind": "pie", "series": [{"values": [1, -2]}]}, "parts of a whole cannot be negative"),
        ({"kind": "pie", "series": [BAR["series"][0]] * 2}, "takes 1 series at most"),
        ({"series": [BAR["series"][0]] * 21}, "takes 20 series at most"),
        ({"highlight": ["three"]}, "highlight: there is no series, label or group 'three'"),
        ({"references": [{"x": "three"}]}, r"references\[0\].x: 'three' has to be one of labels"),
        ({"references": [{"x": "one", "y": 1}]}, "either x or y"),
        ({"kind": "line", "x_axis": "date"}, "'one' does not fit x_axis date"),
        ({"labels": [], "series": []}, "needs at least one of each"),
        ({"labels": ["x"] * 501, "series": [{"values": [1] * 501}]}, "takes 500 at most"),
        ({"series": [{"values": [None, None]}]}, "all values are null"),
        ({"kind": "donut", "series": [{"values": [0, 0]}]}, "at least one value above 0"),
        ({"points": [{"x": 1, "y": 1}]}, "only a scatter chart takes points"),
        ({"kind": "scatter"}, "needs 1 to 10000 points"),
        ({"kind": "scatter", "points": [{"x": 1, "y": 1}]}, "a scatter chart takes only points"),
        ({"kind": "heatmap", "references": [{"y": 1}]}, "has no axis"),
        ({"title": "\u200b "}, "nothing to draw"),
        ({"y_scale": "log"}, "y_scale: log is for line and scatter, this is a bar"),
        ({"x_scale": "log"}, "x_scale: log is for a scatter chart, this is a bar"),
        (
            {"kind": "line", "y_scale": "log", "series": [{"values": [0, 1]}]},
            "y_scale: log needs values above 0, the smallest is 0",
        ),
        ({"y_min": 5, "y_max": 5}, "y_min: it has to be less than y_max"),
    ],
)
def test_a_refusal_names_the_field_and_the_bound(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ChartInput.model_validate(BAR | more)


def test_a_word_that_no_country_has_is_refused_with_a_guess(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"no country 'Germny'.*perhaps Germany"):
        made(ChartGenerator, BAR | {"kind": "choropleth", "labels": ["FR", "Germny"]}, tmp_path)


def test_announcing_loads_nothing_heavy() -> None:
    program = (
        "import sys; from services.generator.generators.chart import ChartGenerator as C;"
        "from services.generator.generators.document import DocumentGenerator as D;"
        "C.input_model.model_json_schema(), D.input_model.model_json_schema();"
        "print({'numpy', 'PIL', 'typst', 'pypdfium2', 'segno'} & sys.modules.keys())"
    )
    root = Path(__file__).parents[3]
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "set()"


def test_characters_that_no_font_has_are_left_out_of_every_text(tmp_path: Path) -> None:
    points = [{"x": 1, "y": 2, "label": "one \U00013000", "group": "g\U00013000"}]
    asked = {"kind": "scatter", "title": "Dots", "points": points, "highlight": ["g\U00013000"]}

    pdf, _ = made(ChartGenerator, asked | {"format": "pdf"}, tmp_path)

    with pypdfium2.PdfDocument(pdf.path) as document:
        assert "one" in document[0].get_textpage().get_text_range()
