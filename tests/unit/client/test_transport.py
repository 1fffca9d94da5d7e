"""What the client does when the API is busy, away, or somebody else."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from starlette.responses import JSONResponse

from shared.client import (
    ApiUnavailableError,
    BusyError,
    DarkroomClient,
    OutOfServiceError,
    TooMuchError,
    UnexpectedAnswerError,
)
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_problem import problem


def busy(status: int, code: str, retry_after: str) -> JSONResponse:
    """An answer that says when to come back."""
    answer = problem(status, code, "not now")
    answer.headers["Retry-After"] = retry_after
    return answer


async def test_busy_api_is_asked_again_with_the_same_key(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    api.refusals = [busy(503, "unavailable", "0"), busy(429, "queue_full", "0")]

    await darkroom.request("card", {"title": "Hello"}, idempotency_key="once")

    assert api.calls["post"] == 3
    assert api.keys == ["once"]


async def test_answer_that_says_come_back_is_asked_for_again(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    api.refusals = [busy(409, "idempotency_key_in_flight", "0")]

    assert (await darkroom.request("card", {"title": "Hello"})).status == "queued"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(429, "queue_full", TooMuchError), (503, "unavailable", OutOfServiceError)],
)
async def test_api_that_asks_for_more_time_than_one_has_is_not_asked_again(
    api: FakeApi, darkroom: DarkroomClient, status: int, code: str, kind: type[BusyError]
) -> None:
    api.refusals = [busy(status, code, "3600")]

    with pytest.raises(kind) as caught:
        await darkroom.request("card", {"title": "Hello"})

    assert caught.value.problem.code == code
    assert caught.value.retry_after == timedelta(hours=1)
    assert api.calls["post"] == 1


async def test_moment_to_come_back_may_be_a_date(api: FakeApi, darkroom: DarkroomClient) -> None:
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    api.refusals = [busy(503, "unavailable", format_datetime(in_an_hour, usegmt=True))]

    with pytest.raises(OutOfServiceError) as caught:
        await darkroom.request("card", {"title": "Hello"})

    assert caught.value.retry_after is not None
    assert timedelta(minutes=59) < caught.value.retry_after <= timedelta(hours=1)


async def test_moment_to_come_back_that_cannot_be_read_is_nobodys_loss(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    api.refusals = [busy(503, "unavailable", "soon")]

    assert (await darkroom.request("card", {"title": "Hello"})).status == "queued"


async def test_whoever_waits_is_told_why(api: FakeApi) -> None:
    api.refusals = [busy(503, "unavailable", "0")]
    told: list[str] = []

    async with DarkroomClient(
        "http://api.test",
        transport=api.transport,
        on_pause=lambda error, pause: told.append(f"{error.detail}: {pause.total_seconds():g} s"),
    ) as client:
        await client.request("card", {"title": "Hello"})

    assert told == ["not now: 0 s"]


async def test_nobody_at_the_address() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    transport = httpx.MockTransport(refuse)
    async with DarkroomClient("http://api.test", transport=transport, tries=2) as client:
        with pytest.raises(ApiUnavailableError, match="does not answer: connection refused"):
            await client.generators()


@pytest.mark.parametrize("body", ["<html>welcome</html>", '{"status": "ready"}', "[]"])
async def test_somebody_else_at_the_address(body: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    async with DarkroomClient("http://api.test", transport=transport) as client:
        with pytest.raises(UnexpectedAnswerError):
            await client.get("1")


async def test_error_of_somebody_else_is_quoted_with_its_address() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(403, text="<h1>Forbidden</h1>"))
    async with DarkroomClient("http://api.test", transport=transport) as client:
        with pytest.raises(
            UnexpectedAnswerError, match=r"http://api\.test/v1/media/1 answered 403 <h1>Forbidden"
        ):
            await client.get("1")


async def test_proxy_whose_api_is_away_is_a_busy_api() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(502, text="<h1>Bad gateway</h1>"))
    async with DarkroomClient("http://api.test", transport=transport, tries=1) as client:
        with pytest.raises(BusyError, match="HTTP 502"):
            await client.get("1")
