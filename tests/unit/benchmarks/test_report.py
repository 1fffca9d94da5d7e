"""Tables, kept results and the page that shows them."""

from pathlib import Path

import pytest

from tests.benchmarks.report import comparison
from tests.benchmarks.report.page import fill
from tests.benchmarks.report.result import Result, Series
from tests.benchmarks.report.table import Table, number

TABLE = Table(["system", "jobs/s"], [["Darkroom", "1,200"], ["Other", "98"]], ["A note."])


def a_result(*rates: tuple[float, float]) -> Result:
    """Rounds of Darkroom and of the replaced design, jobs a second each."""

    def rounds(rate: float) -> dict[str, float]:
        return {"single/jobs_per_second": rate, "single/cpu": 1000 / rate}

    ours, theirs = zip(*rates, strict=True)
    return Result(
        "comparison",
        {
            "darkroom": Series("Darkroom", [rounds(rate) for rate in ours]),
            "celery-replaced": Series("Celery", [rounds(rate) for rate in theirs]),
        },
        {"commit": "abc"},
    )


def test_a_table_is_aligned_for_a_terminal() -> None:
    assert TABLE.text().splitlines() == [
        "system    jobs/s",
        "--------  ------",
        "Darkroom   1,200",
        "Other         98",
        "",
        "A note.",
    ]


def test_a_table_is_markdown_for_a_page() -> None:
    assert TABLE.markdown().splitlines() == [
        "| system | jobs/s |",
        "| --- | --: |",
        "| Darkroom | 1,200 |",
        "| Other | 98 |",
        "",
        "- A note.",
    ]


@pytest.mark.parametrize(
    ("value", "digits", "said"), [(None, 0, "–"), (12345.6, 0, "12,346"), (0.805, 2, "0.81")]
)
def test_numbers_are_short(value: float | None, digits: int, said: str) -> None:
    assert number(value, digits) == said


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    result = a_result((100.0, 10.0))

    assert Result.read(result.write(tmp_path)) == result


def test_a_ratio_is_the_median_of_pairs_not_the_ratio_of_medians() -> None:
    result = a_result((100.0, 10.0), (300.0, 10.0), (1000.0, 200.0))

    assert result.ratios("darkroom", "celery-replaced", "single/jobs_per_second") == 10.0
    assert result.ratios("darkroom", "nobody", "single/jobs_per_second") is None


def test_the_comparison_tells_what_was_not_measured_with_a_dash() -> None:
    table = comparison.table(a_result((1000.0, 50.0)))

    assert table.rows[0][:4] == ["Darkroom", "1,000", "1.00", "–"]
    assert any("20.0 times the jobs of Celery" in note for note in table.notes)


def test_a_page_is_filled_between_its_markers_only(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- api -->\nold\n<!-- end of api -->\nafter\n")

    assert fill(page, "api", "new \\1")
    assert fill(page, "api", "newer \\1")
    assert not fill(page, "growth", "nowhere")
    assert page.read_text() == "before\n<!-- api -->\nnewer \\1\n<!-- end of api -->\nafter\n"
