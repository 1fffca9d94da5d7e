"""Numbers, dates, colours and countries of charts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.generator.generators.chart import formats
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.colors import along, contrast, over, readable
from services.generator.generators.chart.countries import countries, country
from services.generator.generators.chart.formats import NumberStyle
from services.generator.generators.chart.inputs import ChartInput
from services.generator.generators.chart.lettering import Style, shortened, wrapped
from services.generator.generators.chart.moments import moment, number
from services.generator.generators.chart.positions import positions
from services.generator.generators.chart.scales import date_ticks, rounded, ticks
from services.generator.generators.chart.world import lands
from shared.errors import InvalidInputError

GAP = "\u00a0"


@pytest.mark.parametrize(
    ("style", "value", "said"),
    [
        ({}, 1234.4, "1,234"),
        ({}, 0.1 + 0.2, "0.3"),
        ({}, -3, "−3"),
        ({}, -0.0001, "−0.0001"),
        ({}, 1_500_000, "1.5M"),
        ({}, 2_000_000_000, "2bn"),
        ({}, 999_999, "1M"),
        ({}, 1.5e-9, f"1.5{GAP}×{GAP}10⁻⁹"),
        ({"locale": "de"}, 1_500_000, f"1,5{GAP}Mio."),
        ({"locale": "fr"}, 12_345, f"12{GAP}345"),
        ({"locale": "es"}, 1234, "1234"),
        ({"locale": "es"}, 12_345, "12.345"),
        ({"kind": "percent"}, 0.125, "12.5%"),
        ({"kind": "percent", "locale": "de"}, 0.125, f"12,5{GAP}%"),
        ({"kind": "currency", "currency": "USD"}, -5, "−$5"),
        ({"kind": "currency", "currency": "CHF"}, 5, f"CHF{GAP}5"),
        ({"kind": "currency", "locale": "de"}, 5, f"5{GAP}€"),
        ({"unit": "kg"}, 5, f"5{GAP}kg"),
        ({"unit": "°C"}, 5, "5°C"),
        ({"decimals": 2}, 5, "5.00"),
    ],
)
def test_values_are_written_as_people_write_them(
    style: dict[str, Any], value: float, said: str
) -> None:
    assert NumberStyle(**style).value(value) == said


def test_values_of_one_chart_look_alike() -> None:
    style = NumberStyle().suited([0.4, 0.41, 12])

    assert [style.value(value) for value in (0.4, 0.41, 12)] == ["0.4", "0.4", "12.0"]
    assert NumberStyle().suited([2e6, 8e4]).value(8e4) == "80k"


@pytest.mark.parametrize(
    ("value", "step", "largest", "said"),
    [
        (0, 0.5, 3, "0"),
        (0.5, 0.5, 3, "0.5"),
        (2.5, 2.5, 10, "2.5"),
        (2e6, 5e5, 3e6, "2.0M"),
        (2e-9, 1e-9, 3e-9, f"2{GAP}×{GAP}10⁻⁹"),
    ],
)
def test_ticks_have_as_many_decimals_as_their_step(
    value: float, step: float, largest: float, said: str
) -> None:
    assert NumberStyle().tick(value, step, largest) == said


def test_ticks_are_round_and_cover_the_range() -> None:
    assert ticks(0, 10, 5) == ([0, 2, 4, 6, 8, 10], 2)
    assert rounded(0.3, 9.7, 5) == (0, 10)
    low, high = rounded(5, 5, 5)
    assert low < 5 < high


@pytest.mark.parametrize(
    ("low", "high", "count", "precision"),
    [
        ("2024-01-01T00:00", "2024-01-01T09:00", 6, "hour"),
        ("2024-01-01", "2024-01-20", 6, "day"),
        ("2024-01-01", "2024-09-30", 6, "month"),
        ("1990", "2024", 6, "year"),
        ("0001", "9999", 6, "year"),
    ],
)
def test_dates_have_few_round_ticks(low: str, high: str, count: int, precision: str) -> None:
    start, end = moment(low), moment(high)
    assert start
    assert end

    places, found = date_ticks(start, end, count)

    assert found == precision
    assert 2 <= len(places) <= count + 1
    assert all(start <= place <= end for place in places)


@pytest.mark.parametrize(
    ("precision", "locale", "said"),
    [
        ("year", "en", "2024"),
        ("month", "de", "März 2024"),
        ("day", "fr", "5 mars 2024"),
        ("day", "de", "5. März 2024"),
        ("hour", "en", "18:30"),
    ],
)
def test_dates_are_written_as_people_write_them(precision: Any, locale: str, said: str) -> None:
    when = datetime(2024, 3, 5, 18, 30, tzinfo=UTC)

    assert formats.date(when, precision, locale) == said


@pytest.mark.parametrize(
    ("labels", "asked", "kind", "said"),
    [
        (["2019", "2020", "2021"], "auto", "date", ["2019", "2020", "2021"]),
        (["2024-01-01T00:00", "2024-01-02T12:00"], "auto", "date", ["1 Jan", "2 Jan"]),
        (["1.5", "-2", "3e1"], "auto", "number", ["0"]),
        (["3", "3"], "auto", "number", ["3"]),
        (["a", "b"], "auto", "category", ["a", "b"]),
        (["2020", "2021"], "category", "category", ["2020", "2021"]),
        (["2024-05"], "auto", "date", ["May 2024"]),
    ],
)
def test_an_axis_is_what_its_labels_are(
    labels: list[str], asked: str, kind: str, said: list[str]
) -> None:
    chart = ChartInput.model_validate(
        {
            "kind": "line",
            "title": "x",
            "labels": labels,
            "series": [{"values": [1] * len(labels)}],
            "x_axis": asked,
        }
    )

    found = positions(Canvas(chart), 1000)

    assert found.kind == kind
    assert set(said) <= {text for _, text in found.ticks}
    assert all(0 <= place <= 1 for place in found.places)
    assert found.find(labels[0]) == found.places[0]


@pytest.mark.parametrize("label", ["2024-13", "2024-02-30", "24-01-01", "x", ""])
def test_what_is_no_date_is_none(label: str) -> None:
    assert moment(label) is None


@pytest.mark.parametrize("label", ["1e999", "nan", "inf", "1,5", "0x10", "1" * 400])
def test_what_is_no_number_is_none(label: str) -> None:
    assert number(label) is None


def test_text_in_a_colour_can_be_read() -> None:
    for ground in ("#ffffff", "#12151f"):
        assert contrast(readable("#d9a400", ground), ground) >= 4.5
    assert over("#ffff00") == "#101216"
    assert along(("#000000", "#ffffff"), 0.5) == "#808080"
    assert along(("#000000", "#ffffff"), 9) == "#ffffff"


@pytest.mark.parametrize(
    "asked", ["DE", "deu", "276", "Germany", "Deutschland", "allemagne", "Alemania"]
)
def test_a_country_is_known_by_its_codes_and_names(asked: str) -> None:
    assert country(asked).alpha3 == "DEU"


@pytest.mark.parametrize(
    ("asked", "code"),
    [("4", "AFG"), ("Côte d’Ivoire", "CIV"), ("cote d'ivoire", "CIV"), ("Kosovo", "XKX")],
)
def test_accents_and_leading_zeros_do_not_matter(asked: str, code: str) -> None:
    assert country(asked).alpha3 == code


def test_a_name_that_two_countries_share_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="perhaps"):
        country("Congo")


def test_every_country_is_on_the_map_or_has_a_spot() -> None:
    shown = {land.code for land in lands()}

    lost = [c.alpha3 for c in countries().values() if c.numeric not in shown and not c.spot]
    assert lost == ["ATA"]


def test_no_country_reaches_across_the_map() -> None:
    for land in lands():
        for ring in land.rings:
            xs = [x for x, _ in ring]
            assert max(xs) - min(xs) < 2.8, land.code


def test_text_is_wrapped_without_orphans_and_cut_with_an_ellipsis() -> None:
    style = Style(20)
    lines = wrapped("one two three four five six seven eight nine ten", style, 300, 3)

    assert len(lines) == 2
    assert style.width(lines[1]) > style.width(lines[0]) * 0.6
    assert wrapped("word " * 50, style, 300, 2)[1].endswith("…")
    assert shortened("x" * 300, style, 100).endswith("x…")
    assert all(style.width(line) <= 200 for line in wrapped("W" * 30, style, 200, 9))
