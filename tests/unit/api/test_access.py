"""Keys: who calls with them, how soon changes are heard, and what it costs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import cast
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import BrokerUserTakenError, ScopeMissingError, UnauthenticatedError
from services.api.metrics import LimitMetrics
from services.api.models import ALL_SCOPES, ANYBODY, OPERATOR, ApiKey, Caller, Scope
from services.api.repository.keys import ANY, NEW
from services.api.service.access import AccessService, token_of
from services.api.service.key_ring import MOST_UNKNOWN, NOTE_EVERY, TRUSTED_FOR, KeyRing
from services.api.service.keys import KeyService, WantedKey
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import uuid7
from shared.database.away import DatabaseUnavailableError
from shared.testing import FixedClock
from tests.unit.api.fakes import FakeDatabase

READ = frozenset({Scope.MEDIA_READ})
ADMIN = Caller("shop", frozenset({Scope.KEYS, Scope.MEDIA_READ}), uuid7(), "admin")
FIRST_KEY = "the-key-of-the-settings-long-enough"


class Keys:
    """One process's view on the keys, and how often it has looked at the database."""

    def __init__(self, database: FakeDatabase, clock: FixedClock) -> None:
        self.database = database
        self.opened = 0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.ring = KeyRing(cast("OpenUnitOfWork", self._read), clock)
        self.access = AccessService(self.ring, clock, FIRST_KEY)
        self.service = KeyService(
            database.unit_of_work,
            self.ring,
            clock,
            uuid7,
            most=100,
            limited=LimitMetrics(CollectorRegistry()),
        )

    async def made(
        self, caller: Caller = ADMIN, *, name: str = "app", lasting: timedelta | None = None
    ) -> tuple[ApiKey, str]:
        key, token = await self.service.create(caller, WantedKey(name, READ, None, lasting))
        assert token is not None
        return key, token

    def stored(self, key_id: UUID) -> ApiKey:
        return self.database.tables.api_keys[key_id]

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[ApiUnitOfWork]:
        self.opened += 1
        async with self.database.unit_of_work() as work:
            yield work
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()


@pytest.fixture
async def keys(database: FakeDatabase, clock: FixedClock) -> AsyncIterator[Keys]:
    keys = Keys(database, clock)
    keys.ring.start()
    yield keys
    await keys.ring.stop()


@pytest.fixture
async def elsewhere(database: FakeDatabase, clock: FixedClock) -> AsyncIterator[Keys]:
    """Another process."""
    keys = Keys(database, clock)
    keys.ring.start()
    yield keys
    await keys.ring.stop()


async def test_a_key_says_who_calls(keys: Keys) -> None:
    key, token = await keys.made()

    assert await keys.access.by_secret(token) == Caller("shop", READ, key.id, "app")


async def test_the_secret_is_not_kept(keys: Keys) -> None:
    key, token = await keys.made()

    assert token.rpartition("_")[2] not in repr(keys.stored(key.id))
    assert keys.stored(key.id).hash is not None
    assert "hash" not in repr(key)


async def test_the_operators_key_may_do_everything(keys: Keys) -> None:
    assert await keys.access.by_secret(FIRST_KEY) == OPERATOR
    assert OPERATOR.scopes == ALL_SCOPES


@pytest.mark.parametrize(
    "said",
    [
        "",
        "dk_",
        "dk_x_y",
        "dk_" + "0" * 32 + "_" + "0" * 63,
        "dk_" + "0" * 32 + "_" + "0" * 64 + "\n",
        "DK_" + "0" * 32 + "_" + "0" * 64,
        "dk_" + "0" * 32 + "_" + "٠" * 64,
        "dk_" + "0" * 10_000,
        "ключ",
        FIRST_KEY + " ",
        FIRST_KEY[:-1],
    ],
)
async def test_what_is_no_key_is_refused_without_a_look(keys: Keys, said: str) -> None:
    with pytest.raises(UnauthenticatedError, match="not a key"):
        await keys.access.by_secret(said)

    assert keys.opened == 0


async def test_a_wrong_secret_is_refused_as_an_unknown_id_is(keys: Keys) -> None:
    key, _ = await keys.made()

    told = []
    for key_id in (key.id, uuid7()):
        with pytest.raises(UnauthenticatedError) as refused:
            await keys.access.by_secret(token_of(key_id, "0" * 64))
        told.append(str(refused.value))

    assert told[0] == told[1]


async def test_a_key_in_use_costs_no_look(keys: Keys) -> None:
    _, token = await keys.made()
    await keys.access.by_secret(token)
    looked = keys.opened

    for _ in range(100):
        await keys.access.by_secret(token)

    assert keys.opened == looked


async def test_many_wrong_keys_cost_one_look_together(keys: Keys) -> None:
    tried = [token_of(uuid7(), "0" * 64) for _ in range(500)]

    refused = await asyncio.gather(
        *(keys.access.by_secret(token) for token in tried), return_exceptions=True
    )

    assert all(isinstance(one, UnauthenticatedError) for one in refused)
    assert keys.opened <= 2


async def test_a_wrong_key_again_and_again_costs_one_look(keys: Keys) -> None:
    token = token_of(uuid7(), "0" * 64)
    for _ in range(10):
        with pytest.raises(UnauthenticatedError):
            await keys.access.by_secret(token)

    assert keys.opened == 1


async def test_wrong_keys_do_not_fill_the_memory(keys: Keys) -> None:
    for _ in range(MOST_UNKNOWN // 500 + 2):
        tried = [token_of(uuid7(), "0" * 64) for _ in range(500)]
        await asyncio.gather(*map(keys.access.by_secret, tried), return_exceptions=True)

    assert len(keys.ring._unknown) <= MOST_UNKNOWN
    assert not keys.ring._known


async def test_a_revoked_key_counts_no_more_where_it_was_revoked(keys: Keys) -> None:
    key, token = await keys.made()
    await keys.access.by_secret(token)

    await keys.service.revoke(ADMIN, key.id)

    with pytest.raises(UnauthenticatedError, match="'app' was revoked at"):
        await keys.access.by_secret(token)


async def test_another_process_hears_of_it(keys: Keys, elsewhere: Keys) -> None:
    key, token = await keys.made()
    await elsewhere.access.by_secret(token)
    await keys.service.revoke(ADMIN, key.id)

    elsewhere.ring.hear(key.id.hex)

    with pytest.raises(UnauthenticatedError, match="revoked"):
        await elsewhere.access.by_secret(token)


async def test_others_go_on_from_memory_when_a_key_is_made_or_revoked(keys: Keys) -> None:
    _, token = await keys.made()
    await keys.access.by_secret(token)
    looked = keys.opened

    other, _ = await keys.made()
    await keys.service.revoke(ADMIN, other.id)
    await keys.access.by_secret(token)

    assert keys.opened == looked


async def test_whoever_changes_the_table_by_hand_says_so(keys: Keys) -> None:
    key, token = await keys.made()
    await keys.access.by_secret(token)
    del keys.database.tables.api_keys[key.id]

    keys.ring.hear(ANY)

    with pytest.raises(UnauthenticatedError, match="no such key"):
        await keys.access.by_secret(token)


async def test_what_was_not_heard_is_found_by_looking(keys: Keys, elsewhere: Keys) -> None:
    key, token = await keys.made()
    await elsewhere.access.by_secret(token)
    await keys.service.revoke(ADMIN, key.id)

    await elsewhere.ring.renew()

    with pytest.raises(UnauthenticatedError, match="revoked"):
        await elsewhere.access.by_secret(token)


async def test_a_key_made_elsewhere_counts_although_it_was_tried_before(
    keys: Keys, elsewhere: Keys
) -> None:
    key, token = await keys.made()
    kept = keys.database.tables.api_keys.pop(key.id)
    with pytest.raises(UnauthenticatedError):
        await elsewhere.access.by_secret(token)
    keys.database.tables.api_keys[key.id] = kept

    elsewhere.ring.hear(NEW)

    assert (await elsewhere.access.by_secret(token)).key_id == key.id


async def test_what_changes_while_it_is_read_is_read_again(keys: Keys, elsewhere: Keys) -> None:
    key, token = await keys.made()

    async def meanwhile() -> None:
        await keys.service.revoke(ADMIN, key.id)
        elsewhere.ring.hear(key.id.hex)

    elsewhere.meanwhile = meanwhile
    await elsewhere.access.by_secret(token)

    with pytest.raises(UnauthenticatedError, match="revoked"):
        await elsewhere.access.by_secret(token)


async def test_a_key_ends_at_its_time(keys: Keys, clock: FixedClock) -> None:
    _, token = await keys.made(lasting=timedelta(seconds=60))
    await keys.access.by_secret(token)

    clock.advance(timedelta(seconds=60))

    with pytest.raises(UnauthenticatedError, match="'app' has expired at"):
        await keys.access.by_secret(token)


async def test_whoever_watches_is_told_when_the_key_is_lost(
    keys: Keys, elsewhere: Keys, clock: FixedClock
) -> None:
    revoked, _ = await keys.made()
    over, _ = await keys.made(lasting=timedelta(seconds=5))
    kept, _ = await keys.made()
    lost: list[str] = []
    with ExitStack() as watches:
        for name, key in {"revoked": revoked, "over": over, "kept": kept}.items():
            watches.enter_context(elsewhere.access.watching(key.caller, partial(lost.append, name)))
        await elsewhere.ring.renew()
        assert lost == []

        await keys.service.revoke(ADMIN, revoked.id)
        clock.advance(timedelta(seconds=5))
        await elsewhere.ring.renew()

        assert sorted(lost) == ["over", "revoked"]
    assert not elsewhere.ring._watched


async def test_nobody_without_a_key_is_watched(keys: Keys) -> None:
    def lost() -> None:
        raise AssertionError("there is nothing to lose")

    with keys.access.watching(OPERATOR, lost), keys.access.watching(ANYBODY, lost):
        await keys.ring.renew()
    assert keys.opened == 0


async def test_use_is_written_down_once_a_minute(keys: Keys, clock: FixedClock) -> None:
    key, token = await keys.made()
    await keys.access.by_secret(token)
    await keys.ring.renew()
    first = keys.stored(key.id).last_used_at
    assert first == clock.now()

    clock.advance(NOTE_EVERY / 2)
    await keys.access.by_secret(token)
    await keys.ring.renew()
    assert keys.stored(key.id).last_used_at == first

    clock.advance(NOTE_EVERY / 2)
    await keys.access.by_secret(token)
    await keys.ring.renew()
    assert keys.stored(key.id).last_used_at == clock.now()


async def test_a_wrong_secret_is_no_use_of_the_key(keys: Keys) -> None:
    key, _ = await keys.made()
    with pytest.raises(UnauthenticatedError):
        await keys.access.by_secret(token_of(key.id, "0" * 64))

    await keys.ring.renew()

    assert keys.stored(key.id).last_used_at is None


async def test_idle_keys_are_forgotten(keys: Keys) -> None:
    _, token = await keys.made()
    await keys.access.by_secret(token)
    for _ in range(40):
        await keys.ring.renew()
    looked = keys.opened

    await keys.ring.renew()

    assert keys.opened == looked


async def test_without_the_database_keys_in_use_count_for_a_while(
    keys: Keys, clock: FixedClock
) -> None:
    _, token = await keys.made()
    await keys.access.by_secret(token)
    keys.database.refuse_with = DatabaseUnavailableError()

    with pytest.raises(DatabaseUnavailableError):
        await keys.ring.renew()
    assert await keys.access.by_secret(token)

    clock.advance(TRUSTED_FOR * 2)
    with pytest.raises(DatabaseUnavailableError):
        await keys.ring.renew()
    with pytest.raises(DatabaseUnavailableError):
        await keys.access.by_secret(token)


async def test_the_broker_vouches_for_its_users(keys: Keys) -> None:
    wanted = WantedKey("orders", READ, "shop", None, "orders-service")
    key, token = await keys.service.create(OPERATOR, wanted)

    assert token is None
    assert await keys.access.by_broker_user("orders-service") == key.caller
    with pytest.raises(UnauthenticatedError):
        await keys.access.by_secret(token_of(key.id, "0" * 64))
    with pytest.raises(UnauthenticatedError, match="'nobody'"):
        await keys.access.by_broker_user("nobody")


async def test_a_user_of_the_broker_is_one_tenants(keys: Keys) -> None:
    wanted = WantedKey("orders", READ, "shop", None, "orders-service")
    first, _ = await keys.service.create(OPERATOR, wanted)
    with pytest.raises(BrokerUserTakenError):
        await keys.service.create(OPERATOR, replace(wanted, tenant="rival"))

    await keys.service.revoke(OPERATOR, first.id)
    with pytest.raises(UnauthenticatedError):
        await keys.access.by_broker_user("orders-service")

    await keys.service.create(OPERATOR, replace(wanted, tenant="rival"))
    assert (await keys.access.by_broker_user("orders-service")).tenant == "rival"


@pytest.mark.parametrize(
    ("wanted", "scope"),
    [
        (WantedKey("more", READ | {Scope.MEDIA_WRITE}), "media:write"),
        (WantedKey("root", frozenset({Scope.OPERATE})), "operate"),
        (WantedKey("rivals", READ, "rival"), "operate"),
        (WantedKey("hijack", READ, None, None, "darkroom"), "operate"),
    ],
)
async def test_nobody_hands_out_what_he_has_not(keys: Keys, wanted: WantedKey, scope: str) -> None:
    with pytest.raises(ScopeMissingError) as refused:
        await keys.service.create(ADMIN, wanted)

    assert refused.value.extra == {"scope": scope}
    assert not keys.database.tables.api_keys
