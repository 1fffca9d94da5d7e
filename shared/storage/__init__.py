"""Where assets are kept: an object store, addressed by content.

The generator writes, the api reads; both know an asset only by its SHA-256.
"""

from shared.storage.opening import BadStoreUrlError, from_url, in_memory
from shared.storage.store import (
    AssetNotFoundError,
    AssetStore,
    StorageUnavailableError,
    StoredAsset,
)

__all__ = [
    "AssetNotFoundError",
    "AssetStore",
    "BadStoreUrlError",
    "StorageUnavailableError",
    "StoredAsset",
    "from_url",
    "in_memory",
]
