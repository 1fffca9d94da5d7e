"""Calls go to addresses that were looked at when the connection was made, and nowhere else."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifier.models import Call
from services.notifier.service.webhooks.outside import Outside
from services.notifier.service.webhooks.posting import Poster
from shared.testing import FixedClock
from tests.receivers import Receiver, Reply, listening

PORTS = (range(1, 65_536),)
INSIDE = (
    "127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00:ec2::254", "::1", "::ffff:127.0.0.1",
    "64:ff9b::7f00:1", "100.64.0.1", "0.0.0.0",
)  # fmt: skip
NUMBERS = (
    "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/", "http://127.1/", "http://0/",
    "http://good@127.0.0.1/", "http://①②⑦.0.0.1/", "http://127。0。0。1/", "http://[fe80::1%25lo]/",
    "http://[::ffff:127.0.0.1]/", "http://[::1]/", "http://127.0.0.1/", "http://127.0.0.1./",
    "http://169.254.169.254/", "http://[fd00:ec2::254]/", "ftp://example.org/", "http://0.0.0.0/",
)  # fmt: skip


class Names:
    """A resolver whose answers are given one after the other; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


def poster(**told: Any) -> Poster:
    outside = Outside(PORTS, timedelta(seconds=0.5), **told)
    return Poster(outside, FixedClock(), user_agent="Test")


async def post(poster: Poster, url: str) -> Call:
    return await poster.post(url, {"webhook-id": "1"}, b"{}")


@pytest.mark.parametrize("url", NUMBERS)
async def test_no_form_of_a_private_address_is_called(url: str) -> None:
    call = await post(poster(), url)
    assert call.error_code in {"invalid_address", "address_refused"}
    assert call.status is None


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("host", ["hooks.example.org", "localhost", "127.0.0.1.nip.example"])
async def test_a_name_that_leads_inside_is_refused(
    receiver: Receiver, host: str, address: str
) -> None:
    port = receiver.url.rpartition(":")[2]
    for answers in ([address], ["8.8.8.8", address]):
        call = await post(poster(resolve=Names(answers)), f"http://{host}:{port}")
        assert call.error_code == "address_refused"
    assert not receiver.received


async def test_a_name_is_looked_at_again_at_each_call(receiver: Receiver) -> None:
    names = Names(["192.0.2.1"], ["127.0.0.1"])
    rebound = poster(resolve=names, allowed_hosts=("others.example",))
    for _ in range(2):
        call = await post(rebound, receiver.url.replace("127.0.0.1", "rebinding.example"))
        assert call.error_code == "address_refused"
    assert len(names.asked) == 2
    assert not receiver.received


async def test_the_connection_goes_to_the_address_that_was_looked_at(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_lookup(host: str, *_: Any, **__: Any) -> Any:
        assert host.replace(".", "").isdigit(), "nobody looks a name up a second time"
        return real(host, *_, **__)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", no_lookup)
    names = Names(["127.0.0.1"])
    url = receiver.url.replace("127.0.0.1", "hooks.internal")
    call = await post(poster(resolve=names, allowed_hosts=("*.internal",)), url)
    assert call.delivered
    assert names.asked == ["hooks.internal"]
    [received] = receiver.received
    assert received.headers["host"] == url.split("/")[2]


async def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    names = Names(["127.0.0.2", "127.0.0.1"])
    url = receiver.url.replace("127.0.0.1", "hooks.internal")
    assert (await post(poster(resolve=names, allow_private=True), url)).delivered


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_inside_is_not_followed(receiver: Receiver, status: int) -> None:
    there = {"Location": "http://169.254.169.254/"}
    receiver.behaviour = lambda _call, _before: Reply(status, headers=there)
    call = await post(poster(allow_private=True), receiver.url)
    assert (call.error_code, call.status) == ("redirected", status)


async def test_ports_of_other_protocols_are_refused() -> None:
    told = Outside((range(80, 81), range(1024, 65_536)), timedelta(seconds=1), resolve=Names([]))
    call = await post(Poster(told, FixedClock(), user_agent="Test"), "http://example.org:25/")
    assert "port 25" in (call.error or "")


@pytest.mark.parametrize(
    ("status", "code"), [(200, None), (204, None), (410, "gone"), (429, "bad_status")]
)
async def test_only_2xx_is_delivered(receiver: Receiver, status: int, code: str | None) -> None:
    receiver.behaviour = lambda _call, _before: Reply(status, headers={"retry-after": "9"})
    call = await post(poster(allow_private=True), receiver.url)
    assert call.error_code == code
    assert call.retry_after == (timedelta(seconds=9) if status == 429 else None)


async def test_what_is_not_reached_or_does_not_speak_http_is_told_apart() -> None:
    async def rubbish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(b"SSH-2.0 rubbish\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(rubbish, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    there = poster(allow_private=True)
    assert (await post(there, f"http://127.0.0.1:{port}/")).error_code == "broken_answer"
    assert (await post(there, f"https://127.0.0.1:{port}/")).error_code == "unreachable"
    server.close()
    assert (await post(there, f"http://127.0.0.1:{port}/")).error_code == "unreachable"


async def test_a_name_that_nobody_knows_is_unreachable() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror("no such name")

    call = await post(poster(resolve=unknown), "http://nowhere.example/")
    assert call.error_code == "unreachable"


async def test_an_answer_that_drips_is_cut_off_in_time(receiver: Receiver) -> None:
    receiver.behaviour = lambda _call, _before: Reply(after=3)
    begun = datetime.now(UTC)
    call = await post(poster(allow_private=True), receiver.url)
    assert call.error_code == "timed_out"
    assert datetime.now(UTC) - begun < timedelta(seconds=2)
