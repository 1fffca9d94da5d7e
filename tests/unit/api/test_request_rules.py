"""A glance never lets through what a closer look would refuse."""

from typing import Any

import pytest

from services.api.service.input_schema import InputSchema
from services.api.service.request_rules import KIB, check_request
from shared.errors import InvalidInputError
from shared.events import RequestSpec

SCHEMA = InputSchema({"type": "object", "properties": {"title": {"type": "string"}}})


def a_spec(**fields: Any) -> RequestSpec:
    return RequestSpec.model_validate({"generator": "card", "input": {}, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"input": {"title": "x" * (512 * KIB - 12)}},
        {"metadata": {"a": "x" * (16 * KIB - 8)}},
        {"metadata": {"a": None}},
        {"webhook": {"url": "https://a/b"}},
        {"expires_in": 60},
    ],
)
def test_what_is_good_is_taken(fields: dict[str, Any]) -> None:
    check_request(a_spec(**fields), SCHEMA)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"input": {"title": "x" * (512 * KIB - 11)}}, "/input"),
        ({"metadata": {"a": "x" * (16 * KIB - 7)}}, "/metadata"),
        ({"input": {"title": 5}}, "/input/title"),
        ({"metadata": {"a": "\x00"}}, "/metadata/a"),
        ({"webhook": {"url": "ftp://a/b"}}, "/webhook/url"),
        ({"expires_in": 11 * 365 * 24 * 3600}, "/expires_in"),
    ],
)
def test_what_is_not_is_named(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_request(a_spec(**fields), SCHEMA)

    assert [error.pointer for error in caught.value.errors] == [pointer]
