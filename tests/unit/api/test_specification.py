"""Reading requests out of JSON: nothing is coerced, every bad field is named."""

import pytest

from services.api.errors import MalformedJsonError
from services.api.service.specification import parse_json, read_model
from shared.errors import InvalidInputError
from shared.events import Lane, RequestSpec


def test_a_request_is_read() -> None:
    spec = read_model(
        RequestSpec,
        b'{"generator":"card","input":{"title":"a"},"priority":"batch",'
        b'"webhook":{"url":"https://a.example","events":["media.ready"]}}',
    )

    assert spec.priority is Lane.BATCH
    assert spec.webhook.events == ("media.ready",)


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":"\\ud800"}', b"\xff", b"[" * 5000])
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedJsonError):
        read_model(RequestSpec, body)
    with pytest.raises(MalformedJsonError):
        parse_json(body)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b"[]", {""}),
        (b"{}", {"/generator", "/input"}),
        (b'{"generator":"card","input":[]}', {"/input"}),
        (b'{"generator":"Card!","input":{}}', {"/generator"}),
        (b'{"generator":"card","input":{},"colour":1}', {"/colour"}),
        (b'{"generator":"card","input":{},"deadline_seconds":"5"}', {"/deadline_seconds"}),
        (b'{"generator":"card","input":{},"priority":"urgent"}', {"/priority"}),
        (b'{"generator":"card","input":{},"webhook":{}}', {"/webhook/url"}),
    ],
)
def test_each_bad_field_is_named(body: bytes, pointers: set[str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_model(RequestSpec, body)

    assert {error.pointer for error in caught.value.errors} == pointers
