"""Which store a URL means."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore
from obstore.store import from_url as open_remote

from shared.errors import PermanentError
from shared.storage.store import AssetStore


class BadStoreUrlError(PermanentError):
    """The URL names no store."""

    code = "bad_store_url"
    title = "Bad store URL"


def from_url(url: str) -> AssetStore:
    """`file:///folder` (made when it is not there), `s3://bucket/prefix`, `gs://…`, `az://…`.

    Credentials of remote stores come from their usual environment variables. Raises
    `BadStoreUrlError` for a URL that names no store, or none that can be opened.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc or not parts.path.strip("/"):
            raise BadStoreUrlError(f"not a folder's URL: {url} (use file:///path/of/the/folder)")
        folder = Path(unquote(parts.path))
        return AssetStore(_opened(url, lambda: LocalStore(folder, mkdir=True)), folder=folder)
    if not parts.scheme or not parts.netloc:
        raise BadStoreUrlError(
            f"not a store's URL: {url} (use file:///folder or s3://bucket/prefix)"
        )
    return AssetStore(_opened(url, lambda: open_remote(url)))


def _opened(url: str, open_store: Callable[[], ObjectStore]) -> ObjectStore:
    try:
        return open_store()
    except (BaseError, OSError, ValueError) as error:
        raise BadStoreUrlError(f"{url} cannot be opened: {error}") from error


def in_memory() -> AssetStore:
    """A store that is gone with the process: for tests."""
    return AssetStore(MemoryStore())
