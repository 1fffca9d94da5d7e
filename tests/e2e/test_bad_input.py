"""What cannot be accepted is answered with a problem that names the field."""

from typing import Any

import pytest

from tests.e2e.people import Person


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"generator": "no-such-thing", "input": {}}, 422, "/generator"),
        ({"generator": "card", "input": {"title": 7}}, 422, "/input/title"),
        ({"generator": "card", "input": {}}, 422, "/input/title"),
        ({"generator": "card", "input": {"title": "a", "colour": 1}}, 422, "/input/colour"),
        ({"generator": "art", "input": {"width": 10**9}}, 422, "/input/width"),
        ({"generator": "card", "input": {"title": "a"}, "colour": 1}, 422, "/colour"),
        ({"generator": "card", "input": "a"}, 422, "/input"),
        ({"input": {}}, 422, "/generator"),
        ({"generator": "noop", "input": {}, "priority": "now"}, 422, "/priority"),
        ({"generator": "noop", "input": {}, "deadline_seconds": -1}, 422, "/deadline_seconds"),
    ],
)
def test_the_bad_field_is_named(
    person: Person, body: dict[str, Any], status: int, pointer: str
) -> None:
    answer = person.http.post("/v1/media", json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b"\xff\xfe", 400), (b"", 400), (b"[]", 422), (b'{"a": "' + b"x" * 2**21, 413)],
    ids=["not JSON", "not text", "nothing", "not an object", "2 MB"],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    person: Person, content: bytes, status: int
) -> None:
    headers = {"content-type": "application/json"}
    answer = person.http.post("/v1/media", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/media/not-an-id",
        "/v1/media/019ab7f0-0000-7000-8000-0",
        "/v1/generators/none",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_a_problem_too(person: Person, path: str) -> None:
    answer = person.http.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
