"""Nobody is let in by accident: where a service listens, and whom it answers."""

import socket

import pytest

from services.notifier.settings import NotifierSettings
from shared.service import SettingsError, load_settings
from shared.service.access import is_loopback
from shared.service.settings import variables

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What the notifier needs and no more."""
    for variable in variables(NotifierSettings):
        monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", "amqp://guest:guest@host")
    monkeypatch.setenv("DARKROOM_NOTIFIER_DATABASE_URL", "postgresql://user@host/db")
    return monkeypatch


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "localhost", "::1", "::ffff:127.0.0.1"])
def test_this_machine_needs_no_keys(environment: pytest.MonkeyPatch, host: str) -> None:
    environment.setenv("DARKROOM_HOST", host)
    assert load_settings(NotifierSettings).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0", "192.0.2.1", "a" * 300])
def test_other_addresses_are_refused_without_keys(
    environment: pytest.MonkeyPatch, host: str
) -> None:
    environment.setenv("DARKROOM_HOST", host)
    with pytest.raises(SettingsError) as refused:
        load_settings(NotifierSettings)
    said = refused.value.detail
    assert said.startswith(f"DARKROOM_HOST={host} with DARKROOM_AUTH=off would let in everybody")
    assert "DARKROOM_AUTH=keys" in said
    assert "DARKROOM_ALLOW_OPEN=1" in said


def test_a_name_is_this_machine_when_all_of_its_addresses_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {"inside": ["127.0.1.1", "::1"], "both": ["127.0.0.1", "192.0.2.1"]}
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *_, **__: [(0, 0, 0, "", (a, 0)) for a in known[host]]
    )
    assert is_loopback("inside")
    assert not is_loopback("both")


def test_with_keys_any_address_will_do(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DARKROOM_HOST", "0.0.0.0")
    environment.setenv("DARKROOM_AUTH", "keys")
    environment.setenv("DARKROOM_NOTIFIER_TOKEN", TOKEN)
    assert load_settings(NotifierSettings).host == "0.0.0.0"


def test_whoever_insists_is_open_to_all(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DARKROOM_HOST", "0.0.0.0")
    environment.setenv("DARKROOM_ALLOW_OPEN", "1")
    assert load_settings(NotifierSettings).auth == "off"


def test_keys_need_a_secret_between_api_and_notifier(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DARKROOM_AUTH", "keys")
    with pytest.raises(SettingsError, match="DARKROOM_NOTIFIER_TOKEN is not set: "):
        load_settings(NotifierSettings)


@pytest.mark.parametrize("token", ["hunter2", "hunter2 " * 5, "hünter2" * 5, "hunter2\n" * 5])
def test_a_bad_secret_is_refused_and_not_shown(environment: pytest.MonkeyPatch, token: str) -> None:
    environment.setenv("DARKROOM_NOTIFIER_TOKEN", token)
    with pytest.raises(SettingsError, match="DARKROOM_NOTIFIER_TOKEN is wrong: at least 32") as no:
        load_settings(NotifierSettings)
    assert "nter2" not in no.value.detail


def test_the_secret_is_not_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DARKROOM_NOTIFIER_TOKEN", TOKEN)
    assert TOKEN not in repr(load_settings(NotifierSettings))
