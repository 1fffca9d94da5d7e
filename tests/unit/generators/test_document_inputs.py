"""What is refused says which field it is, and what it may be."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.generator.generators.document.inputs import DocumentInput
from tests.unit.generators.test_document_conformance import INVOICE, LETTER, REPORT


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "invoice"}, "invoice: a document of kind invoice needs it"),
        (
            {"kind": "letter", "letter": LETTER, "report": REPORT},
            "report: this document is of kind letter",
        ),
        (
            {"kind": "invoice", "invoice": INVOICE | {"due": "2020-01-01"}},
            "due: 2020-01-01 is before date",
        ),
        (
            {"kind": "invoice", "invoice": INVOICE | {"payment": {"qr": True}}},
            "iban: a QR code for payment needs it",
        ),
        ({"kind": "invoice", "invoice": INVOICE | {"number": "\u200b"}}, "nothing to set"),
    ],
)
def test_a_document_that_does_not_hold_together(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DocumentInput.model_validate(asked)


def test_a_code_is_for_euros() -> None:
    payment = {"iban": "DE89370400440532013000", "qr": True}
    asked = INVOICE | {"payment": payment, "currency": "USD"}

    with pytest.raises(ValidationError, match=r"payment\.qr: the code is for EUR only"):
        DocumentInput.model_validate({"kind": "invoice", "invoice": asked})


def test_details_have_a_bounded_number_of_lines() -> None:
    line = {"description": "x", "unit_price": 1, "details": "x\n" * 400 + "x"}

    with pytest.raises(ValidationError, match="lines: their details may have 5000 lines in all"):
        DocumentInput.model_validate(
            {"kind": "invoice", "invoice": INVOICE | {"lines": [line] * 20}}
        )


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([{"text": "x" * 10_000}] * 51, "1000000 characters of text, these are 1530000"),
        ([{"text": "x\n" * 4999 + "x"}], "10000 lines that end before the margin"),
        ([{"type": "bullets", "items": ["x"] * 100}] * 51, "10000 items of lists"),
        ([{"type": "table", "rows": [["x" * 500]] * 500}], "200000 characters in tables"),
        ([{"type": "table", "rows": [["x"] * 12] * 1000}] * 3, "30000 cells of tables"),
        ([{"type": "image", "image": "0199c3a0-0000-7000-8000-000000000001"}] * 51, "100 images"),
        ([{"type": "quote"}], "text: a block of type quote needs it"),
        ([{"type": "table", "columns": ["a"], "rows": [["a", "b"]]}], "need as many cells"),
    ],
)
def test_a_report_that_would_be_too_much(blocks: list[dict[str, Any]], said: str) -> None:
    sections = [{"heading": "x", "blocks": blocks}] * 3

    with pytest.raises(ValidationError, match=said):
        DocumentInput.model_validate({"kind": "report", "report": REPORT | {"sections": sections}})


def test_levels_do_not_jump() -> None:
    sections = [{"heading": "x"}, {"heading": "y", "level": 3}]

    with pytest.raises(ValidationError, match=r"sections\[1\].level: 3 cannot follow 1"):
        DocumentInput.model_validate({"kind": "report", "report": REPORT | {"sections": sections}})
