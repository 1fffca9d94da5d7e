"""The network that the driver breaks does what its faults say."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.network import Proxy, Streams, to_any, to_port, to_socket

SOON = 0.2


class Echo:
    """A server that says everything back, and waits for its connections at the end."""

    def __init__(self) -> None:
        self._serving: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(100):
                writer.write(data)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def end(self, server: asyncio.Server) -> None:
        server.close()
        await asyncio.gather(*(task for task in self._serving if task))


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """The port of a server that says everything back."""
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    await echo.end(server)


@pytest.fixture
async def proxy(echo: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(to_port("127.0.0.1", echo))
    await proxy.open()
    yield proxy
    await proxy.close()


async def _connect(proxy: Proxy) -> Streams:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def _say(streams: Streams, word: bytes) -> bytes:
    reader, writer = streams
    writer.write(word)
    return await asyncio.wait_for(reader.readexactly(len(word)), SOON)


async def _leave(streams: Streams) -> None:
    streams[1].close()
    with contextlib.suppress(ConnectionError):
        await streams[1].wait_closed()


async def test_bytes_pass_both_ways(proxy: Proxy) -> None:
    streams = await _connect(proxy)
    assert await _say(streams, b"word") == b"word"
    assert proxy.open_connections == 1
    await _leave(streams)


async def test_a_cut_ends_connections_and_lets_new_ones_in(proxy: Proxy) -> None:
    streams = await _connect(proxy)
    await _say(streams, b"word")
    proxy.cut()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await _say(streams, b"word")
    again = await _connect(proxy)
    assert await _say(again, b"again") == b"again"
    await _leave(again)
    await _leave(streams)


async def test_a_frozen_network_tells_nobody_and_loses_nothing(proxy: Proxy) -> None:
    reader, writer = await _connect(proxy)
    proxy.freeze()
    with pytest.raises(TimeoutError):
        await _say((reader, writer), b"word")
    proxy.thaw()
    assert await asyncio.wait_for(reader.readexactly(4), SOON) == b"word"
    await _leave((reader, writer))


async def test_a_closed_network_refuses_and_comes_back_at_the_same_port(proxy: Proxy) -> None:
    port = proxy.port
    await proxy.close()
    with pytest.raises(OSError, match="Connect"):
        await _connect(proxy)
    await proxy.open()
    assert proxy.port == port
    streams = await _connect(proxy)
    assert await _say(streams, b"word") == b"word"
    await _leave(streams)


async def test_a_server_that_is_gone_is_passed_over(echo: int) -> None:
    proxy = Proxy(to_any([to_port("127.0.0.1", 1), to_port("127.0.0.1", echo)]))
    await proxy.open()
    for _ in range(3):
        streams = await _connect(proxy)
        assert await _say(streams, b"word") == b"word"
        await _leave(streams)
    await proxy.close()


async def test_a_unix_socket_can_be_behind_it(tmp_path: Path) -> None:
    echo = Echo()
    server = await asyncio.start_unix_server(echo.serve, tmp_path / "socket")
    proxy = Proxy(to_socket(tmp_path / "socket"))
    await proxy.open()
    streams = await _connect(proxy)
    assert await _say(streams, b"word") == b"word"
    await _leave(streams)
    await proxy.close()
    await echo.end(server)
