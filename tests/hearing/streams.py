"""Server-Sent Events, read as the standard says, by somebody who comes back until all is told.

Source: WHATWG HTML, 9.2 (text/event-stream). Not the client in shared/client: that is under test.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import httpx

from tests.hearing.words import Word

_COMES_BACK_AFTER = 0.2
_CONNECTS_WITHIN = 2.0


class StreamEar:
    """One stream: `path` at whichever api `address` names next, resumed by `Last-Event-ID`.

    `silence` is the longest pause between two heartbeats that is believed to be one.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        address: Callable[[], str],
        path: str,
        *,
        silence: float = 20.0,
    ) -> None:
        self._http = http
        self._address = address
        self._path = path
        self._timeout = httpx.Timeout(silence, connect=_CONNECTS_WITHIN)
        self._last_id = ""
        self._task: asyncio.Task[None] | None = None
        self.words: list[Word] = []
        self.listening = asyncio.Event()
        self.over = asyncio.Event()
        """The server has said that nothing more will come."""
        self.opened = 0
        self.refused: list[str] = []
        """Answers that no correct client should get."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._listen(), name=f"listening to {self._path}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def finals(self) -> set[str]:
        """The jobs whose end was heard."""
        return {word.job_id for word in self.words if word.final}

    async def told_the_end(self, within: float) -> None:
        """Wait for it, but no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.over.wait()

    async def _listen(self) -> None:
        while not self.over.is_set():
            with suppress(httpx.TransportError):
                await self._once()
            if not self.over.is_set():
                await asyncio.sleep(_COMES_BACK_AFTER)

    async def _once(self) -> None:
        url = f"{self._address()}{self._path}"
        headers = {"last-event-id": self._last_id} if self._last_id else {}
        async with self._http.stream("GET", url, headers=headers, timeout=self._timeout) as answer:
            if answer.status_code == 204:
                self.over.set()
            elif answer.status_code == 200:
                self.opened += 1
                await self._read(answer)
            elif answer.status_code < 500 and answer.status_code != 429:
                self.refused.append(f"{answer.status_code} {(await answer.aread()).decode()[:200]}")
                self.over.set()

    async def _read(self, answer: httpx.Response) -> None:
        """Event by event; what is cut off in the middle was never said."""
        place, data = self._last_id, []
        async for line in _lines_of(answer.aiter_bytes()):
            if line.startswith("id: "):
                place = line[4:]
            elif line.startswith("data: "):
                data.append(line[6:])
            elif not line:
                self._last_id = place
                self.listening.set()
                if data:
                    self._hear("\n".join(data))
                data = []

    def _hear(self, said: str) -> None:
        word = Word.read(said)
        if word.type != "darkroom.media.progressed.v1":  # may be lost, and has no place
            self.words.append(word)


async def _lines_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode()
