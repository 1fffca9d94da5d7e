"""Where assets are kept: an object store, addressed by content.

The generator writes, the api reads; both know an asset only by its SHA-256.
"""

from shared.storage.errors import (
    AssetDamagedError,
    AssetNotFoundError,
    StorageUnavailableError,
)
from shared.storage.opening import BadStoreUrlError, from_url, in_memory
from shared.storage.spool import Spool
from shared.storage.store import REFRESH, AssetStore, StoredAsset, StoredObject

__all__ = [
    "REFRESH",
    "AssetDamagedError",
    "AssetNotFoundError",
    "AssetStore",
    "BadStoreUrlError",
    "Spool",
    "StorageUnavailableError",
    "StoredAsset",
    "StoredObject",
    "from_url",
    "in_memory",
]
