"""Keys in memory: how soon changes are heard, and who is told."""

from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import pytest

from services.api.errors import UnauthenticatedError
from services.api.models import ANYBODY, OPERATOR
from services.api.repository.keys import ANY, NEW
from services.api.service.access import token_of
from services.api.service.key_ring import NOTE_EVERY, TRUSTED_FOR
from shared.database.away import DatabaseUnavailableError
from shared.testing import FixedClock
from tests.unit.api.keys_in_use import ADMIN, Keys


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
