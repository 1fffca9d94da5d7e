"""What may stand in an endpoint: what Postgres cannot keep is refused before it comes there."""

import pytest
from pydantic import BaseModel, ValidationError

from shared.webhooks.models import WebhookEndpointIn, WebhookEndpointPatch

URL = "https://example.org/hooks"


@pytest.mark.parametrize("kind", [WebhookEndpointIn, WebhookEndpointPatch])
@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("url", f"{URL}\0", ("url",)),
        ("description", "for\0people", ("description",)),
        ("generators", ["card", "ch\0art"], ("generators", 1)),
    ],
    ids=["url", "description", "generators"],
)
def test_nul_is_refused_where_it_stands(
    kind: type[BaseModel], field: str, value: object, place: tuple[object, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate({"url": URL, field: value})

    [error] = refused.value.errors()
    assert error["loc"] == place


@pytest.mark.parametrize("kind", [WebhookEndpointIn, WebhookEndpointPatch])
def test_lines_and_emoji_are_words_too(kind: type[BaseModel]) -> None:
    kind.model_validate({"url": URL, "description": "two\nlines 🎨"})
