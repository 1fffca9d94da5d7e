"""Which store a URL means."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, MemoryStore
from obstore.store import from_url as open_remote

from shared.storage.store import AssetStore


def from_url(url: str) -> AssetStore:
    """`file:///folder` (made when it is not there), `s3://bucket/prefix`, `gs://…`, `az://…`.

    Credentials of remote stores come from their usual environment variables. Raises `ValueError`
    for a URL that names no store.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc or not parts.path.strip("/"):
            raise ValueError(f"not a folder's URL: {url} (use file:///path/of/the/folder)")
        folder = Path(unquote(parts.path))
        return AssetStore(LocalStore(folder, mkdir=True), folder=folder)
    if not parts.scheme or not parts.netloc:
        raise ValueError(f"not a store's URL: {url} (use file:///folder or s3://bucket/prefix)")
    return AssetStore(open_remote(url))


def in_memory() -> AssetStore:
    """A store that is gone with the process: for tests."""
    return AssetStore(MemoryStore())
