"""Answers have the headers that the framework would give them."""

import pytest
from starlette.responses import Response

from services.api.routes.answers import answer


@pytest.mark.parametrize("headers", [{}, {"location": "/a", "preference-applied": "wait=5"}])
def test_headers_are_the_frameworks(headers: dict[str, str]) -> None:
    quick = answer({"a": "ä"}, 202, headers)
    usual = Response(
        '{"a":"ä"}'.encode(), status_code=202, media_type="application/json", headers=headers
    )

    assert quick.raw_headers == usual.raw_headers
    assert (quick.body, quick.status_code) == (usual.body, 202)
    assert quick.headers["content-type"] == "application/json"
