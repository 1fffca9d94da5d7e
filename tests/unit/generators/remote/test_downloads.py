"""What a provider made is fetched from where it may lie, and nothing else."""

import asyncio
import base64
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from services.generator.generators.remote import BackendSettings, addresses, downloads
from services.generator.generators.remote.downloads import Downloads
from services.generator.generators.remote.errors import ProviderFailedError
from shared.errors import RetryableError
from tests.simulators import faults
from tests.simulators.pictures import png_of
from tests.simulators.server import Simulator

PICTURE = png_of("a")


class FileServer(Simulator):
    """One picture, and ways to it."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        super().__init__()

    def routes(self) -> list[BaseRoute]:
        return [Route("/{way}", self._answer)]

    async def _answer(self, request: Request) -> Response:
        async def do() -> Response:
            self.seen.append(request)
            match request.path_params["way"]:
                case "once":
                    return RedirectResponse("/file")
                case "round":
                    return RedirectResponse("/round")
                case "away":
                    return RedirectResponse("http://evil.example/file")
                case "empty":
                    return Response(b"")
                case "page":
                    return Response("<html>Sorry</html>", media_type="image/png")
            return Response(PICTURE, media_type="application/octet-stream")

        return await self.faults.pass_through("file", request, do)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PAUSE", downloads.PAUSE / 100)


def those_of(told: dict[str, Any], largest: int = 100_000) -> Downloads:
    backend = BackendSettings(name="p", **told)
    return Downloads(backend, media_types=["image/png"], largest=largest)


def own(server: FileServer, **told: Any) -> dict[str, Any]:
    return {"base_url": f"{server.url}/v1", "api_key": "secret", **told}


def foreign(**told: Any) -> dict[str, Any]:
    return {"base_url": "https://api.example", "api_key": "secret", **told}


@pytest.mark.parametrize("way", ["file", "once"])
async def test_a_file_is_named_after_what_it_is(
    server: FileServer, tmp_path: Path, way: str
) -> None:
    path = await those_of(own(server)).fetch(f"{server.url}/{way}", tmp_path, "made")
    assert path == tmp_path / "made.png"
    assert path.read_bytes() == PICTURE
    assert server.seen[-1].headers["authorization"] == "Bearer secret"


async def test_a_data_url_is_a_file_too(tmp_path: Path) -> None:
    fetch = those_of(foreign()).fetch
    url = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    assert (await fetch(url, tmp_path, "made")).read_bytes() == PICTURE
    for bad in ("data:image/png;base64,%%%", "data:text/plain,hello"):
        with pytest.raises(ProviderFailedError):
            await fetch(bad, tmp_path, "made")


async def test_what_breaks_off_is_fetched_again(server: FileServer, tmp_path: Path) -> None:
    cuts = (faults.cut_in_the_middle, faults.cut_before, faults.answers(502))
    server.faults.plan("file", *cuts)
    path = await those_of(own(server)).fetch(f"{server.url}/file", tmp_path, "made")
    assert path.read_bytes() == PICTURE
    server.faults.plan("file", *cuts, faults.cut_after)
    with pytest.raises(RetryableError):
        await those_of(own(server)).fetch(f"{server.url}/file", tmp_path, "made")


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("round", "always somewhere else"),
        ("away", "evil.example, which is none of the download_hosts"),
        ("page", "which is not wanted"),
    ],
)
async def test_what_is_not_a_file_of_ours_is_refused(
    server: FileServer, tmp_path: Path, way: str, words: str
) -> None:
    with pytest.raises(ProviderFailedError, match=words):
        await those_of(own(server)).fetch(f"{server.url}/{way}", tmp_path, "made")


async def test_an_empty_file_is_asked_for_again(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(RetryableError, match="empty"):
        await those_of(own(server)).fetch(f"{server.url}/empty", tmp_path, "made")
    assert len(server.seen) == downloads.TRIES


async def test_what_is_too_large_is_refused(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(ProviderFailedError, match="more than 100 bytes"):
        await those_of(own(server), 100).fetch(f"{server.url}/file", tmp_path, "made")


async def test_what_is_gone_is_gone(server: FileServer, tmp_path: Path) -> None:
    server.faults.plan("file", faults.answers(404))
    with pytest.raises(ProviderFailedError, match="not there any more"):
        await those_of(own(server)).fetch(f"{server.url}/file", tmp_path, "made")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://other.example/file", "none of the download_hosts"),
        ("https://cdn.example.evil.com/file", "none of the download_hosts"),
        ("http://a.cdn.example/file", "not behind https"),
        ("https://localhost/file", "is not public"),
        ("https://user@cdn.example/file", "an address that is none"),
        ("ftp://cdn.example/file", "an address that is none"),
        ("https://[::1/file", "an address that is none"),
        ("file:///etc/passwd", "an address that is none"),
    ],
)
async def test_addresses_that_lead_elsewhere_are_not_followed(
    tmp_path: Path, url: str, words: str
) -> None:
    told = foreign(download_hosts=["*.cdn.example", "localhost"])
    with pytest.raises(ProviderFailedError, match=words):
        await those_of(told).fetch(url, tmp_path, "made")


async def test_the_key_stays_with_the_provider(server: FileServer, tmp_path: Path) -> None:
    told = foreign(download_hosts=["127.0.0.1"], allow_private=True)
    await those_of(told).fetch(f"{server.url}/file", tmp_path, "made")
    assert "authorization" not in server.seen[0].headers


async def test_the_connection_goes_to_the_address_that_was_looked_at(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(host: str, port: int) -> str:
        return "127.0.0.1"

    monkeypatch.setattr(downloads, "public_address", resolve)
    told = foreign(download_hosts=["cdn.example"])
    got = those_of(told)
    monkeypatch.setattr(got, "_must_be_allowed", lambda scheme, host: None)
    await got.fetch(f"http://cdn.example:{server.port}/file", tmp_path, "made")
    assert server.seen[0].headers["host"] == f"cdn.example:{server.port}"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("fd00::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert addresses.is_public(address) is public


async def test_one_private_address_of_a_name_is_one_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        kinds = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kinds, (one, port)) for one in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    with pytest.raises(ProviderFailedError, match="not public"):
        await addresses.public_address("cdn.example", 443)


async def test_a_name_without_an_address_may_have_one_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    with pytest.raises(RetryableError):
        await those_of(foreign(download_hosts=["cdn.example"])).fetch(
            "https://cdn.example/file", tmp_path, "made"
        )
