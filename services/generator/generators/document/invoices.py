"""What one can ask of an invoice. Amounts are computed, never taken from who asks."""

from typing import Final, Literal

from pydantic import BaseModel, Field, model_validator

from services.generator.generators.document.accounts import check_iban
from services.generator.generators.document.fields import CLOSED, Day, Line, Lines, Party, Text

Currency = Literal[
    "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "NZD", "SEK", "NOK", "DKK",
    "PLN", "CZK", "HUF", "BRL", "MXN", "KRW", "SGD", "HKD", "ZAR", "AED", "KWD", "BHD", "TND",
]  # fmt: skip


_MOST_ROWS: Final = 5000


class InvoiceLine(BaseModel):
    """One thing that is charged."""

    model_config = CLOSED

    description: Text = Field(
        min_length=1, max_length=500, description="What it is.", examples=["Design of the website"]
    )
    details: Lines = Field(
        default="",
        max_length=1000,
        description="More about it, in small letters, on as many lines as needed.",
        examples=["Sketches, two rounds of changes, final files"],
    )
    quantity: float = Field(
        default=1,
        ge=-1e6,
        le=1e6,
        allow_inf_nan=False,
        description="How much of it; negative for what is given back.",
        examples=[12.5],
    )
    unit: Line = Field(default="", max_length=16, description="Of the quantity.", examples=["h"])
    unit_price: float = Field(
        ge=-1e9,
        le=1e9,
        allow_inf_nan=False,
        description="The price of one unit, to six decimal places.",
        examples=[95],
    )
    tax_rate: float = Field(
        default=0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Tax in percent.",
        examples=[19],
    )
    discount: float = Field(
        default=0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Off the price of this line, in percent.",
        examples=[10],
    )


class Payment(BaseModel):
    """How it is paid."""

    model_config = CLOSED

    terms: Lines = Field(
        default="",
        max_length=500,
        description="What has been agreed.",
        examples=["Please pay within 14 days."],
    )
    account_holder: Line = Field(
        default="",
        max_length=70,
        description="Who gets it; the seller where it is not given.",
        examples=["Northwind GmbH"],
    )
    iban: Line = Field(
        default="",
        max_length=42,
        description="The account; its check digits are tested.",
        examples=["DE89 3704 0044 0532 0130 00"],
    )
    bic: Line = Field(
        default="", max_length=11, description="The bank's code.", examples=["COBADEFFXXX"]
    )
    bank: Line = Field(
        default="", max_length=70, description="The bank's name.", examples=["Commerzbank"]
    )
    qr: bool = Field(
        default=False,
        description="A QR code for banking apps (EPC069-12); needs an IBAN and EUR.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _payable(self) -> "Payment":
        if self.iban:
            check_iban(self.iban)
        elif self.qr:
            raise ValueError("iban: a QR code for payment needs it")
        return self


class Invoice(BaseModel):
    """An invoice, or what looks like one: a quote, a credit note, a receipt."""

    model_config = CLOSED

    type: Literal["invoice", "credit-note", "quote", "proforma", "receipt"] = Field(
        default="invoice", description="What stands on top.", examples=["invoice"]
    )
    number: Text = Field(
        min_length=1, max_length=40, description="Its number.", examples=["2026-0117"]
    )
    date: Day = Field(description="When it was issued.", examples=["2026-03-02"])
    due: Day | None = Field(
        default=None, description="When it has to be paid.", examples=["2026-03-16"]
    )
    period: Line = Field(
        default="",
        max_length=60,
        description="When it was delivered.",
        examples=["1 – 28 February 2026"],
    )
    order: Line = Field(
        default="", max_length=40, description="The buyer's order number.", examples=["PO-4711"]
    )
    seller: Party = Field(description="Who gets the money.", examples=[{"name": "Northwind GmbH"}])
    buyer: Party = Field(description="Who pays.", examples=[{"name": "Contoso Ltd"}])
    currency: Currency = Field(
        default="EUR", description="ISO 4217; it decides the decimal places.", examples=["EUR"]
    )
    prices: Literal["net", "gross"] = Field(
        default="net",
        description="Whether unit prices are without tax (net) or with it (gross).",
        examples=["net"],
    )
    lines: list[InvoiceLine] = Field(
        min_length=1,
        max_length=500,
        description="What is charged, in order; totals are computed from it.",
        examples=[[{"description": "Design", "quantity": 12, "unit_price": 95, "tax_rate": 19}]],
    )
    discount: float = Field(
        default=0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Off everything, in percent.",
        examples=[5],
    )
    paid: float = Field(
        default=0,
        ge=0,
        le=1e12,
        allow_inf_nan=False,
        description="What has been paid already.",
        examples=[500],
    )
    tax_name: Line = Field(
        default="",
        max_length=16,
        description="What the tax is called; as in the locale where it is not given.",
        examples=["GST"],
    )
    introduction: Lines = Field(
        default="",
        max_length=1000,
        description="Before the table.",
        examples=["Thank you for your order."],
    )
    notes: Lines = Field(
        default="",
        max_length=2000,
        description="After the totals.",
        examples=["Reverse charge: the buyer owes the tax."],
    )
    payment: Payment | None = Field(
        default=None,
        description="How it is paid.",
        examples=[{"iban": "DE89 3704 0044 0532 0130 00", "qr": True}],
    )

    @model_validator(mode="after")
    def _coherent(self) -> "Invoice":
        rows = sum(line.details.count("\n") + 1 for line in self.lines)
        if rows > _MOST_ROWS:
            raise ValueError(
                f"lines: their details may have {_MOST_ROWS} lines in all, these are {rows}"
            )
        if self.due is not None and self.due < self.date:
            raise ValueError(f"due: {self.due} is before date, which is {self.date}")
        if self.payment is not None and self.payment.qr and self.currency != "EUR":
            raise ValueError(f"payment.qr: the code is for EUR only, currency is {self.currency}")
        return self
