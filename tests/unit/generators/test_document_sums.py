"""What invoices come to, and how amounts, dates and accounts are written."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generator.generators.document import accounts, locales
from services.generator.generators.document.invoices import Invoice
from services.generator.generators.document.invoicing import code, described
from services.generator.generators.document.locales import Locale
from services.generator.generators.document.reporting import paragraphs
from services.generator.generators.document.sums import Sums, add_up
from services.generator.generators.document.wording import settable, strings
from services.generator.generators.typography.faces import FontChoice
from shared.errors import InvalidInputError
from tests.unit.generators.test_document_conformance import INVOICE

GAP = "\u00a0"
IBAN = "DE89 3704 0044 0532 0130 00"


def an_invoice(*lines: dict[str, Any], **more: Any) -> Invoice:
    named = [{"description": "x", "unit_price": 1} | line for line in lines]
    return Invoice.model_validate(INVOICE | {"lines": named or INVOICE["lines"]} | more)


def sums(*lines: dict[str, Any], **more: Any) -> Sums:
    return add_up(an_invoice(*lines, **more))


def test_a_tenth_is_a_tenth() -> None:
    assert sums({"unit_price": 0.1, "quantity": 3}).total == Decimal("0.30")


def test_half_a_cent_is_rounded_away_from_zero() -> None:
    assert sums({"unit_price": 2.675}).total == Decimal("2.68")
    assert sums({"unit_price": 2.675, "quantity": -1}).total == Decimal("-2.68")


def test_tax_is_computed_once_a_rate() -> None:
    found = sums(*[{"unit_price": 0.33, "tax_rate": 7}] * 10, {"unit_price": 10, "tax_rate": 19})

    assert [(tax.rate, tax.base, tax.amount) for tax in found.taxes] == [
        (Decimal(19), Decimal("10.00"), Decimal("1.90")),
        (Decimal(7), Decimal("3.30"), Decimal("0.23")),
    ]
    assert found.total == Decimal("15.43")


def test_prices_with_tax_contain_it() -> None:
    found = sums({"unit_price": 119, "tax_rate": 19}, prices="gross")

    assert [found.net, found.taxes[0].amount, found.total] == list(map(Decimal, (100, 19, 119)))


def test_discounts_come_off_lines_first_and_then_off_all() -> None:
    found = sums(
        {"unit_price": 100, "discount": 10, "tax_rate": 20}, {"unit_price": 10, "tax_rate": 10},
        discount=50, paid=5,
    )  # fmt: skip

    assert [found.subtotal, found.discount, found.net] == list(map(Decimal, (100, 50, 50)))
    assert [tax.base for tax in found.taxes] == [45, 5]
    assert found.total == Decimal("59.50")
    assert found.due == Decimal("54.50")


@pytest.mark.parametrize(
    ("currency", "total"), [("JPY", "1235"), ("EUR", "1234.57"), ("KWD", "1234.568")]
)
def test_a_currency_has_its_decimal_places(currency: str, total: str) -> None:
    assert str(sums({"unit_price": 1234.5678}, currency=currency).total) == total


@given(
    st.lists(
        st.tuples(
            st.decimals(0, 10_000, places=2), st.integers(-50, 50), st.sampled_from((0, 5.5, 19))
        ),
        min_size=1,
        max_size=20,
    ),
    st.integers(0, 100),
    st.sampled_from(("net", "gross")),
)
def test_the_parts_always_add_up(
    lines: list[tuple[Decimal, int, float]], discount: int, prices: str
) -> None:
    found = sums(
        *({"unit_price": float(p), "quantity": q, "tax_rate": rate} for p, q, rate in lines),
        discount=discount,
        prices=prices,
    )

    assert sum(found.lines) == found.subtotal
    assert sum(tax.base for tax in found.taxes) == found.net
    assert found.net + sum(tax.amount for tax in found.taxes) == found.total
    if prices == "gross":
        assert found.subtotal - found.discount == found.total


def test_an_invoice_is_written_in_its_language() -> None:
    data = described(
        an_invoice(
            {"unit_price": 1000.125, "tax_rate": 19, "unit": "h", "discount": 5},
            discount=10, paid=1, due="2026-02-01", payment={"iban": IBAN, "bank": "B"},
        ),
        "de",
    )  # fmt: skip

    assert data["title"] == "Rechnung"
    assert ["Fällig am", f"1.{GAP}Februar 2026"] in data["facts"]
    assert data["lines"][0]["price"] == "1.000,125"
    assert data["lines"][0]["discount"] == f"−5{GAP}%"
    assert data["sums"][0] == ["Zwischensumme", f"950,12{GAP}€"]
    assert data["sums"][1] == [f"Rabatt 10{GAP}%", f"−95,01{GAP}€"]
    assert data["due"][1] == ["Bereits bezahlt", f"−1,00{GAP}€"]
    assert data["due"][-1][0] == "Zahlbetrag"
    assert ["IBAN", IBAN] in data["payment"]["facts"]


def test_an_invoice_without_tax_shows_none() -> None:
    data = described(an_invoice(payment={"terms": "now"}), "en")

    assert data["sums"] == []
    assert data["due"] == [["Total", "€1.00"]]
    assert data["payment"]["facts"] == []


def test_tax_that_is_in_the_price_is_said_to_be_so() -> None:
    data = described(an_invoice({"tax_rate": 19, "unit_price": 119}, prices="gross"), "fr")

    assert data["sums"][-1] == [f"TVA 19{GAP}% (incluse)", f"19,00{GAP}€"]


def test_the_code_is_what_banking_apps_read() -> None:
    """EPC069-12, version 002."""
    said = code(an_invoice(payment={"iban": IBAN, "bic": "COBADEFFXXX", "qr": True}))

    assert said is not None
    assert said.split("\n") == [
        "BCD", "002", "1", "SCT", "COBADEFFXXX", "A", "DE89370400440532013000", "EUR1.00",
        "", "", "1",
    ]  # fmt: skip


def test_nothing_to_pay_has_no_code() -> None:
    assert code(an_invoice()) is None
    assert code(an_invoice(payment={"terms": "now"})) is None
    with pytest.raises(InvalidInputError, match=r"payment\.qr: .* amount of 0.01"):
        code(an_invoice(payment={"iban": IBAN, "qr": True}, paid=1))


@pytest.mark.parametrize(
    "iban", [IBAN, "GB82 WEST 1234 5698 7654 32", "fr1420041010050500013m02606"]
)
def test_a_real_account_is_accepted(iban: str) -> None:
    accounts.check_iban(iban)
    assert accounts.compact(accounts.grouped(iban)) == accounts.compact(iban)


@pytest.mark.parametrize("iban", ["DE88 3704 0044 0532 0130 00", "DE89", "", "XX" + "1" * 40])
def test_an_account_with_an_error_is_refused(iban: str) -> None:
    with pytest.raises(ValueError, match="iban: "):
        accounts.check_iban(iban)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", f"1{GAP}March 2026"),
        ("de", f"1.{GAP}März 2026"),
        ("fr", f"1er{GAP}mars 2026"),
        ("es", "1 de marzo de 2026"),
    ],
)
def test_dates_are_written_in_full(locale: Locale, said: str) -> None:
    assert locales.day(date(2026, 3, 1), locale) == said


@pytest.mark.parametrize(
    ("locale", "currency", "said"),
    [
        ("en", "EUR", "−€1,234.50"),
        ("en", "CHF", f"−CHF{GAP}1,234.50"),
        ("de", "EUR", f"−1.234,50{GAP}€"),
        ("fr", "USD", f"−1{GAP}234,50{GAP}$"),
    ],
)
def test_money_is_written_as_in_its_country(locale: Locale, currency: str, said: str) -> None:
    assert locales.money(Decimal("-1234.5"), currency, 2, locale) == said


def test_every_word_is_there_in_every_language() -> None:
    for locale in ("en", "de", "fr", "es"):
        assert all(locales.words(locale).values())


def test_numbers_keep_the_places_they_have() -> None:
    assert locales.number(Decimal("12.50"), None, "en") == "12.5"
    assert locales.number(Decimal(100), None, "en") == "100"
    assert locales.number(Decimal("-0.001"), 2, "en") == "0.00"


def test_an_empty_line_begins_a_paragraph() -> None:
    assert paragraphs("a\nb\n\n \nc") == ["a\nb", "c"]


def test_text_is_made_settable_wherever_it_stands() -> None:
    data = {"a": ["x\u200d", {"b": "W" * 40 + " y"}], "n": 1, "none": None}

    changed = settable(data, FontChoice((), (), "x"))

    assert list(strings(changed)) == ["", "\u200b".join("W" * 40) + " y"]
    assert changed["n"] == 1
