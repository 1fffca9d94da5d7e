"""What one can ask of a letter."""

from typing import Annotated

from pydantic import BaseModel, Field

from services.generator.generators.document.certificates import Signature
from services.generator.generators.document.fields import (
    CLOSED,
    Day,
    Line,
    Lines,
    Paragraph,
    Party,
    Text,
)

Passage = Annotated[Paragraph, Field(max_length=5000)]
Enclosure = Annotated[Line, Field(max_length=200)]


class Letter(BaseModel):
    """A business letter whose address fits a window envelope."""

    model_config = CLOSED

    sender: Party = Field(description="Who writes.", examples=[{"name": "Northwind GmbH"}])
    recipient: Party = Field(description="To whom.", examples=[{"name": "Contoso Ltd"}])
    date: Day = Field(description="When it was written.", examples=["2026-03-02"])
    place: Line = Field(
        default="", max_length=60, description="Where it was written.", examples=["Hamburg"]
    )
    reference: Line = Field(
        default="", max_length=80, description="A number to find it by.", examples=["NW/2026/17"]
    )
    subject: Text = Field(
        min_length=1, max_length=200, description="What it is about.", examples=["Your order"]
    )
    salutation: Line = Field(
        default="",
        max_length=120,
        description="How it begins.",
        examples=["Dear Ms Lovelace,"],
    )
    paragraphs: list[Passage] = Field(
        min_length=1,
        max_length=100,
        description="The text.",
        examples=[["Thank you for your letter.", "We will send the parts next week."]],
    )
    closing: Lines = Field(
        default="",
        max_length=120,
        description="How it ends.",
        examples=["Yours sincerely"],
    )
    signature: Signature | None = Field(
        default=None,
        description="Who signs it.",
        examples=[{"name": "Grace Hopper", "role": "Managing Director"}],
    )
    enclosures: list[Enclosure] = Field(
        default=[],
        max_length=20,
        description="What comes with it.",
        examples=[["Price list 2026"]],
    )
