"""What a tenant does with its endpoints: make, look, change, remove, rotate the secret, try out."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.notifier.errors import EndpointQuotaExceededError
from services.notifier.models import Call, DisabledReason, Endpoint, KeptSecret, MadeBy
from services.notifier.service.proposal import SOURCE
from services.notifier.service.webhooks.catalogue import EndpointCatalogue
from services.notifier.service.webhooks.outside import Outside
from services.notifier.service.webhooks.posting import Post
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.addresses import AddressRefusedError, read_url
from shared.clock import Clock, NewId
from shared.errors import FieldError, InvalidInputError
from shared.webhooks import new_secret, signatures

OVERLAP: Final = timedelta(hours=24)
"""How long calls are signed with both secrets."""
REMEMBERED: Final = timedelta(hours=24)
"""How long an idempotency key is remembered."""
SAMPLE: Final = "darkroom.webhook.test.v1"


class EndpointService:
    """Endpoints of tenants."""

    def __init__(
        self,
        unit_of_work: Callable[[], NotifierUnitOfWork],
        catalogue: EndpointCatalogue,
        outside: Outside,
        post: Post,
        *,
        clock: Clock,
        new_id: NewId,
        most: int,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._catalogue = catalogue
        self._outside = outside
        self._post = post
        self._clock = clock
        self._new_id = new_id
        self._most = most

    async def list(self, tenant: str) -> list[Endpoint]:
        """The oldest first."""
        async with self._unit_of_work() as work:
            return await work.endpoints.list_by_tenant(tenant)

    async def get(self, tenant: str, endpoint_id: UUID) -> Endpoint:
        """One of them. Raises `EndpointNotFoundError`."""
        async with self._unit_of_work() as work:
            return await work.endpoints.get(tenant, endpoint_id)

    async def create(
        self, tenant: str, wanted: Mapping[str, Any], key: str | None = None
    ) -> tuple[Endpoint, KeptSecret]:
        """A new one; with the same idempotency key for a day the same again, as it is by then.

        Raises `InvalidInputError` for an address that calls may not go to,
        `EndpointQuotaExceededError`, `IdempotencyKeyReusedError`.
        """
        self._must_allow(wanted["url"])
        made_by = MadeBy(key, _fingerprint(wanted)) if key else None
        endpoint, secret = self._new(tenant, wanted), new_secret()
        async with self._unit_of_work() as work:
            used = await work.endpoints.count_alone(tenant)
            if made_by and (
                earlier := await work.endpoints.find_made_by(tenant, made_by, REMEMBERED)
            ):
                return earlier, await work.endpoints.secret(tenant, earlier.id)
            self._require_room(used)
            await work.endpoints.add(endpoint, secret, made_by)
        await self._catalogue.renew()
        return endpoint, KeptSecret(secret, None)

    def _new(self, tenant: str, wanted: Mapping[str, Any]) -> Endpoint:
        return Endpoint(
            **_tuples(wanted),
            id=self._new_id(),
            tenant=tenant,
            disabled_reason=None if wanted["enabled"] else DisabledReason.REQUESTED.value,
            failing_since=None,
            created_at=self._clock.now(),
        )

    def _require_room(self, used: int) -> None:
        if used >= self._most:
            raise EndpointQuotaExceededError(
                f"There are {used:,} webhook endpoints, and {self._most:,} may be: remove one, or "
                "have DARKROOM_WEBHOOK_ENDPOINTS_PER_TENANT raised.",
                extra={"quota": "webhook_endpoints", "limit": self._most, "used": used},
            )

    async def change(self, tenant: str, endpoint_id: UUID, wanted: Mapping[str, Any]) -> Endpoint:
        """Make it different. Raises the same, and `EndpointNotFoundError`."""
        if "url" in wanted:
            self._must_allow(wanted["url"])
        async with self._unit_of_work() as work:
            before = await work.endpoints.get(tenant, endpoint_id)
            after = replace(before, **_tuples(wanted))
            begins_anew = (after.enabled and not before.enabled) or after.url != before.url
            if after.enabled:
                after = replace(after, disabled_reason=None)
            elif before.enabled:
                after = replace(after, disabled_reason=DisabledReason.REQUESTED.value)
            changed = await work.endpoints.change(after, begins_anew=begins_anew)
        await self._catalogue.renew()
        return changed

    async def remove(self, tenant: str, endpoint_id: UUID) -> None:
        """Forget it, and all that was due to it."""
        async with self._unit_of_work() as work:
            await work.endpoints.remove(tenant, endpoint_id)
        await self._catalogue.renew()

    async def secret(self, tenant: str, endpoint_id: UUID | None) -> KeptSecret:
        """What calls are signed with: an endpoint's, or to addresses that come with requests."""
        async with self._unit_of_work() as work:
            if endpoint_id is None:
                return await work.endpoints.default_secret(tenant, new_secret())
            return await work.endpoints.secret(tenant, endpoint_id)

    async def rotate(self, tenant: str, endpoint_id: UUID | None) -> KeptSecret:
        """A new one; for a day calls are signed with the old one too."""
        async with self._unit_of_work() as work:
            if endpoint_id is None:
                return await work.endpoints.rotate_default(tenant, new_secret(), OVERLAP)
            return await work.endpoints.rotate(tenant, endpoint_id, new_secret(), OVERLAP)

    async def test(self, tenant: str, endpoint_id: UUID) -> tuple[str, Call]:
        """Send a sample now. Answers its id, and what happened."""
        async with self._unit_of_work() as work:
            endpoint = await work.endpoints.get(tenant, endpoint_id)
            secret = (await work.endpoints.secret(tenant, endpoint_id)).secret
        event_id, now = str(self._new_id()), self._clock.now()
        sample = _sample(event_id, endpoint, now.isoformat().replace("+00:00", "Z"))
        timestamp = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signatures([secret], event_id, timestamp, sample),
        }
        return event_id, await self._post(endpoint.url, headers, sample)

    def _must_allow(self, url: str) -> None:
        try:
            self._outside.must_allow(read_url(url))
        except AddressRefusedError as error:
            raise InvalidInputError(
                f"/url: {error.detail}", errors=[FieldError("/url", error.detail)]
            ) from error


def _fingerprint(wanted: Mapping[str, Any]) -> str:
    said = json.dumps(wanted, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _tuples(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(dict.fromkeys(v)) if isinstance(v, list) else v for k, v in wanted.items()}


def _sample(event_id: str, endpoint: Endpoint, time: str) -> bytes:
    """A CloudEvent as all are, of a type that no job has."""
    event = {
        "specversion": "1.0",
        "id": event_id,
        "type": SAMPLE,
        "source": SOURCE,
        "time": time,
        "datacontenttype": "application/json",
        "tenant": endpoint.tenant,
        "data": {"endpoint_id": str(endpoint.id), "message": "This is a test of your webhook."},
    }
    return json.dumps(event, separators=(",", ":")).encode()
