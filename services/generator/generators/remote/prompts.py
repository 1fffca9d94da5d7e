"""The words that are passed on to a provider."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from services.generator.generators.typography.text import cleaned

MAX_COST_EXAMPLE: Final = 0.25


def lines_of(value: str) -> str:
    """`value` without control and bidirectional characters; its lines stay lines."""
    return "\n".join(cleaned(line) for line in value.splitlines()).strip()


def _something_left(value: str) -> str:
    if not value:
        raise ValueError("nothing to say: only spaces, control or invisible characters")
    return value


Lines = Annotated[str, AfterValidator(lines_of)]
Words = Annotated[Lines, AfterValidator(_something_left)]

MaxCost = Annotated[
    float | None,
    Field(
        ge=0,
        le=10_000,
        allow_inf_nan=False,
        description="USD that this may cost at most; backends that may ask more are left out.",
        examples=[MAX_COST_EXAMPLE],
    ),
]
