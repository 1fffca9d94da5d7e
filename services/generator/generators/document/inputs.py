"""What one can ask of the document generator. Imported to announce it: keep it light."""

import datetime
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.generator.generators.document.certificates import Certificate
from services.generator.generators.document.invoices import Invoice
from services.generator.generators.document.letters import Letter
from services.generator.generators.document.locales import Locale
from services.generator.generators.document.reports import Report
from shared.generators import AssetId

Kind = Literal["invoice", "certificate", "report", "letter"]
KINDS: Final = ("invoice", "certificate", "report", "letter")

# The part that a kind needs; as JSON Schema, so that who validates by the schema alone says it too.
_PARTS: Final[dict[str, Any]] = {
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"required": [kind]},
        }
        for kind in KINDS
    ]
}


class DocumentInput(BaseModel):
    """A document of one kind: `kind` says which, and the field of that name what is in it."""

    model_config = ConfigDict(extra="forbid", title="Document", json_schema_extra=_PARTS)

    kind: Kind = Field(
        description="invoice, certificate, report or letter; the field of that name is needed.",
        examples=["invoice"],
    )
    invoice: Invoice | None = Field(
        default=None,
        description="An invoice, quote, credit note or receipt.",
        examples=[{"number": "2026-0117"}],
    )
    certificate: Certificate | None = Field(
        default=None, description="A certificate.", examples=[{"recipient": "Ada Lovelace"}]
    )
    report: Report | None = Field(
        default=None, description="A report.", examples=[{"title": "Annual report 2025"}]
    )
    letter: Letter | None = Field(
        default=None, description="A letter.", examples=[{"subject": "Your order"}]
    )
    locale: Locale = Field(
        default="en",
        description="The language of words that are not yours, and how numbers are written.",
        examples=["de"],
    )
    paper: Literal["a4", "letter"] = Field(
        default="a4", description="The size of a page: A4, or US letter.", examples=["a4"]
    )
    accent: str = Field(
        default="#1f4fa3",
        max_length=7,
        pattern="^#[0-9a-fA-F]{6}$",
        description="The colour of lines and headings; darkened where it would be hard to read.",
        examples=["#0f766e"],
    )
    logo: AssetId | None = Field(
        default=None,
        description="A PNG, JPEG, WebP or GIF at the top: the id of an upload or of another job.",
        examples=["0199c3a0-0000-7000-8000-000000000001"],
    )
    standard: Literal["pdf", "pdf-a-2b", "pdf-ua-1"] = Field(
        default="pdf",
        description="pdf-a-2b is for archives, pdf-ua-1 for screen readers.",
        examples=["pdf-a-2b"],
    )

    @model_validator(mode="after")
    def _one_part(self) -> Self:
        if getattr(self, self.kind) is None:
            raise ValueError(f"{self.kind}: a document of kind {self.kind} needs it")
        others = [kind for kind in KINDS if kind != self.kind and getattr(self, kind) is not None]
        if others:
            raise ValueError(f"{others[0]}: this document is of kind {self.kind}")
        return self

    @property
    def date(self) -> datetime.date:
        """The day of the document, which is also the date inside of the file."""
        part: Invoice | Certificate | Report | Letter = getattr(self, self.kind)
        return part.date
