"""What an invoice comes to, in decimal arithmetic.

Each line is rounded to the currency; tax is computed once for each rate, from the sum of its lines,
so that it is what the tax office computes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from services.generator.generators.document.invoices import Invoice, InvoiceLine

_PLACES: Final = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3, "TND": 3}
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax of one rate, in percent, on `base`."""

    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """All amounts in the invoice's currency. `due` is what is still to be paid."""

    lines: Sequence[Decimal]
    subtotal: Decimal
    discount: Decimal
    net: Decimal
    taxes: Sequence[Tax]
    total: Decimal
    due: Decimal


def places(currency: str) -> int:
    """Decimal places of a currency (ISO 4217)."""
    return _PLACES.get(currency, 2)


def exact(value: float) -> Decimal:
    """The decimal number that was written: 0.1 is one tenth."""
    return Decimal(str(value))


def add_up(invoice: Invoice) -> Sums:
    """The amounts of `invoice`."""
    step = Decimal(1).scaleb(-places(invoice.currency))
    lines = [_rounded(_amount(line), step) for line in invoice.lines]
    subtotal = sum(lines, Decimal(0))
    off = _rounded(subtotal * exact(invoice.discount) / _HUNDRED, step)
    taxes = _taxes(invoice, lines, subtotal, off, step)
    owed = sum((tax.amount for tax in taxes), Decimal(0))
    after = subtotal - off
    net, total = (after - owed, after) if invoice.prices == "gross" else (after, after + owed)
    paid = _rounded(exact(invoice.paid), step)
    return Sums(lines, subtotal, off, net, taxes, total, total - paid)


def _amount(line: InvoiceLine) -> Decimal:
    full = exact(line.quantity) * exact(line.unit_price)
    return full * (_HUNDRED - exact(line.discount)) / _HUNDRED


def _taxes(
    invoice: Invoice, lines: Sequence[Decimal], subtotal: Decimal, off: Decimal, step: Decimal
) -> list[Tax]:
    """By rate, the highest first; the discount is shared out, its last cent to the last rate."""
    sums: dict[Decimal, Decimal] = {}
    for line, amount in zip(invoice.lines, lines, strict=True):
        rate = exact(line.tax_rate).normalize()
        sums[rate] = sums.get(rate, Decimal(0)) + amount
    rates, left, taxes = sorted(sums, reverse=True), off, []
    for rate in rates:
        share = _rounded(off * sums[rate] / subtotal, step) if subtotal else Decimal(0)
        share = left if rate == rates[-1] else share
        left -= share
        taxes.append(_tax(rate, sums[rate] - share, step, gross=invoice.prices == "gross"))
    return taxes


def _tax(rate: Decimal, amount: Decimal, step: Decimal, *, gross: bool) -> Tax:
    if not gross:
        return Tax(rate, amount, _rounded(amount * rate / _HUNDRED, step))
    tax = _rounded(amount * rate / (_HUNDRED + rate), step)
    return Tax(rate, amount - tax, tax)


def _rounded(value: Decimal, step: Decimal) -> Decimal:
    """Half a cent is rounded away from zero, as in trade."""
    return value.quantize(step, ROUND_HALF_UP)
