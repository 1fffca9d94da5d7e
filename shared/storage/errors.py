"""What can go wrong with the asset store, by name."""

from shared.errors import NotFoundError, PermanentError, RetryableError


class AssetNotFoundError(NotFoundError):
    """There is no asset with this hash."""

    code = "asset_not_found"
    title = "Asset not found"


class AssetDamagedError(PermanentError):
    """The store has other bytes under this hash."""

    code = "asset_damaged"
    title = "Asset damaged"


class StorageUnavailableError(RetryableError):
    """The asset store cannot be reached, or has no room."""

    code = "storage_unavailable"
    title = "Storage unavailable"
