"""What one can ask of a certificate."""

from typing import Literal

from pydantic import BaseModel, Field

from services.generator.generators.document.fields import CLOSED, Day, Line, Lines, Text
from shared.generators import AssetId


class Signature(BaseModel):
    """Who signs."""

    model_config = CLOSED

    name: Text = Field(
        min_length=1, max_length=60, description="Under the line.", examples=["Grace Hopper"]
    )
    role: Line = Field(
        default="", max_length=80, description="What they are.", examples=["Head of Education"]
    )
    image: AssetId | None = Field(
        default=None,
        description="A picture of the signature, best a transparent PNG: the id of an upload.",
        examples=["0199c3a0-0000-7000-8000-000000000001"],
    )


class Certificate(BaseModel):
    """A certificate, on a page of its own, landscape."""

    model_config = CLOSED

    style: Literal["classic", "modern", "prestige", "botanical"] = Field(
        default="classic",
        description=(
            "classic: a guilloche frame and serifs; modern: large and plain; "
            "prestige: gold on deep blue; botanical: leaves on ivory."
        ),
        examples=["classic"],
    )
    heading: Text = Field(
        default="Certificate of Completion",
        min_length=1,
        max_length=80,
        description="What it is.",
        examples=["Certificate of Completion"],
    )
    preamble: Line = Field(
        default="This is to certify that",
        max_length=160,
        description="Before the name.",
        examples=["This is to certify that"],
    )
    recipient: Text = Field(
        min_length=1, max_length=100, description="Whose it is.", examples=["Ada Lovelace"]
    )
    text: Lines = Field(
        default="",
        max_length=600,
        description="What for.",
        examples=["has completed the course “Analytical Engines” with distinction."],
    )
    date: Day = Field(description="When it was awarded.", examples=["2026-06-30"])
    place: Line = Field(
        default="", max_length=60, description="Where it was awarded.", examples=["London"]
    )
    issuer: Line = Field(
        default="", max_length=100, description="Who awards it.", examples=["Northwind Academy"]
    )
    serial: Line = Field(
        default="", max_length=60, description="A number to find it by.", examples=["NA-2026-0042"]
    )
    seal: bool = Field(
        default=True, description="Whether it carries a printed seal.", examples=[True]
    )
    signatures: list[Signature] = Field(
        default=[],
        max_length=3,
        description="Lines to sign on.",
        examples=[[{"name": "Grace Hopper", "role": "Head of Education"}]],
    )
