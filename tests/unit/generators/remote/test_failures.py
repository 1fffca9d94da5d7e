"""What answers mean."""

import json
from typing import Any

import httpx
import pytest

from services.generator.generators.remote.errors import (
    AnswerLostError,
    ProviderAccessError,
    ProviderLimitedError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from services.generator.generators.remote.failures import (
    clipped,
    failure_of,
    failure_to_ask,
    words,
)
from shared.errors import DarkroomError

NONE = httpx.Headers()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ProviderRejectedError),
        (422, ProviderRejectedError),
        (401, ProviderAccessError),
        (402, ProviderAccessError),
        (404, ProviderAccessError),
        (302, ProviderAccessError),
        (501, ProviderAccessError),
        (408, ProviderUnavailableError),
        (500, ProviderUnavailableError),
        (503, ProviderUnavailableError),
        (502, AnswerLostError),
        (504, AnswerLostError),
        (599, AnswerLostError),
        (429, ProviderLimitedError),
    ],
)
def test_a_status_says_whether_the_order_was_taken(status: int, kind: type[DarkroomError]) -> None:
    assert type(failure_of("p", status, NONE, b"")) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), ProviderUnavailableError),
        (httpx.ConnectTimeout("slow"), ProviderUnavailableError),
        (httpx.InvalidURL("?"), ProviderUnavailableError),
        (httpx.ReadTimeout("slow"), AnswerLostError),
        (httpx.WriteError("cut"), AnswerLostError),
        (httpx.RemoteProtocolError("cut"), AnswerLostError),
    ],
)
def test_what_was_sent_may_have_arrived(error: Any, kind: type[DarkroomError]) -> None:
    assert type(failure_to_ask("p", error)) is kind


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"error": {"message": "a"}}, "a"),
        ({"detail": "b\n"}, "b"),
        ({"detail": [{"msg": "c"}, {"msg": "d"}, 3]}, "c; d"),
        ({"error": "e"}, "e"),
        ({"title": "f"}, "f"),
        ("g", "g"),
        ({"other": 1}, ""),
        ([], ""),
    ],
)
def test_the_providers_words_are_found(answer: Any, said: str) -> None:
    assert words(json.dumps(answer).encode()) == said


def test_words_are_one_line_and_not_endless() -> None:
    assert words(b"<html>") == ""
    assert clipped("a\u202e\x1b[31mb\n\n c") == "a [31mb c"
    assert len(clipped("x" * 1000)) == 300
