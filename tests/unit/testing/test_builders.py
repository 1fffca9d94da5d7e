"""Every type that travels has a builder, and what it builds survives the wire."""

from collections.abc import Callable

import pytest

from shared.events import CATALOG, Message, decode, encode
from shared.testing import a_media_generated, a_media_request, an_event
from tests.message_builders import BUILDERS


def test_every_type_has_a_builder() -> None:
    assert set(BUILDERS) == set(CATALOG.values())


@pytest.mark.parametrize("build", BUILDERS.values(), ids=lambda build: build.__name__)
def test_what_is_built_survives_the_wire(build: Callable[[], Message]) -> None:
    event = an_event(build(), tenant="acme", correlationid="42")
    assert decode(encode(event)) == event


def test_changes_are_validated() -> None:
    with pytest.raises(ValueError, match="input"):
        a_media_request(input="not an object")


def test_a_misspelt_field_is_an_error() -> None:
    with pytest.raises(TypeError, match="asets"):
        a_media_generated(asets=[])
