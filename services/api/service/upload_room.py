"""Whether there is room for an upload, and whether it is one that came before.

It is looked at twice: before the bytes come, so that nobody sends in vain what is too much, and
where it is written, one after the other for each tenant that has a limit, so that two at once do
not both have the last place.
"""

from services.api.errors import (
    IdempotencyKeyReusedError,
    MediaDeletedError,
    UploadQuotaExceededError,
)
from services.api.metrics import LimitMetrics
from services.api.models import TenantLimits, Upload, UploadClaim
from services.api.models.limits import UploadUse
from services.api.models.uploads import KeptUpload
from services.api.service.drafting import KEYS_LAST
from services.api.service.limits import LimitCatalogue
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import Clock


class UploadRoom:
    """Lets uploads in as far as their tenant may have more."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        limits: LimitCatalogue,
        clock: Clock,
        metrics: LimitMetrics,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._limits = limits
        self._clock = clock
        self._metrics = metrics

    async def look(self, tenant: str, claim: UploadClaim) -> None:
        """Raises `UploadQuotaExceededError` where it would be in vain to send it."""
        limits = self._limits.of(tenant)
        if not _has_limit(limits):
            return
        async with self._unit_of_work() as work:
            if claim.key and await work.uploads.knows_key(tenant, _named(claim.key)):
                return
            self._require_room(limits, await work.limits.uploads(tenant), claim.size or 1)

    async def add(self, work: ApiUnitOfWork, upload: Upload, key: str | None) -> Upload:
        """Write it, or answer what the key was used for before. Raises as `receive` says."""
        limits = self._limits.of(upload.tenant)
        if _has_limit(limits):
            await work.uploads.take_turns(upload.tenant)
        if key is not None:
            until = self._clock.now() + KEYS_LAST
            earlier = await work.uploads.claim_key(upload, _named(key), until)
            if earlier is not None:
                return _again(earlier, upload)
        if _has_limit(limits):
            use = await work.limits.uploads(upload.tenant)
            self._require_room(limits, use, upload.size)
        await work.uploads.add(upload)
        return upload

    def _require_room(self, limits: TenantLimits, use: UploadUse, size: int) -> None:
        most, most_bytes = limits.uploads, limits.upload_bytes
        if most is not None and use.uploads >= most:
            self._metrics.refused("uploads")
            raise _exceeded(
                "uploads", most, use.uploads, f"{use.uploads:,} uploads are kept, and {most:,} may"
            )
        if most_bytes is not None and use.upload_bytes + size > most_bytes:
            self._metrics.refused("upload_bytes")
            raise _exceeded(
                "upload_bytes",
                most_bytes,
                use.upload_bytes,
                f"{use.upload_bytes:,} bytes of uploads are kept, this has {size:,}, and "
                f"{most_bytes:,} may be",
            )


def _exceeded(quota: str, limit: int, used: int, why: str) -> UploadQuotaExceededError:
    return UploadQuotaExceededError(
        f"{why}: delete some, or have the limit raised.",
        extra={"quota": quota, "limit": limit, "used": used},
    )


def _again(earlier: KeptUpload, upload: Upload) -> Upload:
    if earlier.sha256 != upload.sha256:
        raise IdempotencyKeyReusedError(
            "The idempotency key was used before, for other bytes: use a new key."
        )
    if earlier.upload is None:
        raise MediaDeletedError(
            "The upload that this key was used for was deleted: use a new key to keep it again."
        )
    return earlier.upload


def _has_limit(limits: TenantLimits) -> bool:
    return limits.uploads is not None or limits.upload_bytes is not None


def _named(key: str) -> str:
    return f"upload:{key}"
