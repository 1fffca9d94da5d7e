"""Files that people bring along: taken in as a stream, told by their bytes, named by an id."""

import hashlib
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.api.routes import http_app
from services.api.routes.schemas import UploadList, UploadOut
from services.api.service import ApiServices
from shared.clock import uuid7
from shared.errors import RetryableError
from shared.storage import AssetStore
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem


def a_png(width: int = 3, height: int = 2) -> bytes:
    """A picture whose header says so; its pixels are left out."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + struct.pack(">I", zlib.crc32(header))


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def upload(
    client: httpx.AsyncClient, content: bytes, query: str = "", **headers: str
) -> UploadOut:
    response = await client.post(f"/v1/uploads{query}", content=content, headers=headers)
    assert response.status_code == 201, response.text
    found = UploadOut.model_validate_json(response.content)
    assert response.headers["location"] == f"/v1/uploads/{found.id}" == found.urls.self
    return found


async def test_an_upload_is_told_by_its_bytes(client: httpx.AsyncClient) -> None:
    found = await upload(client, a_png(640, 480), **{"content-type": "text/html"})

    assert found.media_type == "image/png"
    assert (found.width, found.height) == (640, 480)
    assert found.sha256 == hashlib.sha256(a_png(640, 480)).hexdigest()
    assert found.size == len(a_png())
    assert found.declared_type == "text/html"
    assert (await client.get(found.urls.self)).json()["id"] == str(found.id)


async def test_its_bytes_come_back_like_those_of_a_result(client: httpx.AsyncClient) -> None:
    found = await upload(client, a_png(), "?filename=me.png")

    response = await client.get(found.urls.content, headers={"Range": "bytes=1-3"})
    head = await client.head(found.urls.content)

    assert response.status_code == 206
    assert response.content == b"PNG"
    assert response.headers["content-disposition"] == 'inline; filename="me.png"'
    assert head.headers["etag"] == f'"{found.sha256}"'


async def test_the_same_bytes_twice_are_two_uploads_of_one_object(
    client: httpx.AsyncClient,
) -> None:
    one, other = await upload(client, a_png()), await upload(client, a_png())

    assert one.id != other.id
    assert one.sha256 == other.sha256


@pytest.mark.parametrize(
    ("query", "disposition", "filename"),
    [
        ("?filename=holiday.png", 'attachment; filename="other.png"', "holiday.png"),
        ("", 'attachment; filename="holiday.png"', "holiday.png"),
        ("", "attachment; filename*=UTF-8''%E6%97%A5%E6%9C%AC.png", "日本.png"),
        ("?filename=../../etc/passwd", "inline", "passwd"),
        ("?filename=C:%5Cpictures%5Cme.png", "inline", "me.png"),
        ("?filename=gpj.%E2%80%AEexe%07.png", "inline", "gpj.exe.png"),
        ("?filename=" + "x" * 400 + ".png", "inline", "x" * 196 + ".png"),
        ("?filename=" + "x" * 400, "inline", "x" * 200),
        ("?filename=.%20.", "inline", None),
        ("", "", None),
    ],
)
async def test_a_name_is_a_name_and_no_path(
    client: httpx.AsyncClient, query: str, disposition: str, filename: str | None
) -> None:
    found = await upload(client, a_png(), query, **{"content-disposition": disposition})

    assert found.filename == filename


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"a,b\n1,2\n", "data.csv", "text/csv"),
        (b'{"a": 1}', "data.json", "application/json"),
        (b"1\n00:00:00,000 --> 00:00:01,000\nHello\n", "a.srt", "application/x-subrip"),
        (b"WEBVTT\n\n", "captions", "text/vtt"),
        (b"%PDF-1.7\n", "paper", "application/pdf"),
        (b"ID3\x04\x00", "song", "audio/mpeg"),
    ],
)
async def test_what_generators_can_use_is_taken(
    client: httpx.AsyncClient, content: bytes, name: str, media_type: str
) -> None:
    assert (await upload(client, content, f"?filename={name}")).media_type == media_type


@pytest.mark.parametrize("declared", ["text/csv; charset=utf-8", "application/x-subrip"])
async def test_a_text_without_a_name_is_what_its_sender_says(
    client: httpx.AsyncClient, declared: str
) -> None:
    found = await upload(client, b"a,b\n1,2\n", **{"content-type": declared})

    assert found.media_type == declared.partition(";")[0]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"#!/bin/sh\n", "run.sh"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='100000'/>", "a.svg"),
        (b"<!doctype html><script>", "photo.png"),
        (b"PK\x03\x04", "archive.zip"),
        (b"\x7fELF\x02\x01\x01", "movie.mp4"),
        (b"\x00" * 100, "nothing.jpg"),
    ],
)
async def test_other_kinds_are_refused(
    client: httpx.AsyncClient, database: FakeDatabase, content: bytes, name: str
) -> None:
    response = await client.post(f"/v1/uploads?filename={name}", content=content)

    assert "can be uploaded" in problem(response, 415, "unsupported_media_type").detail
    assert not database.tables.uploads


async def test_an_empty_body_is_refused(client: httpx.AsyncClient) -> None:
    problem(await client.post("/v1/uploads"), 422, "empty_upload")


async def test_a_small_file_that_would_become_a_huge_picture_is_refused(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/v1/uploads", content=a_png(40_000, 40_000))

    assert "1,600,000,000 pixels" in problem(response, 422, "too_many_pixels").detail
    await upload(client, a_png(10_000, 5_000))


async def test_a_picture_without_a_whole_header_is_refused(client: httpx.AsyncClient) -> None:
    problem(await client.post("/v1/uploads", content=b"\xff\xd8\xff\xe0"), 422, "unreadable_upload")


@pytest.mark.parametrize("declared", [True, False])
async def test_more_bytes_than_are_allowed_are_refused(
    services: ApiServices, database: FakeDatabase, *, declared: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield a_png()

    content = a_png() * 5 if declared else chunks()
    transport = httpx.ASGITransport(http_app(services, largest_upload=100))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        response = await client.post("/v1/uploads", content=content)

    problem(response, 413, "body_too_large")
    assert not database.tables.uploads


async def test_a_store_that_is_away_is_not_the_senders_fault(
    client: httpx.AsyncClient, assets: AssetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise RetryableError("no room")

    monkeypatch.setattr(assets, "put_spool", away)
    response = await client.post("/v1/uploads", content=a_png())

    problem(response, 503, "unavailable")
    assert "retry-after" in response.headers


async def test_uploads_are_listed_page_by_page_newest_first(client: httpx.AsyncClient) -> None:
    ids = [(await upload(client, a_png())).id for _ in range(3)]

    first = UploadList.model_validate_json((await client.get("/v1/uploads?limit=2")).content)
    rest = await client.get(f"/v1/uploads?cursor={first.next_cursor}")
    second = UploadList.model_validate_json(rest.content)

    assert [one.id for one in (*first.items, *second.items)] == ids[::-1]
    assert second.next_cursor is None


async def test_a_forgotten_upload_is_gone_and_its_twin_is_not(client: httpx.AsyncClient) -> None:
    one, twin = await upload(client, a_png()), await upload(client, a_png())

    assert (await client.delete(one.urls.self)).status_code == 204

    problem(await client.get(one.urls.self), 404, "not_found")
    problem(await client.delete(one.urls.self), 404, "not_found")
    assert (await client.get(twin.urls.content)).content == a_png()


@pytest.mark.parametrize("unknown", [uuid7(), "me.png"])
async def test_there_is_no_unknown_upload(client: httpx.AsyncClient, unknown: UUID | str) -> None:
    problem(await client.get(f"/v1/uploads/{unknown}"), 404, "not_found")
    problem(await client.get(f"/v1/uploads/{unknown}/content"), 404, "not_found")


async def test_nothing_is_left_behind_beside_the_store(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    await upload(client, a_png())
    await client.post("/v1/uploads", content=b"\x7fELF")

    assert not names_in(tmp_path)
