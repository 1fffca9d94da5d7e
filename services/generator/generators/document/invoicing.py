"""An invoice as its template reads it: every amount computed and written out."""

from decimal import Decimal
from typing import Any

from services.generator.generators.document import accounts, locales
from services.generator.generators.document.fields import Party
from services.generator.generators.document.invoices import Invoice, InvoiceLine, Payment
from services.generator.generators.document.locales import Locale
from services.generator.generators.document.sums import Sums, add_up, exact, places
from shared.errors import InvalidInputError


def described(invoice: Invoice, locale: Locale) -> dict[str, Any]:
    """Its texts, in the order of the page."""
    writer = _Writer(invoice, locale)
    sums = add_up(invoice)
    return {
        "title": locales.word(invoice.type, locale),
        "number": invoice.number,
        "facts": writer.facts(),
        "seller": party(invoice.seller),
        "buyer": party(invoice.buyer),
        "introduction": invoice.introduction,
        "taxed": any(line.tax_rate for line in invoice.lines),
        "discounted": any(line.discount for line in invoice.lines),
        "tax_name": writer.tax_name,
        "lines": [
            writer.line(line, amount)
            for line, amount in zip(invoice.lines, sums.lines, strict=True)
        ],
        "sums": writer.sums(sums),
        "due": writer.due(sums),
        "notes": invoice.notes,
        "payment": None if invoice.payment is None else writer.payment(invoice.payment),
    }


def code(invoice: Invoice) -> str | None:
    """What the QR code says; None: there is none. Raises `InvalidInputError`."""
    payment = invoice.payment
    if payment is None or not payment.qr:
        return None
    try:
        return accounts.transfer(
            holder=payment.account_holder or invoice.seller.name,
            iban=payment.iban,
            bic=payment.bic,
            amount=add_up(invoice).due,
            purpose=invoice.number,
        )
    except ValueError as error:
        raise InvalidInputError(f"payment.qr: {error}") from error


def party(value: Party) -> dict[str, Any]:
    """Who it is, line by line."""
    contacts = [part for part in (value.phone, value.email, value.website) if part]
    return {
        "name": value.name,
        "address": [line for line in value.address if line],
        "tax_id": value.tax_id,
        "contacts": contacts,
    }


class _Writer:
    """Writes the amounts of one invoice in its currency and locale."""

    def __init__(self, invoice: Invoice, locale: Locale) -> None:
        self._invoice = invoice
        self._locale: Locale = locale
        self._digits = places(invoice.currency)
        self.tax_name = invoice.tax_name or locales.word("tax", locale)

    def facts(self) -> list[list[str]]:
        """Names and values beside the address; those that are empty are left out."""
        invoice = self._invoice
        pairs = {
            "number": invoice.number,
            "date": locales.day(invoice.date, self._locale),
            "due": locales.day(invoice.due, self._locale) if invoice.due else "",
            "period": invoice.period,
            "order": invoice.order,
            "buyer_tax_id": invoice.buyer.tax_id,
        }
        return [[locales.word(name, self._locale), said] for name, said in pairs.items() if said]

    def line(self, line: InvoiceLine, amount: Decimal) -> dict[str, str]:
        """The cells of a row."""
        price = exact(line.unit_price)
        exponent = price.normalize().as_tuple().exponent
        digits = max(self._digits, -exponent if isinstance(exponent, int) else 0)
        quantity = locales.number(exact(line.quantity), None, self._locale)
        return {
            "description": line.description,
            "details": line.details,
            "quantity": f"{quantity}{locales.GAP}{line.unit}" if line.unit else quantity,
            "price": locales.number(price, min(digits, 6), self._locale),
            "discount": f"{locales.MINUS}{self._percent(line.discount)}" if line.discount else "",
            "tax": self._percent(line.tax_rate),
            "amount": locales.number(amount, self._digits, self._locale),
        }

    def sums(self, sums: Sums) -> list[list[str]]:
        """Subtotal, discount, net and taxes: those that say something."""
        rows: list[list[str]] = []
        gross = self._invoice.prices == "gross"
        if sums.discount:
            off = f"{self._word('discount')} {self._percent(self._invoice.discount)}"
            rows.append([self._word("subtotal"), self._money(sums.subtotal)])
            rows.append([off, self._money(-sums.discount)])
        if any(tax.rate for tax in sums.taxes):
            rows.append([self._word("net"), self._money(sums.net)])
        several = len(sums.taxes) > 1
        for tax in sums.taxes:
            if tax.rate or several:
                said = f"{self.tax_name} {locales.percent(tax.rate, self._locale)}"
                said += f" {self._word('on')} {self._money(tax.base)}" if several else ""
                said += f" ({self._word('included')})" if gross else ""
                rows.append([said, self._money(tax.amount)])
        return rows

    def due(self, sums: Sums) -> list[list[str]]:
        """The total, and what is left of it."""
        rows = [[self._word("total"), self._money(sums.total)]]
        if self._invoice.paid:
            rows.append([self._word("paid"), self._money(sums.due - sums.total)])
            rows.append([self._word("amount_due"), self._money(sums.due)])
        return rows

    def payment(self, payment: Payment) -> dict[str, Any]:
        """Terms, and the account."""
        pairs = {
            self._word("account_holder"): payment.account_holder or self._invoice.seller.name,
            "IBAN": accounts.grouped(payment.iban),
            "BIC": payment.bic,
            self._word("bank"): payment.bank,
            self._word("reference"): self._invoice.number,
        }
        facts = [[name, said] for name, said in pairs.items() if said] if payment.iban else []
        return {"terms": payment.terms, "facts": facts}

    def _word(self, name: str) -> str:
        return locales.word(name, self._locale)

    def _money(self, value: Decimal) -> str:
        return locales.money(value, self._invoice.currency, self._digits, self._locale)

    def _percent(self, value: float) -> str:
        return locales.percent(exact(value), self._locale)
