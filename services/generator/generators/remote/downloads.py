"""Brings home what a provider made: from allowed hosts, up to a size, of a kind that was promised.

A download that breaks off is tried again, and only the download: the order is done and paid.
"""

import asyncio
import base64
import binascii
import mimetypes
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import httpx

from services.generator.generators.remote.addresses import is_allowed, origin, public_address
from services.generator.generators.remote.errors import (
    AnswerLostError,
    ProviderAccessError,
    ProviderFailedError,
    ProviderUnavailableError,
)
from services.generator.generators.remote.failures import failure_of
from services.generator.generators.remote.http import authorities
from services.generator.generators.remote.polling import Pauses
from services.generator.generators.remote.settings import BackendSettings
from shared.errors import RetryableError
from shared.media.sniffing import sniff, sniff_bytes

TRIES: Final = 4
PAUSE: Final = timedelta(seconds=0.5)
HOPS: Final = 3
_SUFFIXES: Final = {"image/jpeg": ".jpg", "audio/mpeg": ".mp3", "audio/wav": ".wav",
                    "audio/ogg": ".ogg", "audio/flac": ".flac", "image/webp": ".webp",
                    "audio/mp4": ".m4a", "video/quicktime": ".mov"}  # fmt: skip


class Downloads:
    """From one backend, into a scratch folder; `largest` is how many bytes one file may have."""

    def __init__(
        self,
        told: BackendSettings,
        *,
        media_types: Sequence[str],
        largest: int,
    ) -> None:
        self._told = told
        self._media_types = media_types
        self._largest = largest

    async def fetch(self, url: str, scratch: Path, stem: str, seed: int = 0) -> Path:
        """The file at `url` (https, or a data URL), named `stem` and after what it is.

        Raises `ProviderFailedError` for what may not be fetched, `RetryableError` for the rest.
        """
        if url.startswith("data:"):
            return self.keep(_of_data_url(url), scratch, stem)
        part, pauses = scratch / f"{stem}.part", Pauses(PAUSE, seed)
        for tries in range(1, TRIES + 1):
            try:
                await self._fetch_once(url, part)
                return self._named(part, scratch, stem)
            except RetryableError as error:
                if tries == TRIES:
                    raise
                pause = max(pauses.next(), error.retry_after or timedelta(0))
            await asyncio.sleep(pause.total_seconds())
        raise AssertionError("unreachable")

    def keep(self, content: bytes, scratch: Path, stem: str) -> Path:
        """The same for what is at hand already."""
        self._must_not_be_larger(len(content))
        suffix = self._suffix(sniff_bytes(content, stem))
        path = scratch / f"{stem}{suffix}"
        path.write_bytes(content)
        return path

    async def _fetch_once(self, url: str, part: Path) -> None:
        try:
            async with httpx.AsyncClient(
                verify=authorities(), timeout=self._told.timeout_seconds, trust_env=False
            ) as client:
                for _ in range(HOPS):
                    async with self._get(client, url) as response:
                        if not response.has_redirect_location:
                            self._must_be_there(response)
                            await self._write(response.aiter_bytes(), part)
                            return
                        url = urljoin(url, response.headers["location"])
        except (httpx.TransportError, OSError) as error:
            raise AnswerLostError("A result of the provider broke off on its way.") from error
        raise ProviderFailedError("The provider's result is always somewhere else.")

    @asynccontextmanager
    async def _get(self, client: httpx.AsyncClient, url: str) -> AsyncIterator[httpx.Response]:
        scheme, host, port = origin(url)
        target, extensions = httpx.URL(url), {}
        headers = {"Host": target.netloc.decode()}
        if origin(url) == origin(self._told.base_url):
            headers |= self._told.authorization
        else:
            self._must_be_allowed(scheme, host)
            if not self._told.allow_private:
                extensions = {"sni_hostname": host}
                target = target.copy_with(host=await public_address(host, port))
        request = client.build_request("GET", target, headers=headers, extensions=extensions)
        response = await client.send(request, stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    def _must_be_allowed(self, scheme: str, host: str) -> None:
        if not is_allowed(host, self._told.download_hosts):
            raise ProviderFailedError(
                f"The provider's result lies at {host}, which is none of the download_hosts of "
                f"{self._told.name}."
            )
        if scheme != "https" and not self._told.allow_private:
            raise ProviderFailedError(f"The provider's result at {host} is not behind https.")

    def _must_be_there(self, response: httpx.Response) -> None:
        if response.is_success:
            self._must_not_be_larger(int(response.headers.get("content-length", 0)))
            return
        failure = failure_of(self._told.name, response.status_code, response.headers, b"")
        if isinstance(failure, ProviderAccessError):
            raise ProviderFailedError(
                f"The provider's result is not there any more ({response.status_code})."
            )
        raise failure

    async def _write(self, chunks: AsyncIterator[bytes], part: Path) -> None:
        size = 0
        with part.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                self._must_not_be_larger(size)
                file.write(chunk)
        if not size:
            raise ProviderUnavailableError("A result of the provider is empty.")

    def _must_not_be_larger(self, size: int) -> None:
        if size > self._largest:
            raise ProviderFailedError(
                f"A result of the provider has more than {self._largest:,} bytes."
            )

    def _named(self, part: Path, scratch: Path, stem: str) -> Path:
        return part.rename(scratch / f"{stem}{self._suffix(sniff(part))}")

    def _suffix(self, media_type: str) -> str:
        if media_type not in self._media_types:
            raise ProviderFailedError(
                f"The provider's result is {media_type}, which is not wanted."
            )
        return _SUFFIXES.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"


def _of_data_url(url: str) -> bytes:
    head, _, data = url.partition(",")
    try:
        return base64.b64decode(data, validate=True) if head.endswith(";base64") else data.encode()
    except (binascii.Error, ValueError):
        raise ProviderFailedError("The provider's result is no base64.") from None
