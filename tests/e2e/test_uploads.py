"""Uploads to a running stack: large ones, too large ones, and ones that break off."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

from deploy.local.stack import LocalStack, StackInfo
from shared.testing import eventually_sync
from tests.e2e.people import pids_of

MIB = 1024**2
HEADER = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"


def a_video(size: int) -> Iterator[bytes]:
    """So many bytes that begin like a video."""
    yield HEADER
    left = size - len(HEADER)
    while left > 0:
        yield bytes(min(MIB, left))
        left -= MIB


def most_memory(stack: LocalStack) -> int:
    """What the processes of the api have kept at their most, together."""
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids_of(stack, "api")]
    lines = [line for status in statuses for line in status.splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def left_over(stack: LocalStack) -> list[Path]:
    """What waits to be stored."""
    store = psutil.Process(pids_of(stack, "api")[0]).environ()["DARKROOM_STORE_URL"]
    return [path for path in Path(urlsplit(store).path, "incoming").glob("*") if path.is_file()]


def test_a_large_file_goes_through_in_pieces(stack: LocalStack, http: httpx.Client) -> None:
    http.post("/v1/uploads", content=b"".join(a_video(MIB)))
    before = most_memory(stack)

    stored = http.post("/v1/uploads", content=a_video(90 * MIB))

    assert stored.status_code == 201, stored.text
    assert stored.json()["size"] == 90 * MIB
    assert stored.json()["media_type"] == "video/mp4"
    assert most_memory(stack) - before < 30 * MIB
    assert not left_over(stack)


def test_a_file_that_is_said_to_be_too_large_is_refused_unread(info: StackInfo) -> None:
    answer = raw(info, b"Content-Length: 999999999\r\n\r\n" + HEADER)

    assert b" 413 " in answer
    assert b"body_too_large" in answer


def test_a_file_that_becomes_too_large_is_refused_on_its_way(
    stack: LocalStack, info: StackInfo
) -> None:
    chunk = b"%x\r\n" % MIB + bytes(MIB) + b"\r\n"

    answer = raw(info, b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 110)

    assert b" 413 " in answer
    assert not left_over(stack)


def test_a_file_that_breaks_off_leaves_nothing(stack: LocalStack, info: StackInfo) -> None:
    address = urlsplit(info.api)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(POST + b"Content-Length: 9999999\r\n\r\n" + HEADER + bytes(MIB))
        eventually_sync(lambda: must(bool(left_over(stack))))

    eventually_sync(lambda: must(not left_over(stack)))


POST = b"POST /v1/uploads HTTP/1.1\r\nHost: api\r\nConnection: close\r\n"


def raw(info: StackInfo, *parts: bytes) -> bytes:
    """What is answered to a request that is sent as long as somebody takes it."""
    address = urlsplit(info.api)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        try:
            for part in (POST, *parts):
                connection.sendall(part)
        except OSError:
            pass
        answer = b""
        try:
            while chunk := connection.recv(65_536):
                answer += chunk
        except OSError:
            pass
        return answer


def must(truth: bool) -> None:
    assert truth
