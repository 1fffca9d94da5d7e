"""Keys: who calls with them, and what it costs."""

import asyncio
from dataclasses import replace

import pytest

from services.api.errors import BrokerUserTakenError, ScopeMissingError, UnauthenticatedError
from services.api.models import ALL_SCOPES, OPERATOR, Caller, Scope
from services.api.service.access import token_of
from services.api.service.key_ring import MOST_UNKNOWN
from services.api.service.keys import WantedKey
from shared.clock import uuid7
from tests.unit.api.keys_in_use import ADMIN, FIRST_KEY, READ, Keys


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
