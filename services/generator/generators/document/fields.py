"""Kinds of text and number that the inputs of all documents are made of."""

import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from services.generator.generators.typography.text import cleaned


def cleaned_lines(value: str) -> str:
    """Cleaned line by line; empty lines at the ends are gone."""
    return "\n".join(cleaned(line) for line in value.splitlines()).strip("\n")


def something(value: str) -> str:
    """Refuses text of which nothing is left."""
    if not value.strip():
        raise ValueError("nothing to set: only spaces, control or invisible characters")
    return value


Line = Annotated[str, AfterValidator(cleaned)]
Text = Annotated[Line, AfterValidator(something)]
Lines = Annotated[str, AfterValidator(cleaned_lines)]
Paragraph = Annotated[Lines, AfterValidator(something)]
Day = Annotated[
    datetime.date,
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
        }
    ),
]
"""An ISO date; the pattern tells most wrong ones to who looks at the schema alone."""

AddressLine = Annotated[Line, Field(max_length=100)]

CLOSED = ConfigDict(extra="forbid")


class Party(BaseModel):
    """Somebody who sends or receives a document."""

    model_config = CLOSED

    name: Text = Field(
        min_length=1,
        max_length=120,
        description="The person or company.",
        examples=["Northwind GmbH"],
    )
    address: list[AddressLine] = Field(
        default=[],
        max_length=6,
        description="Street, postcode and town, country: one entry a line.",
        examples=[["Hafenstraße 12", "20457 Hamburg", "Germany"]],
    )
    tax_id: Line = Field(
        default="", max_length=40, description="VAT or tax number.", examples=["DE123456789"]
    )
    email: Line = Field(
        default="", max_length=120, description="Mail address.", examples=["billing@northwind.dev"]
    )
    phone: Line = Field(
        default="", max_length=40, description="Telephone number.", examples=["+49 40 123456"]
    )
    website: Line = Field(
        default="", max_length=120, description="Shown, never fetched.", examples=["northwind.dev"]
    )
